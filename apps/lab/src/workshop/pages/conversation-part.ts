/** What is said on stream 0: the connection's own conversation, the client on the left, the server on the right. */
import type { Tile, Tiles } from '@interleave/judge/watch';
import { html } from 'hono/html';
import type { Html } from './layout.ts';

const MOST = 40;

/** Frames of streams stand between as a count: they go on all the while. */
export function conversationFigure({ connection, rows }: Tiles): Html {
  const own = rows.find(({ stream }) => stream === 0)?.tiles ?? [];
  const others = rows.flatMap(({ stream, tiles }) =>
    stream === 0 ? [] : tiles.map(({ place }) => ({ place, stream })),
  );
  const shown = own.slice(0, MOST);
  const between = (from: number, to: number): Html => {
    const here = others.filter(({ place }) => place > from && place < to);
    if (here.length === 0) return html``;
    const streams = [...new Set(here.map(({ stream }) => stream))].sort((a, b) => a - b);
    const named =
      streams.length > 4
        ? `${streams.length} streams`
        : `${streams.length === 1 ? 'stream' : 'streams'} ${streams.join(', ')}`;
    return html`<li class="streams small quiet" data-at="${here[0]?.place ?? 0}">${here.length} ${here.length === 1 ? 'frame' : 'frames'} on ${named}</li>`;
  };
  const last = shown.at(-1);
  return html`<h3>Stream 0 <span class="quiet">${own.length === 0 ? 'nothing was said on it' : `what ${connection} says of itself`}</span></h3>
<figure class="run-figure"><div class="conversation-heads small quiet" aria-hidden="true"><span>the client</span><span>the server</span></div>
<ol class="conversation">${shown.map((tile, i) => html`${between(shown[i - 1]?.place ?? -1, tile.place)}${said(tile)}`)}${last === undefined || own.length > MOST ? '' : between(last.place, Number.POSITIVE_INFINITY)}</ol>
${own.length > MOST ? html`<figcaption class="small quiet">The first ${MOST} of ${own.length} frames.</figcaption>` : ''}</figure>`;
}

function said({ by, words, place }: Tile): Html {
  const isAck = / ACK$| ACK /.test(`${words} `);
  return html`<li data-at="${place}"><p class="${by}${isAck ? ' ack' : ''}"><span class="visually-hidden">the ${by}: </span><code>${words}</code></p></li>`;
}
