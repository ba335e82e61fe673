import { duration } from '../look/text.ts';
import type { Span } from './model.ts';

/** Maps times to positions; never runs backwards. */
export interface Scale {
  readonly at: (time: number) => number;
  readonly ticks: readonly Tick[];
  /** Stretches of idle time that are drawn shorter than they were. */
  readonly folds: readonly Fold[];
}

export interface Tick {
  readonly x: number;
  readonly label: string;
}

export interface Fold {
  readonly x: number;
  readonly width: number;
  /** How long it really was, in words. */
  readonly label: string;
  readonly ms: number;
}

export interface ScaleOptions {
  readonly x0: number;
  readonly x1: number;
  readonly foldWidth: number;
  /** Least distance between two tick labels. */
  readonly tickGap: number;
}

/** The least share of the unfolded axis on which something happens; with less, the longest idle gaps are folded. */
export const BUSY_SHARE = 0.4;

/** A scale whose lengths are durations, with long stretches of nothing folded. */
export function timeScale(spans: readonly Span[], frame: Partial<Span>, options: ScaleOptions): Scale {
  const { x0, x1, foldWidth, tickGap } = options;
  const busy = merge(spans);
  const from = Math.min(frame.from ?? Infinity, busy[0]?.from ?? Infinity);
  const to = Math.max(frame.to ?? -Infinity, busy.at(-1)?.to ?? -Infinity);
  // Less than a nanosecond is an instant: dividing by it would leave the range of numbers.
  if (!(to - from > 1e-6)) return { at: () => x0, ticks: [{ x: x0, label: '0' }], folds: [] };

  const folded = chooseFolds(busy, from, to, Math.floor((x1 - x0) / (foldWidth * 2)));
  const linear = to - from - folded.reduce((sum, gap) => sum + gap.to - gap.from, 0);
  const perMs = (x1 - x0 - folded.length * foldWidth) / linear;

  const pieces: Piece[] = [];
  let x = x0;
  let time = from;
  const push = (until: number, width: number, isFold: boolean): void => {
    pieces.push({ from: time, to: until, x, width, isFold });
    x += width;
    time = until;
  };
  for (const gap of folded) {
    push(gap.from, (gap.from - time) * perMs, false);
    push(gap.to, foldWidth, true);
  }
  push(to, (to - time) * perMs, false);

  const at = (t: number): number => {
    const piece = pieces.find((p) => t <= p.to) ?? pieces.at(-1);
    if (!piece) return x0;
    const share = piece.to > piece.from ? (t - piece.from) / (piece.to - piece.from) : 0;
    return piece.x + Math.min(1, Math.max(0, share)) * piece.width;
  };
  const folds = pieces
    .filter((p) => p.isFold)
    .map((p) => ({ x: p.x, width: p.width, ms: p.to - p.from, label: duration(p.to - p.from) }));
  return { at, folds, ticks: timeTicks(pieces, perMs, tickGap) };
}

interface Piece extends Span {
  readonly x: number;
  readonly width: number;
  readonly isFold: boolean;
}

/** A scale on which every distinct instant has the same distance to the next. */
export function orderScale(spans: readonly Span[], frame: Partial<Span>, options: ScaleOptions): Scale {
  const times = [...spans.flatMap((s) => [s.from, s.to]), frame.from, frame.to].filter((t) => t !== undefined);
  const instants = [...new Set(times)].sort((a, b) => a - b);
  const step = (options.x1 - options.x0) / Math.max(1, instants.length - 1);
  const at = (t: number): number => {
    const after = instants.findIndex((i) => i >= t);
    if (after === -1) return options.x0 + Math.max(0, instants.length - 1) * step;
    const [b, a] = [instants[after] ?? t, instants[after - 1] ?? t];
    return options.x0 + (b === t || after === 0 ? after : after - 1 + (t - a) / (b - a)) * step;
  };
  return { at, ticks: [], folds: [] };
}

/** Overlapping and touching spans as one, in order. */
function merge(spans: readonly Span[]): Span[] {
  const merged: { from: number; to: number }[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else merged.push({ from: span.from, to: span.to });
  }
  return merged;
}

function chooseFolds(busy: readonly Span[], from: number, to: number, most: number): Span[] {
  const busyMs = busy.reduce((sum, b) => sum + b.to - b.from, 0);
  const gaps: Span[] = [];
  let end = from;
  for (const b of busy) {
    if (b.from > end) gaps.push({ from: end, to: b.from });
    end = Math.max(end, b.to);
  }
  if (to > end) gaps.push({ from: end, to });
  gaps.sort((a, b) => b.to - b.from - (a.to - a.from));

  // A margin on both sides of a fold keeps bars off it; events without length still get some room around them.
  const margin = Math.max(busyMs > 0 ? busyMs * 0.06 : (to - from) * 0.01, (to - from) * 1e-6);
  const chosen: Span[] = [];
  let linear = to - from;
  for (const gap of gaps) {
    if (busyMs / linear >= BUSY_SHARE || chosen.length >= most) break;
    const fold = { from: gap.from + margin, to: gap.to - margin };
    if (fold.to - fold.from <= margin) break;
    chosen.push(fold);
    linear -= fold.to - fold.from;
  }
  return chosen.sort((a, b) => a.from - b.from);
}

/** Ticks count from the start of each unfolded stretch: after a fold, the clock starts again at 0. */
function timeTicks(pieces: readonly Piece[], perMs: number, gap: number): Tick[] {
  const step = niceStep(gap / perMs);
  const ticks: Tick[] = [];
  for (const piece of pieces) {
    if (piece.isFold) continue;
    const steps = Math.floor((piece.to - piece.from) / step);
    for (let i = 0; i <= steps; i++) {
      const t = i * step;
      const x = piece.x + t * perMs;
      const last = ticks.at(-1);
      if (last && x - last.x < gap * 0.9) continue;
      ticks.push({ x, label: t === 0 ? '0' : duration(t) });
    }
  }
  return ticks;
}

/** The next of 1, 2, 5 × 10ⁿ that is not smaller. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return (([1, 2, 5, 10].find((m) => m * power >= least) ?? 10) as number) * power;
}
