/** Which reply is whose on HTTP/2: the stream's id joins them, whatever the order in which they come. */
import type { CheckResult } from '../result.ts';
import { ends, http2Runs } from './http2-runs.ts';

export type IdPair = {
  readonly stream: number;
  readonly request: string;
  readonly status: number | null;
  /** Its place among the replies, from 0, by their last frames; null where none was whole. */
  readonly came: number | null;
  /** The frame that ended the reply, among all frames of the connection; null where none did. */
  readonly place: number | null;
};

/** The requests of one connection in the order in which they were asked. */
export type IdMatches = { readonly connection: string; readonly pairs: readonly IdPair[] };

type Drawn = Pick<CheckResult, 'connections' | 'transcript'>;

/** The connection with the most requests on which the learner is the client; null where none carried two. */
export function idMatchesOf(test: Drawn): IdMatches | null {
  let best: IdMatches | null = null;
  for (const run of http2Runs(test)) {
    if (run.learner !== 'client') continue;
    const exchanges = test.connections.find(({ id }) => id === run.connection)?.exchanges ?? [];
    if (exchanges.length < 2 || exchanges.length <= (best?.pairs.length ?? 0)) continue;
    const order = run.frames.filter((it) => it.from === 'server' && ends(it));
    const pairs = exchanges
      .toSorted((a, b) => (a.stream ?? 0) - (b.stream ?? 0))
      .map(({ stream = 0, request, status }): IdPair => {
        const came = order.findIndex(({ frame }) => frame.stream === stream);
        return {
          stream,
          request,
          status: came < 0 ? null : status,
          came: came < 0 ? null : came,
          place: order[came]?.place ?? null,
        };
      });
    best = { connection: run.connection, pairs };
  }
  return best;
}

/** How many pairs of arrows cross: a reply that came before that of an earlier request. */
export function crossings(pairs: readonly Pick<IdPair, 'came'>[]): number {
  const came = pairs.flatMap((pair) => (pair.came === null ? [] : [pair.came]));
  return came.reduce((sum, at, i) => sum + came.slice(i + 1).filter((later) => later < at).length, 0);
}

/** `12 replies, and 20 pairs of arrows cross`. */
export function idMatchesTitle({ pairs }: IdMatches): string {
  const crossed = crossings(pairs);
  const whole = pairs.filter(({ came }) => came !== null).length;
  const replies = `${whole} ${whole === 1 ? 'reply' : 'replies'} to ${pairs.length} requests`;
  return crossed === 0
    ? `${replies}, in the order of asking`
    : `${replies}, and ${crossed} ${crossed === 1 ? 'pair' : 'pairs'} of arrows ${crossed === 1 ? 'crosses' : 'cross'}`;
}

/** A line for each reply in the order of coming: whose it is, and how many it has gone past. */
export function idMatchesText({ pairs }: IdMatches, columns: number): string {
  const came = pairs.filter(({ came }) => came !== null).toSorted((a, b) => (a.came ?? 0) - (b.came ?? 0));
  const asked = pairs.map(({ stream }) => stream).join(' ');
  const back = came.map(({ stream }) => stream).join(' ');
  const fit = (text: string): string => (text.length > columns ? `${text.slice(0, columns - 1)}…` : text);
  const waits = pairs.filter(({ came }) => came === null).map(({ stream }) => stream);
  return [
    fit(`  asked     ${asked}`),
    fit(`  answered  ${back}`),
    ...(waits.length === 0 ? [] : [fit(`  open      ${waits.join(' ')}`)]),
  ].join('\n');
}
