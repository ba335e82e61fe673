/** Whose bytes stand where on the wire: the connection as one band of colour, and below it a lane for each reply. */
import type { CheckResult } from '@interleave/judge';
import { type Band, type Bands, bandsOf, bandsTitle, type Stripe, standingOut } from '@interleave/judge/watch';
import { html } from 'hono/html';
import type { Companion } from './companion.ts';
import type { Html } from './layout.ts';

/** How high the whole wire is drawn, a lane that has a name, and one of many. */
const WIRE = 46;
const NAMED = 20;
const THIN = 4;
const TOP = 6;
/** Colours that can be told from each other; `css.ts` has as many. */
const COLOURS = 8;
/** A letter fits into a stripe of this width. */
const LETTER = 13;

/** The earlier run, for whoever compares; nothing where no two of its replies shared a connection. */
export function bandsBefore({ label, test }: Companion): Html {
  const [earlier] = bandsOf(test);
  return earlier === undefined ? html`` : html`<h3>Before <span class="quiet">${label}</span></h3>${figureOf(earlier)}`;
}

/** One connection of a run, and nothing where no two replies shared it. `heading`: `After`, where another run stands above. */
export function bandsPart(test: CheckResult, connection: string, heading: string): Html {
  const own = bandsOf(test).find((it) => it.connection === connection);
  return own === undefined
    ? html``
    : html`<h3>${heading} <span class="quiet">${test.checkId}, this run</span></h3>${figureOf(own)}`;
}

/** The picture alone, for a page that compares runs; null where no two replies shared a connection. */
export function bandsFigure(test: CheckResult): Html | null {
  const [own] = bandsOf(test);
  return own === undefined ? null : figureOf(own);
}

function figureOf(all: Bands): Html {
  const out = standingOut(all);
  const rest = all.bands.length - out.length;
  const others = rest === 0 || out.length === 0 ? '' : ` The thin lanes are the ${rest} others.`;
  const open = all.bands.filter(({ isWhole }) => !isWhole).length;
  const never =
    open === 0 ? '' : ` ${open === 1 ? 'One reply' : `${open} replies`} did not come to an end in this run.`;
  return html`<figure class="run-figure"><div class="wide">${picture(all, out, 1230, 190)}</div><div class="narrow">${picture(all, out, 350, 92)}</div>
<figcaption class="small quiet">${bandsTitle(all)}. Above, the DATA of ${all.connection} as it left, ${all.total.toLocaleString('en')} bytes from left to right; below, whose it is.${others}${never}</figcaption></figure>`;
}

function picture(all: Bands, out: readonly Band[], width: number, left: number): Html {
  const letters = new Map(out.map(({ stream }, i) => [stream, String.fromCharCode(65 + i)]));
  const isFew = out.length === all.bands.length;
  // Those that stand out first, the others in the order of their first bytes.
  const lanes = [...out, ...all.bands.filter(({ stream }) => !letters.has(stream))];
  const kinds = new Map(
    lanes.map(({ stream }, i) => [
      stream,
      isFew ? `band-${i % COLOURS}` : i < out.length ? 'band-out' : `band-rest${i % 2}`,
    ]),
  );
  const x = (at: number): number => left + ((width - left - 2) * at) / Math.max(1, all.total);
  const n = (value: number): string => value.toFixed(1);
  let y = TOP + WIRE + 8;
  const rows = lanes.map((band) => {
    const isNamed = letters.has(band.stream);
    const row = { band, y, height: isNamed ? NAMED - 6 : THIN - 1, isNamed };
    y += isNamed ? NAMED : THIN;
    return row;
  });
  // One path for all stripes of a kind: a run may have thousands.
  const blocks = (stripes: readonly Stripe[], top: number, height: number): string =>
    stripes
      .map(({ from, to }) => {
        const w = n(Math.max(0.8, x(to) - x(from)));
        return `M${n(x(from))} ${top}h${w}v${height}h-${w}z`;
      })
      .join('');
  const own = Map.groupBy(all.stripes, ({ stream }) => stream);
  const isWide = width > 600;
  return html`<svg viewBox="0 0 ${width} ${y + 4}" width="100%" role="img" aria-label="${bandsTitle(all)}">
<text x="1" y="${TOP + WIRE / 2 + 4}" font-size="12" fill="currentColor">the wire</text>
${[...Map.groupBy(all.stripes, ({ stream }) => kinds.get(stream) ?? '')].map(([kind, stripes]) => html`<path class="${kind}" d="${blocks(stripes, TOP, WIRE)}"/>`)}
${all.stripes.map((stripe) => {
  const letter = letters.get(stripe.stream);
  return letter === undefined || x(stripe.to) - x(stripe.from) < LETTER
    ? ''
    : html`<text x="${n((x(stripe.from) + x(stripe.to)) / 2)}" y="${TOP + WIRE / 2 + 4}" text-anchor="middle" font-size="12" class="band-letter">${letter}</text>`;
})}
${rows.map(({ band, y: top, height, isNamed }) => {
  const letter = letters.get(band.stream);
  const name = `${letter} ${band.request}`;
  const most = isWide ? 24 : 13;
  return html`<g><title>${band.request}, urgency ${band.urgency}: ${band.bytes.toLocaleString('en')} bytes${band.isWhole ? '' : ', no end'}</title>
${isNamed ? html`<text x="1" y="${top + 12}" font-size="12" fill="currentColor">${name.length > most ? `${name.slice(0, most - 1)}…` : name}${isWide ? html`<tspan fill-opacity="0.75"> u=${band.urgency}</tspan>` : ''}</text>` : ''}
<line x1="${left}" x2="${width - 2}" y1="${top + height}" y2="${top + height}" stroke="currentColor" stroke-opacity="${isNamed ? '0.2' : '0.06'}"/>
<path class="${kinds.get(band.stream) ?? ''}" d="${blocks(own.get(band.stream) ?? [], top, height)}"/></g>`;
})}
<rect x="${left}" y="0" width="${width - left}" height="${y + 4}" class="band-later" data-way="${wayOf(all, (at) => x(at) - left)}"/>
</svg>`;
}

/** Where the curtain over what is still to come stands behind each frame. The last one that is kept lifts it from all that is not. */
function wayOf({ frames, total }: Bands, x: (at: number) => number): string {
  const stops = frames.map(({ place, to }, i) => `${place},${x(i === frames.length - 1 ? total : to).toFixed(1)},0`);
  return ['0,0,0', ...stops].join(' ');
}
