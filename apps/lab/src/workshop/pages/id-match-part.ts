/** Requests above, replies below in the order of coming, an arrow from each to its own by stream id: beside PL3's, by place alone. */
import type { CheckResult } from '@interleave/judge';
import {
  crossings,
  type IdMatches,
  type IdPair,
  idMatchesOf,
  idMatchesTitle,
  matchesOf,
} from '@interleave/judge/watch';
import { html } from 'hono/html';
import type { Companion } from './companion.ts';
import type { Html } from './layout.ts';
import { BOX, boxText, CHANGES, type Change, changeControls, changedAt, placeFigures } from './match-part.ts';

const HEIGHT = 220;
const TOP = 24;
const BOTTOM = 156;
/** How many stand side by side: on a wide page, and on a phone. */
const WIDE = 12;
const NARROW = 4;

/** Nothing where the learner's client has not asked twice on this connection. */
export function idMatchPart(test: CheckResult, connection: string, id: string, companion: Companion | null): Html {
  const matches = idMatchesOf(test);
  if (matches === null || matches.connection !== connection) return html``;
  const byPlace = companion === null ? null : matchesOf(companion.test);
  const at = changedAt(matches.pairs.length);
  return html`<div class="match"><h3>Which reply is whose <span class="quiet">${matches.connection}, by stream id</span></h3>
${changeControls(id, at)}
${CHANGES.map((change) => figureOf(matches, change, at))}
${byPlace === null || companion === null ? '' : html`<h3>The same by place <span class="quiet">${companion.label}</span></h3>${placeFigures(byPlace, at, WIDE)}`}</div>`;
}

/** The picture alone, for a page that compares runs; null where nothing was asked twice. */
export function idMatchFigure(test: CheckResult): Html | null {
  const matches = idMatchesOf(test);
  return matches === null ? null : figureOf(matches, 'none', changedAt(matches.pairs.length));
}

/** The replies as they stand when two of them have changed places on their way, or one got lost. */
function changed(pairs: readonly IdPair[], change: Change, at: number): IdPair[] {
  return pairs.map((pair) => {
    if (change === 'swap' && pair.came === at) return { ...pair, came: at + 1 };
    if (change === 'swap' && pair.came === at + 1) return { ...pair, came: at };
    if (change === 'lose' && pair.came === at) return { ...pair, came: null, status: null };
    return pair;
  });
}

function figureOf(matches: IdMatches, change: Change, at: number): Html {
  const pairs = changed(matches.pairs, change, at);
  const lost = matches.pairs.find(({ came }) => came === at);
  const caption =
    change === 'none'
      ? `${idMatchesTitle(matches)}. The id says whose a reply is, so it may come whenever it likes.`
      : change === 'swap'
        ? `Two replies have changed places, and ${crossings(pairs)} pairs of arrows cross now. Each request still gets its own.`
        : `${lost?.request ?? 'One request'} waits. Nobody else gets what is not theirs.`;
  const shown = (most: number): string =>
    pairs.length > most ? ` The first ${most} of ${pairs.length} are drawn.` : '';
  return html`<figure class="run-figure as-${change}"><div class="wide">${picture(pairs, 1230, WIDE)}</div><div class="narrow">${picture(pairs, 350, NARROW)}</div>
<figcaption class="small quiet">${caption}<span class="wide-only">${shown(WIDE)}</span></figcaption></figure>`;
}

function picture(pairs: readonly IdPair[], width: number, most: number): Html {
  const shown = pairs.slice(0, most);
  const replies = shown.filter(({ came }) => came !== null).toSorted((a, b) => (a.came ?? 0) - (b.came ?? 0));
  const step = (width - 2) / Math.max(shown.length, Math.min(most, 4));
  const wide = step - 12;
  const x = (i: number): number => 1 + i * step;
  const n = (value: number): string => value.toFixed(1);
  const middle = (i: number): number => x(i) + wide / 2;
  const box = (i: number, y: number, texts: readonly string[], under: string): Html =>
    html`<rect x="${n(x(i))}" y="${y}" width="${n(wide)}" height="${BOX}" fill="currentColor" fill-opacity="${y === TOP ? '0' : '0.1'}" stroke="currentColor" stroke-width="1"/>
<text x="${n(middle(i))}" y="${y + BOX / 2 - 2}" text-anchor="middle" font-size="12" fill="currentColor">${boxText(texts, wide)}</text>
<text x="${n(middle(i))}" y="${y + BOX / 2 + 13}" text-anchor="middle" font-size="11" fill="currentColor" fill-opacity="0.75">${under}</text>`;
  const told = shown
    .map(
      ({ request, stream, came }) =>
        `${request}, id ${stream}: ${came === null ? 'no whole reply' : `reply ${came + 1}`}`,
    )
    .join('; ');
  return html`<svg viewBox="0 0 ${width} ${HEIGHT}" width="100%" role="img" aria-label="${told}">
<text x="1" y="14" font-size="12" fill="currentColor">asked</text>
${shown.map(({ request, stream }, i) => box(i, TOP, [request, `${i + 1}`], `id ${stream}`))}
${replies.map((pair, at) => {
  const i = shown.indexOf(pair);
  const isStraight = i === at;
  return html`<g${pair.place === null ? '' : html` data-at="${pair.place}"`}>${arrow(middle(i), middle(at), isStraight)}
${box(at, BOTTOM, [`to ${pair.request}`, `${(pair.came ?? 0) + 1}`], `id ${pair.stream}`)}</g>`;
})}
<text x="1" y="${HEIGHT - 4}" font-size="12" fill="currentColor">came</text>
</svg>`;
}

/** One that has gone past others is drawn in the accent, and thicker. */
function arrow(from: number, to: number, isStraight: boolean): Html {
  const [y1, y2] = [TOP + BOX, BOTTOM];
  const length = Math.hypot(to - from, y2 - y1);
  const [dx, dy] = [(to - from) / length, (y2 - y1) / length];
  const n = (value: number): string => value.toFixed(1);
  const [hx, hy] = [to - dx * 9, y2 - 1 - dy * 9];
  const colour = isStraight ? 'currentColor' : 'var(--accent)';
  return html`<line x1="${n(from)}" y1="${y1}" x2="${n(hx)}" y2="${n(hy)}" stroke="${colour}" stroke-width="${isStraight ? '1.5' : '2'}"/>
<path d="M${n(to)} ${y2 - 1}L${n(hx - dy * 5)} ${n(hy + dx * 5)}L${n(hx + dy * 5)} ${n(hy - dx * 5)}Z" fill="${colour}"/>`;
}
