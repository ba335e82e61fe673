/** Windows over the frames of a run: a panel for each purse, down with DATA, up with credit; shaded where it held somebody. */
import {
  type HeldStream,
  levelAt,
  type Purse,
  type Purses,
  pursesOf,
  pursesTitle,
  type Tiles,
} from '@interleave/judge/watch';
import { html } from 'hono/html';
import type { Companion } from './companion.ts';
import type { Html } from './layout.ts';
import { MARGIN, MOST as MOST_TILES, stepOf, WIDTH } from './tiles-part.ts';

/** Panels of streams; those that had to wait come before others. */
const PANELS = 8;
const TALL = 60;
/** Where there are few. */
const TALLEST = 84;
/** Of a purse that is never nearly empty: there is not much to see. */
const LOW = 22;
/** Frames that would have room behind the last one. */
const TAIL = 4;
const TOP = 14;
const BELOW = 12;
const NARROW = 350;
const HELD_SHOWN = 12;

/** `isTold`: what it comes to is said above. */
export function pursesHeading(purses: Purses, isTold: boolean): Html {
  const what = purses.payer === 'learner' ? 'What your code may send' : 'What may still come to your code';
  return html`<h3>${what} <span class="quiet">${isTold ? purses.connection : pursesTitle(purses)}</span></h3>`;
}

/** The earlier run, for whoever compares: the connection on which somebody stood still. */
export function pursesBefore({ label, test }: Companion, id: string): Html {
  const all = pursesOf(test, 'peer');
  const still = all.find(({ held }) => held.some(({ to }) => to === null)) ?? all[0];
  return still === undefined
    ? html``
    : html`<h3>Before <span class="quiet">${label}: ${pursesTitle(still)}</span></h3>${pursesFigure(still, id)}`;
}

export function pursesFigure(purses: Purses, id: string): Html {
  const shown = chosen(purses);
  const left = purses.purses.length - shown.length;
  const words =
    purses.payer === 'learner'
      ? 'Each line is what is in the purse: down with each DATA frame of yours, up with each credit. Hatched: the stream had begun and could send nothing.'
      : 'The line is what the peer may still send: down with each DATA frame, up with each WINDOW_UPDATE of yours. Between the line and the top is what came and was not given back. Hatched: the peer had more to send, and could not.';
  const told = `${purses.connection}: ${pursesTitle(purses)}`;
  return html`<figure class="run-figure purses"><div class="wide">${picture(purses, shown, WIDTH, told, `${id}-w`)}</div><div class="narrow">${picture(purses, shown, NARROW, told, `${id}-n`)}</div>
<figcaption class="small quiet">${words}${left > 0 ? ` ${left} more ${left === 1 ? 'stream is' : 'streams are'} not drawn.` : ''}</figcaption></figure>`;
}

/** The connection's, and the streams that tell most, in the order of their ids. */
function chosen({ purses, held }: Purses): readonly Purse[] {
  const [connection, ...streams] = purses;
  const waits = ({ stream }: Purse): number => held.filter((it) => it.stream === stream).length;
  const best = streams.toSorted((a, b) => waits(b) - waits(a) || b.spent - a.spent).slice(0, PANELS);
  const shown = streams.filter((purse) => best.includes(purse)).sort((a, b) => a.stream - b.stream);
  return connection === undefined ? shown : [connection, ...shown];
}

function picture(purses: Purses, shown: readonly Purse[], width: number, told: string, id: string): Html {
  const { frames } = purses;
  const isWide = width > 600;
  const margin = isWide ? MARGIN : 1;
  // Who is held at the end stands still for as long as one looks on.
  const tail = purses.held.some(({ to }) => to === null) ? TAIL : 0;
  // Below the tiles, a frame stands below its tile, as far as there is room.
  const widest = (width - margin - 2) / (frames + tail);
  const step = frames <= MOST_TILES ? Math.min(widest, stepOf(frames, width, margin)) : widest;
  let height = 0;
  const panels = shown.map((purse) => {
    const tall = isAmple(purse) ? LOW : shown.length > 4 ? TALL : TALLEST;
    const shape = html`<g transform="translate(0 ${height})">${panel(purses, purse, { margin, step, isWide, width, id, tall, end: frames - 1 + tail })}</g>`;
    height += TOP + Math.max(tall, isWide ? 32 : 0) + BELOW;
    return shape;
  });
  return html`<svg viewBox="0 0 ${width} ${height}" width="100%" role="img" aria-label="${told}">
<defs><pattern id="${id}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" x2="0" y1="0" y2="6" class="pu-hatch"/></pattern></defs>
${panels}
<line x1="${(margin + frames * step).toFixed(1)}" x2="${(margin + frames * step).toFixed(1)}" y1="${TOP}" y2="${height - BELOW}" class="pu-cursor" data-cursor="${margin},${step.toFixed(4)}"/></svg>`;
}

/** Never below nine tenths of what it once held. */
function isAmple({ levels }: Purse): boolean {
  const left = levels.map((level) => level.left);
  return Math.min(...left) > 0.9 * Math.max(...left);
}

type Room = {
  readonly margin: number;
  readonly step: number;
  readonly isWide: boolean;
  readonly width: number;
  readonly id: string;
  readonly tall: number;
  /** The place at which the picture ends. */
  readonly end: number;
};

function panel({ held, payer }: Purses, purse: Purse, room: Room): Html {
  const { margin, step, isWide, tall, end } = room;
  const levels = purse.levels.map(({ left }) => left);
  const top = Math.max(1, ...levels);
  const low = Math.min(0, ...levels);
  const x = (place: number): number => margin + (place + 1) * step;
  const y = (left: number): number => TOP + ((top - left) / (top - low)) * tall;
  const from = Math.max(margin, x(purse.levels[0]?.place ?? -1));
  const to = x(purse.until === null ? end : purse.until - 1);
  const line = stepped(purse, x, y, to);
  const name =
    purse.stream === 0 ? 'the connection' : `${purse.stream}${purse.request === null ? '' : ` ${purse.request}`}`;
  const last = levels.at(-1) ?? 0;
  const own = held.filter(({ stream }) => stream === purse.stream);
  const area = payer === 'learner' ? y(0) : y(top);
  const readout = html`<tspan class="pu-left" data-levels="${compact(purse)}">${number(last)} left</tspan>`;
  const clipped = name.length > 26 ? `${name.slice(0, 25)}…` : name;
  return html`${isWide ? html`<text x="${margin - 8}" y="${TOP + 14}" text-anchor="end" class="pu-name">${clipped}</text><text x="${margin - 8}" y="${TOP + 31}" text-anchor="end" class="pu-words">${readout}</text>` : html`<text x="1" y="10" class="pu-name">${clipped} <tspan class="pu-words">· </tspan>${readout}</text>`}
<line x1="${from.toFixed(1)}" x2="${to.toFixed(1)}" y1="${y(top).toFixed(1)}" y2="${y(top).toFixed(1)}" class="pu-top"/>
<line x1="${margin}" x2="${x(end).toFixed(1)}" y1="${y(0).toFixed(1)}" y2="${y(0).toFixed(1)}" class="pu-zero"/>
<path d="M${from.toFixed(1)} ${area.toFixed(1)}${line.replace('M', 'L')}V${area.toFixed(1)}Z" class="pu-area pu-${payer}"/>
${own.map((it) => heldShape(it, x(it.from), it.to === null ? x(end) : x(it.to - 1), room))}
<path d="${line}" class="pu-line"/>
${purse.over === 0 ? '' : html`<text x="${(to - 4).toFixed(1)}" y="${(y(0) - 6).toFixed(1)}" text-anchor="end" class="pu-why">overdrawn by ${number(purse.over)}</text>`}
${isWide || top < 1e6 ? html`<text x="${Math.min(to, room.width - 2).toFixed(1)}" y="${(y(top) - 4).toFixed(1)}" text-anchor="end" class="pu-words">${number(top)}</text>` : ''}`;
}

const WHY = { stream: 'its own', connection: 'the connection’s', both: 'both' } as const;

function heldShape({ by }: HeldStream, from: number, to: number, { id, tall }: Room): Html {
  const wide = Math.max(3, to - from);
  const words = [`held: ${WHY[by]} empty`, WHY[by]].find((text) => text.length * 6.6 + 8 < wide);
  return html`<g><title>held: ${WHY[by]} empty</title><rect x="${from.toFixed(1)}" y="${TOP}" width="${wide.toFixed(1)}" height="${tall}" class="pu-held" fill="url(#${id})"/>${words === undefined ? '' : html`<text x="${(from + 5).toFixed(1)}" y="${TOP + tall - 6}" class="pu-why">${words}</text>`}</g>`;
}

/** A staircase; where many changes fall on one place of the picture, the first, the lowest, the highest and the last of them. */
function stepped({ levels }: Purse, x: (place: number) => number, y: (left: number) => number, to: number): string {
  const n = (value: number): string => value.toFixed(1).replace(/\.0$/, '');
  const columns = [...Map.groupBy(levels, ({ place }) => Math.round(x(place) * 2))].map(([, own]) => own);
  const points = columns.flatMap((own) => {
    if (own.length <= 4) return own;
    const sorted = own.toSorted((a, b) => a.left - b.left);
    return [own[0], sorted[0], sorted.at(-1), own.at(-1)].filter((it) => it !== undefined);
  });
  const [first, ...rest] = points;
  if (first === undefined) return 'M0 0';
  return `M${n(x(first.place))} ${n(y(first.left))}${rest.map(({ place, left }) => `H${n(x(place))}V${n(y(left))}`).join('')}H${n(to)}`;
}

/** `-1:65535 4:65525`, for the number that follows the replay. */
function compact({ levels, until }: Purse): string {
  return [...levels.map(({ place, left }) => `${place}:${left}`), ...(until === null ? [] : [`${until}:`])].join(' ');
}

/** The moments as text: who was held, by which purse, and what let it go on. */
export function heldList({ held, purses, payer }: Purses, tiles: Tiles): Html {
  const words = new Map(tiles.rows.flatMap((row) => row.tiles.map((tile) => [tile.place, tile.words] as const)));
  const shown = held.slice(0, HELD_SHOWN);
  const item = ({ stream, by, from, to }: HeldStream): Html => {
    const why = by === 'both' ? 'its own purse and the connection’s were empty' : `${WHY[by]} purse was empty`;
    return html`<li data-at="${from}">Stream ${stream} behind frame ${from + 1}: ${why}. ${to === null ? 'It was still held at the end.' : html`Then came <code>${words.get(to) ?? `frame ${to + 1}`}</code> at frame ${to + 1}.`}</li>`;
  };
  const rows = purses.map(
    (purse) =>
      html`<tr><th scope="row">${purse.stream === 0 ? 'the connection' : purse.stream}</th><td>${number(purse.levels[0]?.left ?? 0)}</td><td>${number(purse.spent)}</td><td>${number(purse.credited)} in ${purse.credits}</td><td>${number(Math.min(...purse.levels.map(({ left }) => left)))}</td><td>${number(levelAt({ ...purse, until: null }, Number.POSITIVE_INFINITY) ?? 0)}</td></tr>`,
  );
  return html`${shown.length === 0 ? '' : html`<ol class="held small">${shown.map(item)}</ol>${held.length > shown.length ? html`<p class="small quiet">And ${held.length - shown.length} more times.</p>` : ''}`}
<details><summary>The purses as a table</summary><div class="table-scroll" tabindex="0" role="group" aria-label="The purses as a table"><table class="small purse-table">
<thead><tr><th scope="col">stream</th><th scope="col">to begin with</th><th scope="col">${payer === 'learner' ? 'sent' : 'came'}</th><th scope="col">credit, in updates</th><th scope="col">least</th><th scope="col">at the end</th></tr></thead><tbody>${rows}</tbody></table></div></details>`;
}

function number(n: number): string {
  return n.toLocaleString('en');
}
