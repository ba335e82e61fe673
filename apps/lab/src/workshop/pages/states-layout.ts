/** Where the states stand, and where each stream stands in them: a place that it keeps until it goes on, so that nothing else moves. */
import type { States, StreamWay } from '@interleave/judge/watch';

export type Region = 'open' | 'half-closed (remote)' | 'half-closed (local)' | 'ended' | 'given up';
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** `at` is the frame behind which it stands there; the first stop is where it comes from, before anything. */
export type Token = {
  readonly stream: number;
  readonly isGivenUp: boolean;
  /** It is closed at its last stop. */
  readonly isClosed: boolean;
  readonly stops: readonly { readonly at: number; readonly x: number; readonly y: number }[];
};

export type StatesLayout = {
  readonly width: number;
  readonly height: number;
  readonly idle: Box;
  readonly open: Box;
  readonly remote: Box;
  readonly local: Box;
  readonly closed: Box;
  /** Of a token; its number fits into it from 11 on. */
  readonly radius: number;
  readonly tokens: readonly Token[];
};

type Frame = Omit<StatesLayout, 'radius' | 'tokens'>;

/** From left to right, as time goes. */
const WIDE: Frame = {
  width: 1230,
  height: 330,
  idle: { x: 1, y: 125, width: 76, height: 80 },
  open: { x: 212, y: 105, width: 210, height: 120 },
  remote: { x: 562, y: 1, width: 300, height: 120 },
  local: { x: 562, y: 209, width: 300, height: 120 },
  closed: { x: 1010, y: 1, width: 219, height: 328 },
};
/** From the top down. */
const NARROW: Frame = {
  width: 350,
  height: 672,
  idle: { x: 125, y: 1, width: 100, height: 44 },
  open: { x: 65, y: 92, width: 220, height: 104 },
  remote: { x: 1, y: 262, width: 168, height: 130 },
  local: { x: 181, y: 262, width: 168, height: 130 },
  closed: { x: 1, y: 458, width: 348, height: 213 },
};

/** Below a state's name and what it means. */
export const HEAD = 44;
/** What the lower part of the closed ones is called. */
export const WORDS = 20;
const EDGE = 6;
/** Streams that are drawn; the table has all. */
export const MOST = 120;

export function layoutOf({ ways }: States, isWide: boolean): StatesLayout {
  const frame = isWide ? WIDE : NARROW;
  const drawn = ways.filter(({ steps }) => steps.length > 0).slice(0, MOST);
  const visits = drawn.flatMap((way) => visitsOf(way));
  const most = mostAtOnce(visits);
  const radius = radiusFor(frame, most);
  const taken = new Map<Region, Map<number, number>>();
  const stops = new Map<number, { at: number; x: number; y: number }[]>();
  for (const visit of visits.toSorted((a, b) => a.from - b.from || a.stream - b.stream)) {
    const slots = taken.get(visit.region) ?? new Map<number, number>();
    taken.set(visit.region, slots);
    let slot = 0;
    // Free again from the frame on that took the stream before it away.
    while ((slots.get(slot) ?? -1) > visit.from) slot++;
    slots.set(slot, visit.to);
    const own = stops.get(visit.stream) ?? [start(frame)];
    stops.set(visit.stream, [...own, { at: visit.from, ...placeOf(areaOf(frame, visit.region), slot, radius) }]);
  }
  const tokens = drawn.map(
    ({ stream, reset, steps }): Token => ({
      stream,
      isGivenUp: reset !== null,
      isClosed: steps.at(-1)?.next === 'closed',
      stops: stops.get(stream) ?? [start(frame)],
    }),
  );
  return { ...frame, radius, tokens };
}

function start({ idle }: Frame): { at: number; x: number; y: number } {
  return { at: -1, x: idle.x + idle.width / 2, y: idle.y + idle.height / 2 };
}

type Visit = { readonly stream: number; readonly region: Region; readonly from: number; readonly to: number };

/** The states in which it stands behind a frame: what it only passes through within one is no stop. */
function visitsOf({ stream, steps, reset }: StreamWay): Visit[] {
  const behind = steps.filter((step, i) => steps[i + 1]?.place !== step.place);
  return behind.map(({ next, place }, i): Visit => {
    const region = next === 'closed' ? (reset === null ? 'ended' : 'given up') : (next as Region);
    return { stream, region, from: place, to: behind[i + 1]?.place ?? Number.POSITIVE_INFINITY };
  });
}

function mostAtOnce(visits: readonly Visit[]): Map<Region, number> {
  const most = new Map<Region, number>();
  for (const [region, own] of Map.groupBy(visits, (visit) => visit.region)) {
    const counts = own.map(({ from }) => own.filter((it) => it.from <= from && it.to > from).length);
    most.set(region, Math.max(...counts));
  }
  return most;
}

/** As large as the fullest state allows. */
function radiusFor(frame: Frame, most: ReadonlyMap<Region, number>): number {
  for (let radius = 14; radius > 4; radius--) {
    const fits = [...most].every(([region, count]) => {
      const { columns, rows } = gridOf(areaOf(frame, region), radius);
      return columns * rows >= count;
    });
    if (fits) return radius;
  }
  return 4;
}

/** Where the tokens of a region stand; those that are closed have a part for each way to end. */
export function areaOf(frame: Frame, region: Region): Box {
  const below = (box: Box): Box => ({ ...box, y: box.y + HEAD, height: box.height - HEAD });
  if (region === 'open') return below(frame.open);
  if (region === 'half-closed (remote)') return below(frame.remote);
  if (region === 'half-closed (local)') return below(frame.local);
  const whole = below(frame.closed);
  const height = whole.height * 0.64;
  if (region === 'ended') return { ...whole, height };
  return { ...whole, y: whole.y + height + WORDS, height: whole.height - height - WORDS };
}

function gridOf({ width, height }: Box, radius: number): { columns: number; rows: number } {
  const pitch = 2 * radius + 4;
  return {
    columns: Math.max(1, Math.floor((width - 12) / pitch)),
    rows: Math.max(1, Math.floor((height - EDGE) / pitch)),
  };
}

function placeOf(area: Box, slot: number, radius: number): { x: number; y: number } {
  const { columns } = gridOf(area, radius);
  const pitch = 2 * radius + 4;
  return {
    x: area.x + 8 + radius + (slot % columns) * pitch,
    y: area.y + EDGE + radius + Math.floor(slot / columns) * pitch,
  };
}
