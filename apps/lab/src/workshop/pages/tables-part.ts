/** The memory of the client's header blocks: for each block its bytes on the wire, and the table behind it, on one scale. */
import { type BlockLine, type BlockStory, blockWords, type Remembered, type Tables } from '@interleave/judge/watch';
import { clip, visibleText } from '@interleave/trace/look';
import { html } from 'hono/html';
import type { Html } from './layout.ts';

const ROWS = 24;
const CHARACTER = 6.9;
const BAR = 22;

/** `5 blocks, from 25 to 22,251 bytes`. */
export function tablesTitle({ blocks }: Tables): string {
  const sizes = blocks.map(({ bytes }) => bytes);
  const least = Math.min(...sizes);
  return blocks.length === 1
    ? `One block of ${number(least)} bytes`
    : `${blocks.length} blocks, from ${number(least)} to ${number(Math.max(...sizes))} bytes`;
}

/** `isTold`: what it comes to is said above. */
export function tablesHeading(tables: Tables, isTold: boolean): Html {
  return html`<h3>The table behind each block <span class="quiet">${isTold ? tables.connection : tablesTitle(tables)}</span></h3>`;
}

/** A row for each block of the client, in the order of the wire. */
export function tablesFigure({ blocks }: Tables): Html {
  const capacity = Math.max(...blocks.map((block) => block.capacity), 1);
  const shown = blocks.slice(0, ROWS);
  return html`<figure class="run-figure"><ol class="hpack">${shown.map((block) => row(block, capacity))}</ol>
<figcaption class="small quiet">The thin bar: the block on the wire. Below it the table when the block is decoded, which holds ${number(capacity)} bytes, the oldest line on the left: full, a line that this block put in; dotted below, one that it used; hollow, one that was there. Dashed: lines that it pushed out.${blocks.length > ROWS ? ` The first ${ROWS} of ${blocks.length} blocks.` : ''}</figcaption></figure>`;
}

function row(block: BlockStory, capacity: number): Html {
  return html`<li data-at="${block.place}"><div class="hpack-words"><code>${nameOf(block)}</code> <span class="small"><b>${verbOf(block)}</b> ${blockWords(block)}</span></div>
<div class="wide">${picture(block, capacity, 860)}</div><div class="narrow">${picture(block, capacity, 350)}</div></li>`;
}

function picture(block: BlockStory, capacity: number, width: number): Html {
  const { bytes, before, after, evicted, added, used, size } = block;
  const scale = (width - 2) / capacity;
  const top = evicted.length > 0 ? 38 : 16;
  const height = top + BAR + 10;
  const gone = new Set(evicted);
  let x = 1;
  const ghosts = before
    .filter(({ nth }) => gone.has(nth))
    .map((line) => {
      const wide = line.size * scale;
      const box = html`<rect x="${x.toFixed(1)}" y="16" width="${Math.max(1, wide - 1.5).toFixed(1)}" height="14" class="hp-gone"><title>${titleOf(line)}: pushed out</title></rect>`;
      x += wide;
      return box;
    });
  x = 1;
  const lines = after.map((line) => {
    const isNew = added.includes(line.nth);
    const isUsed = used.includes(line.nth);
    const wide = line.size * scale;
    const shape = segment(line, { x, wide, top, isNew, isUsed, isNamed: width > 600 });
    x += wide;
    return shape;
  });
  const wire = Math.min(width - 2, bytes * scale);
  const isOver = bytes * scale > width - 2;
  const told = `${block.words}: ${blockWords(block)}; ${number(size)} bytes in the table behind it`;
  return html`<svg viewBox="0 0 ${width} ${height}" width="100%" role="img" aria-label="${told}">
<rect x="1" y="4" width="${Math.max(1.5, wire).toFixed(1)}" height="6" class="hp-wire"/>${isOver ? html`<path d="M${width - 26} 0l-7 14M${width - 19} 0l-7 14" class="hp-cut"/>` : ''}
${ghosts}
<rect x="0.5" y="${top + 0.5}" width="${width - 1}" height="${BAR}" class="hp-room"/>${lines}
${after.length === 0 ? html`<text x="8" y="${top + 15}" font-size="12" class="hp-empty">empty</text>` : ''}</svg>`;
}

type Segment = {
  readonly x: number;
  readonly wide: number;
  readonly top: number;
  readonly isNew: boolean;
  readonly isUsed: boolean;
  /** A pointer over it is told what it is; on a phone there is none. */
  readonly isNamed: boolean;
};

function segment(line: Remembered, { x, wide, top, isNew, isUsed, isNamed }: Segment): Html {
  const name = clip(visibleText(line.name), 24);
  const fits = name.length * CHARACTER + 6 < wide;
  const state = isNew ? 'new' : isUsed ? 'used' : 'kept';
  const dot = isUsed
    ? html`<circle cx="${(x + wide / 2 - 0.75).toFixed(1)}" cy="${top + BAR + 6}" r="2.4" class="hp-dot"/>`
    : '';
  const title = isNamed ? html`<title>${titleOf(line)}${isNew ? ': put in' : isUsed ? ': used' : ''}</title>` : '';
  return html`<g>${title}<rect x="${(x + 0.5).toFixed(1)}" y="${top + 0.5}" width="${Math.max(1, wide - 1.5).toFixed(1)}" height="${BAR}" class="hp-line hp-${state}"/>${dot}${fits ? html`<text x="${(x + wide / 2 - 0.75).toFixed(1)}" y="${top + 15}" text-anchor="middle" font-size="11" class="hp-name hp-${state}-name">${name}</text>` : ''}</g>`;
}

function titleOf({ name, value, size }: Remembered): string {
  return `${name}: ${value === undefined ? '(not shown)' : clip(visibleText(value), 40)}, ${number(size)} bytes`;
}

/** `3 GET /note/1`: whose block it is. */
function nameOf({ words }: BlockStory): string {
  return words.replace(/^(HEADERS|CONTINUATION) /, '').replace(/( [A-Z]+(_[A-Z]+)*)+$/, '');
}

/** What it does to the table, in a word. */
function verbOf({ before, added, used, evicted }: BlockStory): string {
  if (before.length > 0 && evicted.length === before.length) return 'Empties it.';
  if (evicted.length > 0) return 'Pushes out.';
  if (added.length > 0) return used.length > 0 ? 'Uses and fills it.' : 'Fills it.';
  return used.length > 0 ? 'Uses it.' : 'Leaves it.';
}

/** The same as text: each line of each block, how it is written, and what it takes. */
export function linesTable({ blocks }: Tables): Html {
  return html`<details><summary>Each line of each block</summary><div class="table-scroll" tabindex="0" role="group" aria-label="Lines of the header blocks"><table class="small blocks">
<thead><tr><th scope="col">field</th><th scope="col">value</th><th scope="col">how it is written</th><th scope="col">bytes</th></tr></thead>
${blocks.slice(0, ROWS).map(
  (
    block,
  ) => html`<tbody data-at="${block.place}"><tr><th scope="rowgroup" colspan="4"><code>${block.words}</code> <span class="quiet">${blockWords(block)}; ${number(block.size)} bytes in the table behind it</span></th></tr>
${block.lines.map((line) => html`<tr><td>${clip(visibleText(line.name), 40)}</td><td>${line.value === undefined ? 'not shown' : clip(visibleText(line.value), 48)}</td><td class="how">${howWords(line)}</td><td>${number(line.bytes)}</td></tr>`)}</tbody>`,
)}</table></div></details>`;
}

function howWords({ how, table, isAdded }: BlockLine): string {
  const from = table === 'static' ? 'the table that all have' : 'the memory of this connection';
  if (how === 'table size') return 'how much the table may hold';
  if (how === 'taken whole') return `a number: all of it from ${from}`;
  const spelled = how === 'name taken' ? `its name from ${from}, its value spelled out` : 'spelled out';
  return isAdded ? `${spelled}; added` : spelled;
}

function number(n: number): string {
  return n.toLocaleString('en');
}
