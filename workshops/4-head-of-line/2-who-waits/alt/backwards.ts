// Walks from the end of the connection to the hole, and gives its list in the order of the ids, with more than was asked for.
/** Bytes of the connection: `from` is the first of them, `to` the one behind the last. */
export type Range = { from: number; to: number };

/** A frame with its nine bytes. `last`: the stream ends with it. Stream 0 is the connection itself. */
export type Frame = Range & { streamId: number; last: boolean };

/** A stream that is not whole while the hole is open: bytes of it are in the hole, or all that is missing comes behind it. */
export type Late = { streamId: number; why: 'lost' | 'behind' };

/** Which streams are not whole while the bytes of `hole` are missing. */
export function late(hole: Range, frames: readonly Frame[]): (Late & { bytes: number })[] {
  const found: Record<number, Late & { bytes: number }> = {};
  for (let i = frames.length - 1; i >= 0; i--) {
    const frame = frames[i];
    if (frame === undefined || frame.to <= hole.from) break;
    const { streamId, from, to } = frame;
    if (streamId === 0) continue;
    const stream = found[streamId] ?? { streamId, why: 'behind', bytes: 0 };
    found[streamId] = { streamId, why: from < hole.to ? 'lost' : stream.why, bytes: stream.bytes + to - from };
  }
  return Object.values(found);
}
