/** Two tabs, with pages and a server that say what a test wants: each way to fail is told from the others. */
import { describe, expect, it } from 'vitest';
import { type BrowserCheck, rfc } from '../exercise.ts';
import type { Entry } from '../result.ts';
import { CheckFailed } from './server.ts';
import { playTabs } from './tabs.ts';
import type { TcpReport } from './tcp-scene.ts';

const check: BrowserCheck = {
  id: 'T1-C',
  title: '',
  judge: 'chromium',
  spec: rfc(9113, '5'),
  idea: '',
  scene: { kind: 'http2', file: 'server.ts', export: 'serve', handler: [], given: [] },
  steps: [],
};
const step = { do: 'tabs', path: '/', leaves: '/other', images: 2, release: 'images' } as const;

type Seen = {
  /** How many images of each tab have been asked for. */
  staying?: number;
  leaving?: number;
  /** How many replies of the lost tab were cancelled, and whether serve is over on its connection. */
  cancelled?: number;
  settled?: boolean;
};

/** Connection c1 carries the tab that stays, c2 the one that is lost. */
function reportOf({ staying = 2, leaving = 2, cancelled = 0, settled = false }: Seen): TcpReport {
  const calls = (connection: string, at: string, count: number, given = 0): TcpReport['calls'] =>
    Array.from({ length: count }, (_, i) => ({
      ...{ connection, request: `GET ${at}/image/${i + 1}`, body: '', status: 200, done: false, place: null },
      ...(i < given ? { cancelled: true } : {}),
    })) as unknown as TcpReport['calls'];
  const over: Entry[] = settled
    ? [{ tick: 1, at: 1, connection: 'c2', by: 'learner', what: 'settled' } as unknown as Entry]
    : [];
  return {
    fault: null,
    transcript: over,
    connections: [],
    calls: [...calls('c1', '', staying), ...calls('c2', '/other', leaving, cancelled)],
    ends: {},
    waits: {},
    output: '',
  };
}

const both = reportOf({});
const gone = reportOf({ cancelled: 2, settled: true });

/** What was done, in order, and the headline of the failure. `shown`: which images the tab that stays shows in the end. */
async function played(
  reports: readonly TcpReport[],
  { shown = [true, true], breaks = null }: { shown?: readonly boolean[]; breaks?: string | null } = {},
): Promise<{ log: string[]; failed: string | null }> {
  const log: string[] = [];
  let asked = 0;
  const other = {
    page: { goto: async (url: string) => void log.push(`other tab ${url}`) },
    close: async () => void log.push('other tab closed'),
  };
  const run = {
    check,
    stepMs: 1,
    origin: '',
    server: {
      report: async () => reports[Math.min(asked++, reports.length - 1)],
      cut: (target: string) => log.push(`cut ${target}`),
      release: (name: string) => log.push(`release ${name}`),
    },
    chromium: { take: async () => other },
    warm: {
      page: {
        goto: async (url: string) => {
          log.push(`tab ${url}`);
          if (breaks !== null) throw new Error(breaks);
        },
        evaluate: async () => shown.map((isShown, i) => ({ path: `/image/${i + 1}`, shown: isShown })),
      },
    },
    network: { settled: async () => {}, latest: () => null },
    within: async (_: string, promise: Promise<unknown>) => promise,
  } as unknown as Parameters<typeof playTabs>[1];
  try {
    await playTabs(step, run);
    return { log, failed: null };
  } catch (error) {
    if (error instanceof CheckFailed) return { log, failed: error.failure.headline };
    throw error;
  }
}

describe('two tabs, one of them lost half-way', () => {
  it('lets the one that stays go on when the other is over', async () => {
    expect(await played([both, both, gone])).toEqual({
      log: ['tab /', 'other tab /other', 'cut /other', 'other tab closed', 'release images'],
      failed: null,
    });
  });

  it.each<[string, readonly TcpReport[], Parameters<typeof played>[1], string]>([
    [
      'the first tab’s requests do not all arrive',
      [reportOf({ staying: 1, leaving: 0 })],
      {},
      'Two tabs ask for 2 images each, and not all requests arrive.',
    ],
    [
      'the second tab’s requests do not all arrive',
      [both, reportOf({ leaving: 1 })],
      {},
      'Two tabs ask for 2 images each, and not all requests arrive.',
    ],
    [
      'serve goes on where the connection is lost',
      [both, both, reportOf({ cancelled: 2 })],
      {},
      'The connection of the tab with /other is lost, and serve is not over there.',
    ],
    [
      'a reply is still made for the lost tab',
      [both, both, reportOf({ cancelled: 1, settled: true })],
      {},
      'The connection of the tab with /other is lost, and GET /other/image/2 is still being made.',
    ],
    [
      'the tab that stays breaks off',
      [both, both, gone],
      { breaks: 'net::ERR_HTTP2_PROTOCOL_ERROR' },
      'Chromium got no whole reply to GET /: ',
    ],
    [
      'the tab that stays shows an image less',
      [both, both, gone],
      { shown: [true, false] },
      'Chromium got no whole reply to GET /image/2: what came is no image.',
    ],
  ])('fails when %s', async (_, reports, page, headline) => {
    const { failed, log } = await played(reports, page);
    expect(failed).toContain(headline);
    expect(log).toContain('other tab closed');
  });

  it('keeps the replies of the tab that stays waiting until the other one is over', async () => {
    expect((await played([both, both, reportOf({ cancelled: 2 })])).log).not.toContain('release images');
  });
});
