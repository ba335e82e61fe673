import { timelineText } from '@interleave/trace/timeline';
import { raw } from 'hono/html';
import type { FC } from 'hono/jsx';
import type { PipeClient } from '../pipe/client.ts';
import { pipelining } from '../story/pipelining.ts';
import { FIRST_DELAY, type PipelinePlan, pipelineTimeline, pipelineWords, SWAPPED } from '../story/pipelining-run.ts';
import { IdeaPage, type IdeaProps, NoScript, Outcome, Predict } from './idea.tsx';
import { Life } from './life.tsx';
import { pipeBytesHtml, worksWords } from './pipelining-words.ts';

export interface PipeliningProps extends Omit<IdeaProps, 'idea' | 'experiment' | 'bytes'> {
  readonly plan: PipelinePlan;
  /** The same run in the server's memory. */
  readonly memory: PipeClient;
}

/** Six requests in one write, by our own client. */
export const Pipelining: FC<PipeliningProps> = ({ plan, memory, ...props }) => (
  <IdeaPage
    {...props}
    idea={pipelining}
    experiment={<Experiment record={props.record} plan={plan} />}
    bytes={<Bytes memory={memory} />}
  />
);

const Experiment: FC<Pick<PipeliningProps, 'record' | 'plan'>> = ({ record, plan }) => (
  <>
    <NoScript>
      Our client needs a script. Without one, the bytes below come from the same run in the server’s memory.
    </NoScript>
    <Predict
      question={{
        text: 'One of six handlers is finished before all others. When does its reply come?',
        guesses: ['first', 'in its turn', 'last'],
      }}
    />
    <div class="controls needs-script" hidden>
      <button type="button" id="run" class="primary">
        Send six in one write
      </button>
      <label class="switch">
        <input type="checkbox" id="delay" checked={plan.delay > 0} />
        The first works {FIRST_DELAY} ms longer
      </label>
      <label class="switch">
        <input type="checkbox" id="swap" checked={plan.swap} />
        The server swaps the replies to {SWAPPED[0]} and {SWAPPED[1]}
      </label>
      <label class="range">
        <span>Work times by seed</span>
        <input type="number" id="seed" min="0" max="9999" value={plan.seed} />
      </label>
    </div>
    <p class="small quiet works" id="works">
      {worksWords(plan)}
    </p>
    <Outcome />
    <section id="answers-box" class="table-scroll" tabindex={0} aria-label="Who got which answer">
      <table class="results" id="answers" hidden>
        <thead>
          <tr>
            <th scope="col">asked</th>
            <th scope="col">worked for</th>
            <th scope="col">finished</th>
            <th scope="col">the answer says</th>
          </tr>
        </thead>
        <tbody id="answers-body"></tbody>
      </table>
    </section>
    <Life record={record} turn />
    <p class="small quiet">
      The pipe here is a WebSocket; HTTP does not notice. How long a handler worked is the server’s own word, drawn from
      the moment of sending; the way there and back is part of the wait.
    </p>
  </>
);

const Bytes: FC<{ memory: PipeClient }> = ({ memory }) => (
  <>
    <p>
      Each underlined part is one message as the core found it, by reading: no byte says that it belongs to the second
      request and not to the third.
    </p>
    <div id="pipe-bytes">{raw(pipeBytesHtml(memory))}</div>
    <p id="pipe-source" class="source">
      the same run in the server’s memory, before you pressed anything
    </p>
  </>
);

/** For a terminal: the drawing and its sentence. */
export function pipeliningText(plan: PipelinePlan, memory: PipeClient): string {
  const timeline = pipelineTimeline(memory.exchanges, 0);
  return `${worksWords(plan)}\n${pipelineWords(memory.exchanges)}\n\n${timelineText(timeline, { columns: 92 })}`;
}
