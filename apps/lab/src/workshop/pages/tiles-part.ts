/** The frames of an HTTP/2 run as tiles, a row for each stream: hollow ones from the client, full ones from the server. */
import type { CheckResult } from '@interleave/judge';
import { type BlockShown, type Tile, type Tiles, tilesOf, tilesTitle } from '@interleave/judge/watch';
import { html } from 'hono/html';
import type { Html } from './layout.ts';

const ROW = 22;
const TOP = 8;
/** Frames that a picture has room for; the list below it has all of them. */
const MOST = 160;
const ROWS = 40;
/** A letter fits into a tile of this width. */
const LETTER = 10;

/** Nothing where no connection spoke HTTP/2. */
export function tilesPart(test: CheckResult): Html {
  const all = tilesOf(test);
  if (all.length === 0) return html``;
  return html`<h3>Frames <span class="quiet">${tilesTitle(all)}</span></h3>${all.map(
    (
      tiles,
    ) => html`<figure class="run-figure tiles"><div class="wide">${picture(tiles, 1230, 190)}</div><div class="narrow">${picture(tiles, 350, 70)}</div>
<figcaption class="small quiet">${tiles.connection}, from left to right in the order of the wire${tiles.frames > MOST ? `; the first ${MOST} of ${tiles.frames} frames` : ''}. Hollow: the client’s. Full: the server’s. A notch at the right: END_STREAM. ${legend(tiles)}.</figcaption></figure>
${blocks(tiles)}
<details><summary>Each frame in words</summary><ol class="small frame-list">${tiles.rows
      .flatMap(({ tiles: own }) => own)
      .toSorted((a, b) => a.place - b.place)
      .map(({ by, words }) => html`<li>${by === 'client' ? '→' : '←'} <code>${words}</code></li>`)}</ol></details>`,
  )}`;
}

function picture({ connection, rows, frames }: Tiles, width: number, margin: number): Html {
  const shown = Math.min(frames, MOST);
  const step = Math.min(20, (width - margin - 2) / Math.max(1, shown));
  const used = rows.slice(0, ROWS);
  const height = TOP + used.length * ROW + 4;
  const x = (place: number): number => margin + place * step;
  return html`<svg viewBox="0 0 ${width} ${height}" width="100%" role="img" aria-label="The frames of ${connection}, a row for each stream">${used.map(
    ({ stream, request, tiles }, i) => {
      const y = TOP + i * ROW;
      const name = request === null || width < 600 ? `${stream}` : `${stream} ${request}`;
      return html`<text x="${margin - 8}" y="${y + 13}" text-anchor="end" font-size="12" fill="currentColor">${name.length > 28 ? `${name.slice(0, 27)}…` : name}</text>
<line x1="${margin}" x2="${(x(shown)).toFixed(1)}" y1="${y + 9}" y2="${y + 9}" stroke="currentColor" stroke-opacity="0.15"/>
${tiles.filter(({ place }) => place < shown).map((tile) => tileShape(tile, x(tile.place), y, step))}`;
    },
  )}</svg>`;
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
  return html`<g><title>${tile.words}, ${tile.bytes.toLocaleString('en')} bytes</title><rect x="${x.toFixed(1)}" y="${top.toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}" class="tile tile-${kind} tile-${tile.by}"/>${notch}${letter}</g>`;
}

function legend({ rows }: Tiles): string {
  const names = new Map(rows.flatMap(({ tiles }) => tiles.map(({ letter, name }) => [letter, name] as const)));
  return [...names].map(([letter, name]) => `${letter} ${name}`).join(', ');
}

/** Each block, and the table of the one who decodes it: filled by one, used by the next. */
function blocks({ blocks: all }: Tiles): Html {
  const asked = all.filter(({ by }) => by === 'client');
  if (asked.length < 2) return html``;
  const row = ({ words, bytes, lines, size }: BlockShown): Html =>
    html`<tr><td><code>${words}</code></td><td>${bytes.toLocaleString('en')}</td><td>${lines}</td><td>${size.toLocaleString('en')}</td></tr>`;
  const isTelling = asked.some(({ bytes }) => bytes > 250);
  return html`<details${isTelling ? html` open` : ''}><summary>The client’s header blocks, and the table behind each</summary><div class="table-scroll" tabindex="0" role="group" aria-label="Header blocks"><table class="small blocks">
<thead><tr><th scope="col">block</th><th scope="col">bytes</th><th scope="col">lines in the table</th><th scope="col">bytes in the table</th></tr></thead>
<tbody>${asked.map(row)}</tbody></table></div></details>`;
}
