/** The page over both protocols, with pages that say how they came. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type BrowserCheck, rfc } from '../exercise.ts';
import { WarmChromium } from './browser.ts';
import { CheckFailed } from './server.ts';
import { expectBothProtocols } from './without-http2.ts';

const check: BrowserCheck = {
  id: 'T1-C',
  title: '',
  judge: 'smoke',
  spec: rfc(9113, '3'),
  idea: '',
  scene: { kind: 'http2', file: 'server.ts', export: 'serve', handler: [], given: [] },
  steps: [],
};
const step = { do: 'expectBothProtocols', path: '/', images: 2 } as const;
const parts = (protocol: string, count = 3): string[] => Array<string>(count).fill(protocol);

type Page = {
  /** By which protocol its parts came. */
  came: readonly string[];
  shown?: readonly boolean[];
  breaks?: string;
};

/** What the step asks of a page, in this order: which images it shows, and by which protocol its parts came. */
function pageOf({ came, shown = [true, true], breaks }: Page, log: string[], isMain: boolean): object {
  const answers: unknown[] = isMain ? [came] : [shown.map((is, i) => ({ path: `/image/${i + 1}`, shown: is })), came];
  return {
    goto: async (url: string) => {
      log.push(`goto ${url}`);
      if (breaks !== undefined) throw new Error(breaks);
    },
    evaluate: async () => answers.shift(),
  };
}

async function played(main: Page, beside: Page): Promise<{ log: string[]; failed: string | null }> {
  const log: string[] = [];
  const other = { page: pageOf(beside, log, false), close: async () => void log.push('closed') };
  const withoutHttp2 = { take: async () => other, whenGone: () => {} } as unknown as WarmChromium;
  const launch = vi.spyOn(WarmChromium, 'launch').mockResolvedValue(withoutHttp2);
  const run = {
    check,
    origin: '',
    server: {
      report: async () => ({
        ...{ fault: null, transcript: [], connections: [], calls: [], ends: {}, waits: {}, output: '' },
      }),
    },
    chromium: { whenGone: () => {} },
    warm: { page: pageOf(main, log, true) },
    within: async (_: string, promise: Promise<unknown>) => promise,
  } as unknown as Parameters<typeof expectBothProtocols>[1];
  try {
    await expectBothProtocols(step, run);
    expect(launch).toHaveBeenCalledWith(['--disable-http2']);
    return { log, failed: null };
  } catch (error) {
    if (error instanceof CheckFailed)
      return { log, failed: `${error.failure.headline} Expected: ${error.failure.expected}.` };
    throw error;
  }
}

afterEach(() => vi.restoreAllMocks());

describe('one port, two protocols', () => {
  it('passes when all of the page came by h2, and all of it by http/1.1 beside it', async () => {
    const run = await played({ came: parts('h2') }, { came: parts('http/1.1') });
    expect(run).toEqual({ log: ['goto /', 'closed'], failed: null });
  });

  it.each<[string, Page, Page, string]>([
    [
      'the page came by HTTP/1.1 where HTTP/2 was offered',
      { came: parts('http/1.1') },
      { came: parts('http/1.1') },
      '3 parts of / came, by http/1.1. Expected: all of it by h2.',
    ],
    [
      'one part came by the other protocol',
      { came: [...parts('h2', 2), 'http/1.1'] },
      { came: parts('http/1.1') },
      '3 parts of / came, by h2 and http/1.1. Expected: all of it by h2.',
    ],
    [
      'parts of the page are missing',
      { came: parts('h2', 2) },
      { came: parts('http/1.1') },
      '2 parts of / came, by h2. Expected: all of it by h2.',
    ],
    [
      'the browser without HTTP/2 gets HTTP/2',
      { came: parts('h2') },
      { came: parts('h2') },
      '3 parts of / came, by h2. Expected: all of it by http/1.1.',
    ],
    [
      'the browser without HTTP/2 gets no page',
      { came: parts('h2') },
      { came: [], breaks: 'net::ERR_CONNECTION_CLOSED' },
      'Chromium got no whole reply to GET /: net::ERR_CONNECTION_CLOSED.',
    ],
    [
      'the browser without HTTP/2 gets an image less',
      { came: parts('h2') },
      { came: parts('http/1.1'), shown: [true, false] },
      'Chromium got no whole reply to GET /image/2: it is not there over HTTP/1.1.',
    ],
  ])('fails when %s', async (_, main, beside, headline) => {
    expect((await played(main, beside)).failed).toContain(headline);
  });

  it('leaves no page behind when it fails', async () => {
    const { log } = await played({ came: parts('h2') }, { came: parts('h2') });
    expect(log.at(-1)).toBe('closed');
  });
});
