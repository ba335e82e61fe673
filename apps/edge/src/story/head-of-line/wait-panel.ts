import { duration } from '@interleave/trace/look';
import type { Bar, Panel } from './rows.ts';

/** One of twelve fetches, for drawing; milliseconds since the first was asked for. */
export interface WaitRow {
  readonly name: string;
  /** The letter of its connection, where it has a name. */
  readonly on: string | null;
  readonly asked: number;
  /** When the first part of its content came. */
  readonly first: number;
  readonly end: number;
  /** The stretch without a byte that the hole explains. */
  readonly silence: { readonly from: number; readonly to: number } | null;
  readonly isLate: boolean;
}

/** Twelve fetches as one panel: who waited, for how long, on which connection. */
export function waitPanel(id: string, title: string, protocol: Panel['protocol'], rows: readonly WaitRow[]): Panel {
  return {
    id,
    title,
    protocol,
    most: Math.max(...rows.map(({ end }) => end)),
    tick: (at) => (at === 0 ? 'asked' : `${at} ms`),
    band: null,
    left: 30,
    right: 80,
    rows: rows.map((row) => {
      const what = row.isLate ? 'late' : 'on time';
      return {
        name: `/${row.name}`,
        bars: barsOf(row),
        verdict: row.on === null ? what : `${row.on} ${what}`,
        isLate: row.isLate,
        words: `/${row.name} on ${row.on === null ? 'a connection' : `connection ${row.on}`}: ${what}, whole after ${duration(row.end)}.`,
      };
    }),
  };
}

function barsOf({ asked, first, end, silence }: WaitRow): Bar[] {
  const bars: Bar[] = [
    { from: asked, to: first, mark: 'asked' },
    { from: first, to: end, mark: 'came' },
  ];
  if (silence === null) return bars;
  const before = bars.flatMap((bar) =>
    bar.from < silence.from ? [{ ...bar, to: Math.min(bar.to, silence.from) }] : [],
  );
  const after = bars.flatMap((bar) => (bar.to > silence.to ? [{ ...bar, from: Math.max(bar.from, silence.to) }] : []));
  return [...before, { ...silence, mark: 'held' }, ...after];
}
