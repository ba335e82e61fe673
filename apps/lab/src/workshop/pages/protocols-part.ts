/** One page over HTTP/1.1 and over HTTP/2, from the same server: the lanes of both on one screen, at one scale. */
import type { CheckResult } from '@interleave/judge';
import { loadsOf, type PageLoad, protocolsOf, protocolsTitle, timelineOf } from '@interleave/judge/watch';
import { html } from 'hono/html';
import type { Html } from './layout.ts';

/** How high the only row of a lane is, and one of many that overlap. */
const TALL = 14;
const THIN = 4;
const GAP = 10;
const HEAD = 24;
/** Below the lanes: what the scale is. */
const FOOT = 22;

/** Nothing where the page came over one protocol only. */
export function protocolsPart(test: CheckResult): Html {
  const loads = test.picture === 'protocols' ? protocolsOf(test) : null;
  if (loads === null) return html``;
  return figureOf(
    loads,
    protocolsTitle(loads),
    `A bar is a request from its last byte to the last byte of its reply, as your servers had it. Both loads begin at the left and have the same scale. ${apart(loads)} How long they took is a matter of this machine and of what else it did.`,
  );
}

/** What a browser did on a server, over whichever protocols it took; a bar for each request. */
export function loadsFigure(view: Pick<CheckResult, 'oracle' | 'connections' | 'transcript'>, caption: string): Html {
  return figureOf(loadsOf(view), timelineOf(view).title, caption);
}

function figureOf(loads: readonly PageLoad[], title: string, caption: string): Html {
  return html`<figure class="run-figure"><div class="wide">${picture(loads, title, 1230, 128)}</div><div class="narrow">${picture(loads, title, 350, 74)}</div>
<figcaption class="small quiet">${caption}</figcaption></figure>`;
}

/** How many are under way at a time: rows are as many as that. */
function apart([old, now]: readonly [PageLoad, PageLoad]): string {
  const most = (load: PageLoad): number => Math.max(...load.lanes.map(({ rows }) => rows));
  const before = most(old) === 1 ? 'one request at a time' : `up to ${most(old)} requests at a time`;
  return `A connection of HTTP/1.1 carries ${before}, that of HTTP/2 up to ${most(now)}.`;
}

type Row = { readonly load: PageLoad; readonly at: number; readonly lanes: readonly number[]; readonly height: number };

function picture(loads: readonly PageLoad[], title: string, width: number, left: number): Html {
  const until = Math.max(...loads.map((load) => load.until));
  const isWide = width > 600;
  let y = 4;
  const rows = loads.map((load): Row => {
    const at = y;
    y += HEAD;
    const lanes = load.lanes.map((lane) => {
      const top = y;
      y += (lane.rows === 1 ? TALL : lane.rows * THIN) + GAP;
      return top;
    });
    y += GAP;
    return { load, at, lanes, height: y - at };
  });
  const x = (at: number): number => left + ((width - left - 2) * at) / Math.max(1, until);
  return html`<svg viewBox="0 0 ${width} ${y + FOOT}" width="100%" role="img" aria-label="${title}">
${rows.map(({ load, at, lanes }) => blockOf(load, at, lanes, { x, width, left, isWide }))}
<text x="${left}" y="${y + FOOT - 6}" font-size="12" fill="currentColor" fill-opacity="0.75">0 ms</text>
<text x="${width - 2}" y="${y + FOOT - 6}" text-anchor="end" font-size="12" fill="currentColor" fill-opacity="0.75">${Math.round(until)} ms</text>
</svg>`;
}

type Space = {
  readonly x: (at: number) => number;
  readonly width: number;
  readonly left: number;
  readonly isWide: boolean;
};

function blockOf({ protocol, lanes, exchanges }: PageLoad, at: number, tops: readonly number[], space: Space): Html {
  const { x, width, left, isWide } = space;
  const colour = protocol === 'h2' ? 'var(--h2)' : 'var(--h1)';
  const name = protocol === 'h2' ? 'HTTP/2' : 'HTTP/1.1';
  const n = (value: number): string => value.toFixed(1);
  const many = `${lanes.length === 1 ? 'one connection' : `${lanes.length} connections`}, ${exchanges} requests`;
  return html`<text x="1" y="${at + 16}" font-size="15" font-weight="700" fill="${colour}">${name}<tspan font-size="13" font-weight="400" fill="currentColor" dx="8">${many}</tspan></text>
${lanes.map(({ connection, bars, rows, opened }, i) => {
  const top = tops[i] ?? 0;
  const each = rows === 1 ? TALL : THIN;
  const middle = top + (rows * each) / 2;
  return html`<text x="1" y="${n(top + Math.min(12, middle - top + 4))}" font-size="12" fill="currentColor">${connection}${isWide ? html`<tspan fill-opacity="0.75"> · ${bars.length} requests</tspan>` : html`<tspan fill-opacity="0.75"> · ${bars.length}</tspan>`}</text>
<circle cx="${n(x(opened))}" cy="${n(rows === 1 ? middle : top + 2)}" r="3.5" fill="${colour}"/>
<line x1="${n(Math.max(left, x(opened)))}" x2="${width - 2}" y1="${n(rows === 1 ? middle : top + 2)}" y2="${n(rows === 1 ? middle : top + 2)}" stroke="${colour}" stroke-opacity="0.5"/>
${bars.map(
  ({ request, from, to, row }) =>
    html`<rect x="${n(x(from))}" y="${n(top + row * each)}" width="${n(Math.max(1.5, x(to) - x(from) - (rows === 1 ? 1 : 0)))}" height="${each - 1}" fill="${colour}" fill-opacity="${row % 2 === 0 ? '0.85' : '0.6'}"><title>${request}: ${Math.round(from)} to ${Math.round(to)} ms</title></rect>`,
)}`;
})}`;
}
