import { SEGMENT } from './plan.ts';

/** What is missing of the connection; `to` is exclusive. */
export interface Hole {
  readonly from: number;
  readonly to: number;
}

/** Bytes of the connection that travel together, and when they come, in virtual milliseconds. */
export interface Segment extends Hole {
  readonly at: number;
  readonly isLost: boolean;
}

/** Bytes that leave in a millisecond. */
const RATE = 1_000;
const ONE_WAY = 30;
/** What was lost comes again a round trip after it should have come: later than all that was sent behind it. */
export const AGAIN: number = 2 * ONE_WAY;

/**
 * The segments of `length` bytes, in order, cut so that the hole is one of them: where a network cuts is nobody's choice, and
 * here it is yours.
 */
export function segmentsOf(length: number, hole: Hole): Segment[] {
  const cuts = new Set([0, length, hole.from, hole.to]);
  for (let at = hole.from; at > 0; at -= SEGMENT) cuts.add(at);
  for (let at = hole.to; at < length; at += SEGMENT) cuts.add(at);
  const edges = [...cuts].sort((a, b) => a - b);
  return edges.slice(1).map((to, i) => {
    const from = edges[i] ?? 0;
    const isLost = from === hole.from && to === hole.to;
    return { from, to, at: ONE_WAY + to / RATE + (isLost ? AGAIN : 0), isLost };
  });
}

/** The hole of a plan, kept inside the bytes there are. */
export function holeIn(length: number, { from, lost }: { readonly from: number; readonly lost: number }): Hole {
  const size = Math.min(lost, length);
  const start = Math.min(from, length - size);
  return { from: start, to: start + size };
}
