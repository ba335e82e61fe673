// kills: HL1-2 HL1-3 HL1-5
// Passes on views of one buffer, and writes the next bytes into it.
import type { Segment } from 'contract';

/** One stream of bytes, made of segments that come in any order. At most `limit` bytes are kept beyond a hole. */
export function inOrder(segments: ReadableStream<Segment>, limit: number): ReadableStream<Uint8Array> {
  const ring = new Uint8Array(limit);
  const isThere = new Uint8Array(limit);
  /** Made once: what leaves the ring is put together here. */
  const chunk = new Uint8Array(limit);
  let next = 0;
  let end = Number.POSITIVE_INFINITY;

  async function* passedOn(): AsyncGenerator<Uint8Array> {
    const source = segments.getReader();
    while (next < end) {
      const { done, value } = await source.read();
      if (done) throw new Error('The segments are over, and the stream is not');
      const { offset, bytes, last } = value;
      if (last) end = offset + bytes.length;
      // What fills the hole leaves at once; only what lies behind it goes into the ring.
      if (offset <= next && offset + bytes.length > next) {
        yield bytes.slice(next - offset);
        for (const to = offset + bytes.length; next < to; next++) isThere[next % limit] = 0;
      }
      for (let at = Math.max(offset, next); at < Math.min(offset + bytes.length, next + limit); at++) {
        ring[at % limit] = bytes[at - offset] as number;
        isThere[at % limit] = 1;
      }
      let size = 0;
      for (; isThere[next % limit] === 1; next++) {
        chunk[size++] = ring[next % limit] as number;
        isThere[next % limit] = 0;
      }
      if (size > 0) yield chunk.subarray(0, size);
    }
  }

  const pieces = passedOn();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}
