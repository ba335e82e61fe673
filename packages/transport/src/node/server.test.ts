import type { Limits } from '@interleave/wire';
import { afterEach, describe, expect, test } from 'vitest';
import type { Exchange } from '../exchange.ts';
import type { AbortReason, CloseReason } from '../host.ts';
import { get, RawClient } from '../testing/raw-client.ts';
import { socketOf } from './connection.ts';
import { type ServeOptions, type Server, serveExchanges } from './server.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function start(
  handler: (exchange: Exchange) => void | Promise<void>,
  options: ServeOptions = {},
): Promise<Server> {
  const server = await serveExchanges({ host: '127.0.0.1', ...options }, handler);
  open.push({ close: () => server.close({ grace: 0 }) });
  return server;
}

async function client(server: Server): Promise<RawClient> {
  const raw = await RawClient.open(server.address.port);
  open.push(raw);
  return raw;
}

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

/** Waits for other parts of the process to do what they have to do, as long as it takes. */
async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Reads all content of a request. */
function readAll(exchange: Exchange): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    exchange.read({
      data(chunk) {
        chunks.push(chunk);
        exchange.pull();
      },
      end: () => resolve(Buffer.concat(chunks)),
      abort: (reason) => reject(new Error(reason.message)),
    });
    exchange.pull();
  });
}

const sayNth = (exchange: Exchange): void =>
  exchange.reply({ status: 200 }, text(`${exchange.nth} ${exchange.connection.id}`));

describe('keep-alive', () => {
  test('exchanges one after another share a connection and are counted', async () => {
    const server = await start(sayNth);
    const raw = await client(server);
    const bodies: string[] = [];
    for (let nth = 1; nth <= 4; nth++) {
      raw.send(get('/'));
      bodies.push((await raw.response()).body);
    }
    const id = bodies[0]?.split(' ')[1];
    expect(bodies).toEqual([1, 2, 3, 4].map((nth) => `${nth} ${id}`));
    expect(server.connections.size).toBe(1);
  });

  test('two connections have two ids', async () => {
    const server = await start(sayNth);
    const [a, b] = [await client(server), await client(server)];
    a.send(get('/'));
    b.send(get('/'));
    expect((await a.response()).body).not.toBe((await b.response()).body);
  });

  test('pipelined requests are answered in order, even when the first answer is late', async () => {
    const waiting: Exchange[] = [];
    const server = await start((exchange) => {
      if (exchange.head.target === '/late') waiting.push(exchange);
      else exchange.reply({ status: 200 }, text(exchange.head.target));
    });
    const raw = await client(server);
    raw.send(get('/late') + get('/b') + get('/c'));
    await eventually(() => waiting.length === 1);
    waiting[0]?.reply({ status: 200 }, text('/late'));
    expect([(await raw.response()).body, (await raw.response()).body, (await raw.response()).body]).toEqual([
      '/late',
      '/b',
      '/c',
    ]);
  });

  test('with persistence switched off every response ends its connection, and on again it does not', async () => {
    const server = await start(sayNth);
    server.persistent = false;
    const first = await client(server);
    first.send(get('/'));
    expect((await first.response()).fields.get('connection')).toBe('close');
    await first.until(() => first.ended);
    expect(first.ended).toBe(true);
    server.persistent = true;
    const second = await client(server);
    second.send(get('/'));
    expect((await second.response()).fields.get('connection')).not.toBe('close');
    second.send(get('/'));
    expect((await second.response()).body).toMatch(/^2 /);
  });

  test('endIdle ends the connections without an exchange, and leaves the others', async () => {
    const held: Exchange[] = [];
    const server = await start((exchange) => {
      if (exchange.head.target === '/hold') held.push(exchange);
      else sayNth(exchange);
    });
    const [idle, busy] = [await client(server), await client(server)];
    idle.send(get('/'));
    await idle.response();
    busy.send(get('/hold'));
    await eventually(() => held.length === 1);
    expect(server.endIdle()).toBe(1);
    await idle.until(() => idle.ended);
    held[0]?.reply({ status: 200 }, text('held'));
    expect((await busy.response()).body).toBe('held');
  });
});

describe('content', () => {
  test('an upload arrives whole, at the pace of its reader', async () => {
    const size = 8 * 1024 * 1024;
    const exchanges: Exchange[] = [];
    const server = await start((exchange) => void exchanges.push(exchange));
    const raw = await client(server);
    const content = Buffer.alloc(size, 'interleave');
    raw.send(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${size}\r\n\r\n`);
    raw.socket.write(content);
    await eventually(() => exchanges.length === 1);
    // Nobody reads: what the server has taken stays bounded.
    await new Promise((resolve) => setTimeout(resolve, 100));
    const [connection] = server.connections;
    expect(connection?.socket.bytesRead).toBeLessThan(1024 * 1024);
    const exchange = exchanges[0] as Exchange;
    const received = await readAll(exchange);
    expect(Buffer.compare(received, content)).toBe(0);
    exchange.reply({ status: 200 }, text('thanks'));
    expect((await raw.response()).body).toBe('thanks');
  });

  test('a download arrives whole, at the pace of its reader', async () => {
    const piece = Buffer.alloc(64 * 1024, 'abcdefgh');
    const pieces = 256;
    let given = 0;
    const server = await start((exchange) => {
      exchange.respond({ status: 200, fields: [['content-length', String(piece.length * pieces)]] });
      const more = (): void => {
        while (given < pieces) {
          given++;
          if (!exchange.write(piece)) return;
        }
        exchange.end();
      };
      exchange.onWritable = more;
      more();
    });
    const raw = await client(server);
    raw.socket.pause();
    raw.send(get('/'));
    await eventually(() => given > 0);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(given).toBeLessThan(pieces);
    raw.socket.resume();
    const { body } = await raw.response();
    expect(body.length).toBe(piece.length * pieces);
    expect(given).toBe(pieces);
  });

  test('content that the handler does not want does not stop the next request', async () => {
    const server = await start(sayNth);
    const raw = await client(server);
    raw.send('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n');
    expect((await raw.response()).body).toMatch(/^1 /);
    raw.send(`hello${get('/')}`);
    expect((await raw.response()).body).toMatch(/^2 /);
  });

  test('100 Continue is sent when the content is asked for, and not before', async () => {
    const exchanges: Exchange[] = [];
    const server = await start((exchange) => void exchanges.push(exchange));
    const raw = await client(server);
    raw.send('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n');
    await eventually(() => exchanges.length === 1);
    expect(raw.received).toBe('');
    const content = readAll(exchanges[0] as Exchange);
    expect((await raw.response()).status).toBe(100);
    raw.send('hello');
    exchanges[0]?.reply({ status: 200 }, await content);
    expect((await raw.response()).body).toBe('hello');
  });

  test('HEAD gets the head of the answer, and the connection goes on', async () => {
    const server = await start((exchange) => exchange.reply({ status: 200 }, text('hello')));
    const raw = await client(server);
    raw.send(get('/').replace('GET', 'HEAD'));
    const head = await raw.response({ head: true });
    expect(head.fields.get('content-length')).toBe('5');
    raw.send(get('/'));
    expect((await raw.response()).body).toBe('hello');
  });

  test('HEAD with nothing to measure claims no length: it would be that of GET (RFC 9110 §8.6)', async () => {
    const server = await start((exchange) => exchange.reply({ status: 200 }));
    const raw = await client(server);
    raw.send(get('/').replace('GET', 'HEAD'));
    expect((await raw.response({ head: true })).fields.get('content-length')).toBeUndefined();
    raw.send(get('/'));
    expect((await raw.response()).fields.get('content-length')).toBe('0');
  });

  test('content of unknown length is chunked, with trailers if there are any', async () => {
    const server = await start((exchange) => {
      exchange.respond({ status: 200 });
      exchange.write(text('one '));
      exchange.write(text('two'));
      exchange.end();
    });
    const raw = await client(server);
    raw.send(get('/'));
    const { fields, body } = await raw.response();
    expect(fields.get('transfer-encoding')).toBe('chunked');
    expect(body).toBe('one two');
  });
});

describe('faults', () => {
  test('a handler that throws is a 500, and its error is told to the observer only', async () => {
    const errors: unknown[] = [];
    const server = await start(
      () => {
        throw new Error('secret');
      },
      { observer: { handlerError: (_, error) => void errors.push(error) } },
    );
    const raw = await client(server);
    raw.send(get('/'));
    const response = await raw.response();
    expect(response.status).toBe(500);
    expect(response.body).not.toContain('secret');
    expect(errors).toEqual([new Error('secret')]);
  });

  test('a handler whose promise rejects is a 500', async () => {
    const server = await start(() => Promise.reject(new Error('late')));
    const raw = await client(server);
    raw.send(get('/'));
    expect((await raw.response()).status).toBe(500);
  });

  test.each([
    ['chunked', '1.1', []],
    ['of a known length', '1.1', [['content-length', '100']]],
    ['that ends with the connection', '1.0', []],
  ] as const)('content %s that fails half-way cuts the connection', async (_, version, fields) => {
    const server = await start(async (exchange) => {
      exchange.respond({ status: 200, fields });
      exchange.write(text('half'));
      await new Promise((resolve) => setTimeout(resolve, 10));
      throw new Error('no more');
    });
    const raw = await client(server);
    raw.send(get('/').replace('1.1', version));
    await raw.until(() => false);
    expect(raw.received).toContain('half');
    expect(raw.received).not.toContain('\r\n0\r\n');
    // A clean end would make close-delimited content look whole.
    expect((raw.error as NodeJS.ErrnoException | null)?.code).toBe('ECONNRESET');
  });

  test('a client that goes away aborts its exchange', async () => {
    const reasons: AbortReason[] = [];
    const exchanges: Exchange[] = [];
    const server = await start((exchange) => {
      exchange.onAbort = (reason) => reasons.push(reason);
      exchanges.push(exchange);
    });
    const raw = await client(server);
    raw.send(get('/'));
    await eventually(() => exchanges.length === 1);
    raw.socket.resetAndDestroy();
    await eventually(() => reasons.length === 1);
    expect(reasons[0]?.initiator).toBe('peer');
    expect(() => exchanges[0]?.reply({ status: 200 }, text('too late'))).not.toThrow();
  });

  test('a client that ends its side after the request still gets its answer', async () => {
    const server = await start(async (exchange) => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      sayNth(exchange);
    });
    const raw = await client(server);
    raw.socket.end(get('/'));
    expect((await raw.response()).body).toMatch(/^1 /);
  });

  test('what is not HTTP gets 400, and the connection ends', async () => {
    const reasons: CloseReason[] = [];
    const server = await start(sayNth, { observer: { closed: (_, reason) => void reasons.push(reason) } });
    const raw = await client(server);
    raw.send('GET / HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n');
    expect((await raw.response()).status).toBe(400);
    await raw.until(() => raw.ended);
    raw.socket.end();
    await eventually(() => reasons.length === 1);
    expect(reasons[0]?.cause).toBe('protocol-error');
  });

  test('a second response is refused as our own mistake', async () => {
    let second: unknown;
    const server = await start((exchange) => {
      sayNth(exchange);
      try {
        exchange.reply({ status: 200 });
      } catch (error) {
        second = error;
      }
    });
    const raw = await client(server);
    raw.send(get('/'));
    await raw.response();
    expect(String(second)).toContain('has its response already');
  });
});

describe('time', () => {
  const tiny: Partial<Limits> = { headTimeout: 60, idleTimeout: 60, bodyTimeout: 60, sendTimeout: 60 };

  test('a head that does not end in time gets 408 and the end', async () => {
    const server = await start(sayNth, { limits: { ...tiny, idleTimeout: 60_000 } });
    const raw = await client(server);
    raw.send('GET / HTTP/1.1\r\nHost:');
    expect((await raw.response()).status).toBe(408);
    await raw.until(() => raw.ended);
    expect(raw.ended).toBe(true);
  });

  test('an idle connection ends without a word', async () => {
    const server = await start(sayNth, { limits: { ...tiny, headTimeout: 60_000 } });
    const raw = await client(server);
    raw.send(get('/'));
    await raw.response();
    await raw.until(() => raw.ended);
    expect(raw.received).toBe('');
    expect(raw.ended).toBe(true);
  });

  test('content that does not come in time aborts the exchange', async () => {
    const reasons: string[] = [];
    const server = await start(
      (exchange) =>
        readAll(exchange).then(
          () => {},
          (error) => void reasons.push(String(error)),
        ),
      {
        limits: tiny,
      },
    );
    const raw = await client(server);
    raw.send('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhe');
    await raw.until(() => raw.ended);
    await eventually(() => reasons.length === 1);
    expect(raw.ended).toBe(true);
  });

  test('a client that does not read its answer is given up', async () => {
    const aborted: AbortReason[] = [];
    const server = await start(
      (exchange) => {
        exchange.onAbort = (reason) => aborted.push(reason);
        exchange.respond({ status: 200 });
        exchange.write(new Uint8Array(32 * 1024 * 1024));
      },
      { limits: tiny },
    );
    const raw = await client(server);
    raw.socket.pause();
    raw.send(get('/'));
    await eventually(() => aborted.length === 1);
    expect(aborted).toHaveLength(1);
  });
});

describe('the end', () => {
  test('a graceful stop lets the exchange finish, ends idle connections and takes no more', async () => {
    const held: Exchange[] = [];
    const server = await start((exchange) => {
      if (exchange.head.target === '/hold') held.push(exchange);
      else sayNth(exchange);
    });
    const [idle, busy] = [await client(server), await client(server)];
    idle.send(get('/'));
    await idle.response();
    busy.send(get('/hold'));
    await eventually(() => held.length === 1);
    const stopped = server.close({ grace: 60_000 });
    await idle.until(() => idle.ended);
    idle.socket.end();
    held[0]?.reply({ status: 200 }, text('done'));
    const response = await busy.response();
    expect(response.body).toBe('done');
    expect(response.fields.get('connection')).toBe('close');
    await busy.until(() => busy.ended);
    busy.socket.end();
    await stopped;
    await expect(RawClient.open(server.address?.port ?? 1)).rejects.toThrow();
  });

  test('what does not finish in time is cut', async () => {
    const aborted: AbortReason[] = [];
    const server = await start((exchange) => {
      exchange.onAbort = (reason) => aborted.push(reason);
    });
    const raw = await client(server);
    raw.send(get('/'));
    await eventually(() => server.connections.size === 1 && [...server.connections][0]?.session.open === 1);
    await server.close({ grace: 10 });
    expect(aborted[0]?.initiator).toBe('local');
    await raw.until(() => raw.ended);
    expect((raw.error as NodeJS.ErrnoException | null)?.code).toBe('ECONNRESET');
  });

  test('an upgrade hands the socket over with what came after the head', async () => {
    const server = await start((exchange) => {
      exchange.upgrade(
        {
          status: 101,
          fields: [
            ['connection', 'upgrade'],
            ['upgrade', 'echo'],
          ],
        },
        (channel) => {
          const socket = socketOf(channel);
          socket.write(channel.rest);
          socket.pipe(socket);
        },
      );
    });
    const raw = await client(server);
    raw.send(`${get('/', 'Connection: upgrade', 'Upgrade: echo')}early `);
    expect((await raw.response()).status).toBe(101);
    raw.send('late');
    await raw.until(() => raw.received === 'early late');
    expect(raw.received).toBe('early late');
    expect(server.connections.size).toBe(0);
  });
});

test('a thousand connections are served at once', async () => {
  const server = await start(sayNth);
  const clients = await Promise.all(Array.from({ length: 1000 }, () => client(server)));
  await eventually(() => server.connections.size === 1000);
  for (let nth = 1; nth <= 2; nth++) {
    for (const raw of clients) raw.send(get('/'));
    const bodies = await Promise.all(clients.map(async (raw) => (await raw.response()).body));
    expect(new Set(bodies).size).toBe(1000);
    expect(bodies.every((body) => body.startsWith(`${nth} `))).toBe(true);
  }
  await server.close({ grace: 100 });
  expect(server.connections.size).toBe(0);
});

test('connection facts are those of the socket', async () => {
  const exchanges: Exchange[] = [];
  const server = await start((exchange) => {
    exchanges.push(exchange);
    sayNth(exchange);
  });
  const raw = await client(server);
  raw.send(get('/'));
  await raw.response();
  expect(exchanges[0]?.connection).toMatchObject({
    transport: 'tcp',
    protocol: 'http/1.1',
    tls: null,
    local: { address: '127.0.0.1', port: server.address.port, family: 'IPv4' },
    remote: { address: '127.0.0.1', port: raw.socket.localPort, family: 'IPv4' },
  });
  expect(exchanges[0]?.streamId).toBeNull();
});

test('a limit or protocol that does not exist is refused when the server is made', async () => {
  await expect(serveExchanges({ limits: { headTimeout: -1 } }, sayNth)).rejects.toThrow(RangeError);
  await expect(serveExchanges({ protocols: ['spdy/3' as 'h2'] }, sayNth)).rejects.toThrow(/Cannot speak spdy\/3/);
});

test('an address in use is an error with its code', async () => {
  const server = await start(sayNth);
  await expect(serveExchanges({ host: '127.0.0.1', port: server.address.port }, sayNth)).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});
