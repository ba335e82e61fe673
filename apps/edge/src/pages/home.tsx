import { type RequestRecord, verdictSentence } from '@interleave/trace';
import type { FC } from 'hono/jsx';
import type { Origins } from '../env.ts';
import { explain } from './explain.ts';
import { FactsList } from './facts-list.tsx';
import { Page } from './layout.tsx';
import { Life } from './life.tsx';
import { Next } from './next.tsx';

export interface HomeProps {
  readonly record: RequestRecord;
  readonly origins: Origins;
  readonly nonce: string;
  readonly script: string;
  readonly url: URL;
}

/** The first page: what carried this very request, then the means to make it carry more. */
export const Home: FC<HomeProps> = ({ record, origins, nonce, script, url }) => {
  const { facts, verdict } = record;
  return (
    <Page title="This connection · Interleave" record={record} origins={origins} nonce={nonce} script={script} path="/">
      <h1 id="headline">{verdictSentence(verdict, facts, 'page')}</h1>
      <p id="standfirst" class="standfirst">
        {explain(verdict, record)}
      </p>
      <Life record={record} />
      <Experiment record={record} />
      <section aria-labelledby="facts-title">
        <h2 id="facts-title">Every fact says who measured it.</h2>
        <p>What nobody here can know stays empty, with the reason. Nothing is guessed from how long something took.</p>
        <FactsList facts={facts} />
      </section>
      <Next record={record} origins={origins} url={url} />
    </Page>
  );
};

const Experiment: FC<{ record: RequestRecord }> = ({ record }) => {
  const isLab = record.host === 'lab';
  if (record.facts.connectionId.value === null) {
    return (
      <section class="experiment" aria-labelledby="experiment-title">
        <h2 id="experiment-title">Without a name for the connection, more requests would tell nothing.</h2>
        <p>
          Two responses can only be said to have come on one connection when somebody names it. In the lab the server
          does; start it with <code>npm start</code>.
        </p>
      </section>
    );
  }
  return (
    <section class="experiment" aria-labelledby="experiment-title">
      <h2 id="experiment-title">Ask three times more, one after another, and the connection stays the same.</h2>
      <p>
        Each response carries the name of its connection and its number there. Compare them: same name, next number.
        {isLab
          ? ' Then make it untrue: let the server close after each response, or end the connection while it is idle.'
          : ''}
      </p>
      <noscript>
        <p class="quiet">
          The buttons need a script. Without one, reload this page or follow a link, and watch the exchange's number in
          the top line.
        </p>
      </noscript>
      <div class="controls needs-script" hidden>
        <button type="button" id="fetch-three">
          Fetch three
        </button>
        {isLab ? (
          <>
            <button type="button" id="end">
              End this connection
            </button>
            <label class="switch">
              <input type="checkbox" id="close-each" checked={record.facts.closing.value === true} />
              Close after each response
            </label>
          </>
        ) : null}
      </div>
      <p id="outcome" class="outcome" role="status"></p>
      <section id="results-box" class="table-scroll" tabindex={0} aria-label="The fetches">
        <table id="results" class="results" hidden>
          <thead>
            <tr>
              <th scope="col">exchange</th>
              <th scope="col">connection</th>
              <th scope="col">it was</th>
              <th scope="col">handshake</th>
              <th scope="col">took</th>
            </tr>
          </thead>
          <tbody id="results-body"></tbody>
        </table>
      </section>
    </section>
  );
};
