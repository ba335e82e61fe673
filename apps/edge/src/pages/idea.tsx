import type { Child, FC } from 'hono/jsx';
import type { Origins } from '../env.ts';
import type { Idea, Question, TerminalPlace } from '../story/idea.ts';
import { IDEAS, placeOf } from '../story/ideas.ts';
import type { ReasonId } from '../why/reasons.ts';
import { Page, type PageProps } from './layout.tsx';
import { Prose } from './prose.tsx';

export interface IdeaProps extends Omit<PageProps, 'title' | 'path' | 'children'> {
  readonly idea: Idea;
  readonly url: URL;
  /** Controls, outcome, drawing. */
  readonly experiment: Child;
  readonly bytes: Child;
}

/**
 * The shape that every page of the story has: a true sentence, one experiment with what happened, three sentences that explain
 * it, what surprises people, the bytes, how to build it, the same from a terminal, the next page.
 */
export const IdeaPage: FC<IdeaProps> = ({ idea, url, experiment, bytes, ...page }) => {
  const place = placeOf(idea.path);
  return (
    <Page {...page} title={`${idea.name} · Interleave`} path={idea.path}>
      <p class="chapter">{place === null ? 'Instruments' : `The story, ${place.number} of ${IDEAS.length}`}</p>
      <h1>{idea.headline}</h1>
      <p class="standfirst">
        <Prose text={idea.lead} />
      </p>
      <section class="experiment" aria-label="The experiment">
        {experiment}
      </section>
      <section aria-labelledby="three-title">
        <h2 id="three-title">What happened, in three sentences.</h2>
        <ol class="three">
          {idea.sentences.map((sentence) => (
            <li>
              <Prose text={sentence} />
            </li>
          ))}
        </ol>
      </section>
      <section aria-labelledby="surprise-title">
        <h2 id="surprise-title">What surprises people.</h2>
        <ul class="surprises">
          {idea.surprises.map((text) => (
            <li>
              <Prose text={text} />
            </li>
          ))}
        </ul>
      </section>
      <section aria-labelledby="bytes-title">
        <h2 id="bytes-title">{idea.bytes}</h2>
        {bytes}
      </section>
      <TakeHome
        idea={idea}
        place={terminalPlace(url, page.record.host, page.origins)}
        workshop={page.origins.plain ?? null}
      />
      {place === null ? null : (
        <nav class="turn" aria-label="Neighbours in the story">
          {place.before === null ? (
            <span />
          ) : (
            <a href={place.before.path} rel="prev">
              <span class="quiet">Before</span> {place.before.headline}
            </a>
          )}
          {place.after === null ? (
            <a href="/story">
              <span class="quiet">That was the last one</span> Back to all of the story
            </a>
          ) : (
            <a href={place.after.path} rel="next">
              <span class="quiet">Next</span> {place.after.headline}
            </a>
          )}
        </nav>
      )}
    </Page>
  );
};

/** The certificate of the lab is its own, so a command has to be told to take it. */
export function terminalPlace(url: URL, host: string, origins: Origins): TerminalPlace {
  const isLab = host === 'lab';
  return {
    origin: url.origin,
    insecure: isLab && url.protocol === 'https:' ? ' --insecure' : '',
    h2: origins.h2 ?? url.origin,
  };
}

const TakeHome: FC<{ idea: Idea; place: TerminalPlace; workshop: string | null }> = ({ idea, place, workshop }) => {
  const { commands, see } = idea.terminal(place);
  const { exercise, what } = idea.build;
  return (
    <section class="take-home" aria-labelledby="take-title">
      <h2 id="take-title">Take it home.</h2>
      <p>
        Build it yourself:{' '}
        {workshop === null ? (
          <>
            start the project with <code>npm start</code>, open the workshop and take exercise {exercise}: {what}.
          </>
        ) : (
          <>
            <a href={`${workshop}/workshop/${exercise}`}>{exercise}</a>, {what}.
          </>
        )}
      </p>
      <p>A terminal shows the same:</p>
      <pre tabindex={0}>
        <code>{commands.join('\n')}</code>
      </pre>
      <p class="small quiet">
        <Prose text={see} />
      </p>
    </section>
  );
};

/** Asks for a guess before the run: one tap, can be skipped, never scored. */
export const Predict: FC<{ question: Question }> = ({ question }) => (
  <fieldset class="predict needs-script" id="predict" hidden>
    <legend>
      <span class="quiet">Guess first, or skip it.</span> {question.text}
    </legend>
    {question.guesses.map((guess) => (
      <button type="button" class="guess" data-guess={guess} aria-pressed="false">
        {guess}
      </button>
    ))}
    <p id="predict-answer" class="predict-answer" role="status"></p>
  </fieldset>
);

/** Leads to the one page where this reason for a new connection is caused. */
export const WhyLink: FC<{ reason: ReasonId; children?: Child }> = ({ reason, children }) => (
  <p class="small quiet">
    {children} <a href={`/why?reason=${reason}#reason-${reason}`}>Why a connection is new</a>
  </p>
);

/** Where what came of a run is said, and the address that leads to the same run. */
export const Outcome: FC = () => (
  <>
    <p id="outcome" class="outcome" role="status"></p>
    <p class="small quiet run-address needs-script" hidden>
      This run has an address:{' '}
      <a id="address" href="?">
        this page
      </a>
    </p>
  </>
);

export const NoScript: FC<{ children?: Child }> = ({ children }) => (
  <noscript>
    <p class="quiet">{children}</p>
  </noscript>
);
