import { visibleText } from '@interleave/trace/look';
import { raw } from 'hono/html';
import type { FC } from 'hono/jsx';
import type { Origins } from '../env.ts';
import { partsHtml } from '../story/parts.ts';
import { LONGEST_HOLD, TILES } from '../story/picture.ts';
import { RECORDED_TILES } from '../story/recorded/runs.ts';
import { requestBytes } from '../story/request-bytes.ts';
import { tiles } from '../story/tiles.ts';
import { IdeaPage, type IdeaProps, NoScript, Outcome, Predict, WhyLink } from './idea.tsx';
import { Legend } from './legend.tsx';
import { Recorded, type RecordedRun } from './recorded.tsx';

/** One picture in forty-eight parts, over each kind of connection that this server listens on. */
export const Tiles: FC<Omit<IdeaProps, 'idea' | 'experiment' | 'bytes'>> = (props) => (
  <IdeaPage {...props} idea={tiles} experiment={<Experiment {...props} />} bytes={<Bytes url={props.url} />} />
);

/** The same forty-eight over the three protocols that a browser speaks over TLS. */
const RECORDED: readonly RecordedRun[] = [
  {
    id: 'h1',
    what: 'HTTP/1.1 over TLS',
    title: '48 pictures on 6 connections.',
    lanes: RECORDED_TILES.h1,
    dense: true,
  },
  { id: 'h2', what: 'HTTP/2', title: '48 pictures on 1 connection.', lanes: RECORDED_TILES.h2, dense: true },
  { id: 'h3', what: 'HTTP/3', title: '48 pictures on 1 connection.', lanes: RECORDED_TILES.h3, dense: true },
];

interface Place {
  readonly origin: string;
  readonly what: string;
}

const WHAT: readonly (readonly [keyof Origins, string])[] = [
  ['plain', 'HTTP/1.1 in the clear'],
  ['h1', 'HTTP/1.1 over TLS'],
  ['h2', 'HTTP/2'],
  ['h3', 'HTTP/3'],
];

/**
 * Where the picture is fetched from: here first, then the other listeners of the lab. A page that came over TLS is not to show
 * what comes in the clear.
 */
export function placesOf(origins: Origins, here: string): Place[] {
  const others = WHAT.flatMap(([name, what]) => {
    const origin = origins[name];
    const isMixed = here.startsWith('https:') && origin?.startsWith('http:');
    return origin === undefined || isMixed ? [] : [{ origin, what }];
  });
  const own = others.find(({ origin }) => origin === here) ?? { origin: here, what: 'this page’s own connection' };
  return [own, ...others.filter(({ origin }) => origin !== own.origin)];
}

const Experiment: FC<Pick<IdeaProps, 'record' | 'origins' | 'url'>> = ({ record, origins, url }) => {
  const places = placesOf(origins, url.origin);
  return (
    <>
      <NoScript>
        The count needs a script. Without one, your browser’s own network panel shows the connection of each picture.
      </NoScript>
      <Predict
        question={{
          text: 'How many connections will your browser use for the forty-eight, here?',
          guesses: ['one', 'six', 'twelve', 'forty-eight'],
        }}
      />
      <div class="controls needs-script" hidden>
        <button type="button" id="run" class="primary">
          Fetch forty-eight
        </button>
        <label class="range">
          <span>The server thinks for</span>
          <input type="range" id="hold" min="0" max={Math.min(500, LONGEST_HOLD)} step="20" value="100" />
          <output id="hold-value">100 ms</output>
        </label>
        {places.length > 1 ? (
          <label class="switch">
            <input type="checkbox" id="all" checked />
            On all {places.length} kinds of connection
          </label>
        ) : null}
      </div>
      <Outcome />
      {record.facts.connectionId.value === null ? (
        <p class="small quiet">
          Nothing here names connections, so the tiles arrive without letters. The lab names them:{' '}
          <code>npm start</code>.
        </p>
      ) : null}
      <section id="counts-box" class="table-scroll" tabindex={0} aria-label="Counted by the server and by your browser">
        <table class="results" id="counts" hidden>
          <thead>
            <tr>
              <th scope="col">asked over</th>
              <th scope="col">connections</th>
              <th scope="col">at most at a time on one</th>
              <th scope="col">longest wait</th>
            </tr>
          </thead>
          <tbody id="counts-body"></tbody>
        </table>
      </section>
      <div class="mosaics">
        {places.map(({ origin, what }, index) => (
          <figure class="mosaic-box" data-origin={origin} hidden={index > 0}>
            <figcaption>
              <b>{what}</b> <code class="quiet">{origin}</code>
              <span class="small quiet mosaic-note">{index === 0 ? 'not asked yet' : ''}</span>
            </figcaption>
            <div class="mosaic" role="img" aria-label={`A picture in ${TILES} parts, not fetched yet`}>
              {Array.from({ length: TILES }, () => (
                <span class="tile" />
              ))}
            </div>
            <div class="mosaic-life" />
            <details hidden>
              <summary>The same as a table</summary>
              <section class="table-scroll mosaic-table" tabindex={0} aria-label={`The exchanges of ${what}`} />
            </details>
          </figure>
        ))}
      </div>
      <Legend protocol={record.facts.protocol.value} queue />
      {record.host === 'lab' ? null : (
        <Recorded why="One address speaks one protocol to you, whichever the edge chose." runs={RECORDED} />
      )}
      <WhyLink reason="six">Six is one of ten reasons for another connection:</WhyLink>
    </>
  );
};

const Bytes: FC<{ url: URL }> = ({ url }) => (
  <>
    <p>
      A reply in HTTP/1.1 belongs to the request whose turn it is, so a second exchange at the same time needs a second
      connection. In HTTP/2 the reply’s frames carry the number of the request’s stream (RFC 9113 §4.1).
    </p>
    {requestBytes('/tile/7', url.host).map(({ title, bytes, parts }) => raw(partsHtml(title, bytes, parts)))}
    <p class="source">written by our own client, in this server’s memory</p>
  </>
);

/** For a terminal: the two requests. */
export function tilesText(url: URL): string {
  return requestBytes('/tile/7', url.host)
    .map(({ title, bytes }) => {
      const shown =
        title === 'HTTP/1.1'
          ? visibleText(new TextDecoder('latin1').decode(bytes))
          : [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
      return `${title}\n  > ${shown}`;
    })
    .join('\n');
}
