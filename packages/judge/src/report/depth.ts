/** What a server keeps in mind while it runs: requests that are begun and unsent, and bytes that it has taken. One picture for a bound. */
import type { CheckResult } from '../result.ts';

/** From this moment on, until the next one. */
export type Moment = {
  readonly tick: number;
  /** Handlers that were called and whose reply is not whole on the wire. */
  readonly inFlight: number;
  /** Bytes of requests that were taken so far. */
  readonly taken: number;
};

export type Depth = {
  readonly connection: string;
  /** What the exercise allows. */
  readonly bound: number;
  readonly most: number;
  readonly moments: readonly Moment[];
};

/** One entry for each connection on which a handler was called; none where the check has no bound. */
export function depthsOf({
  maxInFlight,
  transcript,
  connections,
}: Pick<CheckResult, 'maxInFlight' | 'transcript' | 'connections'>): Depth[] {
  if (maxInFlight === undefined) return [];
  return connections.flatMap(({ id, exchanges }) => {
    const left = exchanges.flatMap(({ last }) => (last === null ? [] : [{ tick: last, inFlight: -1, taken: 0 }]));
    const changes = transcript.flatMap((entry) => {
      if (entry.connection !== id) return [];
      if (entry.what === 'request') return [{ tick: entry.tick, inFlight: 1, taken: 0 }];
      const isTaken = entry.what === 'bytes' && entry.by === 'judge';
      return isTaken ? [{ tick: entry.tick, inFlight: 0, taken: entry.bytes.length }] : [];
    });
    if (changes.length === 0) return [];
    let inFlight = 0;
    let taken = 0;
    const moments = [...changes, ...left]
      .sort((a, b) => a.tick - b.tick)
      .map((change) => {
        inFlight += change.inFlight;
        taken += change.taken;
        return { tick: change.tick, inFlight, taken };
      });
    return [{ connection: id, bound: maxInFlight, most: Math.max(...moments.map((m) => m.inFlight)), moments }];
  });
}

/** `c1: at most 8 requests begun and unsent at a time; the bound is 8`. */
export function depthTitle({ connection, most, bound }: Depth): string {
  const where = most > bound ? `, ${most - bound} over the bound of ${bound}` : `; the bound is ${bound}`;
  return `${connection}: at most ${most} ${most === 1 ? 'request' : 'requests'} begun and unsent at a time${where}`;
}
