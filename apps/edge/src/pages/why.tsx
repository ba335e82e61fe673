import { raw } from 'hono/html';
import type { FC } from 'hono/jsx';
import { why } from '../instruments/why.ts';
import { partsHtml } from '../story/parts.ts';
import { wrap } from '../story/twin.ts';
import { endBytes } from '../why/bytes.ts';
import { hindrance, type Place, REASONS, type Reason, type ReasonId } from '../why/reasons.ts';
import { IdeaPage, type IdeaProps, NoScript, Outcome, Predict } from './idea.tsx';
import { Legend } from './legend.tsx';
import { Prose } from './prose.tsx';

type WhyProps = Omit<IdeaProps, 'idea' | 'experiment' | 'bytes'> & { readonly plan: ReasonId | 'all' };

/** Ten reasons for a new connection, each with the button that causes it and the evidence under it. */
export const Why: FC<WhyProps> = ({ plan, ...props }) => (
  <IdeaPage {...props} idea={why} experiment={<Experiment {...props} plan={plan} />} bytes={<Bytes />} />
);

function placeOf({ record, origins, url }: Pick<IdeaProps, 'record' | 'origins' | 'url'>): Place {
  return { host: record.host, protocol: record.facts.protocol.value, origins, here: url.origin };
}

const Experiment: FC<Pick<IdeaProps, 'record' | 'origins' | 'url'> & { plan: ReasonId | 'all' }> = ({
  plan,
  ...props
}) => {
  const place = placeOf(props);
  const chosen = REASONS.find(({ id }) => id === plan);
  const isChosenHere = chosen === undefined || hindrance(chosen.id, place) === null;
  return (
    <>
      <NoScript>
        The buttons need a script. Without one, read the ten, and let a terminal cause some of them: the commands stand
        below.
      </NoScript>
      <Predict
        question={{
          text: 'Seven requests at once: how many connections will carry them, here?',
          guesses: ['one', 'six', 'seven'],
        }}
      />
      <div class="controls needs-script" hidden>
        <button type="button" id="run" class="primary" disabled={!isChosenHere}>
          {chosen === undefined
            ? 'Cause all that can be caused here'
            : `Once more: ${chosen.button.charAt(0).toLowerCase()}${chosen.button.slice(1)}`}
        </button>
        {chosen === undefined ? null : <a href="/why">All ten instead</a>}
      </div>
      <Outcome />
      <script type="application/json" id="origins">
        {raw(JSON.stringify(props.origins).replaceAll('<', '\\u003c'))}
      </script>
      <ol class="whys">
        {REASONS.map((reason, index) => (
          <Row reason={reason} number={index + 1} place={place} chosen={reason.id === plan} />
        ))}
      </ol>
      <Legend protocol={props.record.facts.protocol.value} queue />
      <p class="source">
        Connections and exchanges are counted by the server at its socket, and so are their ends; handshakes and waiting
        are as your browser measured them.
      </p>
    </>
  );
};

const Row: FC<{ reason: Reason; number: number; place: Place; chosen: boolean }> = ({
  reason,
  number,
  place,
  chosen,
}) => {
  const { id, title, text, button } = reason;
  const missing = hindrance(id, place);
  return (
    <li id={`reason-${id}`} class={chosen ? 'why why-chosen' : 'why'}>
      <h2>
        <span class="why-number" aria-hidden="true">
          {number}
        </span>{' '}
        {title}
      </h2>
      <p>
        <Prose text={text} />
      </p>
      {missing === null ? (
        <>
          <div class="controls needs-script" hidden>
            <button type="button">{button}</button>
          </div>
          <div class={id === 'six' ? 'evidence many' : 'evidence'} hidden>
            <p class="why-words outcome" role="status"></p>
            <div class="why-figure" />
            <table class="why-answers">
              <thead>
                <tr>
                  <th scope="col">connection</th>
                  <th scope="col">it carried</th>
                  <th scope="col">Can it carry more work?</th>
                  <th scope="col">Can streams share it?</th>
                </tr>
              </thead>
              <tbody class="why-table" />
            </table>
          </div>
        </>
      ) : (
        <p class="small quiet why-missing">
          <Prose text={missing.text} />{' '}
          {missing.where === null ? null : (
            <a href={`${missing.where}/why?reason=${id}#reason-${id}`}>{`${missing.where}/why`}</a>
          )}
        </p>
      )}
    </li>
  );
};

const Bytes: FC = () => (
  <>
    <p>
      Most reasons leave no trace in the bytes of HTTP: a connection that is not asked is silent. A goodbye can be read,
      and so can the mistake after which nobody can read on.
    </p>
    {endBytes().map(({ title, bytes, parts, caret }) =>
      raw(partsHtml(title, bytes, parts, caret === undefined ? {} : { caret })),
    )}
    <p class="source">written by this server’s core, in memory</p>
  </>
);

/** For a terminal: the ten, and which of them a browser can cause here. */
export function whyText(props: Pick<IdeaProps, 'record' | 'origins' | 'url'>): string {
  const place = placeOf(props);
  return REASONS.map(({ id, title, text }, index) => {
    const missing = hindrance(id, place);
    const where = missing === null ? `${place.here}/why?reason=${id}` : missing.text.replaceAll('`', '');
    return [
      `${String(index + 1).padStart(2)}. ${title}`,
      ...wrap(text.replaceAll('`', ''), '    '),
      ...wrap(`In a browser: ${where}`, '    '),
    ].join('\n');
  }).join('\n');
}
