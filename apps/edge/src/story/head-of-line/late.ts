import type { Hole } from './link.ts';
import type { SentFrame } from './replies.ts';

/**
 * What becomes of a reply when a hole is in its connection: it lost bytes of its own, it only waits for those of others, or it
 * was whole before.
 */
export type Fate = 'lost' | 'behind' | 'before';

/**
 * Who is late, on a road with one order: worked out from where the frames stand, without sending anything. Whoever has a byte
 * in the hole, the nine of a frame's head included, lost something; whoever ends behind it waits (RFC 9113 §5).
 */
export function fatesInOneOrder(frames: readonly SentFrame[], hole: Hole, n: number): Fate[] {
  const fates = Array.from({ length: n }, (): Fate => 'before');
  for (const { reply, from, to } of frames) {
    if (reply === null || to <= hole.from) continue;
    if (from < hole.to) fates[reply] = 'lost';
    else if (fates[reply] === 'before') fates[reply] = 'behind';
  }
  return fates;
}

/** The same where each stream has an order of its own: those who lost nothing do not wait (RFC 9000 §2.2). */
export function fatesInOwnOrders(lost: ReadonlySet<number>, n: number): Fate[] {
  return Array.from({ length: n }, (_, reply) => (lost.has(reply) ? 'lost' : 'before'));
}

/** How many are late. */
export function lateOf(fates: readonly Fate[]): number {
  return fates.filter((fate) => fate !== 'before').length;
}

/** How many are late for a hole at each of `steps` places, from the first byte to the last: in one order, and in orders of their own. */
export function gain(
  frames: readonly SentFrame[],
  total: number,
  size: number,
  n: number,
  steps: number,
): { readonly from: number; readonly one: number; readonly own: number }[] {
  const width = Math.min(size, total);
  return Array.from({ length: steps }, (_, i) => {
    const from = Math.round(((total - width) * i) / (steps - 1));
    const fates = fatesInOneOrder(frames, { from, to: from + width }, n);
    return { from, one: lateOf(fates), own: fates.filter((fate) => fate === 'lost').length };
  });
}
