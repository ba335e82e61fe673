/** Time on one connection: what may not end yet, what has to, and what may not outlive it, worded by cause. */
import { describe, expect, it } from 'vitest';
import { defineExercise, type Exercise, rfc, type Step } from '../../exercise.ts';
import { VirtualClock } from '../clock.ts';
import { RawJudge } from '../judge.ts';
import type { Connection } from '../pipe.ts';

type Timers = Pick<typeof globalThis, 'setTimeout' | 'clearTimeout'>;
type Serve = (connection: Connection, options: { signal: AbortSignal }, timers: Timers) => Promise<void>;

/** What fails when this function serves, in one line; null when nothing does. Its timers are on the judge's clock. */
async function judged(serve: Serve, steps: readonly Step[]): Promise<string | null> {
  const clock = new VirtualClock();
  const realm = { Date, performance: Object.create(performance), AbortSignal: class {} };
  clock.install(realm as unknown as typeof globalThis, () => {});
  const timers = realm as unknown as Timers;
  const options = { idle: 5000, signal: true } as const;
  const scene = { kind: 'server', file: 'http1/server.ts', export: 'serve', handler: [], options } as const;
  const exercise: Exercise = defineExercise({
    id: 'T',
    track: 'keep-alive',
    folder: '',
    title: 't',
    idea: 'i',
    minutes: 1,
    buildsOn: [],
    contract: '',
    files: [{ path: 'http1/server.ts', start: null, exports: ['serve'] }],
    startFails: [],
    checks: [{ id: 'T-1', title: 't', judge: 'raw', spec: rfc(9112, '9.5'), idea: 'i', scene, steps }],
  });
  const host = {
    name: 'node' as const,
    load: async () => ({
      serve: (connection: Connection, _handler: unknown, given: { signal: AbortSignal }) =>
        serve(connection, given, timers),
    }),
    turn: () => new Promise<void>((resolve) => setImmediate(resolve)),
    rest: () => new Promise<void>((resolve) => setTimeout(resolve, 0)),
    realNow: () => performance.now(),
  };
  const results = await new RawJudge({ exercise, host, clock, sources: new Map() }).run();
  const failure = results[0]?.failure;
  return failure === undefined ? null : `${failure.cause}: ${failure.headline}`;
}

/** Reads what comes, says `last`, and ends after so long, or never; each byte winds the clock up again where told. */
function ends(after: number | null, { last = '', resets = false, reset = false } = {}): Serve {
  return async ({ readable, writable }, _options, timers) => {
    const source = readable.getReader();
    const out = writable.getWriter();
    const end = async (): Promise<void> => {
      if (last !== '') await out.write(new TextEncoder().encode(last));
      await (reset ? out.abort() : out.close());
      await source.cancel();
    };
    let timer = after === null ? undefined : timers.setTimeout(end, after);
    for (;;) {
      const { done } = await source.read();
      if (done) break;
      if (!resets || after === null) continue;
      timers.clearTimeout(timer);
      timer = timers.setTimeout(end, after);
    }
  };
}

const open: Step = { do: 'expectOpen', for: 4999 };
const over: Step = { do: 'expectIdleEnd', within: 5001 };
const slow: Step = { do: 'expectSlowHeadEnds', bytes: 'GET /a HTTP/1.1\r\n', every: 4000, within: 10_000 };
const TIMEOUT = 'HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';

describe('an unused connection', () => {
  it('is open to the last millisecond, and ends by its time', async () => {
    expect(await judged(ends(5000), [open, over])).toBeNull();
    expect(await judged(ends(10_000), [open, over])).toBeNull();
    expect(await judged(ends(4999), [open, over])).toBe(
      'closed early: The connection ended after 4,999 ms without a byte.',
    );
    expect(await judged(ends(10_001), [open, over])).toBe(
      'never ended: The connection has been unused for 10 s, and is still open.',
    );
    expect(await judged(ends(null), [open, over])).toMatch(/^never ended/);
  });

  it('may hear 408 before the end, and nothing else', async () => {
    expect(await judged(ends(5000, { last: TIMEOUT }), [open, over])).toBeNull();
    expect(await judged(ends(5000, { last: TIMEOUT.replace('408', '200') }), [open, over])).toMatch(/^extra bytes/);
    expect(await judged(ends(5000, { reset: true }), [open, over])).toMatch(/^reset/);
  });

  it('ends at the signal', async () => {
    const hears: Serve = async ({ readable, writable }, { signal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await Promise.all([writable.close(), readable.cancel()]);
    };
    const steps: Step[] = [open, { do: 'abort' }, { do: 'expectIdleEnd', within: 1000 }];
    expect(await judged(hears, steps)).toBeNull();
    expect(await judged(ends(null), steps)).toBe(
      'never ended: The signal came; 1 s later the connection is unused and still open.',
    );
  });
});

describe('a head that comes byte by byte', () => {
  it('has one deadline, whatever comes', async () => {
    expect(await judged(ends(5000), [slow])).toBeNull();
    expect(await judged(ends(5000, { resets: true }), [slow])).toBe(
      'never ended: The head is not whole 10 s after its first byte, and the connection is still open.',
    );
  });
});

describe('when the connection is over', () => {
  const steps: Step[] = [{ do: 'send', bytes: 'x' }, { do: 'endInput' }, { do: 'expectNothingLeft' }];

  it('no timer of the learner’s runs', async () => {
    expect(await judged(ends(null), steps)).toBeNull();
    expect(await judged(ends(5000), steps)).toBe(
      'never settled: serve is over, and a timer of yours still runs: 5 s are left.',
    );
  });

  it('no read of it waits', async () => {
    const leaves: Serve = async ({ readable }) => {
      const source = readable.getReader();
      source.read().catch(() => {});
      source.read().catch(() => {});
    };
    expect(await judged(leaves, [open, { do: 'expectNothingLeft' }])).toBe(
      'never settled: serve is over, and a read of the connection still waits.',
    );
  });
});
