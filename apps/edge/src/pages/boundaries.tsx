import { bytesLine } from '@interleave/trace/look';
import { raw } from 'hono/html';
import type { FC } from 'hono/jsx';
import { boundaries } from '../story/boundaries.ts';
import {
  type BoundaryPlan,
  FRAMINGS,
  knownAtCut,
  LONGEST_SAYING,
  piecesOf,
  type Reading,
  readAsServer,
  readingWords,
  twoMessages,
} from '../story/framing.ts';
import { MISTAKES, mistakeWords, readMistake } from '../story/mistakes.ts';
import { mistakeBytesHtml, planBytesHtml } from './boundaries-words.ts';
import { IdeaPage, type IdeaProps, NoScript, Outcome, Predict } from './idea.tsx';

export interface BoundariesProps extends Omit<IdeaProps, 'idea' | 'experiment' | 'bytes'> {
  readonly plan: BoundaryPlan;
}

/** Two messages on one connection, and where the first one ends. */
export const Boundaries: FC<BoundariesProps> = ({ plan, ...props }) => (
  <IdeaPage {...props} idea={boundaries} experiment={<Experiment plan={plan} />} bytes={<Mistakes />} />
);

const Experiment: FC<{ plan: BoundaryPlan }> = ({ plan }) => {
  const reading: Reading = readAsServer(...piecesOf(plan));
  return (
    <>
      <NoScript>
        Sending needs a script. Without one, the address chooses: <a href="?framing=short">?framing=short</a>,{' '}
        <a href="?framing=none">?framing=none</a>, <a href="?framing=chunked">?framing=chunked</a>.
      </NoScript>
      <Predict
        question={{
          text: 'The length says 3 bytes too few. How many of the two messages will the server take?',
          guesses: ['none', 'one', 'two'],
        }}
      />
      <div class="controls needs-script" hidden>
        <button type="button" id="run" class="primary">
          Send both
        </button>
        <label class="range">
          <span>Your message</span>
          <input
            type="text"
            id="say"
            value={plan.say}
            maxlength={LONGEST_SAYING}
            autocomplete="off"
            spellcheck={false}
          />
        </label>
        <label class="range">
          <span>Cut before byte</span>
          <input type="range" id="cut" min="0" max={twoMessages(plan).bytes.length - 1} value={plan.cut} />
          <output id="cut-value">{plan.cut === 0 ? 'not cut' : plan.cut}</output>
        </label>
      </div>
      <div
        class="controls choices needs-script"
        role="radiogroup"
        aria-label="How the first message says where it ends"
        hidden
      >
        {FRAMINGS.map(([id, name]) => (
          <label class="choice">
            <input type="radio" name="framing" value={id} checked={id === plan.framing} />
            {name}
          </label>
        ))}
      </div>
      <Outcome />
      <div id="plan-bytes">{raw(planBytesHtml(plan, reading))}</div>
      <p class="small" id="known">
        {knownAtCut(plan)}
      </p>
      <div id="reply-bytes" />
      <p class="source" id="boundary-source">
        read by the server’s own core; nothing was sent yet
      </p>
    </>
  );
};

const Mistakes: FC = () => {
  const [first] = MISTAKES;
  return (
    <>
      <p>
        Here a client reads two replies that follow each other. Choose what is wrong with the first. Nothing is sent:
        the core of this page reads them.
      </p>
      <div
        class="controls choices needs-script"
        role="radiogroup"
        aria-label="What is wrong with the first reply"
        hidden
      >
        {MISTAKES.map(({ id, name }, index) => (
          <label class="choice">
            <input type="radio" name="mistake" value={id} checked={index === 0} />
            {name}
          </label>
        ))}
      </div>
      <p id="mistake-outcome" class="outcome small-outcome" role="status">
        {first ? mistakeWords(first, readMistake(first)) : ''}
      </p>
      <div id="mistake-bytes">{first ? raw(mistakeBytesHtml(first)) : null}</div>
    </>
  );
};

/** For a terminal: both messages on a line, with a caret, and what the server made of them. */
export function boundariesText(plan: BoundaryPlan): string {
  const reading = readAsServer(...piecesOf(plan));
  const { bytes } = twoMessages(plan);
  const { text, caret } = bytesLine(bytes, {
    max: 220,
    caret: { at: reading.believed, note: 'here the server looks for the second' },
  });
  const mistakes = MISTAKES.map((mistake) => `- ${mistakeWords(mistake, readMistake(mistake))}`);
  return [
    ...mistakes,
    '',
    `Two messages, framing=${plan.framing} (${FRAMINGS.map(([id]) => id).join(', ')}):`,
    text,
    caret ?? '',
    readingWords(plan, reading),
  ].join('\n');
}
