import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiProblem, ConnectionReport, TraceEvent, WatchMessage } from '@interleave/trace/events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labCertificate } from '../certificates.ts';
import { type Lab, startLab } from '../lab.ts';

let folder: string;
let lab: Lab;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lab-events-'));
  const certificate = await labCertificate(folder);
  // Nobody listens there: this API is answered before the Worker is asked.
  const upstream = { address: { host: '127.0.0.1', port: 9 } };
  lab = await startLab({ certificate, upstream, ports: { plain: 0, h1: 0, h2: 0, altSvc: 0, h3: 0 } });
}, 60_000);

afterAll(async () => {
  await lab?.close(0);
  await rm(folder, { recursive: true, force: true });
});

const portOf = (id: string): number => lab.listeners.find(({ plan }) => plan.id === id)?.port ?? 0;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** One request on a connection of its own over cleartext HTTP/1.1. */
async function plain(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const request = httpRequest({
    host: '127.0.0.1',
    port: portOf('plain'),
    path,
    method,
    headers: { host: 'localhost', ...headers },
  });
  request.end();
  const [response] = await once(request, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, type: response.headers['content-type'] ?? '', text };
}

/** A connection of HTTP/2 that knows its own id. */
async function http2(): Promise<{
  session: ClientHttp2Session;
  id: string;
  ask: (path: string, headers?: IncomingHttpHeaders) => Promise<Answer>;
}> {
  const session = connectHttp2(`https://localhost:${portOf('h2')}`, { rejectUnauthorized: false });
  const ask = async (path: string, headers: IncomingHttpHeaders = {}): Promise<Answer> => {
    const stream = session.request({ ':path': path, ...headers });
    stream.end();
    const [head] = await once(stream, 'response');
    let text = '';
    for await (const chunk of stream) text += chunk;
    return { status: head[':status'], type: head['content-type'] ?? '', text };
  };
  const state = JSON.parse((await ask('/.lab/state')).text);
  return { session, id: state.connection.id, ask };
}

/** A WebSocket over HTTP/1.1, as raw as a hostile peer has it. */
async function webSocket(id: string): Promise<{
  socket: Socket;
  messages: WatchMessage[];
  send: (text: string | Uint8Array, opcode?: number, masked?: boolean) => void;
  closed: Promise<{ code: number; why: string }>;
}> {
  const socket = connect(portOf('plain'), '127.0.0.1');
  socket.write(
    `GET /api/v1/connection/${id}/events HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  );
  const messages: WatchMessage[] = [];
  let kept = Buffer.alloc(0);
  let upgraded = false;
  const closed = new Promise<{ code: number; why: string }>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => resolve({ code: 0, why: 'without a word' }));
    socket.on('data', (chunk: Buffer) => {
      kept = Buffer.concat([kept, chunk]);
      if (!upgraded) {
        const end = kept.indexOf('\r\n\r\n');
        if (end < 0) return;
        expect(kept.toString('latin1', 0, end)).toContain('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
        kept = kept.subarray(end + 4);
        upgraded = true;
      }
      while (kept.length >= 2) {
        const short = kept.readUInt8(1) & 0x7f;
        const start = short === 126 ? 4 : short === 127 ? 10 : 2;
        const length = short === 126 ? kept.readUInt16BE(2) : short === 127 ? Number(kept.readBigUInt64BE(2)) : short;
        if (kept.length < start + length) return;
        const payload = kept.subarray(start, start + length);
        if ((kept.readUInt8(0) & 0x0f) === 8)
          resolve({ code: payload.readUInt16BE(0), why: payload.toString('utf8', 2) });
        else if ((kept.readUInt8(0) & 0x0f) === 1) messages.push(JSON.parse(payload.toString('utf8')));
        kept = kept.subarray(start + length);
      }
    });
  });
  const send = (text: string | Uint8Array, opcode = 1, masked = true): void => {
    const payload = Buffer.from(text);
    const head = Buffer.from([0x80 | opcode, (masked ? 0x80 : 0) | Math.min(payload.length, 126)]);
    const long = Buffer.alloc(payload.length < 126 ? 0 : 2);
    if (long.length > 0) long.writeUInt16BE(payload.length);
    // A mask of zeros changes nothing.
    socket.write(Buffer.concat([head, long, Buffer.alloc(masked ? 4 : 0), payload]));
  };
  return { socket, messages, send, closed };
}

const eventsOf = (messages: readonly WatchMessage[]): TraceEvent[] =>
  messages.flatMap((message) => (message.type === 'events' ? message.events : []));

async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('a connection', () => {
  test('is told with its exchanges and counts, and without what belongs to its keys', async () => {
    const { session, id, ask } = await http2();
    await ask('/.lab/state?token=hidden');
    const { status, text } = await ask(`/api/v1/connection/${id}`);
    session.close();
    expect(status).toBe(200);
    const report = JSON.parse(text) as ConnectionReport;
    expect(report).toMatchObject({
      id,
      host: 'lab',
      origin: `https://localhost:${portOf('h2')}`,
      protocol: 'h2',
      exchangeCount: 3,
      openExchanges: 1,
      frames: { received: { headers: 3, preface: 1 }, created: { headers: 2 } },
      log: { dropped: 0 },
    });
    expect(report.exchanges.map(({ path, status: s }) => [path, s])).toEqual([
      ['/.lab/state', 200],
      ['/.lab/state', 200],
      [`/api/v1/connection/${id}`, null],
    ]);
    const facts = lab.registry.find(id)?.facts;
    expect(facts?.tls?.clientRandomHash).toEqual(expect.any(String));
    expect(text).not.toContain(facts?.tls?.clientRandomHash);
    expect(text).not.toMatch(/hidden|127\.0\.0\.1/);
  });

  test('that nobody knows is a 404 that names the id and the rule', async () => {
    for (const [id, rule] of [
      ['zzzzzzzzzz', 'knows no connection zzzzzzzzzz'],
      ['%3Cimg%20src=x%3E', '%3Cimg%20src=x%3E” is no connection id'],
      [`${'a'.repeat(300)}`, 'is no connection id'],
      ['', 'is no connection id'],
    ] as const) {
      for (const rest of ['', '/events', '.qlog']) {
        const { status, type, text } = await plain(`/api/v1/connection/${id}${rest}`);
        const problem = JSON.parse(text) as ApiProblem;
        expect([status, type]).toEqual([404, 'application/problem+json']);
        expect(problem.detail).toContain(rule);
        expect((problem.id ?? '').length).toBeLessThanOrEqual(100);
      }
    }
  });

  test('is for pages of its own origin and for programs here', async () => {
    const { session, id } = await http2();
    for (const headers of [
      { origin: 'https://evil.test' },
      { 'sec-fetch-site': 'cross-site' },
      { host: 'evil.test' },
      { origin: 'https://evil.test', connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' },
    ]) {
      const { status, type } = await plain(`/api/v1/connection/${id}/events`, headers as Record<string, string>);
      expect([status, type]).toEqual([403, 'application/problem+json']);
    }
    expect((await plain(`/api/v1/connection/${id}`, {}, 'POST')).status).toBe(405);
    expect((await plain(`/api/v1/connection/${id}.qlog?format=pdf`)).status).toBe(400);
    session.close();
  });

  test('as a file holds what may be passed on, in both forms', async () => {
    const { session, id, ask } = await http2();
    await ask('/.lab/state', { cookie: 'sid=sssecret', authorization: 'Bearer sssecret', 'x-mine': 'personal' });
    const sequence = await ask(`/api/v1/connection/${id}.qlog`);
    const qvis = await ask(`/api/v1/connection/${id}.qlog?format=qvis`);
    session.close();
    expect(sequence.type).toBe('application/qlog+json-seq');
    for (const { text } of [sequence, qvis]) {
      expect(text).not.toMatch(/sssecret|personal/);
      expect(text).toContain('"cookie"');
    }
    expect(JSON.parse(qvis.text).traces[0].events.length).toBeGreaterThan(10);
  });
});

test('a terminal reads the frames of its own connection as text', async () => {
  const { session, ask } = await http2();
  const { type, text } = await ask('/api/v1/connection/this.txt', { authorization: 'Bearer sssecret' });
  session.close();
  expect(type).toContain('text/plain');
  expect(text).toMatch(/> stream 3 +HEADERS +\d+ B {2}GET \/api\/v1\/connection\/this\.txt/);
  expect(text).toContain('authorization: (masked)');
  expect(text).not.toContain('sssecret');
});

describe('a watcher', () => {
  test('gets what was, then what comes, of several connections over one WebSocket', async () => {
    const [one, other] = [await http2(), await http2()];
    const watch = await webSocket(one.id);
    watch.send(JSON.stringify({ watch: [other.id, 'zzzzzzzzzz'] }));
    await until(() => watch.messages.some(({ type }) => type === 'problem'));
    await one.ask('/.lab/state', { 'x-n': '1' });
    await other.ask('/.lab/state', { 'x-n': '2' });
    one.session.close();
    other.session.close();
    await until(() => watch.messages.filter(({ type }) => type === 'ended').length === 2);
    watch.socket.destroy();
    const about = (id: string): WatchMessage[] =>
      watch.messages.filter((message) => 'connection' in message && message.connection === id);
    for (const { id } of [one, other]) {
      const names = eventsOf(about(id)).map(({ name }) => name);
      expect(names[0]).toBe('conn:started');
      expect(names.filter((name) => name === 'conn:request').length).toBe(2);
      expect(names.at(-1)).toBe('conn:closed');
    }
  });

  test('of its own connection does not watch itself: its reports are left out, and the rest is there', async () => {
    const { session, id, ask } = await http2();
    const stream = session.request({ ':path': `/api/v1/connection/${id}/events` });
    let text = '';
    stream.on('data', (chunk) => {
      text += chunk;
    });
    await until(() => text.includes('conn:request'));
    for (let n = 0; n < 5; n++) await ask('/.lab/state');
    await until(() => text.split('"conn:request"').length > 7);
    stream.close();
    const messages = text
      .split('\n\n')
      .flatMap((block) =>
        block.includes('\ndata: ') ? [JSON.parse(block.slice(block.indexOf('data: ') + 6)) as WatchMessage] : [],
      );
    const events = eventsOf(messages);
    expect(events.find(({ name }) => name === 'conn:left_out')).toBeDefined();
    const leftOut = (events.find(({ name }) => name === 'conn:left_out')?.data['stream_id'] ?? 0) as number;
    const own = events.filter(({ name, data }) => data['stream_id'] === leftOut && name.startsWith('http2:frame_'));
    expect(own.map(({ data }) => (data['frame'] as { frame_type: string }).frame_type)).not.toContain('data');
    session.close();
  });

  test.each([
    ['sends a message that is too large', 1009, 'limit messageBytes'],
    ['floods', 1008, 'limit messageBurst'],
    ['sends what is no request', 1008, '"watch"'],
    ['does not mask', 1002, 'masked'],
    ['sends binary', 1003, 'JSON'],
    ['sends no UTF-8', 1007, 'UTF-8'],
    ['sets reserved bits', 1002, 'reserved'],
    ['continues nothing', 1002, 'continued'],
  ])('that %s is closed by name', async (what, code, why) => {
    const { session, id } = await http2();
    const { send, closed, socket } = await webSocket(id);
    if (what.includes('large')) send('x'.repeat(5_000));
    else if (what === 'floods') for (let n = 0; n < 40; n++) send('', 9);
    else if (what.includes('no request')) send('{"watch": 7}');
    else if (what.includes('mask')) send('{}', 1, false);
    else if (what.includes('binary')) send('{}', 2);
    else if (what.includes('UTF-8')) send(Uint8Array.of(0xff, 0xfe));
    else if (what.includes('reserved')) send('{}', 0x41);
    else send('{}', 0);
    expect(await closed).toEqual({ code, why: expect.stringContaining(why) });
    socket.destroy();
    session.close();
  });

  test('that asks for too many connections is told the limit, and goes on', async () => {
    const sessions = await Promise.all(Array.from({ length: 66 }, () => http2()));
    const watch = await webSocket(sessions[0]?.id ?? '');
    watch.send(JSON.stringify({ watch: sessions.map(({ id }) => id) }));
    await until(() => watch.messages.filter(({ type }) => type === 'problem').length === 2);
    expect(JSON.stringify(watch.messages)).toContain('limit connections');
    for (const { session } of sessions) session.destroy();
    watch.socket.destroy();
  });
});
