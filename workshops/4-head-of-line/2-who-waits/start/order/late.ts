/** Bytes of the connection: `from` is the first of them, `to` the one behind the last. */
export type Range = { from: number; to: number };

/** A frame with its nine bytes. `last`: the stream ends with it. Stream 0 is the connection itself. */
export type Frame = Range & { streamId: number; last: boolean };

/** A stream that is not whole while the hole is open: bytes of it are in the hole, or all that is missing comes behind it. */
export type Late = { streamId: number; why: 'lost' | 'behind' };

/** Which streams are not whole while the bytes of `hole` are missing. */
export function late(hole: Range, frames: readonly Frame[]): Late[] {
  const lost = frames.find((frame) => frame.from <= hole.from && hole.from < frame.to);
  return lost === undefined ? [] : [{ streamId: lost.streamId, why: 'lost' }];
}
