import { type RequestRecord, verdictLine } from '@interleave/trace';
import { visibleText } from '@interleave/trace/look';
import type { FC } from 'hono/jsx';
import type { Origins } from '../env.ts';
import { Page } from './layout.tsx';

export interface ErrorProps {
  readonly record: RequestRecord;
  readonly origins: Origins;
  readonly nonce: string;
  readonly script: string;
  readonly status: 404 | 500;
}

/** A page for what is not there, or broke: what happened, what it means, what to do. The connection goes on. */
export const ErrorPage: FC<ErrorProps> = ({ record, origins, nonce, script, status }) => {
  const { path } = record.request;
  const line = verdictLine(record.verdict, record.facts);
  return (
    <Page
      title={`${status === 404 ? 'Nothing here' : 'An error'} · Interleave`}
      record={record}
      origins={origins}
      nonce={nonce}
      script={script}
      path={path}
    >
      <h1>
        {status === 404
          ? 'There is no such page, and the exchange was a whole one.'
          : 'The app broke while it answered you.'}
      </h1>
      <p class="standfirst">
        {status === 404
          ? 'A 404 is a complete response with its own length, so the connection that carried it stays usable.'
          : 'The response you read is whole all the same, so the connection stays usable. Reloading may help; the terminal of the server says what happened.'}
      </p>
      <section>
        <dl class="facts">
          <div>
            <dt>You asked for</dt>
            <dd class="value">{visibleText(`${record.request.method} ${path}`)}</dd>
            <dd class="source">said in your request</dd>
          </div>
          <div>
            <dt>It came as</dt>
            <dd class="value">{line}</dd>
            <dd class="source">{record.verdict.because}</dd>
          </div>
          <div>
            <dt>Request</dt>
            <dd class="value">{record.request.id}</dd>
            <dd class="source">name it when you report this</dd>
          </div>
        </dl>
      </section>
      <section>
        <p>
          Go to <a href="/">this connection</a>, or read about it <a href="/reqinfo">as text</a>.
        </p>
      </section>
    </Page>
  );
};
