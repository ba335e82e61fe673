import { connFromServerTiming, parseConn, type RequestRecord } from '@interleave/trace';
import { describe, expect, it } from 'vitest';
import { CLIENT_RANDOM, CLOUDFLARE, CLOUDFLARE_HEADERS, HOSTILE, labCf, MOCK } from './cf-examples.ts';
import app from './index.tsx';

interface Ask {
  readonly cf?: unknown;
  readonly accept?: string;
  readonly headers?: Record<string, string>;
  readonly method?: string;
}

async function ask(path: string, { cf, accept = '*/*', headers = {}, method = 'GET' }: Ask = {}): Promise<Response> {
  const request = new Request(`https://localhost:4111${path}`, { method, headers: { accept, ...headers } });
  return app.fetch(cf === undefined ? request : Object.defineProperty(request, 'cf', { value: cf }), {});
}

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const HOSTS: [string, Ask][] = [
  ['the lab', { cf: labCf() }],
  ['Cloudflare', { cf: CLOUDFLARE, headers: CLOUDFLARE_HEADERS }],
  ['a simulator', { cf: MOCK }],
  ['nowhere', {}],
  ['a forger', { cf: HOSTILE }],
];

describe.each(HOSTS)('with facts from %s', (_, how) => {
  it.each(['/', '/reqinfo', '/api/v1/request', '/nothing', '/api/v1/nothing'])(
    '%s tells them in its header fields, uncached',
    async (path) => {
      for (const accept of [BROWSER, '*/*', 'application/json']) {
        const response = await ask(path, { ...how, accept });
        const timing = connFromServerTiming(response.headers.get('server-timing') ?? '');
        expect(timing).not.toBeNull();
        expect(parseConn(response.headers.get('x-conn') ?? '')).toEqual(timing);
        expect(response.headers.get('cache-control')).toBe('no-store');
        expect(response.headers.get('timing-allow-origin')).toMatch(/^https?:\/\//);
        expect(response.headers.get('strict-transport-security')).toBeNull();
        expect(response.status).toBe(path.endsWith('nothing') ? 404 : 200);
      }
    },
  );

  it('shows text as text: no script, no markup, no control character that the app did not write', async () => {
    const page = await (await ask('/', { ...how, accept: BROWSER })).text();
    expect(page).not.toMatch(/<script>alert|<img src=x/);
    expect(page).not.toMatch(/ style="| on\w+="/);
    for (const path of ['/', '/reqinfo']) expect(await (await ask(path, how)).text()).not.toMatch(/(?!\n)\p{Cc}/u);
  });

  it('never lets the client random out', async () => {
    for (const path of ['/', '/reqinfo', '/api/v1/request']) {
      for (const accept of [BROWSER, '*/*']) {
        const response = await ask(path, { ...how, accept });
        const all = JSON.stringify([...response.headers]) + (await response.text());
        expect(all).not.toContain(CLIENT_RANDOM.slice(0, 12));
      }
    }
  });

  it('makes a page whose policy allows only what carries its nonce', async () => {
    const response = await ask('/', { ...how, accept: BROWSER });
    const policy = response.headers.get('content-security-policy') ?? '';
    const nonce = /script-src 'nonce-([^']+)'/.exec(policy)?.[1] ?? 'none';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*/);
    const page = await response.text();
    for (const [tag] of page.matchAll(/<(?:style|script)\b(?![^>]*application\/json)[^>]*>/g))
      expect(tag).toContain(`nonce="${nonce}"`);
    // A page asks for nothing: it is one exchange.
    expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\/(?!localhost|evil\.example)/);
    expect(page).not.toMatch(/<(?:img|iframe|object|embed|video|audio)\b/);
  });
});

describe('the form of the answer', () => {
  it('of / is a page for browsers, text for curl, JSON for those who ask', async () => {
    const type = async (accept: string): Promise<string | null> =>
      (await ask('/', { accept })).headers.get('content-type');
    expect(await type(BROWSER)).toMatch(/^text\/html/);
    expect(await type('*/*')).toMatch(/^text\/plain/);
    expect(await type('application/json')).toMatch(/^application\/json/);
    expect(await type('text/plain, text/html;q=0.1')).toMatch(/^text\/plain/);
    expect((await ask('/')).headers.get('vary')).toMatch(/accept/i);
  });

  it('of /reqinfo starts with the sentence, and has the request below', async () => {
    const text = await (await ask('/reqinfo', { cf: labCf(), headers: { 'x-a': 'b', 'cf-ray': 'z' } })).text();
    expect(text).toMatch(/^This response came as exchange 3 on a connection that was already open\.\n/);
    expect(text).toMatch(/^Protocol +HTTP\/1\.1 +measured at the socket$/m);
    expect(text).toMatch(/^Session resumed +no +measured at the socket$/m);
    expect(text).toContain('\nx-a: b\n');
    expect(text).not.toContain('cf-ray');
  });

  it('of /api/v1/request is version 1 of the record', async () => {
    const record = (await (await ask('/api/v1/request?r=ab12', { cf: labCf() })).json()) as RequestRecord;
    expect(record).toMatchObject({
      v: 1,
      host: 'lab',
      request: { method: 'GET', path: '/api/v1/request', id: 'ab12' },
      verdict: { state: 'reused', resumed: false, earlyData: false },
      facts: { protocol: { value: 'http/1.1', source: 'core', sure: 'measured' }, nth: { value: 3 } },
      capabilities: { nth: true, resumed: true },
    });
  });

  it('of an error fits who asked', async () => {
    expect(await (await ask('/api/v1/x', { accept: BROWSER })).json()).toMatchObject({
      status: 404,
      path: '/api/v1/x',
    });
    expect(await (await ask('/x')).text()).toContain('There is nothing at this address.');
    expect(await (await ask('/%3Cb%3E', { accept: BROWSER })).text()).not.toContain('<b>');
    expect(await (await ask('/x', { accept: BROWSER })).text()).toContain('<h1>There is no such page');
  });
});

describe('the request id', () => {
  const id = async (query: string): Promise<string | null | undefined> =>
    parseConn((await ask(`/reqinfo${query}`)).headers.get('x-conn') ?? '')?.requestId;

  it('is the one that was sent, so that a cached replay gives itself away', async () => {
    expect(await id('?r=ab-_12')).toBe('ab-_12');
  });

  it('is a fresh one when what was sent could not stand in a header field', async () => {
    const seen = new Set<unknown>();
    for (const query of ['', '?r=', '?r=%0d%0aX:1', `?r=${'a'.repeat(33)}`, '?r=%3Cb%3E']) seen.add(await id(query));
    expect(seen.size).toBe(5);
    for (const one of seen) expect(one).toMatch(/^[\w-]{8}$/);
  });
});

describe('other listeners of the lab', () => {
  it('may read facts and timing across origins; nobody else may', async () => {
    const own = await ask('/api/v1/request', { cf: labCf(), headers: { origin: 'http://localhost:4100' } });
    expect(own.headers.get('access-control-allow-origin')).toBe('http://localhost:4100');
    expect(own.headers.get('timing-allow-origin')).toBe('http://localhost:4100, https://localhost:4111');
    const foreign = await ask('/api/v1/request', { cf: labCf(), headers: { origin: 'https://evil.example' } });
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('are linked from the page, and reachable under its policy', async () => {
    const response = await ask('/', { cf: labCf(), accept: BROWSER });
    expect(response.headers.get('content-security-policy')).toContain("connect-src 'self' http://localhost:4100");
    expect(await response.text()).toContain('href="http://localhost:4100/"');
  });
});

describe('the page', () => {
  const page = async (how: Ask): Promise<string> => (await ask('/', { ...how, accept: BROWSER })).text();

  it('says the verdict first, and draws the connection without a script', async () => {
    const html = await page({ cf: labCf() });
    expect(html).toContain(
      '<h1 id="headline">This page came to you as exchange 3 on a connection that was already open.</h1>',
    );
    expect(html).toContain('data-lane="k3J9aQ"');
    expect(html.includes('2 of them before this tab looked')).toBe(true);
    expect(html.includes('<link rel="expect" href="#end-of-page" blocking="render">')).toBe(true);
  });

  it('offers to end connections only where that can be done', async () => {
    expect(await page({ cf: labCf() })).toContain('id="close-each"');
    expect(await page({ cf: labCf({ closing: true }) })).toMatch(/<input[^>]*id="close-each"[^>]*checked/);
    for (const how of [{ cf: CLOUDFLARE, headers: CLOUDFLARE_HEADERS }, { cf: MOCK }, {}])
      expect(await page(how)).not.toContain('close-each');
  });

  it('calls a mock a mock, and draws no connection from it', async () => {
    const html = await page({ cf: MOCK });
    expect(html).toContain('through a local simulator, which has no connection to tell about');
    expect(html).toContain('made up by a local simulator');
    expect(html).not.toContain('data-lane');
  });
});
