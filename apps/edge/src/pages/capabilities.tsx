import {
  type Fact,
  type Host,
  type RequestFacts,
  type RequestRecord,
  sourceWords,
  valueWords,
} from '@interleave/trace';
import { count, visibleHtml } from '@interleave/trace/look';
import { raw } from 'hono/html';
import type { FC } from 'hono/jsx';
import { type CapabilityReport, counted, type Knowledge } from '../capabilities/report.ts';
import { wrap } from '../story/twin.ts';
import { Page, type PageProps } from './layout.tsx';
import { Prose } from './prose.tsx';

export const CAPABILITIES_HEADLINE = 'What this server can know about your connection, and what nobody here can.';

export interface CapabilitiesProps extends Omit<PageProps, 'title' | 'path' | 'children'> {
  readonly report: CapabilityReport;
}

/** Facts by hosts: this request, the lab, Cloudflare; then what the browser adds, and what nobody here can know. */
export const Capabilities: FC<CapabilitiesProps> = ({ report, ...page }) => (
  <Page {...page} title="Who knows what · Interleave" path="/capabilities">
    <h1>{CAPABILITIES_HEADLINE}</h1>
    <p class="standfirst">{standing(report)}</p>
    <section aria-labelledby="matrix-title">
      <h2 id="matrix-title">Each fact, and who would tell it.</h2>
      <p>
        The first column is this very request. The others are asked of the same code that reads it: what would it say
        for a request from there? A filled circle is measured or told, a half one inferred or known in part, an empty
        one unknown.
      </p>
      <Matrix report={report} />
    </section>
    <section aria-labelledby="deeds-title">
      <h2 id="deeds-title">What can be done to a connection depends on whose socket it is.</h2>
      <Deeds report={report} />
    </section>
    <section aria-labelledby="browser-title">
      <h2 id="browser-title">Your browser knows what no server sees, and tells pages some of it.</h2>
      <noscript>
        <p class="quiet">Which of it your browser tells can only be looked up by a script.</p>
      </noscript>
      <p id="browser-words" class="needs-script browser-words" role="status" hidden>
        Looking it up …
      </p>
      <section id="browser" class="table-scroll needs-script" tabindex={0} aria-label="What your browser tells" hidden>
        <BrowserFields />
      </section>
    </section>
    <section aria-labelledby="nobody-title">
      <h2 id="nobody-title">What nobody here can know.</h2>
      <ul class="plain nobody">
        {report.nobody.map(({ what, why, who }) => (
          <li>
            <b>{what}</b>, because <Prose text={why} />. <span class="quiet">Who could tell: </span>
            <Prose text={who} />.
          </li>
        ))}
      </ul>
    </section>
    <section aria-labelledby="machine-title">
      <h2 id="machine-title">The same for programs.</h2>
      <p>
        <a href="/api/v1/capabilities">/api/v1/capabilities</a> is this page as JSON; <code>curl</code> gets it as text
        from this address.
      </p>
    </section>
  </Page>
);

const HOSTS: Readonly<Record<Host, string>> = {
  lab: 'This is the lab, on your own machine: its server sees the socket itself.',
  cloudflare: 'This is Cloudflare: the edge holds your connection, and tells this app some of it.',
  mock: 'A local simulator stands in front of this app, and gives every request the same made-up values.',
  none: 'Nothing in front of this app says what carried your request.',
};

function standing(report: CapabilityReport): string {
  const { known, inferred, unknown } = counted(report);
  const some = inferred === 0 ? '' : `, ${inferred} of them inferred`;
  return `${HOSTS[report.host]} Of ${count(known + unknown, 'fact')} about the connection that carried this page, ${known} are known here${some}, and ${unknown} ${unknown === 1 ? 'is' : 'are'} not.`;
}

const GLYPHS = { yes: '●', some: '◐', no: '○' } as const;

function glyphOf(fact: Fact<unknown>): string {
  if (fact.value === null) return fact.sure === 'measured' ? GLYPHS.yes : GLYPHS.no;
  return fact.sure === 'measured' ? GLYPHS.yes : fact.sure === 'mock' ? '×' : GLYPHS.some;
}

const Matrix: FC<{ report: CapabilityReport }> = ({ report }) => (
  <table class="matrix" aria-labelledby="matrix-title">
    <thead>
      <tr>
        {['fact', 'this request, here', 'the lab, at home', 'Cloudflare'].map((head) => (
          <th scope="col">{head}</th>
        ))}
      </tr>
    </thead>
    <tbody>
      {(Object.keys(report.facts) as (keyof RequestFacts)[]).map((name) => {
        const { name: words, here, lab, cloudflare } = report.facts[name];
        const own = here as RequestFacts[typeof name];
        return (
          <tr>
            <th scope="row">{words}</th>
            <td data-host="here">
              <Glyph of={glyphOf(here)} />
              <span class="matrix-value">{raw(visibleHtml(valueWords(name, own as never)))}</span>
              <span class="source">{sourceWords(here)}</span>
            </td>
            <Knows host="the lab" of={lab} />
            <Knows host="Cloudflare" of={cloudflare} />
          </tr>
        );
      })}
    </tbody>
  </table>
);

const Knows: FC<{ host: string; of: Knowledge }> = ({ host, of }) => (
  <td data-host={host}>
    <Glyph of={of.known === 'yes' && of.sure !== 'measured' ? GLYPHS.some : GLYPHS[of.known]} />
    <span class="source">{of.words}</span>
  </td>
);

const Glyph: FC<{ of: string }> = ({ of }) => (
  <span class="glyph" aria-hidden="true">
    {of}
  </span>
);

const Deeds: FC<{ report: CapabilityReport }> = ({ report }) => (
  <section class="table-scroll" tabindex={0} aria-label="What can be done to a connection">
    <table class="can deeds">
      <thead>
        <tr>
          <th scope="col">deed</th>
          <th scope="col">the lab</th>
          <th scope="col">Cloudflare</th>
        </tr>
      </thead>
      <tbody>
        {report.deeds.map(({ what, lab, cloudflare, why }) => (
          <tr>
            <th scope="row">{what}</th>
            <td>{lab ? 'yes' : 'no'}</td>
            <td>{cloudflare ? 'yes' : `no: ${why}`}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);

/** What a page can ask a browser about its connections, by the names that browsers use; a script fills in whether this one has it. */
export const BROWSER_FIELDS: readonly (readonly [field: string, tells: string])[] = [
  ['PerformanceResourceTiming.nextHopProtocol', 'the protocol of each exchange'],
  ['PerformanceResourceTiming.serverTiming', 'what a server says of an exchange, as this one says its connection'],
  ['PerformanceResourceTiming.transferSize', 'whether a response came from a cache'],
  ['PerformanceResourceTiming.deliveryType', 'how a response was delivered'],
  ['PerformanceResourceTiming.responseStatus', 'the status of an exchange that a page did not make itself'],
  ['PerformanceResourceTiming.firstInterimResponseStart', 'when a response before the final one came'],
  ['PerformanceResourceTiming.connectStart', 'whether a handshake was paid for an exchange'],
  ['PerformanceServerTiming.description', 'the words of a server beside its times'],
  ['WebSocketStream.prototype', 'a WebSocket whose bytes wait for the page'],
  ['WebTransport.prototype', 'streams and datagrams of HTTP/3 for pages'],
];

const BrowserFields: FC = () => (
  <table class="can fields">
    <thead>
      <tr>
        <th scope="col">tells</th>
        <th scope="col">its name</th>
        <th scope="col">your browser</th>
      </tr>
    </thead>
    <tbody>
      {BROWSER_FIELDS.map(([field, tells]) => (
        <tr>
          <th scope="row">{tells}</th>
          <td>
            <code>{field.replace('.prototype', '')}</code>
          </td>
          <td data-field={field}>not looked up</td>
        </tr>
      ))}
    </tbody>
  </table>
);

/** For a terminal: a block for each fact, then what nobody can know. */
export function capabilitiesText(report: CapabilityReport, record: RequestRecord): string {
  const facts = (Object.keys(report.facts) as (keyof RequestFacts)[]).map((name) => {
    const { name: words, here, lab, cloudflare } = report.facts[name];
    const value = valueWords(name, record.facts[name] as never);
    return [
      `${words}: ${value}`,
      `  here        ${sourceWords(here)}`,
      `  the lab     ${lab.words}`,
      `  Cloudflare  ${cloudflare.words}`,
    ].join('\n');
  });
  const plain = (text: string): string => text.replaceAll('`', '');
  return [
    CAPABILITIES_HEADLINE.toUpperCase(),
    wrap(standing(report)).join('\n'),
    ...facts,
    [
      'What nobody here can know',
      ...report.nobody.flatMap(({ what, why, who }) =>
        wrap(`${what}, because ${plain(why)}. Who could tell: ${plain(who)}.`, '- '),
      ),
    ].join('\n'),
    '',
  ].join('\n\n');
}
