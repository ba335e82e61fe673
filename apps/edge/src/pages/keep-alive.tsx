import { visibleText } from '@interleave/trace/look';
import { raw } from 'hono/html';
import type { FC } from 'hono/jsx';
import { askTwiceInMemory, ENDINGS, endingWords, messageParts } from '../story/ends.ts';
import { keepAlive } from '../story/keep-alive.ts';
import { partsHtml } from '../story/parts.ts';
import { IdeaPage, type IdeaProps, NoScript, Outcome, Predict, WhyLink } from './idea.tsx';
import { Life } from './life.tsx';

/** Five fetches one after another, with the connection left open or ended after each. */
export const KeepAlive: FC<Omit<IdeaProps, 'idea' | 'experiment' | 'bytes'>> = (props) => (
  <IdeaPage {...props} idea={keepAlive} experiment={<Experiment {...props} />} bytes={<Bytes />} />
);

const Experiment: FC<Pick<IdeaProps, 'record'>> = ({ record }) => {
  const isLab = record.host === 'lab';
  return (
    <>
      <NoScript>
        The button needs a script. Without one, reload this page and watch the number in the top line.
      </NoScript>
      <Predict
        question={{ text: 'How many connections will five fetches use?', guesses: ['one', 'two', 'five', 'six'] }}
      />
      <div class="controls needs-script" hidden>
        <button type="button" id="run" class="primary">
          Fetch five
        </button>
        {isLab ? (
          <label class="switch">
            <input type="checkbox" id="short" />
            Short: the server ends each connection after its response
          </label>
        ) : (
          <p class="small quiet">
            Nobody here can make the edge end its connections, so this is the long kind. In the lab,{' '}
            <code>npm start</code>, the other kind is one switch away.
          </p>
        )}
      </div>
      <Outcome />
      <Life record={record} />
      {isLab ? (
        <div class="controls needs-script idle-box" hidden>
          <button type="button" id="wait">
            Be silent until it is idle too long
          </button>
          <p id="idle-outcome" class="small" role="status">
            Asking would keep it alive, so the page sends nothing for a minute, and asks afterwards what became of the
            connection.
          </p>
        </div>
      ) : null}
      <WhyLink reason="idle">The same in a second and a half, beside nine other reasons:</WhyLink>
    </>
  );
};

const Bytes: FC = () => {
  const [first] = ENDINGS;
  const run = first && askTwiceInMemory(first);
  return (
    <>
      <p>
        A browser does not let a page say these things. Here a client of our own does, through a WebSocket that carries
        plain HTTP bytes both ways: it asks, and asks again on the same connection if it still can.
      </p>
      <div class="controls choices needs-script" role="radiogroup" aria-label="How the request is sent" hidden>
        {ENDINGS.map(({ id, name }, index) => (
          <label class="choice">
            <input type="radio" name="ending" value={id} checked={index === 0} />
            <code>{name}</code>
          </label>
        ))}
        <button type="button" id="ask-twice">
          Ask twice
        </button>
      </div>
      <p id="ending-outcome" class="outcome small-outcome" role="status">
        {first && run ? endingWords(first, run) : ''}
      </p>
      <div id="ending-bytes">
        {first && run
          ? raw(
              partsHtml('You send', run.sent, messageParts(run.sent)) +
                partsHtml('You receive', run.received, messageParts(run.received)),
            )
          : null}
      </div>
      <p id="ending-source" class="source">
        answered by this server’s core in memory, before you pressed anything
      </p>
    </>
  );
};

/** The same for a terminal: what is sent, and the first reply. */
export function keepAliveText(): string {
  return ENDINGS.map((ending) => {
    const run = askTwiceInMemory(ending);
    const line = (bytes: Uint8Array): string => visibleText(new TextDecoder('latin1').decode(bytes));
    const first = messageParts(run.received).find(({ label }) => label === 'content');
    return `${endingWords(ending, run)}\n  > ${line(ending.request)}\n  < ${line(run.received.subarray(0, first?.to))}`;
  }).join('\n');
}
