import { expect, test } from 'vitest';
import { Link, LinkDirection, type LinkRules, PERFECT } from './link.ts';

/** Sends so many datagrams of 1,200 bytes, and tells which passed, in the order in which they did. */
function run(
  rules: Partial<LinkRules>,
  seed: number,
  count: number,
  size: (nth: number) => number = () => 1_200,
): number[] {
  const direction = new LinkDirection();
  direction.set({ ...PERFECT, ...rules }, seed);
  const passed: number[] = [];
  for (let nth = 0; nth < count; nth++) direction.take(size(nth), () => passed.push(nth));
  direction.close();
  return passed;
}

test('a perfect link passes everything at once and in order', () => {
  expect(run({}, 1, 50)).toEqual(Array.from({ length: 50 }, (_, nth) => nth));
});

test('the same seed drops the same datagrams, another seed others', () => {
  const first = run({ drop: 0.2 }, 7, 500);
  expect(run({ drop: 0.2 }, 7, 500)).toEqual(first);
  expect(run({ drop: 0.2 }, 8, 500)).not.toEqual(first);
});

test('the share that is dropped comes near to what was asked for', () => {
  const passed = run({ drop: 0.02 }, 3, 20_000).length;
  expect(20_000 - passed).toBeGreaterThan(300);
  expect(20_000 - passed).toBeLessThan(500);
});

test('all or nothing are shares as well', () => {
  expect(run({ drop: 1 }, 3, 20)).toEqual([]);
  expect(run({ drop: 0, reorder: 0.0001 }, 3, 20)).toHaveLength(20);
});

test('a reordered datagram goes on right behind the one that overtook it', () => {
  const passed = run({ reorder: 0.3 }, 5, 200);
  const late = passed.filter((nth, at) => at > 0 && nth < (passed[at - 1] as number));
  expect(late.length).toBeGreaterThan(20);
  // Each was overtaken by exactly one.
  for (const nth of late) expect(passed.indexOf(nth)).toBe(passed.indexOf(nth + 1) + 1);
});

test('dropOnce drops one datagram: the n-th that is large enough', () => {
  const sizes = (nth: number): number => (nth % 2 === 0 ? 1_200 : 60);
  const passed = run({ dropOnce: { after: 3, minBytes: 1_000 } }, 1, 40, sizes);
  expect(passed).toEqual(Array.from({ length: 40 }, (_, nth) => nth).filter((nth) => nth !== 6));
});

test('what is delayed passes all the same', async () => {
  const direction = new LinkDirection();
  direction.set({ ...PERFECT, delay: 2, jitter: 4 }, 1);
  const passed: number[] = [];
  await new Promise<void>((resolve) => {
    for (let nth = 0; nth < 20; nth++) {
      direction.take(100, () => {
        passed.push(nth);
        if (passed.length === 20) resolve();
      });
    }
    expect(passed).toEqual([]);
  });
  expect(passed.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, nth) => nth));
  expect(direction.counts).toMatchObject({ passed: 20, dropped: 0, delayed: 20 });
});

test('the last datagram is not held for ever when it was to be reordered', async () => {
  const direction = new LinkDirection();
  direction.set({ ...PERFECT, reorder: 1 }, 1);
  await new Promise<void>((resolve) => direction.take(100, resolve));
});

test('both directions lose different places for one seed', () => {
  const link = new Link();
  const rules = { ...PERFECT, drop: 0.3 };
  link.set({ seed: 4, inbound: rules, outbound: rules });
  const passed = [link.inbound, link.outbound].map((direction) => {
    const seen: number[] = [];
    for (let nth = 0; nth < 100; nth++) direction.take(100, () => seen.push(nth));
    return seen;
  });
  expect(passed[0]).not.toEqual(passed[1]);
  expect(link.settings).toEqual({ seed: 4, inbound: rules, outbound: rules });
});

test('settings that cannot be are named', () => {
  const link = new Link();
  const set = (rules: Partial<LinkRules>, seed = 1) =>
    link.set({ seed, inbound: PERFECT, outbound: { ...PERFECT, ...rules } });
  expect(() => set({ drop: 1.5 })).toThrow('outbound.drop to 1.5');
  expect(() => set({ reorder: Number.NaN })).toThrow('outbound.reorder');
  expect(() => set({ delay: -1 })).toThrow('outbound.delay');
  expect(() => set({ dropOnce: { after: 0.5, minBytes: 0 } })).toThrow('outbound.dropOnce');
  expect(() => set({}, 0.5)).toThrow('0.5 as a seed');
});
