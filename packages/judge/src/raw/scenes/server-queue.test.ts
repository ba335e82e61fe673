/** A queue with an end: what a server keeps is counted at the moments in which nothing moves, and worded by cause. */
import { describe, expect, it } from 'vitest';
import { defineExercise, type Exercise, type HandlerRule, rfc, type Step } from '../../exercise.ts';
import { VirtualClock } from '../clock.ts';
import { RawJudge } from '../judge.ts';
import type { Connection } from '../pipe.ts';
import { describeStep } from '../steps.ts';

type Incoming = { method: string; target: string; headers: Headers; body: null };
type Handler = (request: Incoming) => Promise<Response>;
type Kept = {
  /** Requests begun and unsent. */
  readonly most?: number;
  /** Takes all there is before the first request is begun. */
  readonly greedy?: boolean;
  /** Collects each body as soon as it is there. */
  readonly collects?: boolean;
  /** Goes on with what it has read when the peer is gone. */
  readonly stubborn?: boolean;
  /** Leaves a body as it is when it cannot be sent. */
  readonly careless?: boolean;
};

/** Heads only, one reply after another in the order asked; what it keeps beside that is told. */
function server({ most = 2, greedy = false, collects = false, stubborn = false, careless = false }: Kept) {
  return async ({ readable, writable }: Connection, handler: Handler): Promise<void> => {
    const source = readable.getReader();
    const out = writable.getWriter();
    const text = new TextEncoder();
    let have = '';
    let isLost = false;
    const more = async (): Promise<boolean> => {
      const { value } = await source.read().catch(() => ({ value: undefined }));
      have += new TextDecoder().decode(value);
      return value !== undefined;
    };
    const ends: Promise<void>[] = [];
    if (greedy) for (let left = 40; left > 0 && (await more()); left--);
    for (let n = 0; ; n++) {
      await ends[n - most];
      if (isLost && !stubborn) break;
      while (!have.includes('\r\n\r\n')) if (!(await more())) break;
      const [head = '', ...rest] = have.split('\r\n\r\n');
      if (rest.length === 0) break;
      have = rest.join('\r\n\r\n');
      const target = head.split(' ')[1] ?? '';
      const answer = handler({ method: 'GET', target, headers: new Headers(), body: null });
      const ready = collects ? answer.then(async (r) => new Response(await r.arrayBuffer())) : answer;
      const before = ends[n - 1];
      ends.push(
        (async () => {
          const response = await ready;
          await before;
          const pieces = response.body?.getReader();
          try {
            if (isLost) throw new Error('lost');
            await out.write(text.encode('HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n'));
            for (let next = await pieces?.read(); next?.value !== undefined; next = await pieces?.read())
              await out.write(
                text.encode(`${next.value.length.toString(16)}\r\n${new TextDecoder().decode(next.value)}\r\n`),
              );
            await out.write(text.encode('0\r\n\r\n'));
          } catch {
            isLost = true;
            if (!careless) await pieces?.cancel();
          }
        })(),
      );
    }
    await Promise.all(ends);
    await out.close().catch(() => {});
  };
}

const PIECES = { pieces: [{ bytes: 'one ' }, { bytes: 'two ' }, { bytes: 'three ' }, { bytes: 'four' }] };
const RULES: readonly HandlerRule[] = [
  { on: 'GET /slow/1', until: 'go', reply: { body: 'answer 1' } },
  { on: 'GET /slow/*', reply: { body: { starred: 'answer *' } } },
  { on: 'GET /body/1', until: 'go', reply: { body: PIECES } },
  { on: 'GET /body/*', reply: { body: PIECES } },
];

/** What fails, in one line; null when nothing does. */
async function judged(kept: Kept, ...steps: readonly Step[]): Promise<string | null> {
  const check = {
    id: 'PL0-1',
    title: 'a queue',
    judge: 'raw' as const,
    spec: rfc(9112, '9.3.2'),
    idea: 'An end.',
    scene: { kind: 'server' as const, file: 's.ts', export: 'serve', handler: RULES },
    steps,
  };
  const exercise: Exercise = defineExercise({
    id: 'PL0',
    track: 'pipelining',
    folder: '',
    title: '',
    idea: '',
    minutes: 1,
    buildsOn: [],
    contract: '',
    files: [{ path: 's.ts', start: null, exports: ['serve'] }],
    startFails: [],
    checks: [check],
  });
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const judge = new RawJudge({
    exercise,
    host: { name: 'node', load: async () => ({ serve: server(kept) }), turn, rest: turn, realNow: () => 0 },
    clock: new VirtualClock(),
    sources: new Map(),
  });
  const [result] = await judge.run();
  return result?.failure === undefined ? null : `${result.failure.cause}: ${result.failure.headline}`;
}

const send = (path: string, count = 400): Step => ({ do: 'sendNumbered', path, count });
const release: Step = { do: 'release', name: 'go' };
const stop: Step = { do: 'stopReading' };
const reset: Step = { do: 'reset' };

describe('requests begun and unsent', () => {
  const atMost = (n: number): Step => ({ do: 'expectInFlight', atMost: n });

  it('are counted from the call of the handler to the last byte of the reply', async () => {
    expect(await judged({ most: 3 }, send('/slow/*'), atMost(3))).toBeNull();
    expect(await judged({ most: 3 }, send('/slow/*'), atMost(2))).toBe('unbounded: 3 requests are begun and unsent.');
  });

  it('are none when all replies have left', async () => {
    expect(await judged({ most: 3 }, send('/slow/*'), release, atMost(0))).toBeNull();
  });

  it('do not get less while the peer reads nothing, but for those in the queue of the stream', async () => {
    const queued: Step = { do: 'expectInFlight', atMost: 2, queued: 1 };
    expect(await judged({ most: 3 }, stop, release, send('/slow/*'), queued)).toBeNull();
    expect(await judged({ most: 4 }, stop, release, send('/slow/*'), queued)).toMatch(/^unbounded: 4 requests/);
  });
});

describe('what is not begun', () => {
  const ahead: Step = { do: 'expectTakenAhead', atMost: 8 * 1024 };

  it('stays with the peer', async () => {
    expect(await judged({}, stop, release, send('/slow/*'), ahead)).toBeNull();
  });

  it('is named when it was taken all the same', async () => {
    expect(await judged({ greedy: true }, stop, release, send('/slow/*'), ahead)).toMatch(
      /^unbounded: Your code took 16,\d{3} bytes of requests; 16,\d{3} bytes of them belong to no request that is begun\./,
    );
  });
});

describe('a peer that reads on', () => {
  const all: Step = { do: 'expectNumbered', path: '/slow/*', count: 400, body: 'answer *' };

  it('gets each reply, in order', async () => {
    expect(await judged({}, stop, release, send('/slow/*'), all, { do: 'expectSilence' })).toBeNull();
  });

  it('is told whose answer it got, and which one is missing', async () => {
    expect(
      await judged({}, release, send('/slow/*'), { do: 'expectNumbered', path: '/slow/*', count: 400, body: 'no *' }),
    ).toBe('wrong bytes: The body of the reply to GET /slow/1 is "answer 1".');
    expect(await judged({}, release, send('/slow/*', 3), all)).toBe('silent: No reply to GET /slow/4 came.');
  });
});

describe('a body that waits', () => {
  const pulled: Step = { do: 'expectPulled', atMost: 1 };

  it('is not asked for its pieces', async () => {
    expect(await judged({}, send('/body/*'), pulled)).toBeNull();
    expect(await judged({ collects: true }, send('/body/*'), pulled)).toBe(
      'unbounded: 4 pieces of the body for GET /body/2 were asked for, while its reply waits for the one to GET /body/1.',
    );
  });

  it('is told from the first one, which is on its way', async () => {
    const steps: readonly Step[] = [{ do: 'stopReading', after: 50 }, release, send('/body/*')];
    expect(await judged({}, ...steps, { do: 'expectPulled', atMost: 0, first: 2 })).toBeNull();
    expect(await judged({}, ...steps, { do: 'expectPulled', atMost: 0, first: 0 })).toMatch(
      /of the body for GET \/body\/1 were asked for, while the peer reads no more\.$/,
    );
  });
});

describe('a peer that is gone', () => {
  const none: Step = { do: 'expectNoneBegun' };
  const over: Step = { do: 'expectBodiesOver' };

  it('is answered by nobody, and leaves nothing open', async () => {
    for (const steps of [
      [stop, release, send('/body/*'), reset],
      [send('/body/*'), reset, release],
    ])
      expect(await judged({}, ...steps, none, over, { do: 'expectSettled' })).toBeNull();
  });

  it('is no reason to begin the next request', async () => {
    expect(await judged({ stubborn: true }, stop, release, send('/body/*'), reset, none)).toBe(
      'handler: The peer is gone, and the handler was called for GET /body/3.',
    );
  });

  it('is a reason to give each body up', async () => {
    expect(await judged({ careless: true }, send('/body/*'), reset, release, over)).toBe(
      'never ended: The peer is gone, and the body for GET /body/1 was neither read to its end nor cancelled.',
    );
  });
});

describe('a step about a queue', () => {
  it('says itself', () => {
    expect(describeStep({ do: 'stopReading', after: 2048 })).toBe('Read 2,048 bytes more, and then nothing.');
    expect(describeStep(send('/n/*', 3))).toBe('Offer GET /n/1 to GET /n/3, a few kilobytes at a time.');
    expect(describeStep({ do: 'expectNumbered', path: '/n/*', count: 3, body: '*' })).toBe(
      'Read on, and expect 3 whole replies in order.',
    );
  });
});
