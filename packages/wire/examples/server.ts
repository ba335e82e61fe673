import type { ProtocolConnection } from '../src/mod.ts';

/** Greets on whatever reads and writes bytes: a socket, a WebSocket, the two ends of a pipe. */
export async function serve(
  connection: ProtocolConnection,
  { readable, writable }: { readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> },
): Promise<void> {
  const writer = writable.getWriter();
  for await (const bytes of readable) {
    for (const event of connection.receive(bytes, performance.now())) {
      if (event.type === 'data') connection.consume(event.streamId, event.flowControlledLength);
      if (event.type !== 'request') continue;
      const content = new TextEncoder().encode(`Hello, ${event.head.target}\n`);
      connection.sendResponse(event.streamId, { status: 200, fields: [['content-length', String(content.length)]] });
      connection.sendData(event.streamId, content, { endStream: true });
    }
    for (const chunk of connection.takeOutput()) await writer.write(chunk);
    if (connection.wantsClose) break;
  }
  await writer.close();
}
