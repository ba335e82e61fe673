import type { Beginning, MarkKind, Phase } from '../look/marks.ts';
import type { Protocol } from '../look/protocol.ts';

/** A timeline as shapes with positions, in the unit of the metrics: pixels, or terminal cells. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** The whole picture in words. */
  readonly description: string;
  readonly axis: readonly AxisShape[];
  readonly lanes: readonly LaneGroup[];
}

export type AxisShape =
  | { readonly type: 'tick'; readonly x: number; readonly y1: number; readonly y2: number; readonly label: string }
  | {
      readonly type: 'fold';
      readonly x: number;
      readonly width: number;
      readonly y1: number;
      readonly y2: number;
      readonly label: string;
    };

export interface LaneGroup {
  readonly id: string;
  readonly protocol: Protocol | null;
  readonly title: string;
  readonly y: number;
  readonly height: number;
  readonly shapes: readonly LaneShape[];
  readonly exchanges: readonly ExchangeGroup[];
}

export type LaneShape =
  /** The connection itself, from its start to its end. */
  | {
      readonly type: 'spine';
      readonly x1: number;
      readonly x2: number;
      readonly y: number;
      readonly start: 'opened' | 'before';
      readonly end: 'closed' | 'open';
      /** Where folded time interrupts it. */
      readonly breaks: readonly number[];
    }
  | { readonly type: 'beginning'; readonly x: number; readonly y: number; readonly beginning: Beginning }
  | { readonly type: 'mark'; readonly x: number; readonly y: number; readonly mark: MarkKind; readonly title: string }
  | PhaseShape
  | TextShape;

export interface PhaseShape {
  readonly type: 'phase';
  readonly phase: Phase;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface TextShape {
  readonly type: 'text';
  readonly role: 'lane' | 'protocol' | 'note' | 'exchange' | 'gap' | 'mark' | 'earlier';
  readonly x: number;
  /** Baseline in pixels; the row in cells. */
  readonly y: number;
  readonly text: string;
  readonly anchor: 'start' | 'middle' | 'end';
}

export interface ExchangeGroup {
  readonly id: string;
  readonly title: string;
  readonly current: boolean;
  readonly outcome: 'complete' | 'open' | 'failed';
  readonly href: string | null;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly shapes: readonly (PhaseShape | TextShape)[];
}

/** The measures that a painter asks the layout to keep. */
export interface Metrics {
  readonly width: number;
  /** Left column, for the lanes' names. */
  readonly gutter: number;
  /** Right margin, for what stands behind the last bar. */
  readonly margin: number;
  readonly top: number;
  /** From one row to the next; a lane takes one row, or more where exchanges overlap. */
  readonly row: number;
  readonly laneGap: number;
  /** From the top of a row to the baseline of its labels, and to the top of its bars. */
  readonly labelAt: number;
  readonly barAt: number;
  readonly bar: number;
  readonly axis: number;
  /** Average width of one character. */
  readonly char: number;
  /** Least width of one phase, so that nothing that happened is invisible. */
  readonly leastPhase: number;
  readonly foldWidth: number;
  readonly tickGap: number;
  /** Positions are multiples of this; 0 for any. */
  readonly snap: number;
  /**
   * Many exchanges as a texture: no words on exchanges and gaps, and the names of lanes stand at this baseline in a lane that
   * is at least so high. Left out: every exchange has its words.
   */
  readonly dense?: { readonly nameAt: number; readonly lane: number };
}

/** Pixels, for SVG. Below 480 the names move above the lanes' bars to leave the width to time. */
export function pixelMetrics(width: number): Metrics {
  const narrow = width < 480;
  return {
    width,
    gutter: narrow ? 76 : 112,
    margin: narrow ? 14 : 22,
    top: 8,
    row: 44,
    laneGap: 12,
    labelAt: 13,
    barAt: 19,
    bar: 16,
    axis: 26,
    char: 6.9,
    leastPhase: 1.5,
    foldWidth: narrow ? 30 : 42,
    tickGap: narrow ? 64 : 84,
    snap: 0,
  };
}

/** Pixels for dozens of exchanges: a bar is four pixels high, and its words are left to the table. */
export function denseMetrics(width: number): Metrics {
  return {
    ...pixelMetrics(width),
    row: 5,
    laneGap: 12,
    barAt: 0,
    bar: 4,
    leastPhase: 0.75,
    dense: { nameAt: 14, lane: 36 },
  };
}

/** Character cells, for a terminal. */
export function cellMetrics(columns: number): Metrics {
  return {
    width: columns,
    gutter: 14,
    margin: 3,
    top: 0,
    row: 2,
    laneGap: 0,
    labelAt: 0,
    barAt: 1,
    bar: 1,
    axis: 1,
    char: 1,
    leastPhase: 1,
    foldWidth: 8,
    tickGap: 12,
    snap: 1,
  };
}
