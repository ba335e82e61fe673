import { capabilitiesOf, type RequestRecord } from '@interleave/trace';
import type { FC } from 'hono/jsx';
import type { Origins } from '../env.ts';
import { IDEAS } from '../story/ideas.ts';

const LISTENERS: readonly (readonly [keyof Origins, code: string, key: string, what: string])[] = [
  ['plain', 'h1', 'h1', 'HTTP/1.1 in the clear, no certificate'],
  ['h1', 'h1', 'h1', 'HTTP/1.1 over TLS: six connections, sessions that resume'],
  ['h2', 'h2', 'h2', 'HTTP/2: many exchanges at a time on one connection'],
  ['altSvc', 'h2', 'h2', 'HTTP/2, and an offer to go on with HTTP/3'],
  ['h3', 'h3', 'h3', 'HTTP/3: QUIC streams'],
];

/** What to try next: the same app on other connections, the same facts from a terminal, the workshop. */
export const Next: FC<{ record: RequestRecord; origins: Origins; url: URL }> = ({ record, origins, url }) => {
  const listeners = LISTENERS.flatMap(([name, ...rest]) => {
    const origin = origins[name];
    return origin === undefined ? [] : [[origin, ...rest] as const];
  });
  const insecure = url.protocol === 'https:' && record.host === 'lab' ? ' --insecure' : '';
  return (
    <>
      {listeners.length > 1 ? (
        <section aria-labelledby="origins-title">
          <h2 id="origins-title">The same app answers on other kinds of connection.</h2>
          <p>Open one and come back here: each address has connections of its own.</p>
          <ul class="origins">
            {listeners.map(([origin, code, key, what]) => (
              <li>
                {origin === url.origin ? <b>{origin}</b> : <a href={`${origin}/`}>{origin}</a>}
                <span class={`protocol p-${key}`}>{code}</span>
                <span class="small">{origin === url.origin ? `${what} (you are here)` : what}</span>
              </li>
            ))}
          </ul>
          {origins.h1 ? (
            <p class="small quiet">
              The certificates are the lab's own. <code>npm run browser</code> opens a browser that trusts them.
            </p>
          ) : null}
        </section>
      ) : null}
      <section aria-labelledby="story-title">
        <h2 id="story-title">What you saw is the first page of a story.</h2>
        <p>
          {IDEAS.length} pages, one idea each, from the bytes of a single message to twelve exchanges at a time. Each
          has an experiment for your own browser: <a href="/story">read the story</a>, or begin with{' '}
          <a href={IDEAS[0]?.path}>{IDEAS[0]?.name.toLowerCase()}</a>.
        </p>
        <p>
          Or watch: <a href="/live">every connection of this tab, live</a>, and{' '}
          <a href="/why">ten reasons for a new one</a>, each with a button that causes it.
        </p>
      </section>
      <section aria-labelledby="terminal-title">
        <h2 id="terminal-title">A terminal sees the same connection.</h2>
        <p>
          Two addresses in one command: the second answer says exchange 2. Two commands: both say exchange 1, on two
          connections.
        </p>
        <pre tabindex={0}>
          <code>{`curl${insecure} ${url.origin}/reqinfo ${url.origin}/reqinfo\ncurl${insecure} --http1.0 ${url.origin}/reqinfo ${url.origin}/reqinfo\ncurl${insecure} -sD - -o /dev/null ${url.origin}/reqinfo   # Server-Timing: conn`}</code>
        </pre>
      </section>
      <section aria-labelledby="workshop-title">
        <h2 id="workshop-title">Then write the server that does this.</h2>
        <p>
          In the <a href={`${origins.plain ?? ''}/workshop`}>workshop</a> you write keep-alive, pipelining and stream
          demultiplexing in your own editor. Raw bytes judge it first, then an unmodified browser, by counting
          connections.
        </p>
      </section>
      <Capabilities record={record} />
    </>
  );
};

const CAPABILITIES = [
  ['nth', 'The number of an exchange on its connection'],
  ['streamId', 'The stream that carried it'],
  ['resumed', 'Whether the TLS session was resumed'],
  ['alpnOffer', 'Which protocols the client offered'],
  ['endConnection', 'Whether a connection can be ended for you'],
] as const;

/** What the two homes of this app can know; the deployed one says so before anyone wonders. */
const Capabilities: FC<{ record: RequestRecord }> = ({ record }) => {
  const [lab, cloudflare] = [capabilitiesOf('lab'), capabilitiesOf('cloudflare')];
  const here = record.host === 'lab' ? 'This is the lab.' : record.host === 'cloudflare' ? 'This is Cloudflare.' : '';
  // A deployment that counts knows the number as well, as far as it counts.
  const counted = record.host === 'cloudflare' && record.capabilities.nth;
  const word = (can: boolean): string => (can ? 'yes' : 'no');
  const there = (name: keyof typeof cloudflare): string =>
    name === 'nth' && !cloudflare.nth ? (counted ? 'yes, counted' : 'where it is counted') : word(cloudflare[name]);
  return (
    <section aria-labelledby="can-title">
      <h2 id="can-title">Where this app runs decides what it can know.</h2>
      <p>
        Protocol, TLS version and cipher suite are known in both homes. The rest only where the server's own socket is
        in reach. {here} <a href="/capabilities">Fact by fact, and what nobody here can know.</a>
      </p>
      <section class="table-scroll" tabindex={0} aria-label="What each home of this app can know">
        <table class="can">
          <thead>
            <tr>
              <th scope="col">Fact</th>
              <th scope="col">In the lab, at home</th>
              <th scope="col">On Cloudflare</th>
            </tr>
          </thead>
          <tbody>
            {CAPABILITIES.map(([name, what]) => (
              <tr>
                <th scope="row">{what}</th>
                <td>{word(lab[name])}</td>
                <td>{there(name)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
};
