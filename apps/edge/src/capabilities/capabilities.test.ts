import { FACT_NAMES } from '@interleave/trace';
import { expect, it } from 'vitest';
import { CLOUDFLARE, CLOUDFLARE_HEADERS, HOSTILE, labCf, MOCK } from '../cf-examples.ts';
import app from '../index.tsx';
import { type CapabilityReport, counted } from './report.ts';

async function ask(path: string, accept: string, cf: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const request = new Request(`https://localhost:4111${path}`, { headers: { accept, ...headers } });
  return app.fetch(Object.defineProperty(request, 'cf', { value: cf }), {});
}

async function report(cf: unknown, headers: Record<string, string> = {}): Promise<CapabilityReport> {
  return (await (await ask('/api/v1/capabilities', '*/*', cf, headers)).json()) as CapabilityReport;
}

it('the columns are what the reader of the facts says: measured at home, told or unknown on the edge', async () => {
  const { facts } = await report(labCf());
  expect(Object.keys(facts)).toEqual(Object.keys(FACT_NAMES));
  expect(facts.streamId.lab).toMatchObject({ known: 'yes', source: 'core', sure: 'measured' });
  expect(facts.streamId.cloudflare).toMatchObject({ known: 'some', over: ['http/1.1'] });
  expect(facts.streamId.cloudflare.words).toBe(
    'none over HTTP/1.1; else unknown, because Cloudflare does not tell it to a Worker',
  );
  expect(facts.connectionId.cloudflare).toMatchObject({ known: 'yes', sure: 'inferred' });
  expect(facts.nth.cloudflare).toMatchObject({ known: 'some', source: 'counter' });
  expect(facts.nth.cloudflare.words).toContain('where the deployment counts');
  expect(facts.resumed.cloudflare).toMatchObject({ known: 'no', over: [], source: 'none' });
  expect(facts.rttMs.lab).toMatchObject({ known: 'some', over: ['h3'] });
  expect(facts.rttMs.lab.words).toMatch(
    /^measured at the socket, over HTTP\/3; else unknown, because of TCP the kernel/,
  );
  expect(facts.colo.cloudflare).toMatchObject({ known: 'yes', source: 'cf' });
});

it.each([
  ['the lab', labCf(), {}, 'lab'],
  ['Cloudflare', CLOUDFLARE, CLOUDFLARE_HEADERS, 'cloudflare'],
  ['a simulator', MOCK, {}, 'mock'],
  ['nowhere', undefined, {}, 'none'],
  ['a forger', HOSTILE, {}, 'lab'],
])(
  'with facts from %s: the columns of the hosts stay, that of this request follows it',
  async (_, cf, headers, host) => {
    const [here, other] = [await report(cf, headers), await report(labCf())];
    expect(here.host).toBe(host);
    for (const [name, { lab, cloudflare }] of Object.entries(here.facts)) {
      expect([lab, cloudflare]).toEqual([
        other.facts[name as keyof typeof other.facts].lab,
        other.facts[name as keyof typeof other.facts].cloudflare,
      ]);
    }
    const { known, unknown } = counted(here);
    expect(known + unknown).toBe(Object.keys(FACT_NAMES).length);
    if (host === 'mock' || host === 'none') expect(known).toBe(0);

    const page = await (await ask('/capabilities', 'text/html', cf, headers)).text();
    expect(page).toContain('What this server can know about your connection, and what nobody here can.</h1>');
    expect(page).not.toMatch(/ style="| on\w+="|<script>alert/);
    expect(page.match(/<td data-host="here"/g)).toHaveLength(Object.keys(FACT_NAMES).length);
    const text = await (await ask('/capabilities', '*/*', cf, headers)).text();
    expect(text).toContain('What nobody here can know');
    expect(text).not.toMatch(/(?!\n)\p{Cc}/u);
  },
);

it('is JSON by content negotiation as well, the same but for the moment', async () => {
  const json = (await (await ask('/capabilities', 'application/json', labCf())).json()) as CapabilityReport;
  const {
    at: _,
    facts: { ageMs, ...facts },
    ...rest
  } = await report(labCf());
  expect(json).toMatchObject(rest);
  expect(json.facts).toMatchObject(facts);
  expect(ageMs.here.value).toBe(3_210);
});
