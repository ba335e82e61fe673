import type { WaitRow } from './wait-panel.ts';

/** Twelve fetches over one kind of connection, as the page measured and drew them in the lab. */
export interface RecordedWait {
  readonly protocol: 'h1' | 'h2' | 'h3';
  readonly what: string;
  readonly note: string;
  readonly rows: readonly WaitRow[];
}

/** When, and with what. */
export const RECORDED_WITH = '21 November 2026, Chromium 156, one run';

/** Connection, then asked, first part and end in milliseconds, then the silence where it was late. */
type Measured = readonly [on: string, asked: number, first: number, end: number, from?: number, to?: number];

function rows(measured: readonly Measured[]): WaitRow[] {
  return measured.map(([on, asked, first, end, from, to], i) => ({
    name: 'abcdefghijkl'[i] ?? '',
    on,
    asked,
    first,
    end,
    silence: from === undefined || to === undefined ? null : { from, to },
    isLate: from !== undefined,
  }));
}

/** For who reads this where nobody can hold back a byte: shown as a recording, never as a visitor's own run. */
export const RECORDED: readonly RecordedWait[] = [
  {
    protocol: 'h1',
    what: 'HTTP/1.1, six connections',
    note: '1 of 12 late, on 6 connections. The lab held back connection A, with 1 of them on it, for 500 ms.',
    rows: rows([
      ['A', 0, 31, 527, 31, 527],
      ['B', 0, 48, 54],
      ['C', 1, 49, 54],
      ['D', 1, 51, 54],
      ['E', 1, 52, 54],
      ['F', 1, 53, 53],
      ['B', 1, 71, 71],
      ['C', 1, 89, 97],
      ['D', 1, 94, 98],
      ['E', 2, 94, 99],
      ['F', 2, 98, 98],
      ['B', 2, 100, 100],
    ]),
  },
  {
    protocol: 'h2',
    what: 'HTTP/2, one order',
    note: '12 of 12 late, on 1 connection. The lab held back connection G, with 12 of them on it, for 500 ms.',
    rows: rows([
      ['G', 0, 47, 547, 47, 547],
      ['G', 0, 561, 561, 44, 561],
      ['G', 1, 563, 563, 44, 563],
      ['G', 1, 564, 564, 44, 564],
      ['G', 1, 566, 566, 44, 566],
      ['G', 1, 567, 567, 44, 567],
      ['G', 1, 568, 568, 44, 568],
      ['G', 1, 572, 572, 44, 572],
      ['G', 1, 571, 571, 44, 571],
      ['G', 1, 571, 571, 44, 571],
      ['G', 1, 571, 571, 44, 571],
      ['G', 1, 572, 572, 44, 572],
    ]),
  },
  {
    protocol: 'h3',
    what: 'HTTP/3, an order for each stream',
    note: '1 of 12 late, on 1 connection. The lab dropped one datagram, the 16th large one, on a warm connection. What was in it is encrypted: the cause is inferred.',
    rows: rows([
      ['H', 0, 312, 312],
      ['H', 1, 324, 324],
      ['H', 1, 325, 325],
      ['H', 1, 325, 622, 325, 622],
      ['H', 1, 325, 325],
      ['H', 1, 325, 325],
      ['H', 1, 329, 329],
      ['H', 1, 337, 337],
      ['H', 1, 338, 338],
      ['H', 1, 338, 338],
      ['H', 2, 339, 339],
      ['H', 2, 339, 339],
    ]),
  },
];
