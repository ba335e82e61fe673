/** The frames of an HTTP/2 run as tiles, a row for each stream: hollow ones from the client, full ones from the server. */
import type { Tile, TileRow, Tiles } from '@interleave/judge/watch';
import { html } from 'hono/html';
import type { Html } from './layout.ts';

const ROW = 22;
const TOP = 8;
/** Frames that a picture has room for; the list below it has all of them. */
export const MOST = 160;
const ROWS = 40;
/** A letter fits into a tile of this width. */
const LETTER = 10;
const WIDEST = 28;
/** Where the first frame stands, right of the names of the rows. */
export const MARGIN = 190;
export const WIDTH = 1230;
/** On a phone tiles keep a size that can be read, and the picture is moved sideways. */
const NARROW_STEP = 13;
const NARROW_NAMES = 34;

/** How wide a frame is in a picture of this width. Pictures that stand below each other have the same frame in the same place. */
export function stepOf(frames: number, width: number, margin: number): number {
  return Math.min(WIDEST, (width - margin - 2) / Math.max(1, frames));
}

/** One connection. */
export function tilesFigure(tiles: Tiles): Html {
  const { connection, rows, frames } = tiles;
  const shown = Math.min(frames, MOST);
  const used = rows.slice(0, ROWS);
  const more = [
    frames > MOST ? `the first ${MOST} of ${frames} frames` : '',
    rows.length > ROWS ? `the first ${ROWS} of ${rows.length} rows` : '',
  ].filter((part) => part !== '');
  const told = `The frames of ${connection}, a row for each stream`;
  const narrow = Math.max(300, shown * NARROW_STEP + 4);
  return html`<figure class="run-figure tiles"><div class="wide"><svg viewBox="0 0 ${WIDTH} ${heightOf(used)}" width="100%" role="img" aria-label="${told}">${names(used, MARGIN - 8, true)}${drawn(used, MARGIN, stepOf(shown, WIDTH, MARGIN), shown)}</svg></div>
<div class="narrow tiles-narrow"><svg viewBox="0 0 ${NARROW_NAMES} ${heightOf(used)}" width="${NARROW_NAMES}" height="${heightOf(used)}" aria-hidden="true">${names(used, NARROW_NAMES - 6, false)}</svg><div class="sideways" tabindex="0" role="group" aria-label="${told}; it can be moved sideways"><svg viewBox="0 0 ${narrow} ${heightOf(used)}" width="${narrow}" height="${heightOf(used)}" role="img" aria-label="${told}">${drawn(used, 0, NARROW_STEP, shown)}</svg></div></div>
<figcaption class="small quiet">${connection}, from left to right in the order of the wire${more.length === 0 ? '' : `; ${more.join(', ')}`}. Hollow: the client’s. Full: the server’s. A notch at the right: END_STREAM. Row 0 is the connection’s own. ${legend(tiles)}.</figcaption></figure>`;
}

function heightOf(rows: readonly TileRow[]): number {
  return TOP + rows.length * ROW + 4;
}

function names(rows: readonly TileRow[], right: number, isWide: boolean): Html[] {
  return rows.map(({ stream, request }, i) => {
    const whole = !isWide || stream === 0 || request === null ? `${stream}` : `${stream} ${request}`;
    const name = isWide && stream === 0 ? 'the connection 0' : whole;
    return html`<text x="${right}" y="${TOP + i * ROW + 13}" text-anchor="end" font-size="12" fill="currentColor">${name.length > 28 ? `${name.slice(0, 27)}…` : name}</text>`;
  });
}

function drawn(rows: readonly TileRow[], margin: number, step: number, shown: number): Html[] {
  return rows.map(({ stream, tiles }, i) => {
    const y = TOP + i * ROW;
    const end = (margin + shown * step).toFixed(1);
    const ground =
      stream === 0
        ? html`<rect x="${margin}" y="${y - 2}" width="${(shown * step).toFixed(1)}" height="22" class="row-0"/>`
        : '';
    return html`${ground}<line x1="${margin}" x2="${end}" y1="${y + 9}" y2="${y + 9}" stroke="currentColor" stroke-opacity="0.15"/>
${tiles.filter(({ place }) => place < shown).map((tile) => tileShape(tile, margin + tile.place * step, y, step))}`;
  });
}

function tileShape(tile: Tile, x: number, y: number, step: number): Html {
  const width = Math.max(1.5, step - 1.5);
  // DATA stands as high as it is full, up to a whole frame.
  const part = tile.letter === 'D' ? 0.35 + 0.65 * Math.min(1, tile.bytes / 16_384) : 1;
  const height = 18 * part;
  const top = y + 18 - height;
  const kind = tile.letter === 'D' ? 'data' : tile.letter === 'H' || tile.letter === 'C' ? 'head' : 'else';
  const notch = tile.ends
    ? html`<rect x="${(x + width - 2).toFixed(1)}" y="${y - 1}" width="2.5" height="20" class="tile-end"/>`
    : '';
  const letter =
    step >= LETTER && height >= LETTER
      ? html`<text x="${(x + width / 2).toFixed(1)}" y="${y + 14}" text-anchor="middle" font-size="10" class="tile-letter tile-${tile.by}">${tile.letter}</text>`
      : '';
  return html`<g data-at="${tile.place}"><title>${tile.words}, ${tile.bytes.toLocaleString('en')} bytes</title><rect x="${x.toFixed(1)}" y="${top.toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}" class="tile tile-${kind} tile-${tile.by}"/>${notch}${letter}</g>`;
}

function legend({ rows }: Tiles): string {
  const used = new Map(rows.flatMap(({ tiles }) => tiles.map(({ letter, name }) => [letter, name] as const)));
  return [...used].map(([letter, name]) => `${letter} ${name}`).join(', ');
}
