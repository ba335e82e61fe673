import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { saysItAnswers } from './answers.ts';
import {
  answerWords,
  messageBorders,
  PATHS,
  pipelineInMemory,
  pipelineTimeline,
  pipelineWords,
  planOf,
  workOf,
} from './pipelining-run.ts';
import { VirtualClock } from './virtual-clock.ts';

const plan = (query: string): ReturnType<typeof planOf> => planOf(new URLSearchParams(query));
const text = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes);

describe('six requests in one write', () => {
  it('are answered in the order asked, whatever the order of work (law)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 9999 }), fc.boolean(), async (seed, delays) => {
        const client = await pipelineInMemory({ seed, delay: delays ? 600 : 0, swap: false });
        const ends = client.exchanges.map(({ endedAt }) => endedAt ?? -1);
        expect(ends).toEqual([...ends].sort((a, b) => a - b));
        expect(client.exchanges.map(saysItAnswers)).toEqual(PATHS);
        expect(client.problem).toBeNull();
      }),
      { numRuns: 40 },
    );
  });

  it('each wait is that of the slowest before it', async () => {
    const work = workOf(plan('seed=7'));
    const { exchanges } = await pipelineInMemory(plan('seed=7'));
    expect(exchanges.map(({ endedAt }) => endedAt)).toEqual(work.map((_, i) => Math.max(...work.slice(0, i + 1))));
  });

  it('with two replies swapped, all bytes stay valid and two answers are wrong', async () => {
    const client = await pipelineInMemory(plan('swap=1'));
    expect(client.problem).toBeNull();
    expect(client.exchanges.every(({ status }) => status === 200)).toBe(true);
    expect(client.exchanges.map(saysItAnswers)).toEqual(['/a', '/b', '/d', '/c', '/e', '/f']);
    expect(pipelineWords(client.exchanges)).toContain('/c got the answer of /d, /d got the answer of /c');
  });

  it('the borders cover every byte of both directions, without a gap', async () => {
    const client = await pipelineInMemory(plan('seed=1'));
    for (const [direction, bytes] of [
      ['created', client.sent],
      ['received', client.received],
    ] as const) {
      const borders = messageBorders(client.units, direction);
      let at = 0;
      for (const { from, to } of borders) {
        expect(from).toBe(at);
        at = to;
      }
      expect(at).toBe(bytes.length);
    }
    expect(text(client.sent).match(/GET \//g)).toHaveLength(6);
  });

  it('the drawing has a lane for each, and waits only where something waited', async () => {
    const { exchanges } = await pipelineInMemory(plan('seed=7&delay=1'));
    const { lanes, title } = pipelineTimeline(exchanges, 0);
    expect(title).toBe('Six requests in one write. The replies came in the order asked: a, b, c, d, e, f.');
    const waits = lanes.map((lane) => lane.exchanges[0]?.phases.some(({ phase }) => phase === 'blocked'));
    expect(waits).toEqual([false, true, true, true, true, true]);
    expect(answerWords(exchanges)).toBe('in its turn, fifth');
  });
});

it('an address gives the same work every time, and nonsense in it is the default', () => {
  expect(workOf(plan('seed=12'))).toEqual(workOf(plan('seed=12')));
  expect(new Set(Array.from({ length: 30 }, (_, seed) => workOf(plan(`seed=${seed}`)).join())).size).toBeGreaterThan(
    20,
  );
  for (const query of ['seed=x', 'seed=-1', 'seed=1.5', 'seed=99999', '']) expect(plan(query).seed).toBe(7);
});

it('the virtual clock wakes in the order of time, and what follows happens before the next wakes', async () => {
  const clock = new VirtualClock();
  const woke: number[] = [];
  void clock.wait(30).then(() => woke.push(30));
  void clock.wait(10).then(async () => {
    woke.push(10);
    await clock.wait(5);
    woke.push(clock.now);
  });
  await clock.run();
  expect(woke).toEqual([10, 15, 30]);
});
