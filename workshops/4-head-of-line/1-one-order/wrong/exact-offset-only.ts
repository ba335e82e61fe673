// kills: HL1-3
// Looks for a segment that begins exactly where the next byte belongs; one that begins before it is of no use.
import type { Segment } from 'contract';

/** One stream of bytes, made of segments that come in any order. At most `limit` bytes are kept beyond a hole. */
export function inOrder(segments: ReadableStream<Segment>, limit: number): ReadableStream<Uint8Array> {
  const source = segments.getReader();
  const kept = new Map<number, Uint8Array>();
  let next = 0;
  let size = 0;
  let end = Number.POSITIVE_INFINITY;

  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (let before = next; next === before && next < end; ) {
        const { done, value } = await source.read();
        if (done) throw new Error('cut off');
        if (value.last) end = value.offset + value.bytes.length;
        const isNew = value.offset >= next && !kept.has(value.offset);
        if (isNew && (value.offset === next || size + value.bytes.length <= limit)) {
          kept.set(value.offset, value.bytes);
          size += value.bytes.length;
        }
        for (let bytes = kept.get(next); bytes !== undefined && bytes.length > 0; bytes = kept.get(next)) {
          kept.delete(next);
          size -= bytes.length;
          next += bytes.length;
          controller.enqueue(bytes);
        }
      }
      if (next === end) controller.close();
    },
  });
}
