import { escapeMarkup } from '@interleave/trace/look';

/** What a stretch of a row is: handed on, on its way or missing. Each has a look that does without colour. */
export type Mark = 'came' | 'held' | 'lost' | 'due' | 'asked';

export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly mark: Mark;
}

/** One lane of a panel: a name at its left, bars on the panel's ruler, what came of it at its right. */
export interface Row {
  readonly name: string;
  readonly bars: readonly Bar[];
  /** Stands where bars would. */
  readonly note?: string;
  readonly verdict: string;
  readonly isLate: boolean;
  /** The row in words, for who cannot see it. */
  readonly words: string;
}

export interface Panel {
  /** Unique in the page. */
  readonly id: string;
  /** A true sentence: the picture's accessible name. */
  readonly title: string;
  readonly protocol: 'h1' | 'h2' | 'h3';
  readonly rows: readonly Row[];
  /** Where the ruler ends, and how a place on it is written. */
  readonly most: number;
  readonly tick: (at: number) => string;
  /** A stretch that goes through all rows. */
  readonly band: { readonly from: number; readonly to: number } | null;
  readonly left: number;
  readonly right: number;
}

const ROW = 19;
const BAR = 13;
const TOP = 4;
const FOOT = 24;

/** Rows as SVG, `width` pixels wide. Without style attributes, so that it may stand under a strict policy. */
export function panelSvg({ id, title, protocol, rows, most, tick, band, left, right }: Panel, width: number): string {
  const scale = (at: number): number => left + (at / Math.max(1, most)) * (width - left - right);
  const bottom = TOP + rows.length * ROW;
  const drawn = rows.map((row, i) => rowSvg(row, TOP + i * ROW, scale, id, width - right + 8));
  const through =
    band === null
      ? ''
      : `<rect class="hl-band" x="${x(scale(band.from))}" y="0" width="${x(Math.max(2, scale(band.to) - scale(band.from)))}" height="${bottom}"/>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" class="tl hl p-${protocol}" width="${width}" height="${bottom + FOOT}" viewBox="0 0 ${width} ${bottom + FOOT}" role="img" aria-labelledby="${id}-t" aria-describedby="${id}-d">` +
    `<title id="${id}-t">${escapeMarkup(title)}</title><desc id="${id}-d">${escapeMarkup(rows.map(({ words }) => words).join(' '))}</desc>` +
    `<defs><pattern id="${id}-hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hl-hatch" d="M0 0V5"/></pattern></defs>` +
    `${through}${drawn.join('')}${axis(most, tick, scale, bottom, width - left - right < 260 ? 2.9 : 4)}</svg>`
  );
}

function rowSvg(row: Row, y: number, scale: (at: number) => number, id: string, verdictAt: number): string {
  const marks = [...new Set(row.bars.map(({ mark }) => mark))].sort();
  // One element for all bars of a mark: a page of frames would else be thousands of them.
  const bars = marks.map((mark) => {
    const outlines = row.bars
      .filter((bar) => bar.mark === mark)
      .map(({ from, to }) => {
        const start = scale(from);
        const wide = x(Math.max(mark === 'lost' ? 3 : 0.6, scale(to) - start - 0.5));
        return `M${x(start)} ${y}h${wide}v${BAR}h-${wide}z`;
      });
    const fill = mark === 'held' ? ` fill="url(#${id}-hatch)"` : '';
    return `<path class="hl-${mark}"${fill} d="${outlines.join('')}"/>`;
  });
  const note =
    row.note === undefined
      ? ''
      : `<text class="tl-t-note" x="${x(scale(0))}" y="${y + 11}">${escapeMarkup(row.note)}</text>`;
  const late = row.isLate ? ' class="hl-late"' : ' class="hl-fine"';
  return `<text class="strip-name" x="0" y="${y + 11}">${escapeMarkup(row.name)}</text>${bars.join('')}${note}<text${late} x="${verdictAt}" y="${y + 11}">${escapeMarkup(row.verdict)}</text>`;
}

function axis(
  most: number,
  tick: (at: number) => string,
  scale: (at: number) => number,
  y: number,
  stretches: number,
): string {
  const step = stepOf(most, stretches);
  const marks: string[] = [];
  for (let at = 0; at <= most; at += step) {
    const first = at === 0 ? ' strip-first' : '';
    marks.push(
      `<path class="tl-grid" d="M${x(scale(at))} ${y}V${y + 5}"/><text class="tl-tick${first}" x="${x(scale(at))}" y="${y + 18}">${escapeMarkup(tick(at))}</text>`,
    );
  }
  return marks.join('');
}

/** The length of a stretch between two marks: a round number, and at most so many of them. */
function stepOf(most: number, stretches: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most)));
  return (
    [0.2, 0.25, 0.5, 1, 2, 2.5, 5, 10].map((share) => share * power).find((step) => most / step <= stretches) ?? power
  );
}

function x(value: number): string {
  return value.toFixed(1);
}
