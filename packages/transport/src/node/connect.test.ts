import { once } from 'node:events';
import { createServer as createHttp, type Server as HttpServer } from 'node:http';
import { createServer as createHttp2, type Http2Server } from 'node:http2';
import { type AddressInfo, createServer as createTcp, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import type { ClientConnection } from '../client/connection.ts';
import { RequestFailed, respondTo } from '../client/fetch.ts';
import type { UpgradedChannel } from '../host.ts';
import type { AlpnProtocol } from '../protocols.ts';
import { connect, connectPool } from './connect.ts';
import { socketOf } from './connection.ts';
import { serve, serveExchanges } from './server.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

async function listening(server: HttpServer | Http2Server | ReturnType<typeof createTcp>): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

async function client(port: number, protocol: AlpnProtocol, pipeline = 1): Promise<ClientConnection> {
  const connection = await connect({ host: '127.0.0.1', port, protocols: [protocol], pipeline });
  open.push(() => connection.destroy());
  return connection;
}

/** Node's own servers, which share no line with ours. */
const PEERS: readonly [AlpnProtocol, () => HttpServer | Http2Server][] = [
  ['http/1.1', () => createHttp(answer)],
  ['h2', () => createHttp2(answer as never)],
];

function answer(request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const content = Buffer.concat(chunks);
    if (request.url === '/none') {
      response.writeHead(204);
      response.end();
    } else if (request.url === '/large') {
      response.end(Buffer.alloc(5_000_000, 'large '));
    } else if (request.url === '/half') {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half of it');
      setTimeout(() => response.destroy(), 10);
    } else {
      response.setHeader('x-seen', `${request.method} ${request.url} ${request.headers['x-two'] ?? '-'}`);
      response.end(content.length > 0 ? content : 'hello');
    }
  });
}

describe.each(PEERS)('over %s, to a server of Node', (protocol, make) => {
  test('exchanges follow each other on one connection', async () => {
    const connection = await client(await listening(make()), protocol);
    expect(connection.facts.protocol).toBe(protocol);
    for (const n of [1, 2, 3]) {
      const response = await connection.fetch(`http://a.test/${n}?q`, { headers: { 'x-two': 'b' } });
      expect(response.status).toBe(200);
      expect(response.headers.get('x-seen')).toBe(`GET /${n}?q b`);
      expect(await response.text()).toBe('hello');
    }
    expect(connection.exchanges).toBe(3);
    expect(connection.open).toBe(0);
  });

  test('content goes and comes whole, whether bytes or a stream, larger than every window', async () => {
    const connection = await client(await listening(make()), protocol);
    const bytes = new Uint8Array(3_000_000).map((_, index) => index);
    const sent = await connection.fetch('http://a.test/', { method: 'POST', body: bytes });
    expect(Buffer.from(await sent.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
    const stream = new Blob([bytes]).stream();
    const streamed = await connection.fetch('http://a.test/', { method: 'PUT', body: stream });
    expect(Buffer.from(await streamed.arrayBuffer()).equals(Buffer.from(bytes))).toBe(true);
    expect((await (await connection.fetch('http://a.test/large')).arrayBuffer()).byteLength).toBe(5_000_000);
  });

  test('responses without content have none, and the next one is read right', async () => {
    const connection = await client(await listening(make()), protocol);
    const head = await connection.fetch('http://a.test/', { method: 'HEAD' });
    expect(head.body).toBeNull();
    expect((await connection.fetch('http://a.test/none')).status).toBe(204);
    expect(await (await connection.fetch('http://a.test/')).text()).toBe('hello');
    expect(connection.exchanges).toBe(3);
  });

  test('content that breaks off fails, and never looks whole', async () => {
    const connection = await client(await listening(make()), protocol);
    const response = await connection.fetch('http://a.test/half');
    await expect(response.text()).rejects.toThrow(RequestFailed);
  });

  test('a signal ends the exchange, with its own reason', async () => {
    const connection = await client(await listening(make()), protocol);
    const controller = new AbortController();
    const response = await connection.fetch('http://a.test/large', { signal: controller.signal });
    controller.abort();
    await expect(response.arrayBuffer()).rejects.toThrow();
    const early = connection.fetch('http://a.test/', { signal: AbortSignal.abort(new Error('not now')) });
    await expect(early).rejects.toThrow();
  });
});

test('a signal that outlives its requests keeps none of them', async () => {
  const connection = await client(await listening(createHttp(answer)), 'http/1.1');
  const { signal } = new AbortController();
  const listeners = { added: 0, removed: 0 };
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners.added++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners.removed++;
    remove(...args);
  };
  const { head, content } = { head: { method: 'GET', target: '/', authority: 'a.test' }, content: null };
  for (let n = 0; n < 3; n++) {
    const request = { url: new URL('http://a.test/'), head, content, signal };
    await (await respondTo(connection.request(head), request)).text();
  }
  expect(listeners).toEqual({ added: 3, removed: 3 });
});

test('several HTTP/1.1 requests leave before the first response where pipelining is asked for', async () => {
  let most = 0;
  let under = 0;
  const server = await serveExchanges({ host: '127.0.0.1' }, async (exchange) => {
    most = Math.max(most, ++under);
    await new Promise((resolve) => setTimeout(resolve, 20));
    under--;
    exchange.reply({ status: 200 }, new TextEncoder().encode(exchange.head.target));
  });
  open.push(() => server.close({ grace: 0 }));
  const connection = await client(server.address.port, 'http/1.1', 4);
  const texts = ['/a', '/b', '/c', '/d'].map(async (path) => (await connection.fetch(`http://a.test${path}`)).text());
  expect(await Promise.all(texts)).toEqual(['/a', '/b', '/c', '/d']);
  expect(most).toBe(4);
});

test('an interim response and the trailers are told', async () => {
  const server = await serveExchanges({ host: '127.0.0.1' }, (exchange) => {
    exchange.respond({ status: 103, fields: [['Link', '</a.css>']] });
    exchange.respond({ status: 200 });
    exchange.write(new TextEncoder().encode('body'));
    exchange.endWithTrailers([['x-sum', '4']]);
  });
  open.push(() => server.close({ grace: 0 }));
  const connection = await client(server.address.port, 'http/1.1');
  const told: unknown[] = [];
  const exchange = connection.request({ method: 'GET', target: '/', authority: 'a.test' });
  exchange.onInformational = (head) => told.push(head.status);
  await new Promise<void>((resolve, reject) => {
    exchange.onAbort = (reason) => reject(new Error(reason.message));
    exchange.read({
      data: (chunk) => {
        told.push(new TextDecoder().decode(chunk));
        exchange.pull();
      },
      end: (trailers) => {
        told.push(trailers);
        resolve();
      },
      abort: () => {},
    });
    exchange.pull();
  });
  expect(told).toEqual([103, 'body', [['x-sum', '4']]]);
});

test('a connection leaves HTTP with what was read beyond the head', async () => {
  const port = await listening(
    createTcp((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nfirst');
        socket.pipe(socket);
      });
    }),
  );
  const connection = await client(port, 'http/1.1');
  const fields = [
    ['Connection', 'Upgrade'],
    ['Upgrade', 'echo'],
  ] as const;
  const exchange = connection.request({ method: 'GET', target: '/', authority: 'a.test', fields });
  const channel = await new Promise<UpgradedChannel>((resolve) => {
    exchange.onUpgrade = resolve;
  });
  expect(String(Buffer.from(channel.rest))).toBe('first');
  const socket = socketOf(channel);
  socket.write('second');
  const back = once(socket, 'data');
  socket.resume();
  expect(String((await back)[0])).toBe('second');
  expect(connection.usable).toBe(false);
  expect((await connection.closed).cause).toBe('upgraded');
  socket.destroy();
});

test('a server that cannot be reached, and one that is silent, are told apart', async () => {
  const server = createTcp();
  const port = await listening(server);
  server.close();
  await expect(connect({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  const silent = await listening(createTcp());
  await expect(
    connect({ host: '127.0.0.1', port: silent, tls: { rejectUnauthorized: false }, timeout: 50 }),
  ).rejects.toThrow(/No connection to 127.0.0.1:\d+ within 50 ms/);
  await expect(connect({ host: '127.0.0.1', port: silent, tls: {}, signal: AbortSignal.timeout(20) })).rejects.toThrow(
    /timeout/i,
  );
  await expect(connect({ port: 1, protocols: ['h9' as never] })).rejects.toThrow('Cannot speak h9 here');
});

describe('a pool', () => {
  function pooled(options: Parameters<typeof connectPool>[0] = {}): ReturnType<typeof connectPool> {
    const pool = connectPool(options);
    open.push(() => pool.close());
    return pool;
  }

  /** A server whose connections do what the test says: HTTP/1.1 as text. */
  async function scripted(act: (socket: Socket, nth: number, request: string) => void): Promise<{
    url: string;
    requests: string[];
    connections: number;
  }> {
    const seen = { url: '', requests: [] as string[], connections: 0 };
    const server = createTcp((socket) => {
      const nth = ++seen.connections;
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        const text = chunk.toString('latin1');
        seen.requests.push(text.split(' ', 1)[0] ?? '');
        act(socket, nth, text);
      });
      open.push(() => socket.destroy());
    });
    seen.url = `http://127.0.0.1:${await listening(server)}/`;
    return seen;
  }
  const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

  test('opens at most six HTTP/1.1 connections to an origin, serves the others in order, and uses them again', async () => {
    let most = 0;
    let under = 0;
    const order: string[] = [];
    const server = await serve({ host: '127.0.0.1' }, async (request) => {
      order.push(new URL(request.url).pathname);
      most = Math.max(most, ++under);
      await new Promise((resolve) => setTimeout(resolve, 10));
      under--;
      return new Response('ok');
    });
    open.push(() => server.close({ grace: 0 }));
    const pool = pooled();
    const base = `http://127.0.0.1:${server.address.port}`;
    await (await pool.fetch(`${base}/first`)).text();
    await Promise.all(Array.from({ length: 12 }, async (_, n) => (await pool.fetch(`${base}/${n}`)).text()));
    expect(most).toBe(6);
    expect(pool.connections(base).length).toBe(6);
    expect(server.connections.size).toBe(6);
    expect(order).toEqual(['/first', ...Array.from({ length: 12 }, (_, n) => `/${n}`)]);
  });

  test('a response that is not read holds its connection; one that is cancelled costs it', async () => {
    const server = await serve({ host: '127.0.0.1' }, () => new Response(new Uint8Array(2_000_000)));
    open.push(() => server.close({ grace: 0 }));
    const pool = pooled({ perHost: 1 });
    const url = `http://127.0.0.1:${server.address.port}/`;
    const first = await pool.fetch(url);
    let second: Response | null = null;
    const waiting = pool.fetch(url).then((response) => {
      second = response;
      return response;
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(second).toBeNull();
    await first.body?.cancel();
    expect((await (await waiting).arrayBuffer()).byteLength).toBe(2_000_000);
  });

  test('uses one HTTP/2 connection for everything, as many streams at a time as the server allows', async () => {
    let under = 0;
    let most = 0;
    const server = await serveExchanges(
      { host: '127.0.0.1', protocols: ['h2'], limits: { maxConcurrentStreams: 4 } },
      async (exchange) => {
        most = Math.max(most, ++under);
        await new Promise((resolve) => setTimeout(resolve, 5));
        under--;
        exchange.reply({ status: 200 });
      },
    );
    open.push(() => server.close({ grace: 0 }));
    const pool = pooled({ protocols: ['h2'] });
    const url = `http://127.0.0.1:${server.address.port}/`;
    await pool.fetch(url);
    await Promise.all(Array.from({ length: 20 }, () => pool.fetch(url)));
    expect(most).toBe(4);
    expect(server.connections.size).toBe(1);
  });

  test('an idle connection is let go, at the latest when the server said', async () => {
    const closing = await scripted((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\nContent-Length: 0\r\n\r\n'),
    );
    const keeping = await scripted((socket) => socket.write(OK));
    const pool = pooled({ idleTimeout: 10_000 });
    await pool.fetch(closing.url);
    await (await pool.fetch(keeping.url)).text();
    await expect.poll(() => pool.connections(closing.url).length, { timeout: 5_000 }).toBe(0);
    expect(pool.connections(keeping.url).length).toBe(1);
  });

  test.each(['GET', 'PUT'])(
    '%s is sent once more when a connection that was used before ends unanswered',
    async (method) => {
      const seen = await scripted((socket, nth, text) => {
        if (nth === 1 && text.includes('/again')) socket.destroy();
        else socket.write(OK);
      });
      const pool = pooled();
      await (await pool.fetch(seen.url)).text();
      const body = method === 'PUT' ? 'content' : null;
      expect(await (await pool.fetch(`${seen.url}again`, { method, body })).text()).toBe('ok');
      expect(seen.connections).toBe(2);
      expect(seen.requests.filter((one) => one === method).length).toBe(method === 'GET' ? 3 : 2);
    },
  );

  test('POST is not, and nothing is after a first byte or on a first use', async () => {
    const seen = await scripted((socket, nth, text) => {
      if (text.startsWith('POST')) socket.destroy();
      else if (text.includes('/half')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha');
      else if (text.includes('/gone')) socket.destroy();
      else socket.write(OK);
      expect(nth).toBeLessThan(9);
    });
    const pool = pooled();
    await (await pool.fetch(seen.url)).text();
    await expect(pool.fetch(seen.url, { method: 'POST', body: 'x' })).rejects.toThrow(RequestFailed);
    expect(seen.requests.filter((one) => one === 'POST').length).toBe(1);
    await expect(pool.fetch(`${seen.url}half`).then((response) => response.text())).rejects.toThrow(RequestFailed);
    await expect(pool.fetch(`${seen.url}gone`)).rejects.toThrow(RequestFailed);
    expect(seen.requests.length).toBe(4);
  });

  test('what the server did not act on is sent again, whatever the method', async () => {
    let refused = 0;
    const server = createHttp2();
    server.on('stream', (stream) => {
      stream.on('error', () => {});
      if (refused++ === 0) return stream.close(7);
      stream.respond({ ':status': 200 });
      stream.end('done');
    });
    const pool = pooled({ protocols: ['h2'] });
    const url = `http://127.0.0.1:${await listening(server)}/`;
    expect(await (await pool.fetch(url, { method: 'POST', body: 'once' })).text()).toBe('done');
    expect(refused).toBe(2);
    await pool.close();
  });

  test('a dial that fails rejects its request; when the server is back, the next one is served', async () => {
    const server = createTcp();
    const port = await listening(server);
    server.close();
    const pool = pooled();
    const url = `http://127.0.0.1:${port}/`;
    const failed = await Promise.allSettled([pool.fetch(url), pool.fetch(url)]);
    expect(failed.map((one) => one.status)).toEqual(['rejected', 'rejected']);
    const again = createHttp((_, response) => response.end('back'));
    again.listen(port, '127.0.0.1');
    open.push(() => again.close());
    await once(again, 'listening');
    expect(await (await pool.fetch(url)).text()).toBe('back');
  });

  test('a request that waits can be given up, and a closed pool takes none', async () => {
    const silent = await scripted(() => {});
    const pool = pooled({ perHost: 1 });
    const controller = new AbortController();
    const first = pool.fetch(silent.url, { signal: controller.signal }).catch((error: Error) => error.message);
    const second = pool.fetch(silent.url, { signal: controller.signal }).catch((error: Error) => error.message);
    await expect.poll(() => silent.requests.length).toBe(1);
    controller.abort(new Error('enough'));
    expect(await Promise.all([first, second])).toEqual(['enough', 'enough']);
    await pool.close();
    await expect(pool.fetch(silent.url)).rejects.toThrow('the pool is closed');
  });
});
