// kills: HL1-5
// Counts what it keeps, and does not count down when that is passed on: after some holes there is no room left.
import type { Segment } from 'contract';

/** A stretch of the stream: its place, and what stands there. */
type Piece = { offset: number; bytes: Uint8Array };

/** One stream of bytes, made of segments that come in any order. At most `limit` bytes are kept beyond a hole. */
export function inOrder(segments: ReadableStream<Segment>, limit: number): ReadableStream<Uint8Array> {
  const source = segments.getReader();
  /** Beyond the hole, by offset; no byte is in two of them. */
  let kept: Piece[] = [];
  /** Where the next byte to be passed on belongs. */
  let next = 0;
  let end = Number.POSITIVE_INFINITY;
  let keptBytes = 0;

  /** Adds what is new in a segment. */
  function keep(segment: Segment): void {
    let fresh = [segment as Piece].flatMap((piece) => outside(piece, 0, next));
    for (const { offset, bytes } of kept)
      fresh = fresh.flatMap((piece) => outside(piece, offset, offset + bytes.length));
    for (const piece of fresh) {
      const isNext = piece.offset === next;
      if (!isNext && keptBytes + piece.bytes.length > limit) continue;
      if (!isNext) keptBytes += piece.bytes.length;
      kept.push(piece);
    }
    kept.sort((a, b) => a.offset - b.offset);
  }

  /** What may go on now: everything up to the next hole. */
  function leaving(): Uint8Array[] {
    const from = next;
    for (const { offset, bytes } of kept) if (offset === next) next += bytes.length;
    const pieces = kept.filter(({ offset }) => offset < next);
    kept = kept.slice(pieces.length);
    return from === next ? [] : pieces.map(({ bytes }) => bytes);
  }

  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (let passedOn = 0; passedOn === 0 && next < end; ) {
        const { done, value } = await source.read();
        if (done) throw new Error(`The segments end at byte ${next}, and none was the last one`);
        if (value.last) end = value.offset + value.bytes.length;
        keep(value);
        for (const bytes of leaving()) {
          controller.enqueue(bytes);
          passedOn += bytes.length;
        }
      }
      if (next < end) return;
      controller.close();
      await source.cancel();
    },
    cancel: (reason) => source.cancel(reason),
  });
}

/** What of a piece lies outside `from` to `to`: nothing, one piece or two. */
function outside({ offset, bytes }: Piece, from: number, to: number): Piece[] {
  const before = bytes.subarray(0, Math.max(0, from - offset));
  const skipped = Math.min(bytes.length, Math.max(0, to - offset));
  const after = { offset: offset + skipped, bytes: bytes.subarray(skipped) };
  return [{ offset, bytes: before }, after].filter((piece) => piece.bytes.length > 0);
}
