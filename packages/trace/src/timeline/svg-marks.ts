import type { Beginning, MarkKind } from '../look/marks.ts';

/** A coordinate with at most two decimals: small files, same bytes on every engine. */
export function number(n: number): string {
  return String(Math.round(n * 100) / 100);
}

/** The sign of a beginning, centred on a point; drawn, so that no font has to have it. */
export function beginningPath(beginning: Beginning, x: number, y: number, r = 5): string {
  const [cx, cy] = [number(x), number(y)];
  const circle = (name: string): string => `<circle class="${name}" cx="${cx}" cy="${cy}" r="${r}"/>`;
  switch (beginning) {
    case 'new':
      return circle('tl-dot');
    case 'preconnected':
      return circle('tl-ring');
    case 'resumed':
      return `${circle('tl-ring')}<path class="tl-dot" d="M${cx} ${number(y - r)}a${r} ${r} 0 0 0 0 ${2 * r}z"/>`;
    case 'early-data':
      return `<path class="tl-dot" d="M${number(x - r - 1)} ${cy}L${cx} ${number(y - r - 1)}L${number(x + r + 1)} ${cy}L${cx} ${number(y + r + 1)}z"/>`;
    case 'cache':
      return `<rect class="tl-ring" x="${number(x - r + 1)}" y="${number(y - r + 1)}" width="${2 * r - 2}" height="${2 * r - 2}"/>`;
    case 'reused':
      return `<path class="tl-sign" d="M${number(x - r)} ${number(y - 2)}h${2 * r}M${number(x - r)} ${number(y + 2)}h${2 * r}"/>`;
    case 'unknown':
      return `<circle class="tl-ring tl-doubt" cx="${cx}" cy="${cy}" r="${r}"/>`;
  }
}

/** The sign of a mark, centred on a point of its lane. */
export function markPath(mark: MarkKind, x: number, y: number): string {
  const p = (dx: number, dy: number): string => `${number(x + dx)} ${number(y + dy)}`;
  switch (mark) {
    case 'fin':
    case 'close':
      return `<path class="tl-sign" d="M${p(0, -9)}V${number(y + 9)}"/>`;
    case 'rst':
      return `<path class="tl-sign" d="M${p(-5, -5)}L${p(5, 5)}M${p(-5, 5)}L${p(5, -5)}"/>`;
    case 'goaway':
      return `<path class="tl-sign" d="M${p(0, 9)}V${number(y - 12)}"/><path class="tl-flag" d="M${p(0, -12)}l9 4l-9 4z"/>`;
    case 'timeout':
      return `<path class="tl-sign" d="M${p(-5, -7)}H${number(x + 5)}L${p(-5, 7)}H${number(x + 5)}z"/>`;
    case 'frame':
    case 'write':
      return `<path class="tl-sign" d="M${p(0, 8)}v6"/>`;
    case 'problem':
      return `<path class="tl-flag" d="M${p(0, -15)}l6 10h-12z"/><path class="tl-sign" d="M${p(0, -5)}V${number(y + 9)}"/>`;
  }
}
