import type { RequestRecord } from '@interleave/trace';
import { raw } from 'hono/html';
import type { FC } from 'hono/jsx';
import { connField } from '../story/conn-field.ts';
import { partsHtml } from '../story/parts.ts';
import { RECORDED_RESUME } from '../story/recorded/runs.ts';
import { resume } from '../story/resume.ts';
import { IdeaPage, type IdeaProps, NoScript, Outcome, Predict, WhyLink } from './idea.tsx';
import { Life } from './life.tsx';
import { Recorded } from './recorded.tsx';

/** Staying, coming back, arriving. */
export const Resume: FC<Omit<IdeaProps, 'idea' | 'experiment' | 'bytes'>> = (props) => (
  <IdeaPage {...props} idea={resume} experiment={<Experiment {...props} />} bytes={<Bytes {...props} />} />
);

const Experiment: FC<Pick<IdeaProps, 'record' | 'origins' | 'url'>> = ({ record, origins, url }) => (
  <>
    <NoScript>
      The button needs a script. Without one, reload this page: a connection that stayed pays nothing.
    </NoScript>
    <Predict
      question={{
        text: 'The server ends your connection, and you ask again. What will carry the request?',
        guesses: ['the same connection', 'a new one, resumed', 'a new one, from nothing'],
      }}
    />
    <div class="controls needs-script" hidden>
      <button type="button" id="run" class="primary">
        Stay, come back, arrive
      </button>
    </div>
    <Where record={record} origins={origins} url={url} />
    <Outcome />
    <section class="table-scroll" tabindex={0} aria-label="What each request paid">
      <table class="results" id="paid" hidden>
        <thead>
          <tr>
            <th scope="col">the request</th>
            <th scope="col">exchange</th>
            <th scope="col">its connection</th>
            <th scope="col">handshake</th>
          </tr>
        </thead>
        <tbody id="paid-body"></tbody>
      </table>
    </section>
    <Life record={record} />
    {record.host === 'lab' ? null : (
      <Recorded
        why="Coming back takes a server that ends the connection, and one that tells of resumption."
        runs={[
          {
            id: 'resume',
            what: 'To stay, to come back, to arrive',
            title: 'Three requests over HTTP/2: the same connection, a new one that resumed, a new one from nothing.',
            lanes: RECORDED_RESUME,
          },
        ]}
      />
    )}
    <WhyLink reason="goodbye">The end that the server says, and nine others:</WhyLink>
  </>
);

/** What can be seen from here, where that is not everything. */
const Where: FC<Pick<IdeaProps, 'record' | 'origins' | 'url'>> = ({ record, origins, url }) => {
  if (record.host !== 'lab')
    return (
      <p class="small quiet">
        Nobody here can end a connection of the edge, and Cloudflare does not tell a Worker whether a session was
        resumed. So you see staying and arriving; in the lab, <code>npm start</code>, you see all three.
      </p>
    );
  if (url.protocol === 'http:')
    return (
      <p class="small quiet">
        This page came in the clear, where there is no TLS and so no session to resume: a new connection costs TCP’s own
        handshake alone.
        {origins.h1 === undefined ? '' : ' With TLS it is '}
        {origins.h1 === undefined ? null : <a href={`${origins.h1}/resume`}>{`${origins.h1}/resume`}</a>}
      </p>
    );
  return null;
};

const Bytes: FC<{ record: RequestRecord }> = ({ record }) => {
  const { bytes, parts } = connField(record);
  return (
    <>
      <p>
        What goes over the wire in a TLS handshake is encrypted almost from the start, and no browser shows it to a
        page. So the server says what it saw at its socket, in <code>X-Conn</code> and in <code>Server-Timing</code>.
      </p>
      <div id="conn-bytes">{raw(partsHtml('With this very page', bytes, parts))}</div>
      <p class="source">the field as it went out with this page; after a run, those of the three requests</p>
    </>
  );
};

/** For a terminal: the field of the response that it stands in. */
export function resumeText(record: RequestRecord): string {
  return `  < ${new TextDecoder().decode(connField(record).bytes).trimEnd()}`;
}
