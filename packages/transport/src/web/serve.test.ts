import { describe, expect, test } from 'vitest';
import { type StreamServeOptions, serveOn } from './serve.ts';

/** A connection in memory: what the client writes and reads, and the server's end of it. */
function pipe(): {
  client: Client;
  server: { readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> };
} {
  const up = new TransformStream<Uint8Array, Uint8Array>();
  const down = new TransformStream<Uint8Array, Uint8Array>();
  return {
    client: new Client(up.writable.getWriter(), down.readable.getReader()),
    server: { readable: up.readable, writable: down.writable },
  };
}

class Client {
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  text = '';
  constructor(writer: WritableStreamDefaultWriter<Uint8Array>, reader: ReadableStreamDefaultReader<Uint8Array>) {
    this.writer = writer;
    this.reader = reader;
  }
  send(text: string): void {
    this.writer.write(new TextEncoder().encode(text)).catch(() => {});
  }
  /** Reads until the text is there, or the end. */
  async until(text: string): Promise<string> {
    while (!this.text.includes(text)) {
      const { done, value } = await this.reader.read();
      if (done) break;
      this.text += new TextDecoder().decode(value);
    }
    return this.text;
  }
}

const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

function start(handler: (request: Request) => Response | Promise<Response>, options: StreamServeOptions = {}) {
  const { client, server } = pipe();
  return { client, served: serveOn(server, options, handler) };
}

describe('HTTP on a pair of web streams', () => {
  test('exchanges share the connection, byte by byte as well', async () => {
    const { client, served } = start((request) => new Response(new URL(request.url).pathname));
    client.send(get('/one'));
    await client.until('/one');
    for (const character of get('/two')) client.send(character);
    expect(await client.until('/two')).toContain('/two');
    await client.writer.close();
    expect((await served.closed).exchanges).toBe(2);
  });

  test('content streams both ways', async () => {
    const { client } = start((request) => new Response(request.body));
    client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    client.send('5\r\nhello\r\n');
    await client.until('hello');
    client.send('5\r\nworld\r\n0\r\n\r\n');
    expect(await client.until('0\r\n\r\n')).toContain('world');
  });

  test('a shutdown lets the exchange finish and then ends the stream', async () => {
    let answer: (() => void) | undefined;
    const { client, served } = start(
      () =>
        new Promise<Response>((resolve) => {
          answer = () => resolve(new Response('done'));
        }),
    );
    client.send(get('/'));
    while (answer === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
    served.shutdown();
    answer();
    const text = await client.until('never');
    expect(text).toMatch(/connection: close/i);
    expect(text).toContain('done');
    await client.writer.close().catch(() => {});
    expect((await served.closed).cause).toBe('local');
  });

  test('a stream that breaks ends the connection without an unhandled rejection', async () => {
    const { client, served } = start(() => new Response('x'));
    await client.writer.abort(new Error('gone'));
    expect((await served.closed).cause).toBe('transport-error');
  });

  test('a body that fails half-way breaks the stream rather than ending it', async () => {
    const { client } = start(
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
    client.send(get('/'));
    await expect(client.until('never')).rejects.toBeDefined();
  });
});
