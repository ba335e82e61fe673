/** The bar of an upload, split by what became of its bytes, with the place at which the reply left. Presentation attributes only. */
import type { CheckResult } from '@interleave/judge';
import { type Upload, uploadsOf, uploadWords } from '@interleave/judge/watch';
import { html } from 'hono/html';
import type { Html } from './layout.ts';

const HEIGHT = 104;
const BAR = 40;
const TALL = 26;
/** A part that is there is seen, however small it is beside the others. */
const LEAST = 5;
const CHARACTER = 7.2;

/** A figure for each upload; nothing where none was large. */
export function uploadsPart(test: CheckResult): Html {
  return html`${uploadsOf(test).map(
    (upload) => html`<h3>What became of ${upload.request} <span class="quiet">${upload.connection}</span></h3>
<figure class="run-figure"><div class="wide">${picture(upload, 1230)}</div><div class="narrow">${picture(upload, 350)}</div>
<figcaption class="small quiet">${uploadWords(upload)}. ${reply(upload)}</figcaption></figure>`,
  )}`;
}

function reply({ cameBeforeReply, size }: Upload): string {
  if (cameBeforeReply === null) return 'No reply left.';
  if (cameBeforeReply >= size) return 'The reply left when the upload had come whole.';
  return `The reply left when ${cameBeforeReply.toLocaleString('en')} bytes had come: before the upload ended.`;
}

function picture(upload: Upload, width: number): Html {
  const parts = [
    { name: 'read', size: upload.read, fill: '0.75' },
    { name: 'dropped', size: upload.dropped, fill: '0.3' },
    { name: 'refused', size: upload.refused, fill: '0' },
  ].filter(({ size }) => size > 0);
  const room = width - 2 - parts.length * LEAST;
  let x = 1;
  const boxes = parts.map(({ name, size, fill }) => {
    const wide = LEAST + (size / upload.size) * room;
    const box = { name, size, fill, x, wide };
    x += wide;
    return box;
  });
  const came = upload.cameBeforeReply;
  const at = came === null ? null : placeOf(came, boxes);
  const isLeft = at !== null && at < width / 2;
  return html`<svg viewBox="0 0 ${width} ${HEIGHT}" width="100%" role="img" aria-label="${upload.request}: ${uploadWords(upload)}">
${boxes.map(
  (box) => html`<g><title>${box.name}: ${box.size.toLocaleString('en')} bytes</title>
<rect x="${box.x.toFixed(1)}" y="${BAR}" width="${box.wide.toFixed(1)}" height="${TALL}" fill="currentColor" fill-opacity="${box.fill}" stroke="currentColor" stroke-width="1"${box.name === 'refused' ? html` stroke-dasharray="4 3"` : ''}/></g>`,
)}
${labels(boxes, width)}
${
  at === null
    ? ''
    : html`<line x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="22" y2="${BAR + TALL + 4}" stroke="currentColor" stroke-width="2"/>
<text x="${at.toFixed(1)}" y="16" text-anchor="${isLeft ? 'start' : 'end'}" font-size="12" fill="currentColor">the reply left</text>`
}
</svg>`;
}

type Box = { readonly name: string; readonly size: number; readonly x: number; readonly wide: number };

/** Below the bar, each at its part; one that has no room behind the one before it moves on. */
function labels(boxes: readonly Box[], width: number): Html {
  let free = 0;
  return html`${boxes.map((box) => {
    const text = `${box.name} ${amount(box.size)}`;
    const long = text.length * CHARACTER;
    const x = Math.min(Math.max(box.x, free), width - long);
    free = x + long + 10;
    return html`<text x="${x.toFixed(1)}" y="${BAR + TALL + 20}" font-size="12" fill="currentColor">${text}</text>`;
  })}`;
}

/** Where this many bytes of the upload end in the bar. */
function placeOf(bytes: number, boxes: readonly Box[]): number {
  let left = bytes;
  for (const box of boxes) {
    if (left <= box.size) return box.x + (left / box.size) * box.wide;
    left -= box.size;
  }
  const last = boxes.at(-1);
  return last === undefined ? 1 : last.x + last.wide;
}

function amount(bytes: number): string {
  if (bytes < 10_000) return `${bytes.toLocaleString('en')} B`;
  return bytes < 10_000_000 ? `${Math.round(bytes / 1000).toLocaleString('en')} kB` : `${Math.round(bytes / 1e6)} MB`;
}
