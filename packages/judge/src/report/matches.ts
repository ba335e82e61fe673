/** Requests and replies of one connection on which a learner's client pipelined: by their places, which is all that joins them. */
import type { CheckResult } from '../result.ts';

export type Matches = {
  readonly connection: string;
  /** In the order asked. `status` null: no whole reply came. */
  readonly pairs: readonly { readonly request: string; readonly status: number | null }[];
};

/** The connection with the most requests under way at a time; null where nothing was pipelined, or the learner is no client. */
export function matchesOf({
  connections,
  transcript,
}: Pick<CheckResult, 'connections' | 'transcript'>): Matches | null {
  let best: { matches: Matches; depth: number } | null = null;
  for (const { id, exchanges, protocol } of connections) {
    // There an id joins them.
    if (protocol === 'h2') continue;
    const first = transcript.find((entry) => entry.connection === id && entry.what === 'bytes');
    if (first?.by !== 'learner') continue;
    const depth = Math.max(0, ...exchanges.map(({ asked }) => underWay(exchanges, asked)));
    if (depth < 2 || depth <= (best?.depth ?? 0)) continue;
    const pairs = exchanges.map(({ request, status, last }) => ({ request, status: last === null ? null : status }));
    best = { matches: { connection: id, pairs }, depth };
  }
  return best?.matches ?? null;
}

/** How many requests were asked by then, and had no whole reply yet. */
function underWay(
  exchanges: readonly { readonly asked: number | null; readonly last: number | null }[],
  at: number | null,
): number {
  if (at === null) return 0;
  return exchanges.filter(({ asked, last }) => asked !== null && asked <= at && (last === null || last > at)).length;
}

/** What each request is given when the replies are changed on the way: the number of the reply, from 0, or null for none. */
export function givenAfter(count: number, change: 'none' | 'swap' | 'lose', at: number): readonly (number | null)[] {
  return Array.from({ length: count }, (_, i) => {
    if (change === 'swap' && i === at) return at + 1;
    if (change === 'swap' && i === at + 1) return at;
    if (change === 'lose' && i >= at) return i + 1 < count ? i + 1 : null;
    return i;
  });
}
