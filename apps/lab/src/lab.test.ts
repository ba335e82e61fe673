import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import type { LabFacts } from '@interleave/trace';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LabState } from './api.ts';
import { type LabCertificate, labCertificate } from './certificates.ts';
import { type Lab, startLab } from './lab.ts';
import type { Listener } from './listeners.ts';
import { buildWorker } from './worker/build.ts';
import { type RunningWorker, startWorker } from './worker/worker.ts';

interface Told {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly [string, string][];
  readonly cf: Record<string, unknown> & { readonly lab: LabFacts };
}

const WORKER = join(import.meta.dirname, 'testing/echo-worker');
let folder: string;
let certificate: LabCertificate;
let worker: RunningWorker;
let lab: Lab;
let authority: string;
const logs: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lab-test-'));
  certificate = await labCertificate(folder);
  authority = await readFile(certificate.authorityFile, 'utf8');
  const bundle = await buildWorker({ config: join(WORKER, 'wrangler.jsonc'), inputs: [WORKER], stateDir: folder });
  worker = await startWorker(bundle, (line) => logs.push(line));
  lab = await startLab({ certificate, upstream: worker, ports: { plain: 0, h1: 0, h2: 0, altSvc: 0, h3: 0 } });
}, 60_000);

afterAll(async () => {
  await lab?.close(0);
  await worker?.stop();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(() => {
  for (const listener of lab.listeners) listener.closing = false;
});

function listener(id: string): Listener {
  const found = lab.listeners.find((one) => one.plan.id === id);
  if (found === undefined) throw new Error(`There is no listener ${id}.`);
  return found;
}

function plain(path: string, init?: RequestInit): Promise<Response> {
  return fetch(`http://127.0.0.1:${listener('plain').port}${path}`, init);
}

/** Sends a request as text over TLS and returns the response as text, up to its end by length or close. */
async function overTls(socket: TLSSocket, path: string, more = ''): Promise<string> {
  const method = more.startsWith('POST') ? 'POST' : 'GET';
  const lines = more.replace(/^POST /, '');
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: localhost:${listener('h1').port}\r\n${lines}\r\n`);
  let text = '';
  for (;;) {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) {
      if (socket.readableEnded) return text;
      await new Promise((resolve) => {
        socket.once('readable', resolve);
        socket.once('end', resolve);
      });
      continue;
    }
    text += chunk.toString('latin1');
    const length = /content-length: (\d+)/i.exec(text)?.[1];
    const body = text.indexOf('\r\n\r\n');
    if (body >= 0 && length !== undefined && text.length >= body + 4 + Number(length)) return text;
  }
}

/** Reads on to the end of the server's side. */
async function untilEnd(socket: TLSSocket): Promise<void> {
  while (!socket.readableEnded && !socket.destroyed) {
    if (socket.read() !== null) continue;
    await new Promise<void>((resolve) => {
      socket.once('readable', resolve);
      socket.once('end', resolve);
      socket.once('close', resolve);
    });
  }
}

const tickets = new WeakMap<TLSSocket, Promise<Buffer>>();

async function openTls(session?: Buffer): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port: listener('h1').port,
    servername: 'localhost',
    ca: authority,
    ALPNProtocols: ['http/1.1'],
    ...(session === undefined ? {} : { session }),
  });
  // The ticket may come with the end of the handshake.
  tickets.set(socket, new Promise((resolve) => socket.once('session', resolve)));
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

function bodyOf<T>(response: string): T {
  return JSON.parse(response.slice(response.indexOf('\r\n\r\n') + 4)) as T;
}

describe('what the Worker is told', () => {
  test('the origin, host and method are those of the client', async () => {
    const told = (await (await plain('/x?y=z', { method: 'PUT', body: 'abc' })).json()) as Told;
    expect(told.url).toBe(`http://127.0.0.1:${listener('plain').port}/x?y=z`);
    expect(told.method).toBe('PUT');
    expect(new Map(told.headers).get('host')).toBe(`127.0.0.1:${listener('plain').port}`);
    expect(new Map(told.headers).get('cf-connecting-ip')).toBe('127.0.0.1');
  });

  test('facts are those of this connection, in cleartext without TLS', async () => {
    const told = (await (await plain('/', { headers: { 'accept-encoding': 'gzip;q=0.5, br' } })).json()) as Told;
    expect(told.cf).toMatchObject({
      httpProtocol: 'HTTP/1.1',
      tlsVersion: '',
      tlsCipher: '',
      clientAcceptEncoding: 'gzip;q=0.5, br',
    });
    expect(told.cf.lab).toMatchObject({
      v: 1,
      transport: 'tcp',
      protocol: 'http/1.1',
      tls: null,
      streamId: null,
      closing: false,
    });
    expect(told.cf.lab.origins).toMatchObject({ plain: listener('plain').origin, h1: listener('h1').origin });
    expect(told.cf).not.toHaveProperty('clientTcpRtt');
    expect(lab.registry.find(told.cf.lab.connection)?.facts.id).toBe(told.cf.lab.connection);
  });

  test('facts over TLS are those of the handshake, and exchanges are counted', async () => {
    const socket = await openTls();
    const first = bodyOf<Told>(await overTls(socket, '/'));
    const second = bodyOf<Told>(await overTls(socket, '/'));
    expect(first.cf).toMatchObject({ httpProtocol: 'HTTP/1.1', tlsVersion: socket.getProtocol() });
    expect(first.cf.tlsCipher).toMatch(/^AEAD-/);
    expect(first.cf.lab.tls).toMatchObject({
      cipher: socket.getCipher().standardName,
      alpn: 'http/1.1',
      alpnOffered: ['http/1.1'],
      sni: 'localhost',
      resumed: false,
    });
    expect([first.cf.lab.nth, second.cf.lab.nth]).toEqual([1, 2]);
    expect(second.cf.lab.connection).toBe(first.cf.lab.connection);
    expect(first.url).toBe(`${listener('h1').origin}/`);
    socket.destroy();
  });

  test('nothing that a client sends can pass for what the lab says', async () => {
    const told = (await (
      await plain('/', {
        headers: {
          'mf-cf-blob': '{"lab":{"connection":"forged"}}',
          'mf-original-url': 'https://bank.example/',
          'cf-connecting-ip': '1.2.3.4',
          'x-forwarded-for': '1.2.3.4',
          'x-forwarded-proto': 'https',
          'x-custom': 'kept',
        },
      })
    ).json()) as Told;
    expect(told.url).toBe(`http://127.0.0.1:${listener('plain').port}/`);
    expect(told.cf.lab.connection).not.toBe('forged');
    const names = told.headers.map(([name]) => name);
    expect(names.filter((name) => name.startsWith('mf-') || name === 'connection')).toEqual([]);
    expect(new Map(told.headers).get('x-custom')).toBe('kept');
    expect(new Map(told.headers).get('accept-encoding')).toBe('gzip, deflate');
    expect(new Map(told.headers).get('x-forwarded-proto')).toBe('http');
    expect(new Map(told.headers).get('cf-connecting-ip')).toBe('127.0.0.1');
    expect(names).not.toContain('x-forwarded-for');
  });
});

describe('content', () => {
  test('lengths are kept in both directions', async () => {
    const response = await plain('/echo', { method: 'POST', body: 'hello' });
    expect(response.headers.get('x-length')).toBe('5');
    expect(response.headers.get('content-length')).toBe('5');
    expect(await response.text()).toBe('hello');
  });

  test('content streams in both directions at once', async () => {
    const { port } = listener('plain');
    const request = httpRequest({ port, host: '127.0.0.1', method: 'POST', path: '/echo' });
    request.write('one');
    const response = await new Promise<import('node:http').IncomingMessage>((resolve) =>
      request.once('response', resolve),
    );
    const next = async (): Promise<string> => String(await new Promise((resolve) => response.once('data', resolve)));
    expect(await next()).toBe('one');
    request.write('two');
    expect(await next()).toBe('two');
    request.end();
    await new Promise((resolve) => response.once('end', resolve));
  });

  test('a large upload comes back whole', async () => {
    const content = Buffer.alloc(5_000_000, 'interleave');
    const response = await plain('/echo', { method: 'POST', body: content });
    expect(Buffer.compare(Buffer.from(await response.arrayBuffer()), content)).toBe(0);
  });

  test('HEAD, assets and misses are answered as in production', async () => {
    expect((await plain('/hello', { method: 'HEAD' })).status).toBe(200);
    expect(await (await plain('/static/a.txt')).text()).toBe('an asset\n');
  });

  test('an answer that breaks off does not look whole', async () => {
    await expect(plain('/half').then((response) => response.text())).rejects.toThrow();
  });

  test('an exception in the Worker is a 500', async () => {
    expect((await plain('/throw')).status).toBe(500);
  });

  test('a WebSocket over a stream of HTTP/2 reaches the Worker (RFC 8441)', async () => {
    const session = connectHttp2(`https://localhost:${listener('h2').port}`, { ca: authority });
    await once(session, 'remoteSettings');
    const stream = session.request({
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':path': '/ws',
      'sec-websocket-version': '13',
    });
    const [head] = await once(stream, 'response');
    expect(head[':status']).toBe(200);
    expect(head['sec-websocket-accept']).toBeUndefined();
    // One masked text frame (RFC 6455 §5.2) with a mask of zeros: the text stands there as it is.
    stream.write(Buffer.concat([Buffer.from([0x81, 0x85, 0, 0, 0, 0]), Buffer.from('hello')]));
    const [frame] = (await once(stream, 'data')) as [Buffer];
    expect(frame.subarray(2).toString()).toContain('hello');
    session.destroy();
  });

  test('a WebSocket reaches the Worker', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${listener('plain').port}/ws`);
    const answer = await new Promise((resolve, reject) => {
      socket.onopen = () => socket.send('hello');
      socket.onmessage = (event) => resolve(event.data);
      socket.onerror = reject;
    });
    socket.close();
    expect(answer).toBe('echo hello');
  });

  test.each(['CONNECT', 'TRACE'])('%s is refused', async (method) => {
    const request = httpRequest({
      port: listener('plain').port,
      host: '127.0.0.1',
      method,
      path: method === 'CONNECT' ? 'a:1' : '/',
    });
    const status = await new Promise((resolve) => {
      request.once('connect', (response, socket) => {
        socket.destroy();
        resolve(response.statusCode);
      });
      request.once('response', (response) => resolve(response.resume().statusCode));
      request.end();
    });
    expect(status).toBe(501);
  });
});

describe("the lab's own API", () => {
  const json = { 'content-type': 'application/json' };

  test('closing makes every response the last of its connection, until it is switched off', async () => {
    const on = await plain('/.lab/close', { method: 'POST', headers: json, body: '{"on":true}' });
    expect(on.headers.get('connection')).toBe('close');
    expect(((await on.json()) as LabState).listener.closing).toBe(true);
    const first = await plain('/');
    const second = await plain('/');
    expect([first.headers.get('connection'), second.headers.get('connection')]).toEqual(['close', 'close']);
    const [a, b] = [(await first.json()) as Told, (await second.json()) as Told];
    expect(a.cf.lab).toMatchObject({ nth: 1, closing: true });
    expect(b.cf.lab.connection).not.toBe(a.cf.lab.connection);
    const off = await plain('/.lab/close', { method: 'POST', headers: json, body: '{"on":false}' });
    expect(((await off.json()) as LabState).listener.closing).toBe(false);
    expect((await plain('/')).headers.get('connection')).not.toBe('close');
  });

  test('closing is of one listener', async () => {
    await plain('/.lab/close', { method: 'POST', headers: json, body: '{"on":true}' });
    expect(listener('plain').closing).toBe(true);
    expect(listener('h1').closing).toBe(false);
  });

  test('after end-connections the next connection resumes the session, by the word of the server', async () => {
    const [first, idle] = [await openTls(), await openTls()];
    await overTls(idle, '/');
    await overTls(first, '/');
    const ended = untilEnd(idle);
    const answer = await overTls(first, '/.lab/end-connections', 'POST Content-Length: 0\r\n');
    expect(bodyOf<{ ended: number }>(answer).ended).toBeGreaterThanOrEqual(2);
    expect(answer).toMatch(/connection: close/i);
    await ended;
    const second = await openTls(await tickets.get(first));
    const told = bodyOf<Told>(await overTls(second, '/'));
    expect(second.isSessionReused()).toBe(true);
    expect(told.cf.lab.tls?.resumed).toBe(true);
    for (const socket of [first, idle, second]) socket.destroy();
  });

  test('connections and their exchanges can be looked at', async () => {
    const told = (await (await plain('/look')).json()) as Told;
    const record = (await (await plain(`/.lab/connections/${told.cf.lab.connection}`)).json()) as {
      exchanges: { target: string; status: number }[];
    };
    expect(record.exchanges).toContainEqual(expect.objectContaining({ target: '/look', status: 200 }));
    expect((await plain('/.lab/connections/none')).status).toBe(404);
  });

  test.each([
    ['an origin of another port', { origin: 'http://localhost:1' }],
    ['a cross-site page', { 'sec-fetch-site': 'cross-site' }],
    ['a page of the same site but another origin', { 'sec-fetch-site': 'same-site' }],
  ])('%s is refused', async (_, headers) => {
    const response = await plain('/.lab/close', {
      method: 'POST',
      headers: { ...json, ...headers },
      body: '{"on":true}',
    });
    expect(response.status).toBe(403);
    expect(listener('plain').closing).toBe(false);
  });

  test('a foreign name that points here is refused', async () => {
    const request = httpRequest({
      port: listener('plain').port,
      host: '127.0.0.1',
      path: '/.lab/state',
      headers: { host: 'rebound.example' },
    });
    const status = await new Promise((resolve) => {
      request.once('response', (response) => resolve(response.resume().statusCode));
      request.end();
    });
    expect(status).toBe(403);
  });

  test.each([
    ['GET', '/.lab/close', undefined, 405],
    ['POST', '/.lab/close', '{"on":1}', 400],
    ['POST', '/.lab/close', 'no json', 400],
    ['POST', '/.lab/close', `"${'x'.repeat(5000)}"`, 413],
    ['GET', '/.lab/other', undefined, 404],
  ])('%s %s with %s is %i', async (method, path, body, status) => {
    const response = await plain(path, { method, headers: json, ...(body === undefined ? {} : { body }) });
    expect(response.status).toBe(status);
  });
});

test.runIf(process.platform === 'linux')('a Worker that dies is started again, and nobody gets an error', async () => {
  const children = execFileSync('pgrep', ['-P', String(process.pid), '-f', 'workerd serve'])
    .toString()
    .trim()
    .split('\n');
  for (const pid of children) process.kill(Number(pid), 'SIGKILL');
  const response = await plain('/hello');
  expect(await response.text()).toBe('hello');
  expect(logs.join('\n')).toMatch(/restart/);
});

describe('listeners', () => {
  test('both loopback addresses are served on the same port', async () => {
    const { addresses, port } = listener('plain');
    for (const address of addresses) {
      const host = address.includes(':') ? `[${address}]` : address;
      expect((await fetch(`http://${host}:${port}/hello`)).status).toBe(200);
    }
    expect(addresses).toContain('127.0.0.1');
  });

  test('a taken port is named with its owner, and the next free one is used', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const { port } = squatter.address() as { port: number };
    const second = await startLab({
      certificate,
      upstream: worker,
      ports: { plain: port, h1: 0, h2: 0, altSvc: 0, h3: 0 },
    });
    const home = second.listeners.find((one) => one.plan.id === 'plain');
    expect(home?.port).toBeGreaterThan(port);
    if (process.platform === 'linux') expect(home?.takenBy).toContain(`pid ${process.pid}`);
    expect((await fetch(`${second.home}/hello`)).status).toBe(200);
    await second.close(0);
    squatter.close();
  });
});

test('the workshop answers below /workshop, to this machine only', async () => {
  lab.mount({ fetch: (request) => new Response(`${request.method} ${new URL(request.url).pathname}`) });
  expect(await (await plain('/workshop/ka2')).text()).toBe('GET /workshop/ka2');
  expect(await (await plain('/workshop')).text()).toBe('GET /workshop');
  expect((await (await plain('/workshops')).json()) as Told).toMatchObject({ method: 'GET' });
  const order = await plain('/workshop/reset', { method: 'POST', headers: { origin: 'http://evil.example' } });
  expect(order.status).toBe(403);
});
