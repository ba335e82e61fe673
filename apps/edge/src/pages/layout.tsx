import { type RequestRecord, verdictMark } from '@interleave/trace';
import { BEGINNINGS, duration, protocolLook } from '@interleave/trace/look';
import { raw } from 'hono/html';
import type { Child, FC } from 'hono/jsx';
import type { Origins } from '../env.ts';
import { IDEAS } from '../story/ideas.ts';
import { ribbonTicks } from '../tab/ticks.ts';
import { css } from './css.ts';

export interface PageProps {
  readonly title: string;
  readonly record: RequestRecord;
  readonly origins: Origins;
  readonly nonce: string;
  /** The page's script, as text that may stand in an element; empty for none. */
  readonly script: string;
  readonly path: string;
  readonly children?: Child;
}

const STORY: readonly string[] = IDEAS.map((idea) => idea.path);
const INSTRUMENTS: readonly string[] = ['/live', '/why', '/frames', '/analyse', '/capabilities'];

/** `page` for the page itself, `true` for one of the pages under it. */
function currentIn(path: string, own: string, under: readonly string[]): 'page' | 'true' | undefined {
  return path === own ? 'page' : under.includes(path) ? 'true' : undefined;
}

/** The document that every page is: ribbon, menu, content, the record for the script, the script itself. */
export const Page: FC<PageProps> = ({ title, record, origins, nonce, script, path, children }) => (
  <>
    {raw('<!doctype html>')}
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{title}</title>
        <link rel="icon" href={ICON} />
        {/* The first paint waits for the script, which knows more than the server: nothing is written twice before your eyes. */}
        {raw('<link rel="expect" href="#end-of-page" blocking="render">')}
        <style nonce={nonce}>{raw(css)}</style>
      </head>
      <body>
        <a class="skip" href="#main">
          To the content
        </a>
        <header>
          <Ribbon record={record} />
          <nav class="nav frame" aria-label="Main">
            <a class="brand" href="/">
              Inter<i>leave</i>
            </a>
            <a href="/" aria-current={path === '/' ? 'page' : undefined}>
              This connection
            </a>
            <a href="/story" aria-current={currentIn(path, '/story', STORY)}>
              The story
            </a>
            <a href="/instruments" aria-current={currentIn(path, '/instruments', INSTRUMENTS)}>
              Instruments
            </a>
            <a href={`${origins.plain ?? ''}/workshop`}>Workshop</a>
          </nav>
          {STORY.includes(path) ? (
            <nav class="frame chapters" aria-label="The story">
              <ol>
                {IDEAS.map((idea) => (
                  <li>
                    <a href={idea.path} aria-current={idea.path === path ? 'page' : undefined}>
                      {idea.name}
                    </a>
                  </li>
                ))}
              </ol>
            </nav>
          ) : null}
        </header>
        <main id="main" class="frame" tabindex={-1}>
          {children}
        </main>
        <footer>
          <div class="frame">
            <p>
              This page is one exchange: its style and script came inside it, and it asks no other host for anything.
              What your tab remembers stays in your tab. Request {record.request.id}, {record.at}.
            </p>
          </div>
        </footer>
        <script type="application/json" id="record">
          {raw(jsonText(record))}
        </script>
        {script === '' ? null : <script nonce={nonce}>{raw(script)}</script>}
        <div id="end-of-page" />
      </body>
    </html>
  </>
);

/** Two exchanges on one line. Inside the page: an icon that is fetched would be one exchange more. */
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M0 8h16' stroke='%230f62ac' stroke-width='2'/%3E%3Cpath d='M2 4h4v8H2zm7 0h5v8H9z' fill='%230f62ac'/%3E%3C/svg%3E";

/** JSON that cannot end the element it stands in. */
function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function ageWords({ value: ms, sure }: RequestRecord['facts']['ageMs']): string {
  if (ms === null) return '';
  if (sure === 'lower-bound') return `opened at least ${duration(ms)} ago`;
  return ms < 1000 ? 'opened just now' : `opened ${duration(ms)} ago`;
}

/** The thin line on top of every page: which connection carried it, and how far its life has come. */
const Ribbon: FC<{ record: RequestRecord }> = ({ record }) => {
  const { facts, verdict } = record;
  const look = facts.protocol.value && !verdict.mock ? protocolLook(facts.protocol.value) : null;
  const nth = facts.nth.value;
  const mark = verdictMark(verdict);
  const begin = facts.earlyData.value
    ? 'early-data'
    : facts.resumed.value
      ? 'resumed'
      : mark === 'preconnected'
        ? mark
        : null;
  return (
    <section class="top" aria-label="The connection that carried this page">
      <div class="frame">
        <div class="ribbon">
          <span id="ribbon-ticks" class="tickbox">
            {nth === null ? '' : raw(ribbonTicks(nth, [nth]))}
          </span>
          {facts.connectionId.value === null ? (
            <span>no connection to name</span>
          ) : (
            <span>
              connection <b id="ribbon-letter">A</b>{' '}
              <span id="ribbon-id" class="quiet">
                {facts.connectionId.value}
              </span>
            </span>
          )}
          <span class={look ? `protocol p-${look.key}` : 'quiet'}>{look ? look.name : 'protocol not known'}</span>
          <span id="ribbon-nth">{nth === null ? 'exchange not counted' : `exchange ${nth}`}</span>
          <span id="ribbon-begin">{begin ? BEGINNINGS[begin].word : ''}</span>
          <span id="ribbon-age">{ageWords(facts.ageMs)}</span>
        </div>
        <p id="ribbon-change" class="ribbon-change">
          {facts.connectionId.value === null
            ? 'Nothing in front of this app names the connection, so it cannot be followed from page to page.'
            : 'Each click in this tab is one more exchange: watch the number.'}
        </p>
      </div>
    </section>
  );
};
