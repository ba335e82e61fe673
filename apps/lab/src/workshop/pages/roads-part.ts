/** Small multiples: the same replies and the same lost packet on three roads, by two schedules. The gain is where they differ. */
import type { CheckResult, RoadPicture } from '@interleave/judge';
import { roadsTitle } from '@interleave/judge/watch';
import { html } from 'hono/html';
import type { Html } from './layout.ts';

const ROADS = ['pipelined', 'one order', 'own order'] as const;
const SCHEDULES = ['shared', 'in turn'] as const;
const ROW = 24;
const TOP = 26;

/** One figure; nothing where no road was run. */
export function roadsPart({ roads = [] }: CheckResult): Html {
  if (roads.length === 0) return html``;
  return html`<figure class="run-figure"><div class="wide">${grid(roads, 1230, 3)}</div><div class="narrow">${grid(roads, 350, 1)}</div>
<figcaption class="small quiet">A square is a packet in the slot in which it arrived; the hollow one is lost, and comes again. The thick line is the slot in which the reply was whole, the triangle is what you predicted. ${roadsTitle(roads)}, over all replies.</figcaption></figure>`;
}

function grid(roads: readonly RoadPicture[], width: number, columns: number): Html {
  const replies = Math.max(...roads.map(({ finished }) => finished.length));
  const tall = TOP + replies * ROW + 26;
  const wide = (width - (columns - 1) * 24) / columns;
  const ordered = SCHEDULES.flatMap((schedule) =>
    ROADS.flatMap((road) => roads.filter(({ plan }) => plan.road === road && plan.schedule === schedule)),
  );
  const height = Math.ceil(ordered.length / columns) * tall;
  return html`<svg viewBox="0 0 ${width} ${height}" width="100%" role="img" aria-label="${roadsTitle(roads)}">
${ordered.map((road, i) => html`<g transform="translate(${((i % columns) * (wide + 24)).toFixed(1)} ${Math.floor(i / columns) * tall})">${panel(road, wide)}</g>`)}
</svg>`;
}

function panel({ plan, sent, finished, predicted }: RoadPicture, width: number): Html {
  const slots = Math.max(sent.length, plan.again + 1, ...finished.map((slot) => slot + 1));
  const left = 18;
  // Room at the right for half a triangle.
  const each = (width - left - 6) / slots;
  const x = (slot: number): number => left + slot * each;
  const y = (reply: number): number => TOP + reply * ROW;
  const n = (value: number): string => value.toFixed(1);
  const bottom = TOP + finished.length * ROW;
  return html`<text x="0" y="14" font-size="13" font-weight="700" fill="currentColor">${plan.road}, ${plan.schedule}</text>
${finished.map((_, reply) => html`<text x="0" y="${y(reply) + 14}" font-size="12" fill="currentColor">${String.fromCharCode(65 + reply)}</text><line x1="${left}" x2="${n(width)}" y1="${y(reply) + 19}" y2="${y(reply) + 19}" stroke="currentColor" stroke-opacity="0.2"/>`)}
${sent.map(({ reply, arrives }, i) => {
  const size = n(Math.max(2, each - 2));
  const lost = i === plan.lost;
  return html`${lost ? html`<rect x="${n(x(i) + 1)}" y="${y(reply) + 3}" width="${size}" height="14" fill="none" stroke="var(--bad)" stroke-width="1.5"/>` : ''}<rect x="${n(x(arrives) + 1)}" y="${y(reply) + 3}" width="${size}" height="14" fill="${lost ? 'var(--bad)' : 'currentColor'}" fill-opacity="${lost ? '0.7' : '0.3'}"><title>${String.fromCharCode(65 + reply)}: slot ${arrives}${lost ? ', again' : ''}</title></rect>`;
})}
${finished.map((slot, reply) => (slot < 0 ? '' : html`<line x1="${n(x(slot + 1) - 1)}" x2="${n(x(slot + 1) - 1)}" y1="${y(reply)}" y2="${y(reply) + 20}" stroke="currentColor" stroke-width="3"><title>whole in slot ${slot}</title></line>`))}
${(predicted ?? []).map((slot, reply) => {
  const at = x(slot + 1) - 1;
  const isRight = slot === finished[reply];
  return html`<path d="M${n(at - 5)} ${y(reply) + 22}H${n(at + 5)}L${n(at)} ${y(reply) + 15}Z" fill="${isRight ? 'var(--accent)' : 'var(--bad)'}"><title>predicted: slot ${slot}</title></path>`;
})}
<text x="${left}" y="${bottom + 14}" font-size="11" fill="currentColor" fill-opacity="0.75">slot 0</text>
<text x="${n(width)}" y="${bottom + 14}" text-anchor="end" font-size="11" fill="currentColor" fill-opacity="0.75">slot ${slots - 1}</text>`;
}
