import { describe, expect, it } from 'vitest';
import { CLOUDFLARE, CLOUDFLARE_HEADERS, HOSTILE, labCf, MOCK } from '../cf-examples.ts';
import app from '../index.tsx';
import { INSTRUMENTS } from '../instruments/instruments.ts';
import { IDEAS, placeOf } from './ideas.ts';
import { wrap } from './twin.ts';

const HOSTS: [string, unknown, Record<string, string>][] = [
  ['the lab', labCf(), {}],
  ['Cloudflare', CLOUDFLARE, CLOUDFLARE_HEADERS],
  ['a simulator', MOCK, {}],
  ['nowhere', undefined, {}],
  ['a forger', HOSTILE, {}],
];

async function ask(path: string, accept: string, cf?: unknown, more: Record<string, string> = {}): Promise<Response> {
  const request = new Request(`https://localhost:4111${path}`, { headers: { accept, ...more } });
  return app.fetch(cf === undefined ? request : Object.defineProperty(request, 'cf', { value: cf }), {});
}

describe.each([...IDEAS, ...INSTRUMENTS].map((idea) => [idea.path, idea] as const))('%s', (path, idea) => {
  it.each(HOSTS)('is a page of the one shape, with facts from %s', async (_, cf, headers) => {
    const response = await ask(path, 'text/html', cf, headers);
    expect(response.status).toBe(200);
    const nonce = /script-src 'nonce-([^']+)'/.exec(response.headers.get('content-security-policy') ?? '')?.[1];
    const page = await response.text();
    // Where the page's own frames cannot be seen, `/frames` shows those of an exchange inside it, and says so.
    const headline = path === '/frames' ? 'These are the frames that carried ' : `${idea.headline}</h1>`;
    expect(page).toContain(`<h1>${headline.replaceAll("'", '&#39;')}`);
    for (const id of ['three-title', 'surprise-title', 'bytes-title', 'take-title', 'outcome', 'address', 'run']) {
      expect(page.match(new RegExp(`id="${id}"`, 'g')), id).toHaveLength(1);
    }
    for (const [tag] of page.matchAll(/<(?:style|script)\b(?![^>]*application\/json)[^>]*>/g))
      expect(tag).toContain(`nonce="${nonce}"`);
    expect(page).not.toMatch(/ style="| on\w+="|<script>alert/);
    expect(page).toContain(idea.build.exercise);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size, 'ids are unique').toBe(ids.length);
  });

  it.each(HOSTS)('is text for curl, with facts from %s', async (_, cf, headers) => {
    const response = await ask(path, '*/*', cf, headers);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(response.headers.get('vary')).toMatch(/accept/i);
    const text = await response.text();
    expect(text).toMatch(/^[A-Z0-9]/);
    expect(text).toContain(idea.headline.toUpperCase());
    expect(text).toContain('https://localhost:4111');
    expect(text).not.toMatch(/(?!\n)\p{Cc}/u);
  });

  it('says three sentences, and names what surprises', () => {
    expect(idea.sentences).toHaveLength(3);
    expect(idea.surprises.length).toBeGreaterThanOrEqual(2);
    for (const text of [idea.headline, ...idea.sentences, ...idea.surprises]) {
      expect(text).toMatch(/[.?]$/);
      expect(text).not.toMatch(/!/);
      expect(text.split('`').length % 2, 'code ends where it begins').toBe(1);
    }
  });
});

it('the index lists every idea, and only those', async () => {
  const page = await (await ask('/story', 'text/html')).text();
  const links = [...page.matchAll(/class="contents"[\s\S]*?<\/ol>/g)].join('').matchAll(/href="([^"]+)"/g);
  expect([...links].map(([, href]) => href)).toEqual(IDEAS.map(({ path }) => path));
});

it('every link in menus leads somewhere', async () => {
  for (const path of ['/story', '/instruments', IDEAS[0]?.path ?? '/']) {
    const page = await (await ask(path, 'text/html')).text();
    for (const [, href] of page.matchAll(/<a[^>]* href="(\/[^"]*)"/g)) {
      if (href === undefined || href.startsWith('/workshop')) continue;
      expect((await ask(href, 'text/html')).status, href).toBe(200);
    }
  }
});

it('neighbours are those of the order of reading', () => {
  expect(placeOf(IDEAS[0]?.path ?? '')).toMatchObject({ number: 1, before: null });
  expect(placeOf(IDEAS.at(-1)?.path ?? '')?.after).toBeNull();
  expect(placeOf('/nothing')).toBeNull();
});

it('text is broken between words, and later lines stand under the first', () => {
  const lines = wrap(`${'word '.repeat(40)}end`, '- ');
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.every((line, i) => line.length <= 92 && line.startsWith(i === 0 ? '- word' : '  word'))).toBe(true);
});
