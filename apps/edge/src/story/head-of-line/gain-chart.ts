import { escapeMarkup } from '@interleave/trace/look';
import type { GainCurve } from './run.ts';

const HEIGHT = 128;
const LEFT = 22;
const FOOT = 20;

/** How many replies are late wherever the hole is: a line for each road. What lies between them is what own orders gain. */
export function gainChart({ order, total, points }: GainCurve, n: number, at: number | null, width: number): string {
  const x = (from: number): string => (LEFT + (from / Math.max(1, total)) * (width - LEFT - 2)).toFixed(1);
  const y = (late: number): string => (6 + (1 - late / n) * (HEIGHT - FOOT - 12)).toFixed(1);
  const steps = (of: 'one' | 'own', these = points): string =>
    these
      .map((p, i) => `${i === 0 ? `M${x(p.from)}` : `H${x(p.from)}`} ${i === 0 ? y(p[of]) : `V${y(p[of])}`}`)
      .join('');
  const back = [...points].reverse();
  const area = `${steps('one')}${back.map((p, i) => `${i === 0 ? `V${y(p.own)}` : `H${x(p.from)}V${y(p.own)}`}`).join('')}Z`;
  const words = `${order === 'turn' ? 'Each reply to its end' : 'A piece of each in turn'}: on one order ${points[0]?.one} of ${n} are late for a hole at the beginning and ${points.at(-1)?.one} at the end; with own orders at most ${Math.max(...points.map(({ own }) => own))}.`;
  const id = `gain-${order}`;
  const marks = [0, n]
    .map(
      (late) =>
        `<path class="tl-grid" d="M${LEFT} ${y(late)}H${width - 2}"/><text class="tl-tick gain-y" x="${LEFT - 5}" y="${Number(y(late)) + 4}">${late}</text>`,
    )
    .join('');
  const here = at === null ? '' : `<path class="gain-here" d="M${x(at)} 2V${HEIGHT - FOOT}"/>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" class="tl hl" width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-labelledby="${id}-t">` +
    `<title id="${id}-t">${escapeMarkup(words)}</title>${marks}` +
    `<path class="gain-area" d="${area}"/><g class="p-h2"><path class="gain-line" d="${steps('one')}"/><text class="gain-name" x="${LEFT + 16}" y="46">one order</text></g><g class="p-h3"><path class="gain-line gain-own" d="${steps('own')}"/><text class="gain-name" x="${LEFT + 40}" y="${Number(y(3)) - 6}">own orders</text></g>${here}` +
    `<text class="tl-tick strip-first" x="${LEFT}" y="${HEIGHT - 4}">hole at byte 0</text><text class="tl-tick gain-last" x="${width - 2}" y="${HEIGHT - 4}">${total}</text></svg>`
  );
}
