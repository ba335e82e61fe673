import type { RequestRecord } from '@interleave/trace';
import { timelineSvg, timelineTableHtml } from '@interleave/trace/timeline';
import { raw } from 'hono/html';
import type { FC } from 'hono/jsx';
import { live } from '../instruments/live.ts';
import { anotherListener, KINDS, type LivePlan } from '../live/kinds.ts';
import { connField } from '../story/conn-field.ts';
import { partsHtml } from '../story/parts.ts';
import { firstLife } from './first-life.ts';
import { IdeaPage, type IdeaProps, NoScript, Outcome, Predict } from './idea.tsx';
import { Legend } from './legend.tsx';

type LiveProps = Omit<IdeaProps, 'idea' | 'experiment' | 'bytes'> & { readonly plan: LivePlan };

/** The waterfall of this tab's connections, with what can be fetched to fill it. */
export const LivePage: FC<LiveProps> = ({ plan, ...props }) => (
  <IdeaPage
    {...props}
    idea={live}
    experiment={<Experiment {...props} plan={plan} />}
    bytes={<Bytes record={props.record} />}
  />
);

const Experiment: FC<Pick<IdeaProps, 'record' | 'origins' | 'url'> & { plan: LivePlan }> = ({
  record,
  origins,
  url,
  plan,
}) => {
  const other = anotherListener(origins, url.origin);
  const kinds = KINDS.filter(({ id }) => id !== 'other' || other !== null);
  const chosen = kinds.find(({ id }) => id === plan.kind) ?? kinds[0];
  const drawn = firstLife(record, Date.now());
  return (
    <>
      <NoScript>
        The buttons need a script. Without one, the lane below is the connection of this page as the server saw it;
        reload, and its number goes on.
      </NoScript>
      <Predict
        question={{
          text: `${plan.n} at once: how many connections will carry them?`,
          guesses: ['one', 'two', 'six', String(plan.n)],
        }}
      />
      <section class="controls fetches needs-script" aria-label="Fetch" hidden>
        {chosen === undefined ? null : (
          <button type="button" id="run" class="primary" data-do={chosen.id} title={chosen.look}>
            {chosen.id === 'twelve' ? `${plan.n} at once` : chosen.button}
          </button>
        )}
        {kinds
          .filter(({ id }) => id !== chosen?.id)
          .map(({ id, button, look }) => (
            <button type="button" data-do={id} title={look}>
              {id === 'twelve' ? `${plan.n} at once` : button}
            </button>
          ))}
        <label class="range">
          <span>The server thinks for</span>
          <input type="range" id="hold" min="0" max={Math.max(1_000, plan.hold)} step="50" value={String(plan.hold)} />
          <output id="hold-value">{plan.hold} ms</output>
        </label>
      </section>
      <script type="application/json" id="origins">
        {raw(JSON.stringify(origins).replaceAll('<', '\\u003c'))}
      </script>
      <figure class="live-figure" aria-labelledby="waterfall-title">
        <section
          id="waterfall"
          class={`waterfall ${drawn.lanes.length === 0 ? 'is-empty' : ''}`}
          tabindex={0}
          aria-label="The waterfall. Arrow keys go from bar to bar."
        >
          {drawn.lanes.length === 0 ? (
            <p class="quiet">No connection can be named here, so what you fetch stands in one lane.</p>
          ) : (
            raw(timelineSvg(drawn, { width: 860, idPrefix: 'live' }))
          )}
        </section>
        <figcaption>
          <Outcome />
          <p class="small life-note">
            <span id="waterfall-title">{drawn.title}</span> <span id="dropped" class="quiet"></span>
          </p>
          <p class="small quiet live-state">
            <span id="watch-state" role="status">
              {watchWords(record)}
            </span>{' '}
            <span id="watch-problem"></span>
          </p>
          <div class="live-facts">
            <h2 class="live-facts-title">What is known of the bar you point at.</h2>
            <section class="facts-scroll" tabindex={0} aria-label="Facts of one exchange">
              <dl class="facts" id="facts">
                <div>
                  <dt>Request</dt>
                  <dd class="value">
                    {record.request.method} {record.request.path}
                  </dd>
                  <dd class="source">the server, at its socket</dd>
                </div>
              </dl>
            </section>
          </div>
          <Legend protocol={record.facts.protocol.value} queue />
          <div class="controls needs-script" hidden>
            <button type="button" id="clear" class="link">
              Begin the picture anew
            </button>
            <a class="small" href="/why">
              Why a connection is new: ten buttons
            </a>
          </div>
          <details id="table-box">
            <summary>The same as a table</summary>
            <section id="live-table" class="table-scroll live-table" tabindex={0} aria-label="Table of exchanges">
              {drawn.lanes.length === 0 ? null : raw(timelineTableHtml(drawn))}
            </section>
          </details>
        </figcaption>
      </figure>
    </>
  );
};

/** What can be watched, before any script has tried. */
function watchWords({ host }: RequestRecord): string {
  switch (host) {
    case 'lab':
      return 'The lab tells what it sees at its sockets.';
    case 'cloudflare':
      return 'Cloudflare names the connection; how many exchanges it carried is told only where this deployment counts them itself.';
    case 'mock':
      return 'A simulator stands where a connection would be: it names none.';
    case 'none':
      return 'Nothing in front of this app names connections.';
  }
}

const Bytes: FC<{ record: RequestRecord }> = ({ record }) => {
  const { bytes, parts } = connField(record);
  return (
    <>
      {raw(partsHtml('With this very page', bytes, parts))}
      <p>
        The events come over one WebSocket for all connections of this tab, the latest on top. They are those of a qlog;
        fields with credentials are masked.
      </p>
      <section class="event-scroll" tabindex={0} aria-label="Events of the server, the latest first">
        <ol id="event-log" class="event-log" />
      </section>
      <p class="source">written by the server as it happened; times since the connection began</p>
    </>
  );
};

/** For a terminal: the field of this very response, and where the events are. */
export function liveText(record: RequestRecord, origin: string): string {
  const id = record.facts.connectionId.value;
  const field = `  < ${new TextDecoder().decode(connField(record).bytes).trimEnd()}`;
  return id === null ? field : `${field}\n  ${origin}/api/v1/connection/${id}`;
}
