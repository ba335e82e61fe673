// A map by offset: each segment is trimmed when its turn comes.
import type { Segment } from 'contract';

/** One stream of bytes, made of segments that come in any order. At most `limit` bytes are kept beyond a hole. */
export function inOrder(segments: ReadableStream<Segment>, limit: number): ReadableStream<Uint8Array> {
  const kept = new Map<number, Uint8Array>();
  let next = 0;
  let end = -1;

  const size = (): number => [...kept.values()].reduce((sum, bytes) => sum + bytes.length, 0);

  function keep({ offset, bytes, last }: Segment): void {
    if (last === true) end = offset + bytes.length;
    const isLonger = bytes.length > (kept.get(offset)?.length ?? 0);
    if (!isLonger || offset + bytes.length <= next) return;
    if (offset > next && size() + bytes.length > limit) return;
    kept.set(offset, bytes);
  }

  /** The rest, from `next` on, of a kept segment that reaches over it. */
  function following(): Uint8Array | null {
    for (const [offset, bytes] of kept) {
      if (offset > next) continue;
      kept.delete(offset);
      if (offset + bytes.length > next) return bytes.subarray(next - offset);
    }
    return null;
  }

  return segments.pipeThrough(
    new TransformStream<Segment, Uint8Array>({
      transform(segment, controller) {
        // What comes behind the end is a repeat.
        if (next === end) return;
        keep(segment);
        for (let rest = following(); rest !== null; rest = following()) {
          next += rest.length;
          controller.enqueue(rest);
        }
        if (next === end) controller.terminate();
      },
    }),
  );
}
