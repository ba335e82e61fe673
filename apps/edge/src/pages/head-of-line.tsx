import { raw } from 'hono/html';
import type { Child, FC } from 'hono/jsx';
import { gainChart } from '../story/head-of-line/gain-chart.ts';
import { endOf, holeTable, oneOrderPanel, ownOrdersPanel, snapshot } from '../story/head-of-line/panels.ts';
import { SEGMENT } from '../story/head-of-line/plan.ts';
import { panelSvg } from '../story/head-of-line/rows.ts';
import type { HoleRun } from '../story/head-of-line/run.ts';
import { holeQuery, holeWords, presets } from '../story/head-of-line/words.ts';
import { headOfLine } from '../story/head-of-line.ts';
import { holeBytesHtml } from './head-of-line-bytes.ts';
import { RealWait } from './head-of-line-real.tsx';
import { IdeaPage, type IdeaProps, NoScript, Outcome, Predict } from './idea.tsx';

export interface HeadOfLineProps extends Omit<IdeaProps, 'idea' | 'experiment' | 'bytes'> {
  /** The run that the address asks for, made in the server's memory. */
  readonly run: HoleRun;
}

/** Who waits for a range of bytes that does not come: with the visitor's own connections in the lab, and in a model. */
export const HeadOfLine: FC<HeadOfLineProps> = ({ run, ...props }) => (
  <IdeaPage {...props} idea={headOfLine} experiment={<Experiment {...props} run={run} />} bytes={<Bytes run={run} />} />
);

const Experiment: FC<Pick<HeadOfLineProps, 'record' | 'origins' | 'url' | 'run'>> = ({ record, origins, url, run }) => {
  const isLab = record.host === 'lab';
  return (
    <>
      <NoScript>
        Your own connections need a script. Without one, what is drawn below is the model, run in the server’s memory
        for the address that you asked for; its links lead to other runs.
      </NoScript>
      <Predict
        question={{
          text: 'Twelve replies come on one HTTP/2 connection, and a range of its bytes does not come for a while. How many replies are late?',
          guesses: ['one', 'six', 'all twelve'],
        }}
      />
      <RealWait record={record} origins={origins} url={url}>
        <Outcome />
      </RealWait>
      <div class="hole" id="hole">
        <h2 class="part">The model: move the hole.</h2>
        <p class="small quiet">
          Twelve replies, written by the cores of HTTP/2 and HTTP/3 into a link with counted time. Both roads carry the
          same shares in the same order and miss the same stretch; a round trip later it comes again.
        </p>
        <Controls run={run} isLab={isLab} />
        {isLab ? null : <Outcome />}
        <p id="hole-words" class="hole-words" role="status">
          {holeWords(run)}
        </p>
        <Roads run={run} />
        <Gain run={run} />
      </div>
    </>
  );
};

const Controls: FC<{ run: HoleRun; isLab: boolean }> = ({ run, isLab }) => {
  const { plan, total } = run;
  return (
    <>
      <ul class="presets" aria-label="Places for the hole">
        {presets(run).map(({ name, plan: to }) => (
          <li>
            <a
              class="preset"
              href={`?${new URLSearchParams(holeQuery(to))}#hole`}
              data-from={to.from}
              data-lost={to.lost}
            >
              {name}
            </a>
          </li>
        ))}
      </ul>
      <div class="controls near needs-script" hidden>
        <button type="button" id={isLab ? 'play' : 'run'} class={isLab ? '' : 'primary'}>
          Lose these bytes
        </button>
        <label class="range">
          <span>The hole begins at byte</span>
          <input type="range" id="from" min="0" max={total - 1} step="1" value={plan.from} />
          <output id="from-value">{plan.from}</output>
        </label>
        <label class="range">
          <span>Bytes lost</span>
          <input type="range" id="lost" min="1" max={SEGMENT} step="1" value={plan.lost} />
          <output id="lost-value">{plan.lost}</output>
        </label>
        <fieldset class="controls choices plain-set">
          <legend class="visually-hidden">How the server writes</legend>
          {(
            [
              ['shared', 'a piece of each in turn'],
              ['turn', 'each reply to its end'],
            ] as const
          ).map(([value, what]) => (
            <label class="choice">
              <input type="radio" name="order" value={value} checked={plan.order === value} />
              {what}
            </label>
          ))}
        </fieldset>
        <label class="range">
          <span>Lengths by seed</span>
          <input type="number" id="seed" min="0" max="9999" value={plan.seed} />
        </label>
      </div>
    </>
  );
};

const Roads: FC<{ run: HoleRun }> = ({ run }) => {
  const now = snapshot(run);
  const panels = [oneOrderPanel(run, now), ownOrdersPanel(run, now)];
  const titles = [
    'One order: TCP’s ruler runs through all of them.',
    'An order for each: every stream has a ruler of its own.',
  ];
  return (
    <>
      <div class="roads">
        {panels.map((panel, i) => (
          <figure class="road">
            <figcaption class="small" id={`${panel.id}-title`}>
              {titles[i]}
            </figcaption>
            <div id={panel.id} class="road-drawing">
              <div class="wide">{raw(panelSvg({ ...panel, id: `${panel.id}-wide` }, 452))}</div>
              <div class="narrow">{raw(panelSvg({ ...panel, id: `${panel.id}-narrow` }, 350))}</div>
            </div>
          </figure>
        ))}
      </div>
      <Marks />
      <div class="controls near needs-script" hidden>
        <label class="range moment">
          <span>Moment</span>
          <input type="range" id="moment" min="30" max={Math.ceil(endOf(run))} step="0.5" value={now} />
          <output id="moment-value">{Math.floor(now)} ms</output>
        </label>
        <span id="moment-words" class="small quiet">
          just before the lost bytes come again
        </span>
      </div>
      <details>
        <summary>The same as a table</summary>
        <section id="hole-table" class="table-scroll" tabindex={0} aria-label="What became of each reply">
          {raw(holeTable(run))}
        </section>
      </details>
    </>
  );
};

const Marks: FC = () => (
  <ul class="legend p-h2" aria-label="Marks">
    <Mark word="handed on">
      <rect class="hl-came" x="1" y="0" width="24" height="12" />
    </Mark>
    <Mark word="has come, waits for bytes before it">
      <rect class="hl-waits" x="1" y="1" width="24" height="10" />
      <path class="hl-hatch" d="M4 11L12 1M11 11L19 1M18 11L25 3" />
    </Mark>
    <Mark word="lost">
      <rect class="hl-lost" x="1" y="1" width="24" height="10" />
    </Mark>
    <Mark word="not due yet">
      <rect class="hl-due" x="1" y="1" width="24" height="10" />
    </Mark>
  </ul>
);

const Mark: FC<{ word: string; children?: Child }> = ({ word, children }) => (
  <li>
    <svg width="26" height="12" viewBox="0 0 26 12" aria-hidden="true">
      {children}
    </svg>
    {word}
  </li>
);

const Gain: FC<{ run: HoleRun }> = ({ run }) => (
  <figure class="gain">
    <figcaption>
      <h3>The gain is the gap between the lines, and it is not everywhere.</h3>
      <p class="small quiet">
        How many of the {run.plan.n} are late, wherever the hole is: one order above, own orders below it.
      </p>
    </figcaption>
    <div class="roads" id="gain">
      {run.gains.map((curve) => (
        <div class="road">
          <p class="small">{curve.order === 'turn' ? 'Each reply to its end' : 'A piece of each in turn'}</p>
          <div class="gain-drawing" data-order={curve.order}>
            {raw(gainChart(curve, run.plan.n, curve.order === run.plan.order ? run.hole.from : null, 452))}
          </div>
        </div>
      ))}
    </div>
  </figure>
);

const Bytes: FC<{ run: HoleRun }> = ({ run }) => (
  <>
    <p>
      These are the bytes around the hole, as the server’s core wrote them. Every frame begins with nine bytes that say
      how long it is (RFC 9113 §4.1); without them, nobody can tell where the next one begins.
    </p>
    <div id="hole-bytes">{raw(holeBytesHtml(run))}</div>
  </>
);
