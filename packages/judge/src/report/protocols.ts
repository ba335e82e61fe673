/** One page twice, over HTTP/1.1 and over HTTP/2, each from its own beginning and at the same scale: many lanes, and one. */
import { extent } from '@interleave/trace/timeline';
import type { CheckResult } from '../result.ts';
import { timelineOf } from './timeline.ts';

/** Milliseconds since the load began. `row`: bars that overlap on a connection stand in rows of their own, from 0. */
export type PageBar = { readonly request: string; readonly from: number; readonly to: number; readonly row: number };

export type PageLane = {
  readonly connection: string;
  readonly opened: number;
  readonly rows: number;
  readonly bars: readonly PageBar[];
};

export type PageLoad = {
  readonly protocol: 'http/1.1' | 'h2';
  readonly lanes: readonly PageLane[];
  readonly exchanges: number;
  /** When the last reply was whole. */
  readonly until: number;
};

type Drawn = Pick<CheckResult, 'oracle' | 'connections' | 'transcript'>;

/** HTTP/1.1 first; null where only one of them carried anything. Connections that carried nothing are left out. */
export function protocolsOf(test: Drawn): readonly [PageLoad, PageLoad] | null {
  const [old, now] = loadsOf(test);
  return old === undefined || now === undefined ? null : [old, now];
}

/** One for each protocol that carried anything, HTTP/1.1 first. */
export function loadsOf(test: Drawn): PageLoad[] {
  return [loadOf(test, 'http/1.1'), loadOf(test, 'h2')].filter((load) => load !== null);
}

/** `One page twice: 6 connections over HTTP/1.1, one over HTTP/2`. */
export function protocolsTitle([old, now]: readonly [PageLoad, PageLoad]): string {
  const lanes = (load: PageLoad): string => (load.lanes.length === 1 ? 'one' : String(load.lanes.length));
  return `One page twice: ${lanes(old)} ${old.lanes.length === 1 ? 'connection' : 'connections'} over HTTP/1.1, ${lanes(now)} over HTTP/2`;
}

/** A line for each connection, as wide as the longer load; a full block where a request is under way. */
export function protocolsText(loads: readonly [PageLoad, PageLoad], columns: number): string {
  const places = Math.max(8, columns - 34);
  const until = Math.max(...loads.map((load) => load.until));
  const lines = loads.flatMap(({ protocol, lanes }) =>
    lanes.map(({ connection, bars }, i) => {
      const cells = Array.from({ length: places }, (_, cell) => {
        const [from, to] = [(cell * until) / places, ((cell + 1) * until) / places];
        return bars.some((bar) => bar.from < to && (bar.to > from || bar.from >= from)) ? '█' : '·';
      });
      const name = i > 0 ? '' : protocol === 'h2' ? 'HTTP/2' : 'HTTP/1.1';
      return `  ${name.padEnd(10)}${connection.padEnd(4)}${cells.join('')}  ${bars.length} ${bars.length === 1 ? 'exchange' : 'exchanges'}`;
    }),
  );
  return lines.join('\n');
}

function loadOf(test: Drawn, protocol: PageLoad['protocol']): PageLoad | null {
  const lanes = timelineOf(test).lanes.filter((lane) => lane.protocol === protocol && lane.exchanges.length > 0);
  if (lanes.length === 0) return null;
  const spans = lanes.map((lane) =>
    lane.exchanges.flatMap((exchange) => {
      const span = extent(exchange);
      return span === null ? [] : [{ request: exchange.label, ...span }];
    }),
  );
  const began = Math.min(...lanes.flatMap(({ openedAt }) => openedAt ?? []), ...spans.flat().map(({ from }) => from));
  const shown = lanes.map(({ label, openedAt }, i): PageLane => {
    const bars = packed((spans[i] ?? []).map((it) => ({ ...it, from: it.from - began, to: it.to - began })));
    return {
      connection: label,
      opened: (openedAt ?? began) - began,
      rows: Math.max(0, ...bars.map(({ row }) => row + 1)),
      bars,
    };
  });
  return {
    protocol,
    lanes: shown,
    exchanges: shown.reduce((sum, { bars }) => sum + bars.length, 0),
    until: Math.max(...shown.flatMap(({ bars }) => bars.map(({ to }) => to))),
  };
}

/** Each in the first row that is free by then. */
function packed(spans: readonly Omit<PageBar, 'row'>[]): PageBar[] {
  const free: number[] = [];
  return spans
    .toSorted((a, b) => a.from - b.from)
    .map((span) => {
      const found = free.findIndex((until) => until <= span.from);
      const row = found < 0 ? free.length : found;
      free[row] = span.to;
      return { ...span, row };
    });
}
