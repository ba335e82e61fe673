import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { connectionOver } from './web-socket-connection.ts';
import { ServerWebSocket } from './web-socket-server.ts';

const servers: (() => void)[] = [];
afterEach(() => {
  for (const close of servers.splice(0)) close();
});

/** A server that sends back what it gets, until a message says `bye`; and how many ends it has seen. */
async function echo(): Promise<{ url: string; ends: () => number }> {
  let ends = 0;
  const server = createServer();
  server.on('upgrade', (request, socket: Duplex, head: Buffer) => {
    const webSocket: ServerWebSocket = new ServerWebSocket(request, socket, head, {
      bytes: (bytes) => (new TextDecoder().decode(bytes) === 'bye' ? webSocket.close() : webSocket.send(bytes)),
      ended: () => {
        ends += 1;
      },
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `ws://127.0.0.1:${address.port}/`, ends: () => ends };
}

describe('a connection over a WebSocket', () => {
  it.each([0, 1, 125, 126, 65_535, 65_536, 200_000])('carries %i bytes each way', async (size) => {
    const { url } = await echo();
    const { readable, writable } = await connectionOver(url);
    const bytes = Uint8Array.from({ length: size }, (_, i) => i % 251);
    const writer = writable.getWriter();
    await writer.write(bytes);
    await writer.write(new TextEncoder().encode('end'));
    const got: number[] = [];
    for await (const chunk of readable as unknown as AsyncIterable<Uint8Array>) {
      for (const byte of chunk) got.push(byte);
      if (got.length === size + 3) break;
    }
    expect(Buffer.compare(Uint8Array.from(got.slice(0, size)), bytes)).toBe(0);
  });

  it('ends cleanly when the server closes it', async () => {
    const { url } = await echo();
    const { readable, writable } = await connectionOver(url);
    await writable.getWriter().write(new TextEncoder().encode('bye'));
    expect(await readable.getReader().read()).toEqual({ done: true, value: undefined });
  });

  it('tells the server once when the page closes it', async () => {
    const { url, ends } = await echo();
    const { readable, writable } = await connectionOver(url);
    await writable.getWriter().close();
    expect((await readable.getReader().read()).done).toBe(true);
    expect(ends()).toBe(1);
  });

  it('sends the bytes of the moment, and only those of the view', async () => {
    const { url } = await echo();
    const { readable, writable } = await connectionOver(url);
    const buffer = new TextEncoder().encode('xxhelloxx');
    const writer = writable.getWriter();
    await writer.write(buffer.subarray(2, 7));
    buffer.fill(0);
    const { value } = await readable.getReader().read();
    expect(new TextDecoder().decode(value)).toBe('hello');
  });

  it('rejects where nobody listens', async () => {
    await expect(connectionOver('ws://127.0.0.1:1/')).rejects.toThrow('could not be opened');
  });
});
