import { BEGINNINGS, MARKS } from '../look/marks.ts';
import { protocolLook } from '../look/protocol.ts';
import { clip, count, duration, visibleText } from '../look/text.ts';
import { type Exchange, extent, type Lane, spans, type Timeline } from './model.ts';
import { orderScale, type Scale, timeScale } from './scale.ts';
import type {
  AxisShape,
  Drawing,
  ExchangeGroup,
  LaneGroup,
  LaneShape,
  Metrics,
  PhaseShape,
  TextShape,
} from './shapes.ts';
import { exchangeWords, laneWords, timelineWords } from './words.ts';

/** Turns a timeline into shapes. The only place that decides where things stand; painters draw what it says. */
export function layout(timeline: Timeline, metrics: Metrics): Drawing {
  const isTimed = timeline.scale !== 'order';
  const frame = {
    ...(timeline.from !== undefined && { from: timeline.from }),
    ...(timeline.to !== undefined && { to: timeline.to }),
  };
  const scale = (isTimed ? timeScale : orderScale)(spans(timeline), frame, {
    x0: metrics.gutter,
    x1: metrics.width - metrics.margin,
    foldWidth: metrics.foldWidth,
    tickGap: metrics.tickGap,
  });
  const snap = (x: number): number => (metrics.snap > 0 ? Math.round(x / metrics.snap) * metrics.snap : x);

  let y = metrics.top;
  const lanes: LaneGroup[] = [];
  for (const lane of timeline.lanes) {
    const group = layoutLane(lane, y, { scale, metrics, snap, isTimed });
    lanes.push(group);
    y += group.height + metrics.laneGap;
  }
  const bottom = y - (lanes.length > 0 ? metrics.laneGap : 0);
  return {
    width: metrics.width,
    height: bottom + (isTimed ? metrics.axis : metrics.top),
    title: timeline.title,
    description: timelineWords(timeline),
    axis: axisShapes(scale, lanes, bottom, metrics, snap),
    lanes,
  };
}

/**
 * Folds first, since how long they were matters more than a tick; a label that would touch another is left out, and so is
 * that of a fold where a lane says how long it was idle.
 */
function axisShapes(
  scale: Scale,
  lanes: readonly LaneGroup[],
  bottom: number,
  metrics: Metrics,
  snap: (x: number) => number,
): AxisShape[] {
  const idle = lanes.flatMap((lane) => lane.shapes.filter((s) => s.type === 'text' && s.role === 'gap'));
  const isSaid = (x: number): boolean =>
    idle.some((s) => 'text' in s && Math.abs(x - centreOf(s, metrics)) < (s.text.length * metrics.char) / 2);
  const taken: { from: number; to: number }[] = [];
  const claim = (from: number, width: number): boolean => {
    const to = from + width;
    const isFree = taken.every((t) => to <= t.from || from >= t.to);
    if (isFree) taken.push({ from, to });
    return isFree;
  };
  const widthOf = (label: string): number => (label.length + 1) * metrics.char;
  const lines = { y1: metrics.top, y2: bottom };
  const folds = scale.folds.map(({ x, width, label }) => {
    const middle = x + width / 2;
    const isShown = !isSaid(middle) && claim(middle - widthOf(label) / 2, widthOf(label));
    return { type: 'fold' as const, x: snap(x), width, ...lines, label: isShown ? label : '' };
  });
  const ticks = scale.ticks.map(({ x, label }) => {
    // In cells a label stands behind its tick, in pixels under it.
    const isShown = claim(metrics.snap > 0 ? snap(x) : x - widthOf(label) / 2, widthOf(label));
    return { type: 'tick' as const, x: snap(x), ...lines, label: isShown ? label : '' };
  });
  return [...folds, ...ticks.filter((t) => t.label !== '')];
}

function centreOf(text: TextShape, metrics: Metrics): number {
  return text.anchor === 'middle' ? text.x : text.x + (text.text.length * metrics.char) / 2;
}

interface Space {
  readonly scale: Scale;
  readonly metrics: Metrics;
  readonly snap: (x: number) => number;
  readonly isTimed: boolean;
}

function layoutLane(lane: Lane, y: number, space: Space): LaneGroup {
  const { scale, metrics, snap } = space;
  const rows = packRows(lane.exchanges);
  const rowCount = Math.max(1, rows.length);
  const right = metrics.width - metrics.margin;
  const spineY = y + metrics.barAt + (metrics.snap > 0 ? 0 : metrics.bar / 2);
  const x1 = lane.openedAt === null ? metrics.gutter : snap(scale.at(lane.openedAt));
  const x2 = lane.closedAt === null ? right : snap(scale.at(lane.closedAt));

  const shapes: LaneShape[] = [
    {
      type: 'spine',
      x1,
      x2: Math.max(x1, x2),
      y: spineY,
      start: lane.openedAt === null ? 'before' : 'opened',
      end: lane.closedAt === null ? 'open' : 'closed',
      breaks: scale.folds.map((f) => f.x + f.width / 2).filter((x) => x > x1 && x < x2),
    },
    ...laneName(lane, y, metrics),
  ];
  if (lane.handshake) {
    shapes.push(phaseShape('handshake', lane.handshake.from, lane.handshake.to, y + metrics.barAt, x1, space));
  }
  if (lane.openedAt !== null) shapes.push({ type: 'beginning', x: x1, y: spineY, beginning: lane.beginning });

  const exchanges = rows.flatMap((row, index) => layoutRow(row, y + index * metrics.row, right, space));
  if (metrics.dense === undefined)
    shapes.push(...gapLabels(rows[0] ?? [], exchanges, y, space), ...earlierLabel(lane, exchanges, x1, y, metrics));

  for (const mark of lane.marks ?? []) {
    const word = mark.label ?? MARKS[mark.kind].word;
    const title = visibleText(mark.by ? `${word}, by the ${mark.by}` : word);
    shapes.push({ type: 'mark', x: snap(scale.at(mark.at)), y: spineY, mark: mark.kind, title });
  }
  return {
    id: lane.id,
    protocol: lane.protocol,
    title: laneWords(lane),
    y,
    height: Math.max(rowCount * metrics.row, metrics.dense?.lane ?? 0),
    shapes,
    exchanges,
  };
}

/** Exchanges that overlap in time stand in rows of their own; on an HTTP/1.1 connection this never happens. */
function packRows(exchanges: readonly Exchange[]): Exchange[][] {
  const rows: { end: number; row: Exchange[] }[] = [];
  const drawn = exchanges.flatMap((exchange) => {
    const span = extent(exchange);
    return span ? [{ exchange, span }] : [];
  });
  for (const { exchange, span } of drawn.sort((a, b) => a.span.from - b.span.from)) {
    const free = rows.find((r) => r.end <= span.from);
    if (free) {
      free.row.push(exchange);
      free.end = span.to;
    } else rows.push({ end: span.to, row: [exchange] });
  }
  return rows.map((r) => r.row);
}

function layoutRow(row: readonly Exchange[], y: number, right: number, space: Space): ExchangeGroup[] {
  const { metrics, isTimed } = space;
  const groups: ExchangeGroup[] = [];
  let cursor = metrics.gutter;
  for (const exchange of row) {
    const bars: PhaseShape[] = [];
    for (const stretch of exchange.phases) {
      const bar = phaseShape(stretch.phase, stretch.from, stretch.to, y + metrics.barAt, cursor, space);
      bars.push(bar);
      cursor = bar.x + bar.width;
    }
    const x = bars[0]?.x ?? cursor;
    groups.push({
      id: exchange.id,
      title: exchangeWords(exchange, isTimed),
      current: exchange.current ?? false,
      outcome: exchange.outcome,
      href: exchange.href ?? null,
      x,
      y,
      width: cursor - x,
      height: metrics.row,
      shapes: bars,
    });
    cursor += metrics.snap > 0 ? metrics.snap : 1;
  }
  return squeeze(groups, right).map((group, index, all) => {
    const next = all[index + 1]?.x ?? metrics.width;
    const label = exchangeLabel(row[index], group, next, y, metrics);
    return label ? { ...group, shapes: [...group.shapes, label] } : group;
  });
}

/** Where least widths have pushed bars beyond the right edge, the whole row gives way evenly, from its left end. */
function squeeze(groups: ExchangeGroup[], right: number): ExchangeGroup[] {
  const first = groups[0];
  const last = groups.at(-1);
  if (!first || !last || last.x + last.width <= right) return groups;
  const factor = (right - first.x) / (last.x + last.width - first.x);
  const fit = (x: number): number => first.x + (x - first.x) * factor;
  return groups.map((group) => ({
    ...group,
    x: fit(group.x),
    width: group.width * factor,
    shapes: group.shapes.map((s) =>
      s.type === 'phase' ? { ...s, x: fit(s.x), width: Math.max(s.width * factor, 0.5) } : s,
    ),
  }));
}

function phaseShape(
  phase: PhaseShape['phase'],
  from: number,
  to: number,
  y: number,
  notBefore: number,
  { scale, metrics, snap }: Space,
): PhaseShape {
  const x = Math.max(snap(scale.at(from)), notBefore);
  const end = Math.max(snap(scale.at(to)), x + metrics.leastPhase);
  return { type: 'phase', phase, x, y, width: end - x, height: metrics.bar };
}

/** As much of the label as fits before the next exchange: number and name, else the number, else nothing. */
function exchangeLabel(
  exchange: Exchange | undefined,
  group: ExchangeGroup,
  next: number,
  y: number,
  metrics: Metrics,
): TextShape | null {
  if (!exchange || metrics.dense !== undefined) return null;
  const room = Math.floor((next - group.x) / metrics.char) - 1;
  const name = visibleText(exchange.label);
  const number = exchange.nth === null ? '' : String(exchange.nth);
  const full = number ? `${number} ${name}` : name;
  const text = full.length <= room ? full : room >= number.length + 6 ? clip(full, room) : number;
  if (text === '' || text.length > room + 1) return null;
  return { type: 'text', role: 'exchange', x: group.x, y: y + metrics.labelAt, text, anchor: 'start' };
}

function laneName(lane: Lane, y: number, metrics: Metrics): TextShape[] {
  const isCells = metrics.snap > 0;
  const look = lane.protocol ? protocolLook(lane.protocol) : null;
  const label = clip(visibleText(lane.label), Math.floor(metrics.gutter / metrics.char) - (isCells ? 4 : 5));
  const row = isCells ? y + metrics.barAt : y + (metrics.dense?.nameAt ?? metrics.barAt + metrics.bar - 3);
  const name: TextShape[] = [{ type: 'text', role: 'lane', x: 0, y: row, text: label, anchor: 'start' }];
  const codeAt = isCells ? label.length + 1 : label.length * metrics.char * 1.5 + 8;
  if (look) name.push({ type: 'text', role: 'protocol', x: codeAt, y: row, text: look.code, anchor: 'start' });
  if (lane.kind === 'connection') {
    const word = BEGINNINGS[lane.beginning].word;
    const noteAt = isCells ? 0 : row + 14;
    name.push({
      type: 'text',
      role: 'note',
      x: 0,
      y: isCells ? y + metrics.labelAt : noteAt,
      text: word,
      anchor: 'start',
    });
  }
  return name;
}

/** `idle 1.2 s` between two bars, where there is room for it. */
function gapLabels(row: readonly Exchange[], groups: readonly ExchangeGroup[], y: number, space: Space): TextShape[] {
  const { metrics, isTimed } = space;
  if (!isTimed) return [];
  const labels: TextShape[] = [];
  for (let i = 1; i < row.length; i++) {
    const [before, after] = [row[i - 1], row[i]];
    const [left, right] = [groups[i - 1], groups[i]];
    const [end, start] = [before && extent(before), after && extent(after)];
    if (!left || !right || !end || !start) continue;
    const text = `idle ${duration(start.from - end.to)}`;
    const room = right.x - (left.x + left.width);
    if (room < (text.length + 2) * metrics.char) continue;
    const isCells = metrics.snap > 0;
    labels.push({
      type: 'text',
      role: 'gap',
      x: left.x + left.width + (isCells ? Math.floor((room - text.length) / 2) : room / 2),
      y: isCells ? y + metrics.barAt : y + metrics.barAt + metrics.bar + 11,
      text,
      anchor: isCells ? 'start' : 'middle',
    });
  }
  return labels;
}

/** `3 earlier exchanges`, before the first bar. */
function earlierLabel(
  lane: Lane,
  groups: readonly ExchangeGroup[],
  x1: number,
  y: number,
  metrics: Metrics,
): TextShape[] {
  if (!lane.earlier) return [];
  const room = (groups[0]?.x ?? metrics.width) - x1;
  const words = [`${count(lane.earlier, 'earlier exchange')}`, `${lane.earlier} earlier`, `+${lane.earlier}`];
  const text = words.find((w) => (w.length + 2) * metrics.char <= room);
  if (!text) return [];
  const isCells = metrics.snap > 0;
  const x = x1 + (isCells ? 2 : 10);
  const row = isCells ? y + metrics.labelAt : y + metrics.labelAt;
  return [{ type: 'text', role: 'earlier', x, y: row, text, anchor: 'start' }];
}
