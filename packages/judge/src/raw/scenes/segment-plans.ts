/** Seeded arrivals: everything comes, in any order, cut anywhere, some of it twice. A seed is a run, on every host. */
import { seeded } from '../random.ts';
import type { Range } from '../ranges.ts';

/** A stretch that arrives; `last` where its end is the end of all. */
export type Arrival = Range & { readonly last: boolean };

/** Two independent ways of cutting `total` bytes, mixed, and some pieces of both again: so repeats overlap at every offset. */
export function arrivalsOf(total: number, seed: number): Range[] {
  const random = seeded(seed);
  const upTo = (n: number): number => Math.floor(random() * n);
  const cut = (): Range[] => {
    const pieces: Range[] = [];
    for (let from = 0; from < total; ) {
      const to = Math.min(total, from + 1 + upTo(Math.max(1, Math.ceil(total / 4))));
      pieces.push({ from, to });
      from = to;
    }
    return pieces;
  };
  const all = [...cut(), ...cut().filter(() => upTo(2) === 0)];
  for (let i = all.length - 1; i > 0; i--) {
    const j = upTo(i + 1);
    [all[i], all[j]] = [all[j] as Range, all[i] as Range];
  }
  return all;
}
