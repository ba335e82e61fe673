import { describe, expect, it } from 'vitest';
import type { Entry } from '../result.ts';
import { cutsOf, cutsTitle, scaleOf } from './cuts.ts';

let tick = 0;
const base = (
  by: Entry['by'],
  connection = 'c1',
): { tick: number; at: number; connection: string; by: Entry['by'] } => ({
  tick: tick++,
  at: 0,
  connection,
  by,
});
const chunk = (from: number, bytes: string): Entry => ({ ...base('judge'), what: 'bytes', from, bytes });
const gave = (call: string, used: number): Entry => ({ ...base('learner'), what: 'gave', call, outcome: '', used });

const transcript: Entry[] = [
  chunk(0, 'head\n'),
  gave('until("␊", 10)', 5),
  gave('exactly(0)', 5),
  chunk(5, 'bo'),
  chunk(7, 'dynext\n'),
  gave('exactly(4)', 9),
  gave('until("␊", 10)', 14),
  { ...base('learner', 'c2'), what: 'opened' },
];

describe('cutsOf', () => {
  it('has a row of chunks and a row of calls, without those that used nothing', () => {
    expect(cutsOf({ transcript })).toEqual([
      {
        connection: 'c1',
        total: 14,
        chunks: [
          { from: 0, to: 5, label: 'chunk 1' },
          { from: 5, to: 7, label: 'chunk 2' },
          { from: 7, to: 14, label: 'chunk 3' },
        ],
        calls: [
          { from: 0, to: 5, label: 'until("␊", 10)' },
          { from: 5, to: 9, label: 'exactly(4)' },
          { from: 9, to: 14, label: 'until("␊", 10)' },
        ],
      },
    ]);
  });

  it('is empty where no reader was called', () => {
    expect(cutsOf({ transcript: [chunk(0, 'x')] })).toEqual([]);
  });
});

describe('cutsTitle', () => {
  it('counts the cuts that fall on a border', () => {
    const [cuts] = cutsOf({ transcript });
    expect(cuts === undefined ? '' : cutsTitle(cuts)).toBe(
      '3 chunks, 3 calls that used bytes; 1 of 2 cuts inside the stream falls where a chunk ends',
    );
  });
});

describe('scaleOf', () => {
  it('keeps the order, fills the width, and gives small pieces room', () => {
    const cuts = {
      connection: 'c1',
      total: 70_002,
      chunks: [{ from: 0, to: 70_002, label: '' }],
      calls: [{ from: 0, to: 2, label: '' }],
    };
    const places = scaleOf(cuts, 1000);
    expect([...places.keys()]).toEqual([0, 2, 70_002]);
    expect(places.get(70_002)).toBeCloseTo(1000);
    expect(places.get(2)).toBeGreaterThan(15);
  });
});
