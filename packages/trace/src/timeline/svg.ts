import { protocolLook } from '../look/protocol.ts';
import { escapeMarkup } from '../look/text.ts';
import { layout } from './layout.ts';
import type { Timeline } from './model.ts';
import type { AxisShape, Drawing, ExchangeGroup, LaneGroup, LaneShape, PhaseShape, TextShape } from './shapes.ts';
import { denseMetrics, pixelMetrics } from './shapes.ts';
import { standaloneStyle } from './style.ts';
import { beginningPath, markPath, number } from './svg-marks.ts';

export interface SvgOptions {
  /** CSS pixels; the drawing never grows beyond it. Default 720. */
  readonly width?: number;
  /** Makes ids unique when several drawings stand in one document. */
  readonly idPrefix?: string;
  /** A file of its own: carries its style sheet, with light and dark. Inside a page, `timelineCss` does that. */
  readonly standalone?: boolean;
  /** For dozens of exchanges: thin bars without words, as `denseMetrics` says. */
  readonly dense?: boolean;
}

/**
 * Draws a timeline as SVG text. No style attributes and no scripts, so it stands under any Content-Security-Policy; text
 * from a peer is escaped; the picture's words are in `<title>` and `<desc>`, and in `timelineTable` for reading by row.
 */
export function timelineSvg(timeline: Timeline, options: SvgOptions = {}): string {
  const metrics = options.dense === true ? denseMetrics : pixelMetrics;
  return drawingSvg(layout(timeline, metrics(options.width ?? 720)), options);
}

/** Draws a finished layout. */
export function drawingSvg(drawing: Drawing, options: SvgOptions = {}): string {
  const prefix = options.idPrefix ?? 'tl';
  const [w, h] = [number(drawing.width), number(drawing.height)];
  const hasLinks = drawing.lanes.some((lane) => lane.exchanges.some((e) => e.href !== null));
  // An image hides what is inside from assistive technology; links must stay reachable.
  const role = hasLinks ? 'group' : 'img';
  const open =
    `<svg xmlns="http://www.w3.org/2000/svg" class="tl" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" ` +
    `role="${role}" aria-labelledby="${prefix}-t" aria-describedby="${prefix}-d">`;
  return [
    open,
    `<title id="${prefix}-t">${escapeMarkup(drawing.title)}</title>`,
    `<desc id="${prefix}-d">${escapeMarkup(drawing.description)}</desc>`,
    options.standalone ? `<style>${standaloneStyle()}</style><rect class="tl-paper" width="${w}" height="${h}"/>` : '',
    patterns(prefix),
    `<g class="tl-axis">${drawing.axis.map(axis).join('')}</g>`,
    ...drawing.lanes.map((group) => lane(group, prefix)),
    '</svg>',
  ].join('');
}

/** Hatches in each protocol's colour, so that a phase can be told without seeing colour. */
function patterns(prefix: string): string {
  const hatch = (key: string): string =>
    `<pattern id="${prefix}-hs-${key}" class="p-${key}" width="5" height="5" patternUnits="userSpaceOnUse" ` +
    `patternTransform="rotate(45)"><line class="tl-hatch" x1="0" y1="0" x2="0" y2="5"/></pattern>`;
  const blocked =
    `<pattern id="${prefix}-bl" width="4" height="4" patternUnits="userSpaceOnUse">` +
    '<line class="tl-hatch-blocked" x1="0" y1="0" x2="0" y2="4"/></pattern>';
  return `<defs>${['h1', 'h2', 'h3', 'ws', 'none'].map(hatch).join('')}${blocked}</defs>`;
}

function axis(shape: AxisShape): string {
  const [x, y1] = [number(shape.x), number(shape.y1)];
  const textY = number(shape.y2 + 17);
  const label = escapeMarkup(shape.label);
  if (shape.type === 'tick') {
    return `<line class="tl-grid" x1="${x}" x2="${x}" y1="${y1}" y2="${number(shape.y2 + 5)}"/><text class="tl-tick" x="${x}" y="${textY}">${label}</text>`;
  }
  return `<text class="tl-fold-text" x="${number(shape.x + shape.width / 2)}" y="${textY}">${label}</text>`;
}

function lane(group: LaneGroup, prefix: string): string {
  const key = group.protocol ? protocolLook(group.protocol).key : 'none';
  const round = group.protocol ? protocolLook(group.protocol).round : 0;
  const back = group.shapes
    .filter((s) => s.type === 'spine' || s.type === 'phase')
    .map((s) => laneShape(s, key, prefix));
  const front = group.shapes
    .filter((s) => s.type !== 'spine' && s.type !== 'phase')
    .map((s) => laneShape(s, key, prefix));
  const exchanges = group.exchanges.map((e) => exchange(e, key, round, prefix));
  return (
    `<g class="tl-lane p-${key}" data-lane="${escapeMarkup(group.id)}"><title>${escapeMarkup(group.title)}</title>` +
    `${back.join('')}${exchanges.join('')}${front.join('')}</g>`
  );
}

function laneShape(shape: LaneShape, key: string, prefix: string): string {
  switch (shape.type) {
    case 'spine': {
      const y = number(shape.y);
      const [x1, x2] = [number(shape.x1), number(shape.x2)];
      const stub = shape.start === 'before' ? `<path class="tl-stub" d="M${number(shape.x1 - 10)} ${y}H${x1}"/>` : '';
      const tail = shape.end === 'open' ? `<path class="tl-stub" d="M${x2} ${y}h14"/>` : '';
      const line = [...shape.breaks, shape.x2].reduce(
        (d, x, i) => `${d}${i === shape.breaks.length ? `H${x2}` : `H${number(x - 4)}M${number(x + 4)} ${y}`}`,
        `M${x1} ${y}`,
      );
      const slashes = shape.breaks.map((x) =>
        [x - 4, x + 4].map((s) => `M${number(s - 2)} ${number(shape.y + 6)}l4 -12`).join(''),
      );
      const folds = slashes.length > 0 ? `<path class="tl-fold" d="${slashes.join('')}"/>` : '';
      return `${stub}<path class="tl-spine" d="${line}"/>${folds}${tail}`;
    }
    case 'beginning':
      return beginningPath(shape.beginning, shape.x, shape.y);
    case 'mark':
      return `<g class="tl-mark tl-mark-${shape.mark}"><title>${escapeMarkup(shape.title)}</title>${markPath(shape.mark, shape.x, shape.y)}</g>`;
    case 'phase':
      return phase(shape, key, 0, prefix);
    case 'text':
      return text(shape);
  }
}

function exchange(group: ExchangeGroup, key: string, round: number, prefix: string): string {
  const inner = group.shapes.map((s) => (s.type === 'phase' ? phase(s, key, round, prefix) : text(s))).join('');
  const bar = group.shapes.find((s) => s.type === 'phase');
  const under = bar
    ? `<path class="tl-under" d="M${number(group.x)} ${number(bar.y + bar.height + 3.5)}h${number(Math.max(group.width, 4))}"/>`
    : '';
  const names = ['tl-ex', group.current ? 'tl-current' : '', `tl-${group.outcome}`].filter(Boolean).join(' ');
  const body =
    `<g class="${names}" data-exchange="${escapeMarkup(group.id)}"><title>${escapeMarkup(group.title)}</title>` +
    `${inner}${group.current ? under : ''}</g>`;
  return group.href
    ? `<a href="${escapeMarkup(group.href)}" aria-label="${escapeMarkup(group.title)}">${body}</a>`
    : body;
}

function phase(shape: PhaseShape, key: string, round: number, prefix: string): string {
  const { x, y, width, height } = shape;
  const middle = number(y + height / 2);
  const rect = (name: string, dy: number, extra: string): string =>
    `<rect class="${name}" x="${number(x)}" y="${number(y + dy)}" width="${number(width)}" height="${number(height - 2 * dy)}"${extra}/>`;
  const box = (dy: number, extra = ''): string => rect(`tl-${shape.phase}`, dy, extra);
  // Hatches let the spine shine through without paper behind them.
  const back = (dy: number): string => rect('tl-back', dy, '');
  switch (shape.phase) {
    case 'waiting':
      return `${back(height / 2 - 2)}<path class="tl-waiting" d="M${number(x)} ${middle}h${number(width)}"/>`;
    case 'blocked':
      return `${back(3)}${box(3, ` fill="url(#${prefix}-bl)"`)}`;
    case 'handshake':
      return `${back(1)}${box(1, ` fill="url(#${prefix}-hs-${key})"`)}`;
    case 'request':
      return box(4);
    case 'server':
      return box(0);
    case 'response':
      return box(0, round > 0 ? ` rx="${number(Math.min(height * round, width / 2))}"` : '');
  }
}

function text(shape: TextShape): string {
  const anchor = shape.anchor === 'start' ? '' : ` text-anchor="${shape.anchor}"`;
  return `<text class="tl-t-${shape.role}" x="${number(shape.x)}" y="${number(shape.y)}"${anchor}>${escapeMarkup(shape.text)}</text>`;
}
