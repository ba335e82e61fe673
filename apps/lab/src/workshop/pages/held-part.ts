/** A byte range that was held back in front of Chromium: the learner's list as outlines, and what Chromium was missing as what fills them. */
import type { CheckResult, HeldPicture } from '@interleave/judge';
import { html } from 'hono/html';
import type { Html } from './layout.ts';

const ROW = 22;
const TOP = 30;

/** A figure for each load. */
export function heldPart({ held = [] }: CheckResult): Html {
  return html`${held.map((load) => html`<h3>${load.title}</h3>${heldFigure(load)}`)}`;
}

export function heldFigure(load: HeldPicture): Html {
  return html`<figure class="run-figure"><div class="wide">${picture(load, 1230)}</div><div class="narrow">${picture(load, 350)}</div>
<figcaption class="small quiet">${words(load)}</figcaption></figure>`;
}

function missing({ rows }: HeldPicture): HeldPicture['rows'] {
  return rows.filter(({ isMissing }) => isMissing);
}

function count({ rows, others }: HeldPicture): number {
  return rows.length + others.length;
}

function words(load: HeldPicture): string {
  const named = load.rows.filter(({ predicted }) => predicted !== null);
  const right = named.filter(({ isMissing }) => isMissing).length;
  const others =
    load.others.length === 0
      ? ''
      : ` ${load.others.length} images came over other connections meanwhile, and know of no hole.`;
  const wrong = named.length - right;
  const verdict =
    wrong === 0 && right === missing(load).length
      ? 'You named exactly these.'
      : `You named ${right} of them${wrong === 0 ? '' : `, and ${wrong} that were there`}.`;
  return `An outline is what you said: whole for lost, dashed for behind. It is filled where Chromium did not have the image when the hole was filled: ${missing(load).length} of ${count(load)}. ${verdict}${others}`;
}

function picture(load: HeldPicture, width: number): Html {
  const { hole, total, rows } = load;
  const left = width > 600 ? 150 : 84;
  const x = (offset: number): number => left + ((width - left - 2) * offset) / Math.max(1, total);
  const height = TOP + rows.length * ROW + 22;
  const n = (value: number): string => value.toFixed(1);
  const bottom = TOP + rows.length * ROW;
  const isRight = x(hole.from) > width * 0.6;
  return html`<svg viewBox="0 0 ${width} ${height}" width="100%" role="img" aria-label="${load.title}: ${missing(load).length} images waited">
<text x="${n(isRight ? x(hole.to) : x(hole.from))}" y="16" text-anchor="${isRight ? 'end' : 'start'}" font-size="12" fill="currentColor">the hole, ${(hole.to - hole.from).toLocaleString('en')} bytes</text>
${rows.map((row, i) => bar(row, TOP + i * ROW, { x, left, isNarrow: width < 600, hasIds: load.others.length === 0 }))}
<rect x="${n(x(hole.from))}" y="${TOP - 8}" width="${n(Math.max(2, x(hole.to) - x(hole.from)))}" height="${bottom - TOP + 8}" fill="var(--bad)" fill-opacity="0.5"/>
<text x="${left}" y="${height - 5}" font-size="12" fill="currentColor">byte 0</text>
<text x="${width - 2}" y="${height - 5}" text-anchor="end" font-size="12" fill="currentColor">byte ${total.toLocaleString('en')}</text>
</svg>`;
}

function bar(
  { label, streamId, frames, predicted, isMissing }: HeldPicture['rows'][number],
  y: number,
  { x, left, isNarrow, hasIds }: { x: (offset: number) => number; left: number; isNarrow: boolean; hasIds: boolean },
): Html {
  const n = (value: number): string => value.toFixed(1);
  const from = x(frames[0]?.from ?? 0);
  const to = x(frames.at(-1)?.to ?? 0);
  const name = /\d+/.exec(label)?.[0] ?? label;
  const isWrong = (predicted !== null) !== isMissing;
  const said = `${label}: ${predicted ?? 'not named'}, ${isMissing ? 'missing' : 'there'} when the hole was filled`;
  return html`<g><title>${said}</title>
<text x="1" y="${y + 13}" font-size="12" fill="${isWrong ? 'var(--bad)' : 'currentColor'}">${isNarrow ? name : `image ${name}`}${hasIds ? `, id ${streamId}` : ''}${isWrong ? ' ✗' : ''}</text>
<line x1="${left}" x2="${n(to)}" y1="${y + 8}" y2="${y + 8}" stroke="currentColor" stroke-opacity="0.15"/>
${frames.map((frame) => html`<rect x="${n(x(frame.from))}" y="${y + 3}" width="${n(Math.max(1.5, x(frame.to) - x(frame.from) - 1))}" height="11" fill="currentColor" fill-opacity="${isMissing ? '0.7' : '0.2'}"/>`)}
${predicted === null ? '' : html`<rect x="${n(from - 2)}" y="${y}" width="${n(to - from + 3)}" height="17" fill="${isMissing ? 'currentColor' : 'none'}" fill-opacity="0.1" stroke="${isWrong ? 'var(--bad)' : 'var(--accent)'}" stroke-width="1.5"${predicted === 'behind' ? html` stroke-dasharray="5 3"` : ''}/>`}</g>`;
}
