import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
} from 'node:http2';
import { type AddressInfo, connect as connectSocket, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Event } from '../events.ts';
import { listen, SocketDriver } from '../testing/http2_socket.ts';

/** Things to close when a test is over. */
const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** A response of this many octets for `/N`, else what was sent, and 103 and trailers on request. */
async function ours(options: Parameters<typeof listen>[0] = {}): Promise<{ port: number; drivers: Set<SocketDriver> }> {
  const drivers = new Set<SocketDriver>();
  const left = new Map<SocketDriver, Map<number, number>>();
  const go = (driver: SocketDriver, id: number): void => {
    const owed = left.get(driver) as Map<number, number>;
    for (let rest = owed.get(id) ?? 0; rest > 0; ) {
      const piece = new Uint8Array(Math.min(rest, 65_536)).fill(97);
      const taken = driver.connection.sendData(id, piece, { endStream: piece.length === rest });
      rest -= taken;
      owed.set(id, rest);
      if (taken < piece.length) return;
    }
  };
  const { server, port } = await listen(options, (event, driver) => {
    const { connection } = driver;
    drivers.add(driver);
    if (!left.has(driver)) left.set(driver, new Map());
    if (event.type === 'request') {
      const size = Number(event.head.target.slice(1));
      if (event.head.target === '/trailers') {
        connection.sendResponse(event.streamId, { status: 103, fields: [['link', '</a>; rel=preload']] });
        connection.sendResponse(event.streamId, { status: 200 });
        connection.sendData(event.streamId, new Uint8Array(5));
        connection.sendTrailers(event.streamId, [['x-sum', '5']]);
      } else if (event.endStream) {
        connection.sendResponse(
          event.streamId,
          { status: 200, fields: [['x-method', event.head.method]] },
          { endStream: size === 0 },
        );
        left.get(driver)?.set(event.streamId, size);
        go(driver, event.streamId);
      } else connection.sendResponse(event.streamId, { status: 200 });
    }
    if (event.type === 'data') {
      const data = event.data.slice();
      if (connection.capacity(event.streamId) < data.length) throw new Error('echo is for small bodies');
      connection.sendData(event.streamId, data, { endStream: event.endStream });
      connection.consume(event.streamId, event.flowControlledLength);
    }
    if (event.type === 'writable') go(driver, event.streamId);
  });
  open.push(() => {
    for (const { socket } of drivers) socket.destroy();
    server.close();
  });
  return { port, drivers };
}

function nodeClient(port: number): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${port}`);
  open.push(() => session.destroy());
  return session;
}

async function ask(
  session: ClientHttp2Session,
  headers: Record<string, string>,
  body?: string,
): Promise<{
  status: number | undefined;
  headers: IncomingHttpHeaders;
  octets: number;
  text: string;
  trailers: IncomingHttpHeaders;
}> {
  const request = session.request(headers, { endStream: body === undefined });
  let response: IncomingHttpHeaders & { ':status'?: number | undefined } = {};
  let trailers: IncomingHttpHeaders = {};
  request.on('response', (fields) => {
    response = fields;
  });
  request.on('trailers', (fields) => {
    trailers = fields;
  });
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (body !== undefined) request.end(body);
  await once(request, 'end');
  const all = Buffer.concat(chunks);
  return { status: response[':status'], headers: response, octets: all.length, text: all.toString(), trailers };
}

describe('our server and the client of node:http2', () => {
  it('exchange requests of every size, many at once', async () => {
    const { port } = await ours();
    const session = nodeClient(port);
    const sizes = [0, 1, 100, 16_384, 16_385, 65_535, 65_536, 1_000_000, 5_000_000];
    const answers = await Promise.all(sizes.map((size) => ask(session, { ':path': `/${size}` })));
    expect(answers.map(({ status, octets }) => [status, octets])).toEqual(sizes.map((size) => [200, size]));
    const many = await Promise.all(
      Array.from({ length: 99 }, (_, index) =>
        ask(session, { ':path': `/${index * 100}`, 'x-long': 'y'.repeat(index * 40) }),
      ),
    );
    expect(many.map(({ octets }) => octets)).toEqual(Array.from({ length: 99 }, (_, index) => index * 100));
  });

  it('exchange content, interim responses and trailers', async () => {
    const { port } = await ours();
    const session = nodeClient(port);
    expect(await ask(session, { ':method': 'POST', ':path': '/' }, 'question')).toMatchObject({
      status: 200,
      text: 'question',
    });
    const request = session.request({ ':path': '/trailers' });
    const interim: unknown[] = [];
    request.on('headers', (fields) => interim.push(fields[':status']));
    const trailers = once(request, 'trailers');
    request.resume();
    expect((await trailers)[0]).toMatchObject({ 'x-sum': '5' });
    expect(interim).toEqual([103]);
  });

  it('resume after resets, pings and a graceful end', async () => {
    const { port, drivers } = await ours();
    const session = nodeClient(port);
    const given = session.request({ ':path': '/5000000' });
    await once(given, 'response');
    given.close(constants.NGHTTP2_CANCEL);
    await once(given, 'close');
    expect(await ask(session, { ':path': '/10' })).toMatchObject({ octets: 10 });
    const rtt = await new Promise((resolve) => session.ping((error, duration) => resolve(error ?? duration)));
    expect(rtt).toBeTypeOf('number');
    const closed = once(session, 'close');
    for (const driver of drivers) {
      driver.connection.shutdown(performance.now());
      driver.flush();
    }
    await closed;
  });
});

/** A client of ours on a socket, with its events. */
function ourClient(port: number): {
  driver: SocketDriver;
  events: Event[];
  until: (count: number, type: Event['type']) => Promise<Event[]>;
} {
  const events: Event[] = [];
  const waiting: { count: number; type: string; resolve: (events: Event[]) => void }[] = [];
  const driver = new SocketDriver(connectSocket(port, '127.0.0.1'), { role: 'client' }, (event, { connection }) => {
    events.push(event);
    if (event.type === 'data') connection.consume(event.streamId, event.flowControlledLength);
    for (const one of waiting) {
      const seen = events.filter(({ type }) => type === one.type);
      if (seen.length >= one.count) one.resolve(seen);
    }
  });
  open.push(() => driver.socket.destroy());
  const until = (count: number, type: Event['type']): Promise<Event[]> =>
    new Promise((resolve) => {
      waiting.push({ count, type, resolve });
    });
  return { driver, events, until };
}

async function nodeServer(): Promise<{ port: number; sessions: Set<ServerHttp2Session> }> {
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer((request, response) => {
    if (request.url === '/echo') {
      response.writeHead(200);
      request.pipe(response);
    } else if (request.url === '/trailers') {
      response.writeEarlyHints({ link: '</a>; rel=preload' });
      response.writeHead(200, { trailer: 'x-sum' });
      response.addTrailers({ 'x-sum': '1' });
      response.end('x');
    } else {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.end('a'.repeat(Number(request.url?.slice(1))));
    }
  });
  server.on('session', (session) => sessions.add(session));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(() => {
    for (const session of sessions) session.destroy();
    (server as unknown as Server).close();
  });
  return { port: (server.address() as AddressInfo).port, sessions };
}

const REQUEST = { method: 'GET', target: '/', scheme: 'http', authority: '127.0.0.1' };

describe('our client and the server of node:http2', () => {
  it('exchange requests of every size, and content', async () => {
    const { port } = await nodeServer();
    const { driver, events, until } = ourClient(port);
    const sizes = [1, 100, 16_384, 65_536, 1_000_000, 3_000_000];
    const ids = sizes.map((size) =>
      driver.connection.sendRequest({ ...REQUEST, target: `/${size}` }, { endStream: true }),
    );
    const echo = driver.connection.sendRequest({ ...REQUEST, method: 'POST', target: '/echo' });
    expect(driver.connection.sendData(echo, new Uint8Array(30_000).fill(1), { endStream: true })).toBe(30_000);
    const total = sizes.reduce((sum, size) => sum + size, 30_000);
    driver.schedule();
    const octets = (id: number): number =>
      events.reduce((sum, event) => sum + (event.type === 'data' && event.streamId === id ? event.data.length : 0), 0);
    while ([...ids, echo].reduce((sum, id) => sum + octets(id), 0) < total)
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(ids.map(octets)).toEqual(sizes);
    expect(octets(echo)).toBe(30_000);
    expect(events.some(({ type }) => type === 'connection-error' || type === 'reset')).toBe(false);
    const goaway = until(1, 'ping-ack');
    driver.connection.ping(new Uint8Array(8));
    driver.schedule();
    await goaway;
  });

  it('hear interim responses, trailers and GOAWAY', async () => {
    const { port, sessions } = await nodeServer();
    const { driver, until, events } = ourClient(port);
    const trailers = until(1, 'trailers');
    driver.connection.sendRequest({ ...REQUEST, target: '/trailers' }, { endStream: true });
    driver.schedule();
    expect(await trailers).toMatchObject([{ fields: [['x-sum', '1']] }]);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'informational', head: expect.objectContaining({ status: 103 }) }),
    );
    const closed = until(1, 'closed');
    for (const session of sessions) session.close();
    expect(await closed).toHaveLength(1);
    expect(driver.connection.openable).toBe(0);
  });
});
