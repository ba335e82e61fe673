// kills: HL3-1 HL3-2 HL3-3 HL3-4 HL3-5 HL3-6
// Puts the packets in the order of their numbers, and waits for those that never come again.
import type { Packet } from 'contract';

type Body = ReadableStreamDefaultController<Uint8Array>;

/** The streams that come in packets. There is one order for all of them: a packet waits for those with smaller numbers. */
export async function* streams(
  packets: ReadableStream<Packet>,
  _limit: number,
): AsyncGenerator<{ streamId: number; body: ReadableStream<Uint8Array> }> {
  const bodies = new Map<number, Body>();
  const kept = new Map<number, Packet>();
  let next = 0;

  for (const source = packets.getReader(); ; ) {
    const { done, value } = await source.read();
    if (done) return;
    if (value.number >= next) kept.set(value.number, value);
    for (let packet = kept.get(next); packet !== undefined; packet = kept.get(++next)) {
      kept.delete(next);
      for (const { streamId, bytes, last } of packet.frames) {
        const isNew = !bodies.has(streamId);
        const body = new ReadableStream<Uint8Array>({ start: (c) => void (isNew && bodies.set(streamId, c)) });
        if (bytes.length > 0) bodies.get(streamId)?.enqueue(bytes);
        if (last) bodies.get(streamId)?.close();
        if (isNew) yield { streamId, body };
      }
    }
  }
}
