/** Requests above, replies below, an arrow from each to its own: by place alone. Changed on the way, every arrow still goes straight. */
import type { CheckResult } from '@interleave/judge';
import { givenAfter, type Matches, matchesOf } from '@interleave/judge/watch';
import { html } from 'hono/html';
import type { Html } from './layout.ts';

export const CHANGES = ['none', 'swap', 'lose'] as const;
export type Change = (typeof CHANGES)[number];

const HEIGHT = 168;
export const BOX = 40;
const TOP = 24;
const BOTTOM = 104;
/** About how wide a character of the labels is. */
const CHARACTER = 7.2;
/** How many stand side by side: on a wide page, and on a phone. */
const WIDE = 10;
const NARROW = 4;

/** Nothing where the learner's client has nothing pipelined. */
export function matchPart(test: CheckResult, id: string): Html {
  const matches = matchesOf(test);
  if (matches === null) return html``;
  const at = changedAt(matches.pairs.length);
  return html`<div class="match"><h3>Which reply is whose <span class="quiet">${matches.connection}, by place</span></h3>
${changeControls(id, at)}
${placeFigures(matches, at)}</div>`;
}

/** Somewhere in the first half, so that there is something behind it, on a phone too. */
export function changedAt(count: number): number {
  return Math.min(1, count - 2);
}

/** What happens to the replies on their way; the figures of one `match` follow, by style alone. */
export function changeControls(id: string, at: number): Html {
  const choice = (change: Change, text: string): Html =>
    html`<label><input type="radio" name="${id}-match" value="${change}"${change === 'none' ? ' checked' : ''}> ${text}</label>`;
  return html`<fieldset><legend class="visually-hidden">The replies on their way</legend>
${choice('none', 'as they came')}
${choice('swap', `replies ${at + 1} and ${at + 2} swapped`)}
${choice('lose', `reply ${at + 1} lost`)}
</fieldset>`;
}

/** @param most - how many stand side by side on a wide page */
export function placeFigures(matches: Matches, at: number, most: number = WIDE): Html {
  return html`${CHANGES.map((change) => figureOf(matches, change, at, most))}`;
}

/** The longest of these that a box has room for. */
export function boxText(texts: readonly string[], width: number): string {
  return texts.find((text) => text.length * CHARACTER + 8 < width) ?? '';
}

function figureOf(matches: Matches, change: Change, at: number, most: number): Html {
  const { pairs } = matches;
  const given = givenAfter(pairs.length, change, at);
  const wrong = given.filter((reply, i) => reply !== i).length;
  const caption =
    change === 'none'
      ? 'The first reply answers the first request, and so on: no two arrows cross.'
      : `Every arrow still goes straight, and ${wrong} ${wrong === 1 ? 'request gets' : 'requests get'} what is not theirs. Nothing in the bytes tells your client.`;
  const shown = (room: number): string =>
    pairs.length > room ? ` The first ${room} of ${pairs.length} are drawn.` : '';
  return html`<figure class="run-figure as-${change}"><div class="wide">${picture(matches, given, 1230, most)}</div><div class="narrow">${picture(matches, given, 350, NARROW)}</div>
<figcaption class="small quiet">${caption}<span class="wide-only">${shown(most)}</span></figcaption></figure>`;
}

function picture({ pairs }: Matches, given: readonly (number | null)[], width: number, most: number): Html {
  const shown = pairs.slice(0, most);
  const step = (width - 2) / Math.max(shown.length, Math.min(most, 4));
  const wide = step - 12;
  const x = (i: number): number => 1 + i * step;
  const fit = (texts: readonly string[]): string => boxText(texts, wide);
  const box = (i: number, y: number, text: string, isWrong: boolean): Html =>
    html`<g class="${isWrong ? 'wrong' : 'own'}"><rect x="${x(i).toFixed(1)}" y="${y}" width="${wide.toFixed(1)}" height="${BOX}" fill="currentColor" fill-opacity="${y === TOP ? '0' : '0.1'}" stroke="currentColor" stroke-width="1" stroke-dasharray="${isWrong ? '4 3' : 'none'}"/>
<text x="${(x(i) + wide / 2).toFixed(1)}" y="${y + BOX / 2 + 4}" text-anchor="middle" font-size="12" fill="currentColor">${text}</text></g>`;
  const arrow = (i: number, isWrong: boolean): Html => {
    const middle = (x(i) + wide / 2).toFixed(1);
    return html`<g class="${isWrong ? 'wrong' : 'own'}"><line x1="${middle}" x2="${middle}" y1="${TOP + BOX}" y2="${BOTTOM - 7}" stroke="currentColor" stroke-width="1.5"/>
<path d="M${middle} ${BOTTOM - 1}l-5 -9h10z" fill="currentColor"/></g>`;
  };
  const answer = (reply: number | null): string => {
    const pair = reply === null ? undefined : pairs[reply];
    if (pair === undefined) return fit(['waits for ever', 'waits', '…']);
    if (pair.status === null) return fit(['no whole reply', 'none', '–']);
    return fit([`answer to ${pair.request}`, `to ${pair.request}`, `${(reply ?? 0) + 1}`]);
  };
  const told = shown.map(({ request }, i) => `${request}: ${tell(pairs, given[i] ?? null)}`).join('; ');
  return html`<svg viewBox="0 0 ${width} ${HEIGHT}" width="100%" role="img" aria-label="${told}">
<text x="1" y="14" font-size="12" fill="currentColor">asked</text>
${shown.map(({ request }, i) => box(i, TOP, fit([request, `${i + 1}`]), false))}
${shown.map((pair, i) => (given[i] === null || pair.status === null ? '' : arrow(i, given[i] !== i)))}
${shown.map((_, i) => box(i, BOTTOM, answer(given[i] ?? null), given[i] !== i))}
<text x="1" y="${HEIGHT - 4}" font-size="12" fill="currentColor">read</text>
</svg>`;
}

function tell(pairs: Matches['pairs'], reply: number | null): string {
  const pair = reply === null ? undefined : pairs[reply];
  if (pair === undefined) return 'waits for ever';
  return pair.status === null ? 'no whole reply' : `the answer to ${pair.request}`;
}
