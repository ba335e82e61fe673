/** The same requests on as many connections as HTTP/1.1 needs: to be set above the one connection with a row for each stream. */
import { timelineOf } from '@interleave/judge/watch';
import { timelineSvg } from '@interleave/trace/timeline';
import { html, raw } from 'hono/html';
import type { Companion } from './companion.ts';
import type { Html } from './layout.ts';

/** Only the lanes of the learner's code: what Chromium did beside it is another story. */
export function lanesBefore({ label, test }: Companion, id: string): Html {
  const { oracle, connections, transcript } = test;
  const timeline = timelineOf({ oracle, connections, transcript });
  const requests = connections.reduce((sum, { exchanges }) => sum + exchanges.length, 0);
  const wide = timelineSvg(timeline, { width: 1230, idPrefix: `${id}-w` });
  const narrow = timelineSvg(timeline, { width: 350, idPrefix: `${id}-n` });
  return html`<h3>Before: ${connections.length} lanes <span class="quiet">${label}</span></h3>
<figure class="run-figure"><div class="wide">${raw(wide)}</div><div class="narrow">${raw(narrow)}</div>
<figcaption class="small quiet">Over HTTP/1.1 a connection carries one exchange at a time: ${requests} requests take turns on ${connections.length} lanes. Below, one connection has a row for each.</figcaption></figure>`;
}
