/** One check of a run, in full: the failure's text, the picture, the bytes, the steps. The same on the exercise and run pages. */
import type { CheckResult, Excerpt } from '@interleave/judge';
import {
  bandsOf,
  bandsTitle,
  entryLine,
  heldTitle,
  idMatchesOf,
  idMatchesTitle,
  ordersOf,
  orderTitle,
  packetRowsOf,
  packetRowsTitle,
  protocolsOf,
  protocolsTitle,
  roadsTitle,
  STATUS,
  timelineOf,
} from '@interleave/judge/watch';
import { bytesHtml, clip, visibleHtml } from '@interleave/trace/look';
import { type Timeline, timelineSvg, timelineTableHtml } from '@interleave/trace/timeline';
import { html, raw } from 'hono/html';
import { chunksPart } from './chunks-part.ts';
import type { Companion } from './companion.ts';
import { cutsPart } from './cuts-part.ts';
import { depthPart } from './depth-part.ts';
import { heldPart } from './held-part.ts';
import { http2Part, http2Title } from './http2-part.ts';
import type { Html } from './layout.ts';
import { matchPart } from './match-part.ts';
import { orderPart } from './order-part.ts';
import { packetsPart } from './packets-part.ts';
import { protocolsPart } from './protocols-part.ts';
import { roadsPart } from './roads-part.ts';
import { uploadsPart } from './uploads-part.ts';

/** Of a step in words: one may name a field of 30,000 bytes. */
const LONGEST_STEP = 160;
/** Bytes on each side of the caret that are shown; the whole stretch is in the transcript. */
const AROUND = 160;

export function failureText(text: string): Html {
  const lines = text.split('\n').map((line, i) => {
    const end = line.endsWith('\n') ? '' : '\n';
    if (line.startsWith('✗')) return html`<b class="bad">${line}</b>${end}`;
    if (line.includes('▲')) return html`${line.slice(0, 13)}<span class="caret-note">${line.slice(13)}</span>${end}`;
    const label =
      /^ {2}(sent|delivered|received|offset|arrived|passed on|handed on|slot|arrives|(?:stream|reply) \w+|expected|your code|see it|again)(?= )/.exec(
        line,
      )?.[0];
    if (label === undefined) return html`${marked(line)}${end}`;
    const rest = line.slice(label.length);
    const url = /https?:\/\/\S+/.exec(rest)?.[0];
    const value =
      url === undefined
        ? marked(rest)
        : html`${rest.slice(0, rest.indexOf(url))}<a href="${url.replace(/^https?:\/\/[^/]+/, '')}">${url}</a>`;
    return html`<span class="quiet" data-line="${i}">${label}</span>${value}${end}`;
  });
  return html`<pre class="failure" tabindex="0" role="group" aria-label="What failed">${lines}</pre>`;
}

/** Control characters as small marks: many systems have no font for their pictures. One or many lines. */
function marked(text: string | readonly string[]): Html {
  const lines = typeof text === 'string' ? [text] : text;
  return raw(lines.map((line) => visibleHtml(line)).join('\n'));
}

/** A timeline, wide and narrow: a picture of 1,200 pixels cannot be read on a phone. */
export function figure(timeline: Timeline, id: string, caption: Html | string): Html {
  const wide = timelineSvg(timeline, { width: 1230, idPrefix: `${id}-w` });
  const narrow = timelineSvg(timeline, { width: 350, idPrefix: `${id}-n` });
  return html`<figure class="run-figure"><div class="wide">${raw(wide)}</div><div class="narrow">${raw(narrow)}</div>
<figcaption class="small quiet">${caption}</figcaption></figure>`;
}

export function sourceOf(test: CheckResult): string {
  return test.oracle === 'raw'
    ? 'In memory, on the judge’s clock: only the order counts, so every step is as wide as any other.'
    : 'Real time, measured at the server’s sockets; the connections are counted there and joined with Chromium’s own ids.';
}

/** What is drawn of a check, as a sentence without its full stop. */
export function runTitle(test: CheckResult): string {
  const packets = packetRowsOf(test);
  if (packets !== null) return packetRowsTitle(packets);
  const orders = ordersOf(test);
  if (orders.length > 0) return orderTitle(orders);
  if ((test.held ?? []).length > 0) return heldTitle(test.held ?? []);
  if ((test.roads ?? []).length > 0) return roadsTitle(test.roads ?? []);
  return ideaTitle(test) ?? timelineOf(test).title;
}

/** Of a picture that stands in the timeline's place; null where the timeline itself is what to look at. */
function ideaTitle(test: CheckResult): string | null {
  const { picture } = test;
  const [bands] = picture === 'bands' ? bandsOf(test) : [];
  if (bands !== undefined) return bandsTitle(bands);
  const arrows = picture === 'arrows' ? idMatchesOf(test) : null;
  if (arrows !== null) return idMatchesTitle(arrows);
  const loads = picture === 'protocols' ? protocolsOf(test) : null;
  return loads === null ? http2Title(test) : protocolsTitle(loads);
}

/** Where packets were lost, who waits is seen by packets first, and byte by byte below; a failure is about the bytes. */
function ordersPart(test: CheckResult, companion: Companion | null): Html {
  const packets = packetsPart(test, companion);
  if (packets === null) return orderPart(test);
  return html`${packets}${test.status === 'fail' ? orderPart(test) : html`<details><summary>What was passed on, byte by byte</summary>${orderPart(test)}</details>`}`;
}

/** Both protocols are on the screen already. */
function isAtOnce(test: CheckResult): boolean {
  return test.picture === 'protocols' && protocolsOf(test) !== null;
}

/** Something other than connections is drawn. */
function isDrawn(test: CheckResult): boolean {
  return ordersOf(test).length + (test.held ?? []).length + (test.roads ?? []).length > 0;
}

/** Picture, bytes and steps. `id` keeps ids apart when several checks stand in one document; `beside` stands below the picture. */
export function runPart(
  test: CheckResult,
  id: string,
  beside: Html | string = '',
  companion: Companion | null = null,
): Html {
  const { failure } = test;
  if (test.status === 'skipped')
    return html`<p class="quiet">This check was not run${test.message === undefined ? '' : `: it ${test.message}`}.</p>`;
  const timeline = timelineOf(test);
  const ids = test.connections
    .filter((c) => c.chromium !== undefined)
    .map((c) => `${c.id} is Chromium’s ${c.chromium}`);
  const drawn = figure(timeline, id, html`${sourceOf(test)}${ids.length === 0 ? '' : ` ${ids.join(', ')}.`}`);
  const isFolded = ideaTitle(test) !== null;
  return html`${isFolded || (test.connections.length === 0 && isDrawn(test)) ? '' : test.connections.length === 0 ? html`<p class="quiet">No connection was opened: there is nothing to draw.</p>` : drawn}
${protocolsPart(test)}${beside}
${ordersPart(test, companion)}${heldPart(test)}${roadsPart(test)}
${isAtOnce(test) ? html`<details><summary>The frames of the HTTP/2 connection, a row for each stream</summary>${http2Part(test, id)}</details>` : http2Part(test, id, companion)}
${isFolded ? html`<details><summary>The run as a timeline</summary>${drawn}</details>` : ''}
${cutsPart(test)}
${depthPart(test)}
${matchPart(test, id)}
${chunksPart(test)}
${uploadsPart(test)}
${failure?.sent === undefined && failure?.received === undefined ? '' : html`<div class="panes">${pane('Sent to your code', failure.sent)}${pane('Written by your code', failure.received)}</div>`}
${stepsPart(test)}
${
  test.transcript.length === 0
    ? ''
    : html`<details><summary>Everything that happened, in order</summary><pre class="transcript" tabindex="0">${marked(
        test.transcript
          .map((entry) => entryLine(entry))
          .join('\n')
          .split('\n'),
      )}</pre></details>`
}
${test.connections.length === 0 ? '' : html`<details><summary>The picture as a table</summary><div class="table-scroll" tabindex="0" role="group" aria-label="The picture as a table">${raw(timelineTableHtml(timeline))}</div></details>`}
${test.output === '' ? '' : html`<details open><summary>Your code printed</summary><pre tabindex="0">${test.output}</pre></details>`}`;
}

function stepsPart(test: CheckResult): Html {
  if (test.steps.length === 0) return html``;
  const sign = { done: '✓', failed: '✗', 'not run': '–' } as const;
  const variants =
    test.variants === undefined
      ? ''
      : html` <span class="quiet">${test.variants.run} ${test.variants.run === 1 ? 'delivery' : 'deliveries'}${test.variants.failed === undefined ? '' : `; failed: ${test.variants.failed}`}</span>`;
  return html`<h3>What the judge did${variants}</h3>
<ol class="steps">${test.steps.map((step) => html`<li class="${step.status === 'failed' ? 'bad' : step.status === 'not run' ? 'quiet' : ''}"><span class="sign" aria-hidden="true">${sign[step.status]}</span> ${clip(step.text, LONGEST_STEP)} <span class="visually-hidden">(${step.status})</span></li>`)}</ol>`;
}

function pane(title: string, excerpt: Excerpt | undefined): Html {
  if (excerpt === undefined) return html``;
  const all = Uint8Array.from(excerpt.bytes, (c) => c.charCodeAt(0));
  const caret = excerpt.caret === undefined ? null : excerpt.caret.at - excerpt.from;
  // Whole rows, so that the offsets stay round.
  const from = caret === null ? 0 : Math.max(0, Math.floor((caret - AROUND) / 16) * 16);
  const bytes = all.subarray(from, from + 2 * AROUND);
  const cut = excerpt.total - bytes.length;
  const view = {
    bytes,
    base: excerpt.from + from,
    ...(caret === null || excerpt.caret === undefined ? {} : { caret: { at: caret - from, note: excerpt.caret.text } }),
  };
  const words = excerpt.words ?? [];
  const frames = words.length === 0 ? '' : html`<p class="small"><code>${words.join(' · ')}</code></p>`;
  if (words.length > 0 && excerpt.bytes === '')
    return html`<div class="pane"><h3>${title} <span class="quiet">${excerpt.connection}, one stream</span></h3>${frames}</div>`;
  return html`<div class="pane"><h3>${title} <span class="quiet">${excerpt.connection}, ${excerpt.total} ${excerpt.total === 1 ? 'byte' : 'bytes'}</span></h3>${frames}
${bytes.length === 0 && caret === null ? html`<p class="quiet">Nothing.</p>` : raw(bytesHtml(view))}
${cut > 0 ? html`<p class="small quiet">${cut} ${cut === 1 ? 'byte' : 'bytes'} before or behind are not shown.</p>` : ''}</div>`;
}

/** `✗ KA2-2 title`, for lists. */
export function statusSign(test: Pick<CheckResult, 'status'>): Html {
  const name = test.status === 'pass' ? 'good' : test.status === 'fail' ? 'bad' : 'quiet';
  return html`<span class="sign ${name}" aria-hidden="true">${STATUS[test.status].sign}</span><span class="visually-hidden">${STATUS[test.status].word}: </span>`;
}
