import { type Style, TextCanvas, terminalPaint } from '../look/ansi.ts';
import { BEGINNINGS, MARKS, type MarkKind, PHASES } from '../look/marks.ts';
import { protocolLook } from '../look/protocol.ts';
import { layout } from './layout.ts';
import type { Timeline } from './model.ts';
import { cellMetrics, type LaneGroup, type TextShape } from './shapes.ts';

export interface TerminalOptions {
  /** Default 80; at least 40. */
  readonly columns?: number;
  readonly colour?: boolean;
}

/** Draws a timeline with characters: the same layout as the SVG, in cells. Lines have no trailing blanks. */
export function timelineText(timeline: Timeline, options: TerminalOptions = {}): string {
  const columns = Math.max(40, options.columns ?? 80);
  const drawing = layout(timeline, cellMetrics(columns));
  const canvas = new TextCanvas(columns, drawing.height);
  for (const lane of drawing.lanes) drawLane(canvas, lane);
  const bottom = drawing.height - 1;
  for (const shape of drawing.axis) {
    if (shape.type === 'fold') {
      const middle = Math.round(shape.x + shape.width / 2);
      // Words and bars are worth more than the sign; the axis says it all the same.
      for (let y = 1; y < bottom; y += 2)
        if (canvas.isFree(middle - 1, middle + 1, y, ' ─')) canvas.put(middle - 1, y, '╱╱', 'hair');
      const label = shape.label;
      canvas.put(middle - Math.floor(label.length / 2), bottom, label, 'quiet');
    }
  }
  for (const shape of drawing.axis) {
    if (shape.type !== 'tick') continue;
    const label = `└${shape.label}`;
    if (canvas.isFree(shape.x - 1, shape.x + label.length + 1, bottom)) canvas.put(shape.x, bottom, label, 'quiet');
  }
  return canvas.lines(terminalPaint({ colour: options.colour ?? false })).join('\n');
}

function drawLane(canvas: TextCanvas, lane: LaneGroup): void {
  const own: Style = lane.protocol ? protocolLook(lane.protocol).key : 'quiet';
  for (const shape of lane.shapes) {
    if (shape.type !== 'spine') continue;
    if (shape.start === 'before') canvas.put(shape.x1 - 1, shape.y, '┄', own);
    canvas.fill(shape.x1, shape.x2, shape.y, '─', own);
    if (shape.end === 'open') canvas.put(shape.x2, shape.y, '┄', own);
  }
  for (const shape of lane.shapes) {
    if (shape.type === 'phase') canvas.fill(shape.x, shape.x + shape.width, shape.y, PHASES[shape.phase].glyph, own);
  }
  for (const exchange of lane.exchanges) {
    for (const shape of exchange.shapes) {
      if (shape.type === 'text') canvas.put(shape.x, shape.y, shape.text, exchange.current ? 'accent' : null);
      else
        canvas.fill(shape.x, shape.x + shape.width, shape.y, PHASES[shape.phase].glyph, phaseStyle(shape.phase, own));
    }
    if (exchange.outcome === 'failed') canvas.put(exchange.x + exchange.width - 1, exchange.y + 1, '✕', 'bad');
  }
  for (const shape of lane.shapes) {
    if (shape.type === 'text') drawText(canvas, shape, own);
    if (shape.type === 'beginning') canvas.put(shape.x, shape.y, BEGINNINGS[shape.beginning].glyph, own);
    if (shape.type === 'mark') drawMark(canvas, shape.x, shape.y, shape.mark, shape.title);
  }
}

function phaseStyle(phase: keyof typeof PHASES, own: Style): Style {
  return phase === 'waiting' || phase === 'blocked' ? 'quiet' : own;
}

function drawText(canvas: TextCanvas, shape: TextShape, own: Style): void {
  const quiet = shape.role === 'note' || shape.role === 'gap' || shape.role === 'earlier';
  const style: Style = shape.role === 'protocol' ? own : shape.role === 'lane' ? 'strong' : quiet ? 'quiet' : null;
  const text = shape.role === 'gap' ? ` ${shape.text} ` : shape.text;
  canvas.put(shape.role === 'gap' ? shape.x - 1 : shape.x, shape.y, text, style);
}

/** The sign on the lane; its words above it where nothing else stands. */
function drawMark(canvas: TextCanvas, x: number, y: number, mark: MarkKind, title: string): void {
  const style: Style = mark === 'rst' || mark === 'problem' ? 'bad' : 'strong';
  canvas.put(x, y, MARKS[mark].glyph, style);
  if (mark === 'frame' || mark === 'write') return;
  const left = Math.min(x, canvas.width - title.length);
  const fits = [title, MARKS[mark].word].map((t) => ({ t, x: Math.min(x, canvas.width - t.length) }));
  const choice = fits.find((f) => f.x > 0 && canvas.isFree(f.x - 1, f.x + f.t.length + 1, y - 1));
  if (choice && left > 0) canvas.put(choice.x, y - 1, choice.t, style);
}
