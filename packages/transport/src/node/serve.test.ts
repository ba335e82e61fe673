import { afterEach, expect, test } from 'vitest';
import type { RequestInfo } from '../adapter.ts';
import { LeanResponse } from '../lean-response.ts';
import { platformRequest } from '../request.ts';
import { get, RawClient } from '../testing/raw-client.ts';
import { type ServeOptions, type Server, serve } from './server.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function start(
  handler: (request: Request, info: RequestInfo) => Response | Promise<Response>,
  options: ServeOptions = {},
): Promise<Server> {
  const server = await serve({ host: '127.0.0.1', ...options }, handler);
  open.push({ close: () => server.close({ grace: 0 }) });
  return server;
}

async function client(server: Server): Promise<RawClient> {
  const raw = await RawClient.open(server.address.port);
  open.push(raw);
  return raw;
}

function url(server: Server, path = '/'): string {
  return `http://127.0.0.1:${server.address.port}${path}`;
}

test('a request has the URL, method and headers that were sent', async () => {
  const server = await start((request) =>
    Response.json({
      url: request.url,
      method: request.method,
      x: request.headers.get('x-two'),
      is: request instanceof Request,
    }),
  );
  const raw = await client(server);
  raw.send(`PATCH /a?b=c HTTP/1.1\r\nHost: example.test:8080\r\nX-Two: 1\r\nx-two: 2\r\n\r\n`);
  expect(JSON.parse((await raw.response()).body)).toEqual({
    url: 'http://example.test:8080/a?b=c',
    method: 'PATCH',
    x: '1, 2',
    is: true,
  });
});

test('content can be read as JSON, text, bytes, form and stream', async () => {
  const server = await start(async (request) => {
    switch (new URL(request.url).pathname) {
      case '/json':
        return Response.json(((await request.json()) as { a: number }).a + 1);
      case '/form':
        return new Response(String((await request.formData()).get('name')));
      case '/stream': {
        let size = 0;
        for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) size += chunk.length;
        return new Response(String(size));
      }
      case '/bytes':
        return new Response(String((await request.bytes()).length));
      case '/clone':
        return new Response((await request.clone().text()) + (await request.text()));
      case '/platform':
        return new Response(await new Request(platformRequest(request)).text());
      default:
        return new Response(await request.text());
    }
  });
  const post = async (path: string, body: BodyInit): Promise<string> =>
    (await fetch(url(server, path), { method: 'POST', body })).text();
  expect(await post('/json', '{"a":1}')).toBe('2');
  expect(await post('/text', 'é')).toBe('é');
  expect(await post('/bytes', new Uint8Array(3_000_000))).toBe('3000000');
  expect(await post('/stream', new Uint8Array(3_000_000))).toBe('3000000');
  expect(await post('/form', new URLSearchParams({ name: 'value' }))).toBe('value');
  expect(await post('/clone', 'ab')).toBe('abab');
  expect(await post('/platform', 'ab')).toBe('ab');
});

test('content can be read once', async () => {
  const server = await start(async (request) => {
    const before = request.bodyUsed;
    await request.text();
    const error = await request.text().catch((caught: unknown) => caught);
    return Response.json([before, request.bodyUsed, error instanceof TypeError]);
  });
  const response = await fetch(url(server), { method: 'POST', body: 'x' });
  expect(await response.json()).toEqual([false, true, true]);
});

test('a request without content has none', async () => {
  const server = await start(async (request) => Response.json([request.body, request.bodyUsed, await request.text()]));
  expect(await (await fetch(url(server))).json()).toEqual([null, false, '']);
});

test('a short answer has its length, a longer stream is chunked', async () => {
  const server = await start((request) => {
    if (request.url.endsWith('/short')) return new Response('hello');
    return new Response(
      new ReadableStream({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          controller.enqueue(new TextEncoder().encode('tick '));
          this.left = (this.left ?? 3) - 1;
          if (this.left === 0) controller.close();
        },
      } as UnderlyingDefaultSource & { left?: number }),
    );
  });
  const raw = await client(server);
  raw.send(get('/short'));
  const short = await raw.response();
  expect(short.fields.get('content-length')).toBe('5');
  expect(short.fields.get('content-type')).toBe('text/plain;charset=UTF-8');
  raw.send(get('/long'));
  const long = await raw.response();
  expect(long.fields.get('transfer-encoding')).toBe('chunked');
  expect(long.body).toBe('tick tick tick ');
});

test('lean responses are answered in order with the others, and HEAD without their content', async () => {
  const server = await start((request) =>
    request.url.endsWith('/lean') ? new LeanResponse('lean', { headers: { 'x-a': 'b' } }) : new Response('platform'),
  );
  const raw = await client(server);
  raw.send(get('/lean') + get('/') + get('/lean').replace('GET', 'HEAD'));
  const lean = await raw.response();
  expect([lean.body, lean.fields.get('x-a'), lean.fields.get('content-length')]).toEqual(['lean', 'b', '4']);
  expect(lean.fields.get('content-type')).toBe('text/plain;charset=UTF-8');
  expect((await raw.response()).body).toBe('platform');
  expect((await raw.response({ head: true })).fields.get('content-length')).toBe('4');
});

test('the head of a stream that has nothing yet does not wait for it', async () => {
  let give: (() => void) | undefined;
  const server = await start(
    () =>
      new Response(
        new ReadableStream({
          start(controller) {
            give = () => {
              controller.enqueue(new TextEncoder().encode('now'));
              controller.close();
            };
          },
        }),
      ),
  );
  const raw = await client(server);
  raw.send(get('/'));
  await raw.until(() => raw.received.includes('\r\n\r\n'));
  give?.();
  expect((await raw.response()).body).toBe('now');
});

test('two cookies stay two fields', async () => {
  const server = await start(() => {
    const headers = new Headers();
    headers.append('set-cookie', 'a=1');
    headers.append('set-cookie', 'b=2');
    return new Response(null, { status: 204, headers });
  });
  const response = await fetch(url(server));
  expect(response.status).toBe(204);
  expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
});

test('a body that fails half-way does not look whole', async () => {
  const server = await start(
    () =>
      new Response(
        new ReadableStream({
          async pull(controller) {
            controller.enqueue(new TextEncoder().encode('half'));
            await new Promise((resolve) => setTimeout(resolve, 5));
            controller.error(new Error('no more'));
          },
        }),
      ),
  );
  await expect(fetch(url(server)).then((response) => response.text())).rejects.toThrow();
});

test('what is not a Response is a 500', async () => {
  const server = await start(() => 'hello' as unknown as Response);
  expect((await fetch(url(server))).status).toBe(500);
});

test('a client that goes away aborts the signal and cancels the body', async () => {
  const seen: string[] = [];
  const server = await start((request) => {
    request.signal.addEventListener('abort', () => seen.push('signal'));
    return new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
        cancel: () => void seen.push('cancel'),
      }),
    );
  });
  const raw = await client(server);
  raw.socket.pause();
  raw.send(get('/'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  raw.socket.resetAndDestroy();
  while (seen.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(seen.sort()).toEqual(['cancel', 'signal']);
});

test('a big answer crosses a slow reader whole', async () => {
  const piece = new Uint8Array(100_000).fill(97);
  const server = await start(() => {
    let left = 100;
    return new Response(
      new ReadableStream({
        pull(controller) {
          controller.enqueue(piece);
          if (--left === 0) controller.close();
        },
      }),
    );
  });
  const raw = await client(server);
  raw.socket.pause();
  raw.send(get('/'));
  await new Promise((resolve) => setTimeout(resolve, 30));
  raw.socket.resume();
  expect((await raw.response()).body.length).toBe(10_000_000);
});

test('facts stand beside the request', async () => {
  const server = await start((_, info) =>
    Response.json([info.connection.id, info.exchange.nth, info.exchange.streamId]),
  );
  const raw = await client(server);
  raw.send(get('/') + get('/'));
  const [first, second] = [JSON.parse((await raw.response()).body), JSON.parse((await raw.response()).body)];
  expect(second).toEqual([first[0], 2, null]);
});
