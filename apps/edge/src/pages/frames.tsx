import { type FrameModel, framesText } from '@interleave/trace/frames';
import { raw } from 'hono/html';
import type { FC } from 'hono/jsx';
import { hexHtml } from '../frames/detail.ts';
import { frames } from '../instruments/frames.ts';
import { framesCss } from './frames-css.ts';
import { IdeaPage, type IdeaProps, NoScript, Outcome, Predict } from './idea.tsx';

export interface FramesProps extends Omit<IdeaProps, 'idea' | 'experiment' | 'bytes'> {
  /** Frames of a run with both ends in this server's memory. */
  readonly memory: FrameModel;
}

/** The frames of the visitor's own connection; where nobody sees those, of our own client in the page. */
export const FramesPage: FC<FramesProps> = (props) => (
  <IdeaPage
    {...props}
    idea={seesOwn(props) ? frames : { ...frames, ...ELSEWHERE }}
    experiment={<Experiment {...props} />}
    bytes={
      <>
        <Saves {...props} />
        <Sample memory={props.memory} />
      </>
    }
  />
);

/** Only the lab stands where frames can be seen. */
function seesOwn({ record }: Pick<FramesProps, 'record'>): boolean {
  return record.host === 'lab';
}

/** What is true where the app does not see the visitor's frames. */
const ELSEWHERE: Pick<typeof frames, 'headline' | 'lead'> = {
  headline: 'These are the frames that carried an exchange inside this page.',
  lead: 'Whoever stands between you and this app keeps the frames of your own connection to himself: an edge tells an app what was asked, not how it was carried. So a client of our own in this page speaks HTTP/2 through a WebSocket, with the same core at both ends, and shows every frame. At home, `npm start` shows those of your browser.',
};

const Experiment: FC<FramesProps> = (props) => {
  const { record, nonce, url } = props;
  const n = requestsOf(url);
  const isOwn = seesOwn(props);
  const id = record.facts.connectionId.value;
  return (
    <>
      <style nonce={nonce}>{raw(framesCss)}</style>
      <NoScript>
        The list needs a script. Without one,{' '}
        {isOwn ? <a href={`/api/v1/connection/${id}.txt`}>the same as text</a> : 'ask from a terminal'}: the commands
        stand below.
      </NoScript>
      <Predict
        question={{
          text: 'How many bytes will the head of a second request take, next to that of the first?',
          guesses: ['as many', 'half', 'a tenth'],
        }}
      />
      <p id="frames-status" class="small frames-status" role="status">
        {isOwn ? 'Waiting for the events of your connection.' : 'Opening a pipe for our own client.'}
      </p>
      <div class="frames-bar needs-script" hidden>
        <button type="button" id="run" class="primary">
          {isOwn ? 'Load something more' : 'Ask once more'}
        </button>
        <label class="range">
          <span>Requests at once</span>
          <input type="number" id="n" min="1" max="12" value={String(n)} />
        </label>
        <label>
          Show{' '}
          <select id="stream">
            <option value="">all {record.facts.protocol.value?.startsWith('http/') ? 'exchanges' : 'streams'}</option>
          </select>
        </label>
        <label class="switch">
          <input type="checkbox" id="follow" checked />
          Follow what comes
        </label>
      </div>
      <div
        id="frame-list"
        class="flist"
        role="listbox"
        tabindex={0}
        aria-label="Frames in the order in which they passed. Arrow keys go from one to the next."
      />
      <Outcome />
      <div class="detail needs-script" hidden>
        <h2 id="detail-title">Choose a frame.</h2>
        <p id="detail-words" />
        <div class="hexparts">
          <div id="hex" />
          <section class="parts-box" id="parts" tabindex={0} aria-label="Parts of the frame" />
        </div>
        <section id="table-section" hidden>
          <h3>What it does to the table that heads are compressed with.</h3>
          <div id="table" />
        </section>
        <section id="states-section" hidden>
          <h3>What it does to the state of its stream.</h3>
          <div id="states" />
        </section>
        <section id="windows-section" hidden>
          <h3>What either side may still send.</h3>
          <div id="windows" />
        </section>
      </div>
    </>
  );
};

const Saves: FC<FramesProps> = (props) => {
  const id = props.record.facts.connectionId.value;
  if (!seesOwn(props) || id === null)
    return (
      <p>
        Our client’s connection lives in this page only.{' '}
        {id === null ? null : (
          <>
            What this app knows of your own stands at <a href={`/api/v1/connection/${id}`}>its address</a>.
          </>
        )}
      </p>
    );
  const at = `/api/v1/connection/${id}`;
  return (
    <>
      <p class="saves">
        <a href={`${at}.qlog`}>qlog (JSON Text Sequences)</a>
        <a href={`${at}.qlog?format=qvis`}>qlog for qvis</a>
        <a href={`${at}.txt`}>text</a>
        <a href={at}>facts as JSON</a>
        <a href="/analyse">The connection report reads it</a>
      </p>
      <p class="small quiet">
        Cookies, authorisation and whatever looks like a token are masked everywhere, in values and in bytes; what you
        send as content is not shown at all. A file holds values only of fields that tell of framing, none that tell of
        a person.
      </p>
    </>
  );
};

/** One head, for those without a script: of our own client, and said to be. */
const Sample: FC<Pick<FramesProps, 'memory'>> = ({ memory }) => {
  const heads = memory.frames.filter(({ kind, fromClient }) => kind === 'headers' && fromClient);
  const last = heads.at(-1);
  if (last === undefined) return null;
  return (
    <>
      <p>
        A head that the table has made short: {last.length} bytes, where the first had {heads[0]?.length}.
      </p>
      {raw(hexHtml(last, 16, null))}
      <p class="source">our own client against this server’s core, both in its memory</p>
    </>
  );
};

/** How many requests a press of the button sends. */
function requestsOf(url: URL): number {
  const n = Number(url.searchParams.get('n') ?? 1);
  return Number.isInteger(n) && n >= 1 && n <= 12 ? n : 1;
}

/** For a terminal: the frames of our own client’s run in the server’s memory; the caller's own stand at another address. */
export function framesTwin(memory: FrameModel): string {
  return `Our own client against this server’s core, both in its memory, one frame a line (> from the client):\n\n${framesText(memory.frames, memory.notes, 0).trimEnd()}`;
}
