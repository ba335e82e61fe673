import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { saysItAnswers } from './answers.ts';
import { frameStrip, frameTable, frameWords } from './frame-strip.ts';
import {
  endedOrder,
  framesOf,
  multiplexInMemory,
  multiplexPlan,
  multiplexWords,
  turns,
  withoutNumbers,
} from './multiplexing-run.ts';
import { NAMES } from './names.ts';

const plan = (query: string): ReturnType<typeof multiplexPlan> => multiplexPlan(new URLSearchParams(query));

describe('twelve exchanges on one connection', () => {
  it('each gets its own answer, whole, whatever the order (law)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: 100, max: 8000 }), async (seed, size) => {
        const client = await multiplexInMemory({ seed, size });
        expect(client.problem).toBeNull();
        expect(client.exchanges.map(saysItAnswers)).toEqual(NAMES.map((name) => `/${name}`));
        expect(client.exchanges.every(({ body }) => body.length === size)).toBe(true);
        expect([...endedOrder(framesOf(client))].sort()).toEqual(NAMES);
      }),
      { numRuns: 25 },
    );
  });

  it('frames cover the bytes of the connection, and those of a stream its body', async () => {
    const client = await multiplexInMemory(plan('seed=7'));
    const frames = framesOf(client);
    let at = 0;
    for (const { offset, length } of frames) {
      expect(offset).toBe(at);
      at += length;
    }
    expect(at).toBe(client.received.length);
    for (const { id, body } of client.exchanges) {
      const own = frames.filter(({ stream, kind }) => stream === id && kind === 'data');
      expect(own.length).toBeGreaterThan(1);
      let inStream = 0;
      for (const { streamOffset, payload } of own) {
        expect(streamOffset).toBe(inStream);
        inStream += payload;
      }
      expect(inStream).toBe(body.length);
    }
  });

  it('the streams take turns, and without the numbers the contents are mixed', async () => {
    const client = await multiplexInMemory(plan('seed=7'));
    expect(turns(framesOf(client))).toBeGreaterThan(NAMES.length - 1);
    const mixed = withoutNumbers(client);
    const bodies = client.exchanges.map(({ body }) => new TextDecoder().decode(body));
    expect(mixed.length).toBe(bodies.join('').length);
    expect(bodies.some((body) => !mixed.includes(body))).toBe(true);
    expect(multiplexWords(client)).toMatch(/^Twelve bodies came in \d+ frames.*none was taken for another\.$/);
  });
});

it('the drawing says the same with and without the numbers, and the table has every frame', async () => {
  const frames = framesOf(await multiplexInMemory(plan('')));
  const sorted = frameStrip(frames, 800, true);
  expect(sorted.match(/class="strip-name"/g)).toHaveLength(13);
  expect(frameStrip(frames, 800, false).match(/class="strip-name"/g)).toHaveLength(1);
  expect(sorted).not.toMatch(/ style=|NaN/);
  expect(frameTable(frames).match(/<tr>/g)).toHaveLength(frames.length + 1);
  const data = frames.find(({ kind, streamOffset }) => kind === 'data' && streamOffset !== 0);
  expect(data && frameWords(data)).toMatch(
    /^DATA, stream \d+, \/\w: bytes \d+ to \d+ of the connection; bytes 1024 to /,
  );
});

it('nonsense in an address is the default', () => {
  expect(plan('seed=x&size=99999')).toEqual({ seed: 7, size: 2600 });
});
