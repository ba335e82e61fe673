import type { RequestRecord } from '@interleave/trace';
import { raw } from 'hono/html';
import type { FC } from 'hono/jsx';
import type { Origins } from '../env.ts';
import { Page } from './layout.tsx';

export interface AnalyseProps {
  readonly record: RequestRecord;
  readonly origins: Origins;
  readonly nonce: string;
  readonly script: string;
  /** The script of the worker that reads and judges, as text. */
  readonly worker: string;
}

/** Takes a recording and says which of its connections need not have been. All of it happens in the page. */
export const Analyse: FC<AnalyseProps> = ({ record, origins, nonce, script, worker }) => (
  <Page
    title="The connection report · Interleave"
    record={record}
    origins={origins}
    nonce={nonce}
    script={script}
    path="/analyse"
  >
    <h1>A recording of a page knows which connections it did not need.</h1>
    <p class="standfirst">
      Drop a HAR, a NetLog or a qlog. You learn how many connections carried it, which of them were avoidable, for what
      reason, and how much time was at stake at most.
    </p>
    <noscript>
      <p>
        The report needs a script, since the file is read in your browser and goes nowhere. Without one, the same report
        comes from the command line: <code>npx interleave analyse page.har</code>.
      </p>
    </noscript>
    <section class="needs-script drop-section" aria-labelledby="drop-title" hidden>
      <h2 id="drop-title" class="visually-hidden">
        Choose a recording
      </h2>
      <div id="drop" class="drop">
        <p class="drop-lead">
          <label class="button" for="files">
            Choose a file
          </label>
          <input type="file" id="files" multiple accept=".har,.json,.qlog,.sqlog,.gz,.netlog,application/json" />
          <span class="quiet">or drop one here; two are compared.</span>
        </p>
        <p class="small quiet">
          The file stays in this page: it is read here, cookies, authorisation and bodies are passed over, and nothing
          is sent anywhere.
        </p>
        <p class="small">
          <button type="button" id="record-tab" class="link">
            Use this tab's own exchanges
          </button>{' '}
          <span class="quiet">as a recording to begin with.</span>
        </p>
      </div>
      <p id="status" class="outcome" role="status"></p>
      <progress id="progress" class="reading" max="1" value="0" aria-label="Reading the recording" hidden></progress>
    </section>
    <div id="report" class="report" tabindex={-1} aria-live="off"></div>
    <section id="take-away" aria-labelledby="take-title" hidden>
      <h2 id="take-title">Take it with you.</h2>
      <div class="controls">
        <button type="button" id="as-markdown">
          Save as Markdown
        </button>
        <button type="button" id="as-json">
          Save as JSON
        </button>
        <label class="switch">
          <input type="checkbox" id="anonymise" />
          Replace host names, drop paths
        </label>
      </div>
      <p class="small quiet">
        In a build, <code>npx interleave analyse page.har --fail-on six-limit</code> says the same, and fails when it
        must.
      </p>
    </section>
    <section aria-labelledby="how-title">
      <h2 id="how-title">A NetLog knows more than a HAR.</h2>
      <dl class="how">
        <dt>HAR</dt>
        <dd>
          In the browser's developer tools, the network panel saves one. It holds when each request began and what it
          waited for; some browsers write which connection carried it.
        </dd>
        <dt>NetLog</dt>
        <dd>
          In Chrome, <code>chrome://net-export</code> writes one. It names every connection, also those that carried
          nothing, says why each was closed, and which request was sent twice.
        </dd>
        <dt>qlog</dt>
        <dd>QUIC libraries write one, and so does this lab for its own connections.</dd>
      </dl>
    </section>
    <script type="text/plain" id="worker-source">
      {raw(worker)}
    </script>
  </Page>
);
