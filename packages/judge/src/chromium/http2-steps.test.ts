/** The steps of an HTTP/2 server in front of Chromium, with a page and a server that say what a test wants: each can fail, and says why. */
import { describe, expect, it } from 'vitest';
import { type BrowserCheck, type Bytes, rfc } from '../exercise.ts';
import { data, headers, preface, response } from '../http2.ts';
import { bytesOf, latin1 } from '../raw/bytes.ts';
import { http2ExchangesOf } from '../raw/http2/exchanges.ts';
import type { Http2BrowserStep } from '../raw/scenes/http2-browser-steps.ts';
import type { Entry } from '../result.ts';
import { playHttp2Step } from './http2-steps.ts';
import { CheckFailed } from './server.ts';
import type { TcpReport } from './tcp-scene.ts';

type Run = Parameters<typeof playHttp2Step>[1];
type Say = readonly [by: 'judge' | 'learner', bytes: Bytes];

const check: BrowserCheck = {
  id: 'T1-C',
  title: '',
  judge: 'chromium',
  spec: rfc(9113, '5'),
  idea: '',
  scene: { kind: 'http2', file: 'server.ts', export: 'serve', handler: [], given: [] },
  steps: [],
};

/** What a server tells that was asked and said these bytes on one connection. */
function reportOf(
  said: readonly Say[],
  more: { open?: boolean; calls?: readonly string[]; cancelled?: string } = {},
): TcpReport {
  const sent = { judge: 0, learner: 0 };
  const transcript = said.map(([by, bytes], tick): Entry => {
    const text = latin1(bytesOf(bytes));
    const from = sent[by];
    sent[by] += text.length;
    return { tick, at: tick, connection: 'c1', by, what: 'bytes', from, bytes: text };
  });
  const ended = more.open === true ? null : { tick: said.length, by: 'learner' as const, how: 'end' as const };
  return {
    fault: null,
    transcript,
    connections: [
      {
        id: 'c1',
        opened: 0,
        ended,
        bytes: { toLearner: sent.judge, taken: sent.judge, fromLearner: sent.learner },
        protocol: 'h2',
        exchanges: http2ExchangesOf(transcript),
      },
    ],
    calls: (more.calls ?? []).map((request) => ({
      ...{ connection: 'c1', request, body: '', status: 200, place: null },
      ...(request === more.cancelled ? { cancelled: true } : {}),
    })) as unknown as TcpReport['calls'],
    ends: {},
    waits: {},
    output: '',
  };
}

/** Plays the step; the server tells these reports one after another, the last one for good, and the page gives these values. */
async function played(
  step: Http2BrowserStep,
  reports: readonly TcpReport[],
  given: readonly unknown[] = [],
  stepMs = 1,
): Promise<{ log: string[]; failed: string | null }> {
  const log: string[] = [];
  let asked = 0;
  const values = [...given];
  const run = {
    check,
    stepMs,
    origin: '',
    server: {
      signal: () => log.push('signal'),
      release: (name: string) => log.push(`release ${name}`),
      report: async () => reports[Math.min(asked++, reports.length - 1)],
    },
    warm: {
      page: {
        evaluate: async (what: { name: string }) => {
          log.push(what.name);
          return values.shift();
        },
      },
    },
    network: { settled: async () => {}, latest: () => null },
    within: async (_: string, promise: Promise<unknown>) => promise,
  } as unknown as Run;
  try {
    await playHttp2Step(step, run);
    return { log, failed: null };
  } catch (error) {
    if (error instanceof CheckFailed) return { log, failed: error.failure.headline };
    throw error;
  }
}

describe('signal', () => {
  const open = reportOf([], { open: true });

  it('is given once, and waited for until the connections have ended', async () => {
    let asked = 0;
    const ending = new Proxy([open, open, reportOf([])], {
      get: (all, name) => {
        if (name !== 'length') asked = Math.max(asked, Number(name) + 1);
        return Reflect.get(all, name);
      },
    });
    expect(await played({ do: 'signal' }, ending, [], 60_000)).toEqual({ log: ['signal'], failed: null });
    expect(asked).toBe(3);
  });

  it('leaves it to the next step to say that a connection goes on', async () => {
    expect(await played({ do: 'signal' }, [open])).toEqual({ log: ['signal'], failed: null });
  });
});

describe('fetchAndAbort', () => {
  const paths = ['/part/1', '/part/2', '/part/3'];
  const calls = paths.map((path) => `GET ${path}`);
  const step: Http2BrowserStep = { do: 'fetchAndAbort', paths, abort: '/part/2', release: 'rest', body: 'whole' };
  const told = reportOf([], { calls, cancelled: 'GET /part/2' });
  const got = (...bodies: string[]): object[] =>
    bodies.map((body, i) => ({ path: `/part/${2 * i + 1}`, status: 200, body }));

  it('lets the others go on when the handler knows that one was given up', async () => {
    const run = await played(step, [reportOf([], { calls }), told], [[], got('whole', 'whole')]);
    expect(run).toEqual({ log: ['beginInPage', 'release rest', 'finishInPage'], failed: null });
  });

  it('fails when the handler is never told, and lets nobody go on', async () => {
    const run = await played(step, [reportOf([], { calls })], [[], got('whole', 'whole')]);
    expect(run.failed).toBe('Chromium has given up GET /part/2, and the handler’s reply was not cancelled.');
    expect(run.log).toEqual(['beginInPage']);
  });

  it('does not take another reply that was cancelled for the one that was given up', async () => {
    const run = await played(step, [reportOf([], { calls, cancelled: 'GET /part/1' })], [[], got('whole', 'whole')]);
    expect(run.failed).toContain('has given up GET /part/2');
  });

  it.each<[string, unknown[], string]>([
    [
      'one does not begin',
      [[{ path: '/part/1', error: 'TypeError' }]],
      'Chromium got no whole reply to GET /part/1: TypeError.',
    ],
    [
      'a neighbour breaks off',
      [[], [{ path: '/part/3', error: 'net::ERR_HTTP2_PROTOCOL_ERROR' }]],
      'Chromium got no whole reply to GET /part/3',
    ],
    ['a neighbour lacks its end', [[], got('whole', 'who')], 'GET /part/3'],
    ['a neighbour has another status', [[], [{ path: '/part/1', status: 500, body: 'whole' }]], 'GET /part/1'],
  ])('fails when %s', async (_, given, headline) => {
    expect((await played(step, [told], given)).failed).toContain(headline);
  });
});

describe('expectUrgentFirst', () => {
  const step: Http2BrowserStep = {
    do: 'expectUrgentFirst',
    images: 3,
    stylesheet: '/style.css',
    release: 'rest',
    before: 2,
  };
  const asks: Say = [
    'judge',
    [
      preface,
      ...[1, 2, 3].map((i) => headers(2 * i - 1, `GET /image/${i}`, { end: true })),
      headers(7, 'GET /style.css', { end: true, fields: [['priority', 'u=0']] }),
    ],
  ];
  const begun: Say = ['learner', [1, 3, 5].map((id) => [response(id, 200), data(id, 'begins')])];
  const calls = ['GET /image/1', 'GET /image/2', 'GET /image/3', 'GET /style.css'];
  const ends = (...streams: number[]): TcpReport =>
    reportOf([asks, begun, ['learner', [response(7, 200), ...streams.map((id) => data(id, 'ends', { end: true }))]]], {
      calls,
    });

  it('asks for the stylesheet when each image has begun, and lets all go on when it has been asked for', async () => {
    const run = await played(step, [reportOf([asks, begun]), reportOf([asks, begun], { calls }), ends(7, 1, 3, 5)]);
    expect(run).toEqual({ log: ['showInPage', 'styleInPage', 'release rest'], failed: null });
  });

  it('takes one image that ended before, where two would be too many', async () => {
    expect((await played(step, [ends(1, 7, 3, 5)])).failed).toBeNull();
  });

  it('fails when too many images ended before it, or it has not ended at all', async () => {
    const late = '2 images ended on the wire before GET /style.css did.';
    expect((await played(step, [ends(1, 3, 7, 5)])).failed).toBe(late);
    expect((await played(step, [ends(1, 3)])).failed).toBe(late);
  });

  it('fails when an image never begins, and then asks for nothing more', async () => {
    const run = await played(step, [reportOf([asks, ['learner', [response(1, 200), data(1, 'begins')]]])]);
    expect(run.failed).toBe('The page shows 3 images, and not all of them have begun.');
    expect(run.log).toEqual(['showInPage']);
  });
});
