import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AlpnProtocol } from '../protocols.ts';
import { connectOn } from './connect.ts';
import type { StreamConnection } from './connection.ts';
import { serveOn } from './serve.ts';
import { type WebSocketLike, webSocketStreams } from './websocket.ts';

/** Two ends of one connection; what is written at one end is cut anew before it comes out at the other. */
function pair(cut: (bytes: Uint8Array) => Uint8Array[] = (bytes) => [bytes]): [StreamConnection, StreamConnection] {
  const way = (): TransformStream<Uint8Array, Uint8Array> =>
    new TransformStream({
      transform(chunk, controller) {
        for (const piece of cut(chunk)) controller.enqueue(piece);
      },
    });
  const there = way();
  const back = way();
  return [
    { readable: back.readable, writable: there.writable },
    { readable: there.readable, writable: back.writable },
  ];
}

const bytewise = (bytes: Uint8Array): Uint8Array[] => Array.from(bytes, (byte) => Uint8Array.of(byte));

describe.each(['http/1.1', 'h2'] satisfies AlpnProtocol[])(
  '%s over web streams, client and server ours',
  (protocol) => {
    test.each([
      ['whole', undefined],
      ['byte by byte', bytewise],
    ])('exchanges follow each other, delivered %s', async (_, cut) => {
      const [near, far] = pair(cut);
      const served = serveOn(
        far,
        { protocol },
        async (request) => new Response(`${request.method} ${await request.text()}`),
      );
      const connection = connectOn(near, { protocol });
      for (const body of ['one', 'two', 'é'.repeat(200)]) {
        const response = await connection.fetch('http://pipe.test/', { method: 'POST', body });
        expect(await response.text()).toBe(`POST ${body}`);
      }
      connection.shutdown();
      expect((await connection.closed).exchanges).toBe(3);
      expect((await served.closed).exchanges).toBe(3);
    });

    test('any content comes back as it went, at any split', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.uint8Array({ maxLength: 70_000 }),
          fc.integer({ min: 1, max: 9_000 }),
          async (body, size) => {
            const [near, far] = pair((bytes) => {
              const pieces: Uint8Array[] = [];
              for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
              return pieces;
            });
            serveOn(far, { protocol }, (request) => new Response(request.body));
            const connection = connectOn(near, { protocol });
            const response = await connection.fetch('http://pipe.test/', {
              method: 'POST',
              body: new Uint8Array(body),
            });
            expect(Buffer.from(await response.arrayBuffer()).equals(Buffer.from(body))).toBe(true);
            connection.destroy();
          },
        ),
        { numRuns: 20 },
      );
    });

    test('every frame or message is told to whoever asks, on both ends alike', async () => {
      const [near, far] = pair();
      const created: string[] = [];
      const received: string[] = [];
      serveOn(
        far,
        {
          protocol,
          observeWire: (unit) => {
            if (unit.direction === 'received') received.push(`${unit.kind} ${unit.offset} ${unit.length}`);
          },
        },
        () => new Response('ok'),
      );
      const connection = connectOn(near, {
        protocol,
        observeWire: (unit) => {
          if (unit.direction === 'created') created.push(`${unit.kind} ${unit.offset} ${unit.length}`);
        },
      });
      await (await connection.fetch('http://pipe.test/', { method: 'PUT', body: 'content' })).text();
      expect(created.length).toBeGreaterThan(1);
      expect(received).toEqual(created);
      connection.destroy();
    });
  },
);

/** A WebSocket without a network. */
class FakeSocket implements WebSocketLike {
  binaryType = 'blob';
  readyState = 1;
  bufferedAmount = 0;
  sent: Uint8Array[] = [];
  closedWith: [number | undefined, string | undefined] | null = null;
  #listeners = new Map<string, ((event: never) => void)[]>();
  send(data: ArrayBuffer | ArrayBufferView): void {
    this.sent.push(new Uint8Array(data as ArrayBuffer));
  }
  close(code?: number, reason?: string): void {
    this.readyState = 2;
    this.closedWith = [code, reason];
  }
  addEventListener(type: string, listener: (event: never) => void): void {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }
  say(type: string, event: object = {}): void {
    for (const listener of this.#listeners.get(type) ?? []) listener(event as never);
  }
}

describe('a WebSocket as two streams', () => {
  test('gives bytes both ways, and waits while too much is unsent', async () => {
    const socket = new FakeSocket();
    const { readable, writable } = webSocketStreams(socket, { maxBufferedBytes: 4 });
    expect(socket.binaryType).toBe('arraybuffer');
    socket.say('message', { data: Uint8Array.of(1, 2).buffer });
    expect(await readable.getReader().read()).toEqual({ done: false, value: Uint8Array.of(1, 2) });
    const writer = writable.getWriter();
    socket.bufferedAmount = 5;
    let written = false;
    const write = writer.write(Uint8Array.of(9)).then(() => {
      written = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(written).toBe(false);
    socket.bufferedAmount = 0;
    await write;
    expect(socket.sent).toEqual([Uint8Array.of(9)]);
  });

  test('a peer that sends more than anybody reads is closed with 1009, by name', async () => {
    const socket = new FakeSocket();
    const { readable } = webSocketStreams(socket, { maxQueuedBytes: 10 });
    socket.say('message', { data: new ArrayBuffer(8) });
    socket.say('message', { data: new ArrayBuffer(3) });
    expect(socket.closedWith?.[0]).toBe(1009);
    await expect(readable.getReader().read()).rejects.toThrow('maxQueuedBytes');
  });

  test('text is refused, the end of one is the end of both, and an error is one', async () => {
    const text = new FakeSocket();
    const refused = webSocketStreams(text);
    text.say('message', { data: 'hello' });
    expect(text.closedWith?.[0]).toBe(1003);
    await expect(refused.readable.getReader().read()).rejects.toThrow('text');
    const ending = new FakeSocket();
    const ended = webSocketStreams(ending);
    ending.say('close');
    expect(await ended.readable.getReader().read()).toEqual({ done: true, value: undefined });
    await expect(ended.writable.getWriter().write(Uint8Array.of(1))).rejects.toThrow('closed');
    const failing = new FakeSocket();
    const failed = webSocketStreams(failing);
    failing.say('error');
    await expect(failed.readable.getReader().read()).rejects.toThrow('failed');
  });

  test('a socket that never opens rejects what was to be written', async () => {
    const socket = new FakeSocket();
    socket.readyState = 0;
    const write = webSocketStreams(socket).writable.getWriter().write(Uint8Array.of(1));
    socket.say('error');
    await expect(write).rejects.toThrow('failed');
  });
});
