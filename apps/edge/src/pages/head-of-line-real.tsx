import { raw } from 'hono/html';
import type { Child, FC } from 'hono/jsx';
import { RECORDED, RECORDED_WITH } from '../story/head-of-line/recorded.ts';
import { panelSvg } from '../story/head-of-line/rows.ts';
import { waitPanel } from '../story/head-of-line/wait-panel.ts';
import { waitPlaces } from '../story/wait-places.ts';
import type { IdeaProps } from './idea.tsx';
import { Life } from './life.tsx';

/** What the lab can do to the visitor's own connections, and what came of it; elsewhere, why nobody can. */
export const RealWait: FC<Pick<IdeaProps, 'record' | 'origins' | 'url'> & { children?: Child }> = ({
  record,
  origins,
  url,
  children,
}) => {
  if (record.host !== 'lab')
    return (
      <div class="real">
        <h2 class="part">Nobody here can hold back bytes of your connection, so this is a recording.</h2>
        <p class="small quiet">
          The edge does not let an app touch its sockets, and a page cannot. A lab on your machine can:{' '}
          <code>npm start</code>, then the same page there, with your own connections. Below, one run there:{' '}
          {RECORDED_WITH}, twelve fetches of 30 KB over TCP and of 4 KB over QUIC.
        </p>
        <div class="waits">
          {RECORDED.map(({ protocol, what, note, rows }) => (
            <figure class="wait-box">
              <figcaption class="small">
                <b>{what}</b> <span class="quiet">recorded</span>
              </figcaption>
              <div class="wait-drawing">
                {raw(panelSvg(waitPanel(`recorded-${protocol}`, `${note.split('.')[0]}.`, protocol, rows), 320))}
              </div>
              <p class="wait-note small quiet">{note}</p>
            </figure>
          ))}
        </div>
      </div>
    );
  const places = waitPlaces(origins, url.origin);
  const hasQuic = places.some(({ protocol }) => protocol === 'h3');
  return (
    <div class="real">
      <h2 class="part">Your own connections: twelve fetches at once.</h2>
      <div class="controls near needs-script" hidden>
        <button type="button" id="run" class="primary">
          Hold bytes back
        </button>
        <label class="range">
          <span>from byte</span>
          <input type="range" id="after" min="5000" max="350000" step="5000" value="25000" />
          <output id="after-value">25000</output>
        </label>
        <label class="range">
          <span>for</span>
          <input type="range" id="hold" min="200" max="2000" step="100" value="500" />
          <output id="hold-value">500 ms</output>
        </label>
      </div>
      <p class="small quiet near-note">
        Each is of 30 KB. The lab counts the bytes of each connection from your click on; the first that sends so many
        is held. Over HTTP/1.1 each of the six carries up to 60 KB of the twelve, over HTTP/2 the one carries all 360
        KB.
      </p>
      {hasQuic ? (
        <>
          <div class="controls near needs-script" hidden>
            <button type="button" id="lose">
              Lose a datagram on HTTP/3
            </button>
            <button type="button" id="lose-cold">
              Lose one on a cold connection
            </button>
            <label class="range">
              <span>which one, of the large</span>
              <input type="range" id="drop" min="0" max="30" step="1" value="15" />
              <output id="drop-value">16th</output>
            </label>
          </div>
          <p class="small quiet near-note">
            Meanwhile datagrams take their time on the way: 150 ms, or 80 on a cold connection. On the warm connection
            the twelve are of 4 KB, so that they travel in one flight; on the cold one of 30 KB, beside the same without
            a loss.
          </p>
        </>
      ) : (
        <p class="small quiet near-note">
          HTTP/3 is off here, so no datagram can be lost; the lab says why when it starts. The model below has both
          roads.
        </p>
      )}
      {children}
      <div class="waits" id="waits" hidden>
        {places.map(({ listener, origin, what, protocol }) => (
          <figure class="wait-box" data-listener={listener} data-origin={origin} data-protocol={protocol}>
            <figcaption class="small">
              <b>{what}</b>
            </figcaption>
            <div class="wait-drawing" />
            <p class="wait-note small quiet">not asked yet</p>
            <details>
              <summary>The same as a table</summary>
              <section class="table-scroll wait-table" tabindex={0} aria-label={`The twelve over ${what}`} />
            </details>
          </figure>
        ))}
      </div>
      <div id="before-run">
        <Life record={record} />
      </div>
    </div>
  );
};
