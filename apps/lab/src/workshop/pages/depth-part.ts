/** A queue over a run: requests begun and unsent above, with their bound as a line; bytes taken below. Drawn with presentation attributes only. */
import type { CheckResult } from '@interleave/judge';
import { type Depth, depthsOf, depthTitle } from '@interleave/judge/watch';
import { html } from 'hono/html';
import type { Html } from './layout.ts';

const DEPTH = { top: 26, bottom: 126 };
const TAKEN = { top: 158, bottom: 218 };
const HEIGHT = 228;
/** Points along the way; a run has thousands of moments, a line has no more places than pixels. */
const PLACES = 1200;

/** A figure for each connection with a bound; nothing where the check has none. */
export function depthPart(test: CheckResult): Html {
  const all = depthsOf(test);
  if (all.length === 0) return html``;
  return html`${all.map(
    (
      depth,
    ) => html`<figure class="run-figure"><div class="wide">${picture(depth, 1230)}</div><div class="narrow">${picture(depth, 350)}</div>
<figcaption class="small quiet">${depthTitle(depth)}. Where the lower line is flat, nothing is read: what is not begun waits with the peer.</figcaption></figure>`,
  )}`;
}

function picture(depth: Depth, width: number): Html {
  const { moments, bound, most } = depth;
  const high = Math.max(most, bound, 1);
  const bytes = Math.max(1, moments.at(-1)?.taken ?? 0);
  const x = (i: number): number => 1 + ((width - 2) * i) / moments.length;
  const y = (row: { top: number; bottom: number }, part: number): number => row.bottom - (row.bottom - row.top) * part;
  // Each place shows the most of what happened in it, so that no peak is lost.
  const every = Math.ceil(moments.length / PLACES);
  const path = (row: { top: number; bottom: number }, part: (i: number) => number): string => {
    let d = `M1 ${row.bottom}`;
    for (let i = 0; i < moments.length; i += every) {
      const peak = Math.max(...Array.from({ length: Math.min(every, moments.length - i) }, (_, k) => part(i + k)));
      d += `H${x(i).toFixed(1)}V${y(row, peak).toFixed(1)}`;
    }
    return `${d}H${width - 1}`;
  };
  const level = y(DEPTH, bound / high).toFixed(1);
  const label = `bound: ${bound}`;
  return html`<svg viewBox="0 0 ${width} ${HEIGHT}" width="100%" role="img" aria-label="${depthTitle(depth)}">
<text x="1" y="16" font-size="12" fill="currentColor">begun and unsent, at most ${most}</text>
<path d="${path(DEPTH, (i) => (moments[i]?.inFlight ?? 0) / high)}V${DEPTH.bottom}Z" fill="currentColor" fill-opacity="0.12" stroke="currentColor" stroke-width="1"/>
<line x1="1" x2="${width - 1}" y1="${level}" y2="${level}" stroke="currentColor" stroke-width="1.5" stroke-dasharray="6 4"/>
<text x="${width - 2}" y="16" text-anchor="end" font-size="12" fill="currentColor">${label} (dashed)</text>
<text x="1" y="${TAKEN.top - 10}" font-size="12" fill="currentColor">bytes of requests taken, ${bytes.toLocaleString('en')} in all</text>
<path d="${path(TAKEN, (i) => (moments[i]?.taken ?? 0) / bytes)}" fill="none" stroke="currentColor" stroke-width="1"/>
</svg>`;
}
