import type { Beginning, MarkKind, Phase } from '../look/marks.ts';
import type { Protocol } from '../look/protocol.ts';

/**
 * What happened on some connections, ready to be drawn. All times are milliseconds on one clock, or step numbers when
 * `scale` is `order`; where the clock starts does not matter.
 *
 * A time that nobody knows is null, never a guess: a lane without `openedAt` is drawn as coming from before the picture.
 */
export interface Timeline {
  /** Says what is true, in one short sentence: the picture's accessible name. */
  readonly title: string;
  readonly lanes: readonly Lane[];
  /**
   * `time`: lengths are durations; stretches where nothing happens anywhere are folded when they would swallow the rest.
   * `order`: every instant has the same distance to the next, for runs on a virtual clock. Default: `time`.
   */
  readonly scale?: 'time' | 'order';
  /** Where the picture starts and ends, when it is to show more than its events. */
  readonly from?: number;
  readonly to?: number;
}

/** A connection, or a stream of one. */
export interface Lane {
  readonly id: string;
  /** What stands at its left: `A`, `c1`, `stream 5`. */
  readonly label: string;
  readonly kind: 'connection' | 'stream';
  readonly protocol: Protocol | null;
  readonly openedAt: number | null;
  /** Null while it is open, or when nobody saw it end. */
  readonly closedAt: number | null;
  readonly beginning: Beginning;
  /** TCP, TLS or QUIC handshake, where it was measured. */
  readonly handshake?: Span;
  /** Exchanges before the first one drawn, of which only the number is known. */
  readonly earlier?: number;
  readonly exchanges: readonly Exchange[];
  readonly marks?: readonly Mark[];
}

/** One request and its final response. */
export interface Exchange {
  readonly id: string;
  /** `GET /a`; text from a peer is fine, painters make it safe. */
  readonly label: string;
  /** Its number on the connection, from 1; null when not known. */
  readonly nth: number | null;
  /** In order of time; they may touch, not overlap. */
  readonly phases: readonly Stretch[];
  readonly outcome: 'complete' | 'open' | 'failed';
  /** The exchange that the text beside the picture speaks about. */
  readonly current?: boolean;
  /** Where its bytes or its own page can be seen. */
  readonly href?: string;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Stretch extends Span {
  readonly phase: Phase;
}

/** One instant on a lane. */
export interface Mark {
  readonly at: number;
  readonly kind: MarkKind;
  /** Shorter than a line: `FIN by the server`. Defaults to the kind's word. */
  readonly label?: string;
  /** Who caused it, where known. */
  readonly by?: 'client' | 'server';
}

/** Start and end of an exchange; null when it has no phases. */
export function extent(exchange: Exchange): Span | null {
  const first = exchange.phases[0];
  const last = exchange.phases.at(-1);
  return first && last ? { from: first.from, to: last.to } : null;
}

/** Every span and instant of the picture, for scales. */
export function spans(timeline: Timeline): Span[] {
  const all: Span[] = [];
  const point = (at: number | null | undefined): void => {
    if (at !== null && at !== undefined) all.push({ from: at, to: at });
  };
  for (const lane of timeline.lanes) {
    point(lane.openedAt);
    point(lane.closedAt);
    if (lane.handshake) all.push(lane.handshake);
    for (const exchange of lane.exchanges) all.push(...exchange.phases);
    for (const mark of lane.marks ?? []) point(mark.at);
  }
  return all;
}
