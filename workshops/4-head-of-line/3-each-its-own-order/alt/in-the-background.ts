// A loop in the background takes the packets and puts the streams into a queue; the generator only empties the queue.
import type { Packet } from 'contract';

type Given = { streamId: number; body: ReadableStream<Uint8Array> };
type Receiving = { bytes: Map<number, number>; next: number; size: number | null; farthest: number; writer: Writer };
type Writer = { write(bytes: Uint8Array): void; close(): void; abort(error: unknown): void };

/** The streams that come in packets, each in its own order. */
export async function* streams(packets: ReadableStream<Packet>, limit: number): AsyncGenerator<Given> {
  const given: Given[] = [];
  let wake = (): void => {};
  let outcome: { error?: unknown } | null = null;
  run(packets, limit, (stream) => {
    given.push(stream);
    wake();
  }).then(
    () => {
      outcome = {};
      wake();
    },
    (error: unknown) => {
      outcome = { error };
      wake();
    },
  );
  for (;;) {
    const stream = given.shift();
    if (stream !== undefined) yield stream;
    else if (outcome !== null) break;
    else
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
  }
  const { error } = outcome as { error?: unknown };
  if (error !== undefined) throw error;
}

async function run(packets: ReadableStream<Packet>, limit: number, give: (stream: Given) => void): Promise<void> {
  const all = new Map<number, Receiving>();
  try {
    for await (const { frames } of packets) {
      for (const { streamId, offset, bytes, last } of frames) {
        let stream = all.get(streamId);
        if (stream === undefined) {
          const { body, writer } = pipe();
          stream = { bytes: new Map(), next: 0, size: null, farthest: 0, writer };
          all.set(streamId, stream);
          give({ streamId, body });
        }
        const to = offset + bytes.length;
        const size = last ? to : stream.size;
        stream.farthest = Math.max(stream.farthest, to);
        if ((stream.size !== null && size !== stream.size) || (size !== null && stream.farthest > size))
          throw Object.assign(new Error('A stream has one end'), { name: 'FINAL_SIZE_ERROR' });
        const isOver = stream.size !== null && stream.next === stream.size;
        stream.size = size;
        if (isOver) continue;
        // Byte by byte: slow, and nothing can overlap.
        bytes.forEach((byte, i) => {
          if (offset + i >= stream.next && offset + i < stream.next + limit) stream.bytes.set(offset + i, byte);
        });
        const ready: number[] = [];
        for (let byte = stream.bytes.get(stream.next); byte !== undefined; byte = stream.bytes.get(stream.next)) {
          ready.push(byte);
          stream.bytes.delete(stream.next++);
        }
        if (ready.length > 0) stream.writer.write(Uint8Array.from(ready));
        if (stream.next === size) stream.writer.close();
      }
    }
  } catch (error) {
    for (const { writer } of all.values()) writer.abort(error);
    throw error;
  }
}

function pipe(): { body: ReadableStream<Uint8Array>; writer: Writer } {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const quietly = (promise: Promise<void>): void => void promise.catch(() => {});
  return {
    body: readable,
    writer: {
      write: (bytes) => quietly(writer.write(bytes)),
      close: () => quietly(writer.close()),
      abort: (error) => quietly(writer.abort(error)),
    },
  };
}
