/** The stream that a learner's reader has read: chunks above, what each call used up below. Drawn with presentation attributes only. */
import type { CheckResult } from '@interleave/judge';
import { type Cuts, cutsOf, cutsTitle, type Span, scaleOf } from '@interleave/judge/watch';
import { html } from 'hono/html';
import type { Html } from './layout.ts';

const HEIGHT = 150;
const ROW = 34;
const CHUNKS = 26;
const CALLS = 88;
/** About how wide a character of the labels is. */
const CHARACTER = 7.2;

/** A figure for each stream; nothing where no reader was called. */
export function cutsPart(test: CheckResult): Html {
  const all = cutsOf(test);
  if (all.length === 0) return html``;
  return html`${all.map(
    (
      cuts,
    ) => html`<figure class="run-figure"><div class="wide">${picture(cuts, 1230)}</div><div class="narrow">${picture(cuts, 350)}</div>
<figcaption class="small quiet">${cuts.connection}: ${cutsTitle(cuts)}. Widths are not to scale: small pieces are drawn larger.</figcaption></figure>`,
  )}`;
}

function picture(cuts: Cuts, width: number): Html {
  const places = scaleOf(cuts, width - 2);
  const x = (offset: number): number => 1 + (places.get(offset) ?? 0);
  const box = (span: Span, y: number, name: string, isFilled: boolean): Html => {
    const left = x(span.from);
    const wide = x(span.to) - left;
    const size = `${(span.to - span.from).toLocaleString('en')} B`;
    const texts = [`${name} ${size}`, size].filter((text) => text.length * CHARACTER + 6 < wide);
    return html`<g><title>${span.label}: bytes ${span.from} to ${span.to}</title>
<rect x="${left.toFixed(1)}" y="${y}" width="${wide.toFixed(1)}" height="${ROW}" fill="currentColor" fill-opacity="${isFilled ? '0.12' : '0'}" stroke="currentColor" stroke-width="1"/>
${texts[0] === undefined ? '' : html`<text x="${(left + wide / 2).toFixed(1)}" y="${y + ROW / 2 + 4}" text-anchor="middle" font-size="12" fill="currentColor">${texts[0]}</text>`}</g>`;
  };
  const line = (offset: number, from: number, to: number, dash: string): Html =>
    html`<line x1="${x(offset).toFixed(1)}" x2="${x(offset).toFixed(1)}" y1="${from}" y2="${to}" stroke="currentColor" stroke-width="1" stroke-dasharray="${dash}"/>`;
  return html`<svg viewBox="0 0 ${width} ${HEIGHT}" width="100%" role="img" aria-label="${cuts.connection}: ${cutsTitle(cuts)}">
<text x="1" y="16" font-size="12" fill="currentColor">chunks that came</text>
${cuts.chunks.map((chunk) => box(chunk, CHUNKS, 'chunk', false))}
${cuts.chunks.map((chunk) => line(chunk.to, CHUNKS + ROW, CALLS, '2 3'))}
${cuts.calls.map((call) => box(call, CALLS, call.label.slice(0, call.label.indexOf('(')), true))}
<text x="1" y="${CALLS + ROW + 18}" font-size="12" fill="currentColor">what each call used up, its mark included</text>
</svg>`;
}
