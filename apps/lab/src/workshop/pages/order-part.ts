/** Arrivals as dots, what was passed on as a staircase: the flat stretch is the hole. A panel for each stream, one below the other. */
import type { CheckResult } from '@interleave/judge';
import { type Order, ordersOf, orderTitle } from '@interleave/judge/watch';
import { html } from 'hono/html';
import type { Html } from './layout.ts';

/** Beyond it the places of single arrivals cannot be told apart, and their names would cover each other. */
const NAMED = 24;
const TOP = 22;

/** One figure; nothing where nothing arrived in pieces. */
export function orderPart(test: CheckResult): Html {
  const orders = ordersOf(test);
  if (orders.length === 0) return html``;
  const words =
    orders.length === 1
      ? 'Each bar is a segment at its offsets, in the order of arrival; the line is what your code had passed on by then. Where it is flat, a hole holds what is shaded.'
      : 'A panel for each stream: bars are frames at their offsets, the line is what was passed on. A stream that is shaded waits for bytes of its own.';
  return html`<figure class="run-figure"><div class="wide">${picture(orders, 1230)}</div><div class="narrow">${picture(orders, 350)}</div>
<figcaption class="small quiet">${orderTitle(orders)}. ${words} ${orders[0]?.waited === null && test.variants !== undefined ? 'This is the last of several deliveries.' : ''}</figcaption></figure>`;
}

function picture(orders: readonly Order[], width: number): Html {
  const tall = orders.length === 1 ? 200 : 84;
  const panel = TOP + tall + 8;
  const height = orders.length * panel + 20;
  const steps = Math.max(1, (orders[0]?.passedOn.length ?? 1) - 1);
  const isWide = width > 600;
  return html`<svg viewBox="0 0 ${width} ${height}" width="100%" role="img" aria-label="${orderTitle(orders)}">
${orders.map((order, i) => html`<g transform="translate(0 ${i * panel})">${rows(order, width, tall, steps)}</g>`)}
<text x="1" y="${height - 4}" font-size="12" fill="currentColor">arrivals, ${isWide ? 'the first on the left; ' : ''}${steps} in all</text>
</svg>`;
}

function rows(order: Order, width: number, tall: number, steps: number): Html {
  const { name, total, arrived, passedOn, waited } = order;
  const each = (width - 2) / (steps + 1);
  const x = (step: number): number => 1 + step * each;
  const y = (offset: number): number => TOP + tall - (tall * offset) / Math.max(1, total);
  const n = (value: number): string => value.toFixed(1);
  let d = `M${n(x(0))} ${n(y(0))}`;
  for (const [step, to] of passedOn.entries()) d += `H${n(x(step))}V${n(y(to))}`;
  d += `H${n(width - 1)}`;
  // What could not go on stands above the line, as far as the wait goes.
  const shade = (wait: { from: number; to: number }): string => {
    let area = `M${n(x(wait.from))} ${TOP}V${n(y(passedOn[wait.from] ?? 0))}`;
    for (let step = wait.from + 1; step <= wait.to; step++)
      area += `H${n(x(step))}${step < wait.to ? `V${n(y(passedOn[step] ?? 0))}` : ''}`;
    return `${area}V${TOP}Z`;
  };
  const isNamed = steps <= (width > 600 ? NAMED : 8);
  const title = name === 'tcp' ? 'offset' : name;
  return html`<text x="1" y="14" font-size="12" fill="currentColor">${title}, ${total.toLocaleString('en')} bytes${waited === null ? '' : ': waits'}</text>
${waited === null ? '' : html`<path d="${shade(waited)}" fill="currentColor" fill-opacity="0.1"/>`}
<line x1="1" x2="${width - 1}" y1="${TOP + tall}" y2="${TOP + tall}" stroke="currentColor" stroke-opacity="0.35"/>
${arrived.map(
  ({
    step,
    from,
    to,
    packet,
  }) => html`<g><title>${packet === null ? '' : `packet ${packet}: `}bytes ${from} to ${to}</title>
<rect x="${n(x(step + 1) - Math.min(7, each / 3))}" y="${n(y(to))}" width="${n(Math.max(2, Math.min(14, each / 1.5)))}" height="${n(Math.max(3, y(from) - y(to)))}" rx="2" fill="currentColor" fill-opacity="0.45"/>
${isNamed ? html`<text x="${n(Math.min(x(step + 1) + 10, width - 46))}" y="${n(Math.min(y(to) + 11, TOP + tall - 2))}" font-size="11" fill="currentColor" fill-opacity="0.75">${to > from ? `${from}–${to - 1}` : 'empty'}</text>` : ''}</g>`,
)}
<path d="${d}" fill="none" stroke="currentColor" stroke-width="2"/>`;
}
