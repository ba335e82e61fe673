// kills: HL2-1
// Names a stream that waits only when its last frame comes behind the hole; one whose end was not sent yet is passed over.
/** Bytes of the connection: `from` is the first of them, `to` the one behind the last. */
export type Range = { from: number; to: number };

/** A frame with its nine bytes. `last`: the stream ends with it. Stream 0 is the connection itself. */
export type Frame = Range & { streamId: number; last: boolean };

/** A stream that is not whole while the hole is open: bytes of it are in the hole, or all that is missing comes behind it. */
export type Late = { streamId: number; why: 'lost' | 'behind' };

/** Which streams are not whole while the bytes of `hole` are missing. */
export function late(hole: Range, frames: readonly Frame[]): Late[] {
  const why = new Map<number, Late['why']>();
  for (const { from, to, streamId, last } of frames) {
    // What ends in front of the hole was passed on; and nobody asked for stream 0.
    if (to <= hole.from || streamId === 0) continue;
    if (from < hole.to) why.set(streamId, 'lost');
    else if (last && !why.has(streamId)) why.set(streamId, 'behind');
  }
  return [...why].map(([streamId, its]) => ({ streamId, why: its }));
}
