/** A client's connections and Chromium's own, one above the other, on the same requests: who waited for a place, and how long. */
import { type Exchange, extent, type Lane, type Timeline } from '@interleave/trace/timeline';
import type { BesideFetch, CheckResult } from '../result.ts';

type Drawn = Pick<CheckResult, 'beside' | 'transcript'>;

/** `own`: the lanes of the client, in milliseconds. Both begin at the moment in which all was asked for. */
export function withBeside(own: Timeline, { beside = [], transcript }: Drawn): Timeline {
  if (beside.length === 0) return own;
  const asked = transcript.find(({ what }) => what === 'opened')?.at ?? 0;
  const mine = own.lanes.map((lane) => moved(lane, -asked));
  const ids = [...new Set(beside.map(({ connection }) => connection))];
  const theirs = ids.map((id, i) =>
    laneOf(
      i + 1,
      beside.filter(({ connection }) => connection === id),
    ),
  );
  const ends = [...mine, ...theirs].flatMap(({ exchanges }) => exchanges.map((exchange) => extent(exchange)?.to ?? 0));
  const last = Math.max(...ends);
  const many = (count: number): string => `${count} ${count === 1 ? 'connection' : 'connections'}`;
  return {
    title: `${beside.length} requests: your client on ${many(mine.length)}, Chromium on ${theirs.length}`,
    scale: 'time',
    lanes: [...mine.map((lane) => until(lane, last)), ...theirs],
    to: last,
  };
}

/** All is asked for at 0: until it is sent, a request waits for its connection, or for a place on one. */
function waiting(exchange: Exchange): Exchange {
  const sent = exchange.phases[0]?.from ?? 0;
  return sent <= 0 ? exchange : { ...exchange, phases: [{ phase: 'blocked', from: 0, to: sent }, ...exchange.phases] };
}

/** What comes behind the last reply is the end of the page, which says nothing here. */
function until(lane: Lane, last: number): Lane {
  const isOver = lane.closedAt !== null && lane.closedAt <= last;
  return {
    ...lane,
    closedAt: isOver ? lane.closedAt : null,
    marks: (lane.marks ?? []).filter(({ at }) => at <= last),
  };
}

function moved(lane: Lane, by: number): Lane {
  const exchanges = lane.exchanges.map((exchange) => {
    const phases = exchange.phases.map((phase) => ({ ...phase, from: phase.from + by, to: phase.to + by }));
    return waiting({ ...exchange, phases });
  });
  return {
    ...lane,
    openedAt: lane.openedAt === null ? null : lane.openedAt + by,
    closedAt: lane.closedAt === null ? null : lane.closedAt + by,
    exchanges,
    marks: (lane.marks ?? []).map((mark) => ({ ...mark, at: mark.at + by })),
  };
}

function laneOf(n: number, fetches: readonly BesideFetch[]): Lane {
  const inOrder = [...fetches].sort((a, b) => a.sent - b.sent);
  return {
    id: `chromium${n}`,
    label: `Chromium ${n}`,
    kind: 'connection',
    protocol: 'http/1.1',
    openedAt: inOrder[0]?.sent ?? 0,
    closedAt: null,
    beginning: 'new',
    exchanges: inOrder.map(({ request, sent, last }, i) =>
      waiting({
        id: `chromium${n}.${i + 1}`,
        label: request,
        nth: i + 1,
        phases: [{ phase: 'server', from: sent, to: last }],
        outcome: 'complete',
      }),
    ),
  };
}
