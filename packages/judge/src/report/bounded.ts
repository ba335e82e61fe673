/** A picture that fits on a screen: the first exchanges of a run stand for all of it. */
import { type Exchange, extent, type Lane, type Timeline } from '@interleave/trace/timeline';

/** How many are drawn, of all lanes together; each may take two lines of text. */
export const MOST_DRAWN = 14;
/** A run that has only a few more is drawn whole. */
const WHOLE = 20;

export type Bounded = { readonly timeline: Timeline; readonly left: number };

/** The picture up to where the exchanges that are drawn have ended. `left`: how many exchanges are not in it. */
export function bounded(timeline: Timeline): Bounded {
  const all = timeline.lanes.flatMap(({ exchanges }) => exchanges);
  if (all.length <= WHOLE) return { timeline, left: 0 };
  const first = new Set([...all].sort((a, b) => from(a) - from(b)).slice(0, MOST_DRAWN));
  const to = Math.max(...[...first].map((exchange) => extent(exchange)?.to ?? 0));
  const lanes = timeline.lanes.map((lane): Lane => {
    const exchanges = lane.exchanges.filter((exchange) => first.has(exchange));
    const isOver = lane.closedAt !== null && lane.closedAt <= to && exchanges.length === lane.exchanges.length;
    return {
      ...lane,
      closedAt: isOver ? lane.closedAt : null,
      exchanges,
      marks: isOver ? (lane.marks ?? []) : [],
    };
  });
  const { to: _, ...rest } = timeline;
  return {
    timeline: { ...rest, lanes: lanes.filter(({ exchanges }) => exchanges.length > 0), to },
    left: all.length - first.size,
  };
}

function from(exchange: Exchange): number {
  return extent(exchange)?.from ?? Number.POSITIVE_INFINITY;
}
