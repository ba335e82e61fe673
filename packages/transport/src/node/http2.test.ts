import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { Duplex } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import type { Exchange } from '../exchange.ts';
import { RawClient } from '../testing/raw-client.ts';
import { socketOf } from './connection.ts';
import { type Server, serveExchanges } from './server.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

/** A server that speaks HTTP/2 in the clear, and Node's own client on one connection to it. */
async function start(
  handler: (exchange: Exchange) => void,
  options: { persistent?: boolean } = {},
): Promise<{ server: Server; session: ClientHttp2Session }> {
  const server = await serveExchanges({ host: '127.0.0.1', protocols: ['h2'], ...options }, handler);
  const session = connect(`http://127.0.0.1:${server.address.port}`);
  session.on('error', () => {});
  open.push(async () => {
    session.destroy();
    await server.close({ grace: 0 });
  });
  await once(session, 'connect');
  return { server, session };
}

async function ask(
  session: ClientHttp2Session,
  path: string,
  body?: Buffer,
): Promise<{ status: number; body: Buffer }> {
  const stream = session.request(
    { ':path': path, ':method': body === undefined ? 'GET' : 'POST' },
    { endStream: body === undefined },
  );
  if (body !== undefined) stream.end(body);
  const [head] = await once(stream, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return { status: Number(head[':status']), body: Buffer.concat(chunks) };
}

test('exchanges share a connection, each with its place and its stream', async () => {
  const { session } = await start((exchange) => {
    const { connection, nth, streamId } = exchange;
    exchange.reply({ status: 200 }, text(`${connection.protocol} ${nth} ${streamId}`));
  });
  const replies = await Promise.all(['/a', '/b', '/c'].map((path) => ask(session, path)));
  expect(replies.map(({ body }) => String(body))).toEqual(['h2 1 1', 'h2 2 3', 'h2 3 5']);
});

test('Alt-Svc is on every response while the server has one to name (RFC 7838)', async () => {
  const { server, session } = await start((exchange) => exchange.reply({ status: 204 }));
  const altSvc = async (): Promise<unknown> => {
    const [head] = await once(session.request({ ':path': '/' }), 'response');
    return head['alt-svc'];
  };
  expect(await altSvc()).toBeUndefined();
  server.altSvc = 'h3=":4113"; ma=3600';
  expect(await altSvc()).toBe('h3=":4113"; ma=3600');
  server.altSvc = null;
  expect(await altSvc()).toBeUndefined();
});

test('a reply that is ready leaves before one that was asked for earlier', async () => {
  let slow: Exchange | null = null;
  const { session } = await start((exchange) => {
    if (exchange.head.target === '/slow') slow = exchange;
    else exchange.reply({ status: 200 }, text('fast'));
  });
  const first = ask(session, '/slow');
  expect(String((await ask(session, '/fast')).body)).toBe('fast');
  (slow as Exchange | null)?.reply({ status: 200 }, text('slow'));
  expect(String((await first).body)).toBe('slow');
});

test('content comes whole both ways, larger than every window', async () => {
  const { session } = await start((exchange) => {
    exchange.respond({ status: 200 });
    exchange.read({
      data: (piece) => {
        exchange.write(piece.slice());
        exchange.pull();
      },
      end: () => exchange.end(),
      abort: () => {},
    });
    exchange.pull();
  });
  const sent = Buffer.alloc(3_000_000, 'interleave ');
  const { status, body } = await ask(session, '/echo', sent);
  expect(status).toBe(200);
  expect(body.equals(sent)).toBe(true);
});

test('a stream that the client resets aborts its exchange and no other', async () => {
  const aborted = Promise.withResolvers<void>();
  const { session } = await start((exchange) => {
    if (exchange.head.target === '/gone') exchange.onAbort = () => aborted.resolve();
    else exchange.reply({ status: 200 }, text('still here'));
  });
  const stream = session.request({ ':path': '/gone' });
  stream.on('error', () => {});
  expect(String((await ask(session, '/first')).body)).toBe('still here');
  stream.close(constants.NGHTTP2_CANCEL);
  await aborted.promise;
  expect(String((await ask(session, '/second')).body)).toBe('still here');
});

test('a handler that throws costs its own exchange only', async () => {
  const { session } = await start((exchange) => {
    if (exchange.head.target === '/bad') throw new Error('on purpose');
    exchange.reply({ status: 200 }, text('fine'));
  });
  const [bad, good] = await Promise.all([ask(session, '/bad'), ask(session, '/good')]);
  expect(bad.status).toBe(500);
  expect(good.status).toBe(200);
});

test('where nothing is to persist, the reply comes whole and GOAWAY ends the connection', async () => {
  const { session } = await start((exchange) => exchange.reply({ status: 200 }, text('the only one')), {
    persistent: false,
  });
  const goaway = once(session, 'goaway');
  const closed = once(session, 'close');
  expect(String((await ask(session, '/')).body)).toBe('the only one');
  const [code] = await goaway;
  expect(code).toBe(constants.NGHTTP2_NO_ERROR);
  await closed;
});

test('closing the server lets what is under way finish', async () => {
  const asked = Promise.withResolvers<Exchange>();
  const { server, session } = await start((exchange) => asked.resolve(exchange));
  const reply = ask(session, '/');
  const exchange = await asked.promise;
  const closed = server.close({ grace: 5_000 });
  exchange.reply({ status: 200 }, text('to the end'));
  expect(String((await reply).body)).toBe('to the end');
  await closed;
});

test('extended CONNECT leaves HTTP on its own stream, and the connection goes on beside it (RFC 8441)', async () => {
  const { session } = await start((exchange) => {
    if (exchange.head.protocol !== 'websocket') return exchange.reply({ status: 200 }, text('beside'));
    exchange.upgrade({ status: 200 }, (channel) => {
      const stream = socketOf(channel);
      stream.pipe(stream);
    });
  });
  await ask(session, '/');
  expect(session.remoteSettings.enableConnectProtocol).toBe(true);
  const tunnel = session.request({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/chat' });
  const [head] = await once(tunnel, 'response');
  expect(head[':status']).toBe(200);
  const sent = Buffer.alloc(300_000, 'there and back ');
  const back: Buffer[] = [];
  tunnel.on('data', (chunk: Buffer) => back.push(chunk));
  tunnel.write(sent.subarray(0, 10));
  expect(String((await ask(session, '/')).body)).toBe('beside');
  tunnel.end(sent.subarray(10));
  await once(tunnel, 'end');
  expect(Buffer.concat(back).equals(sent)).toBe(true);
});

test('a tunnel that the client resets is destroyed, and so is one that we destroy', async () => {
  const streams: Duplex[] = [];
  const { session } = await start((exchange) =>
    exchange.upgrade({ status: 200 }, (channel) => {
      streams.push(socketOf(channel));
    }),
  );
  await once(session, 'remoteSettings');
  const open = async (): Promise<ClientHttp2Stream> => {
    const tunnel = session.request({ ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/' });
    tunnel.on('error', () => {});
    await once(tunnel, 'response');
    return tunnel;
  };
  const first = await open();
  const gone = once(streams.at(-1) as Duplex, 'close').catch((error: Error) => error.message);
  first.close(constants.NGHTTP2_CANCEL);
  await gone;
  const second = await open();
  streams.at(-1)?.destroy();
  await once(second, 'close');
  expect(second.rstCode).toBe(constants.NGHTTP2_CANCEL);
});

test('in cleartext, the preface decides between HTTP/2 and HTTP/1.1, however it is cut', async () => {
  const server = await serveExchanges({ host: '127.0.0.1', protocols: ['h2', 'http/1.1'] }, (exchange) =>
    exchange.reply({ status: 200 }, text(exchange.connection.protocol)),
  );
  open.push(() => server.close({ grace: 0 }));
  const session = connect(`http://127.0.0.1:${server.address.port}`);
  expect(String((await ask(session, '/')).body)).toBe('h2');
  session.close();
  for (const cut of [1, 3, 20]) {
    const client = await RawClient.open(server.address.port);
    const request = 'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n';
    client.send(request.slice(0, cut));
    await new Promise((resolve) => setTimeout(resolve, 5));
    client.send(request.slice(cut));
    expect((await client.response()).body).toBe('http/1.1');
    client.socket.destroy();
  }
});
