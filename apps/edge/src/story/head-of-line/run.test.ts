import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fatesInOneOrder, lateOf } from './late.ts';
import { AGAIN, holeIn, segmentsOf } from './link.ts';
import { type HolePlan, holePlan, SEGMENT, sizesOf } from './plan.ts';
import { RECORDED } from './recorded.ts';
import { writeHttp2 } from './replies.ts';
import { lostIn, packetsOf } from './roads.ts';
import { countLate, holeRun } from './run.ts';

const plan = (query: string): HolePlan => holePlan(new URLSearchParams(query));

const plans: fc.Arbitrary<HolePlan> = fc.record({
  n: fc.integer({ min: 2, max: 12 }),
  seed: fc.integer({ min: 0, max: 9_999 }),
  order: fc.constantFrom('turn' as const, 'shared' as const),
  from: fc.integer({ min: 0, max: 30_000 }),
  lost: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: SEGMENT })),
});

/** Who owns each byte of the connection, one by one: another way to the same answer, that knows nothing of frames' edges. */
function byteByByte(of: HolePlan): { late: Set<number>; lost: Set<number> } {
  const { bytes, frames } = writeHttp2(of);
  const hole = holeIn(bytes.length, of);
  const owner = new Array<number | null>(bytes.length).fill(null);
  for (const { from, to, reply } of frames) owner.fill(reply, from, to);
  const named = (from: number, to: number): Set<number> =>
    new Set(owner.slice(from, to).filter((reply) => reply !== null));
  return { late: named(hole.from, bytes.length), lost: named(hole.from, hole.to) };
}

function lateIn(late: readonly number[]): Set<number> {
  return new Set(late.flatMap((ms, i) => (ms > 0 ? [i] : [])));
}

describe('one hole, two roads', () => {
  it('the run through the cores of both versions is what was predicted, for any replies and any hole (law)', () => {
    fc.assert(
      fc.property(plans, (of) => {
        const run = holeRun(of);
        const expected = byteByByte(of);
        expect(lateIn(run.one.late), 'one order: all who end behind the hole').toEqual(expected.late);
        expect(lateIn(run.own.late), 'own orders: those who lost something').toEqual(
          new Set(run.own.fates.flatMap((fate, i) => (fate === 'lost' ? [i] : []))),
        );
        for (const road of [run.one, run.own]) expect(lateOf(road.fates)).toBe(countLate(road));
        expect(new Set(run.one.fates.flatMap((fate, i) => (fate === 'lost' ? [i] : [])))).toEqual(expected.lost);
        expect(Math.max(...run.one.late, ...run.own.late)).toBeLessThan(AGAIN + 1e-6);
      }),
      { numRuns: 60 },
    );
  });

  it('who lost something on one road lost something on the other, and nobody else did (law)', () => {
    fc.assert(
      fc.property(plans, (of) => {
        const { one, own } = holeRun(of);
        const lost = (fates: readonly string[]): number[] => fates.flatMap((fate, i) => (fate === 'lost' ? [i] : []));
        // The heads of frames are shorter in HTTP/3: what was only a head's last byte can be content there, never the reverse.
        for (const reply of lost(own.fates)) expect(lost(one.fates)).toContain(reply);
      }),
      { numRuns: 60 },
    );
  });

  it('segments cover every byte once, none is larger than a segment, and the hole is one of them (law)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60_000 }),
        fc.nat(70_000),
        fc.integer({ min: 1, max: SEGMENT }),
        (length, from, lost) => {
          const hole = holeIn(length, { from, lost });
          const segments = segmentsOf(length, hole);
          let next = 0;
          for (const segment of segments) {
            expect(segment.from).toBe(next);
            expect(segment.to - segment.from).toBeGreaterThan(0);
            expect(segment.to - segment.from).toBeLessThanOrEqual(SEGMENT);
            next = segment.to;
          }
          expect(next).toBe(length);
          expect(segments.filter(({ isLost }) => isLost)).toHaveLength(1);
          // Everything sent behind it has come when it comes again.
          const last = segments.findLast(({ isLost }) => !isLost)?.at ?? 0;
          if (length < AGAIN * 1_000) expect(segments.find(({ isLost }) => isLost)?.at).toBeGreaterThan(last);
        },
      ),
    );
  });
});

it('packets carry what the segments carry, and give each stream its own places from 0 without a gap', () => {
  const of = plan('seed=3');
  const written = writeHttp2(of);
  const packets = packetsOf(of, written, segmentsOf(written.bytes.length, holeIn(written.bytes.length, of)));
  const next = new Map<number, number>();
  for (const { stream, offset, bytes } of packets.flatMap(({ parts }) => parts)) {
    expect(offset).toBe(next.get(stream) ?? 0);
    next.set(stream, offset + bytes.length);
  }
  for (const [i, size] of sizesOf(of).entries()) expect(next.get(i * 4)).toBeGreaterThan(size);
  expect(lostIn(packets, of.n).size).toBeGreaterThan(0);
});

it('a hole over the server’s SETTINGS: nobody lost a byte, and on one order everybody waits', () => {
  const { frames, one, own } = holeRun(plan('from=0&lost=39'));
  expect(frames[0]).toMatchObject({ kind: 'settings', reply: null, to: 39 });
  expect(one.fates).toEqual(Array(12).fill('behind'));
  expect([countLate(one), countLate(own)]).toEqual([12, 0]);
});

it('a hole over the nine bytes of a frame’s head takes something from its stream', () => {
  const { frames } = writeHttp2(plan(''));
  const frame = frames.find(({ kind, from }) => kind === 'data' && from > 9_000);
  const fates = fatesInOneOrder(frames, { from: frame?.from ?? 0, to: (frame?.from ?? 0) + 9 }, 12);
  expect(fates.flatMap((fate, i) => (fate === 'lost' ? [i] : []))).toEqual([frame?.reply]);
});

it('in turn and at the very end there is nothing to gain, and in the middle there is', () => {
  const end = holeRun(plan('order=turn&from=99999&lost=300'));
  expect([countLate(end.one), countLate(end.own)]).toEqual([1, 1]);
  const middle = holeRun(plan('order=turn&from=9000&lost=300'));
  expect(countLate(middle.one)).toBeGreaterThan(countLate(middle.own));
  for (const { points } of middle.gains) expect(points.every(({ one, own }) => one >= own)).toBe(true);
});

it('nonsense in an address is the default, and a hole past the end is at the end', () => {
  expect(plan('n=900&seed=x&from=-1&lost=0&order=up')).toEqual(plan(''));
  const { hole, total } = holeRun(plan('from=99999'));
  expect(hole.to).toBe(total);
});

it('the recording is whole: twelve of each, one late, twelve late, one late, and the silence is why', () => {
  expect(RECORDED.map(({ rows }) => rows.length)).toEqual([12, 12, 12]);
  expect(RECORDED.map(({ rows }) => rows.filter(({ isLate }) => isLate).length)).toEqual([1, 12, 1]);
  expect(RECORDED.map(({ rows }) => new Set(rows.map(({ on }) => on)).size)).toEqual([6, 1, 1]);
  for (const { note, rows } of RECORDED) {
    expect(note).toMatch(new RegExp(`^${rows.filter(({ isLate }) => isLate).length} of 12 late`));
    for (const { silence, end, isLate } of rows)
      if (isLate) expect(end).toBeGreaterThanOrEqual(silence?.to ?? Infinity);
  }
});
