import { clip } from '@interleave/trace/look';
import { raw } from 'hono/html';
import type { FC } from 'hono/jsx';
import type { PipeClient } from '../pipe/client.ts';
import { frameTable, frameWords } from '../story/frame-strip.ts';
import { multiplexing } from '../story/multiplexing.ts';
import { framesOf, type MultiplexPlan, multiplexWords, withoutNumbers } from '../story/multiplexing-run.ts';
import { IdeaPage, type IdeaProps, NoScript, Outcome, Predict } from './idea.tsx';
import { Life } from './life.tsx';
import { firstOfMessage, frameBytesHtml } from './multiplexing-words.ts';

export interface MultiplexingProps extends Omit<IdeaProps, 'idea' | 'experiment' | 'bytes'> {
  readonly plan: MultiplexPlan;
  /** The same run in the server's memory. */
  readonly memory: PipeClient;
}

/** Twelve exchanges at once on one HTTP/2 connection of our own client. */
export const Multiplexing: FC<MultiplexingProps> = ({ plan, memory, ...props }) => (
  <IdeaPage
    {...props}
    idea={multiplexing}
    experiment={<Experiment record={props.record} plan={plan} memory={memory} />}
    bytes={<Bytes memory={memory} />}
  />
);

const Experiment: FC<Pick<MultiplexingProps, 'record' | 'plan' | 'memory'>> = ({ record, plan, memory }) => (
  <>
    <NoScript>
      Our client needs a script. Without one, the frame below comes from the same run in the server’s memory.
    </NoScript>
    <Predict
      question={{
        text: 'Twelve bodies come back on one connection. How do they come?',
        guesses: ['one after another', 'mixed'],
      }}
    />
    <div class="controls needs-script" hidden>
      <button type="button" id="run" class="primary">
        Ask for twelve at once
      </button>
      <label class="switch">
        <input type="checkbox" id="numbers" checked />
        Look at the numbers
      </label>
      <label class="range">
        <span>Bytes of each body</span>
        <input type="range" id="size" min="200" max="6000" step="100" value={plan.size} />
        <output id="size-value">{plan.size}</output>
      </label>
      <label class="range">
        <span>Work times by seed</span>
        <input type="number" id="seed" min="0" max="9999" value={plan.seed} />
      </label>
    </div>
    <Outcome />
    <figure id="strip-figure" class="strip-figure" hidden>
      <div id="strip" />
      <figcaption>
        <p class="small">
          Upper row: the bytes of the connection, in the only order that TCP knows. Below: the same frames, each in the
          row of its number. A dark stroke is a head; shades tell neighbours apart.{' '}
          <span class="quiet">The pipe here is a WebSocket; HTTP does not notice.</span>
        </p>
        <div id="mixed-box" hidden>
          <p class="small">Without the numbers, this is what the contents read like:</p>
          <pre id="mixed" class="mixed" tabindex={0} />
        </div>
        <details>
          <summary>The frames as a table</summary>
          <section id="strip-table" class="table-scroll" tabindex={0} aria-label="Table of frames">
            {raw(frameTable(framesOf(memory)))}
          </section>
        </details>
      </figcaption>
    </figure>
    <div id="before-run">
      <Life record={record} />
    </div>
  </>
);

const Bytes: FC<{ memory: PipeClient }> = ({ memory }) => (
  <>
    <p>
      Choose a frame. Length, type, flags and stream stand before every one; whatever its type, a reader can skip it or
      sort it without knowing what is inside.
    </p>
    <div class="controls needs-script" hidden>
      <label class="range">
        <span>Frame</span>
        <input type="range" id="frame" min="1" max={framesOf(memory).length} value={firstOfMessage(memory) + 1} />
        <output id="frame-value">{firstOfMessage(memory) + 1}</output>
      </label>
    </div>
    <div id="frame-bytes">{raw(frameBytesHtml(memory, firstOfMessage(memory)))}</div>
    <p id="frame-source" class="source">
      the same run in the server’s memory, before you pressed anything
    </p>
  </>
);

/** For a terminal: the frames one a line, and how the contents read without the numbers. */
export function multiplexingText(memory: PipeClient): string {
  const frames = framesOf(memory).map((frame, i) => `${String(i + 1).padStart(3)}  ${frameWords(frame)}`);
  const mixed = withoutNumbers(memory)
    .replace(/(.)\1{20,}/g, '$1…')
    .replaceAll('\n', ' ');
  return [multiplexWords(memory), '', ...frames, '', 'Without the numbers:', clip(mixed, 300)].join('\n');
}
