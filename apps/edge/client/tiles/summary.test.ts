import { describe, expect, it } from 'vitest';
import type { Tile } from '../tiles.ts';
import { atATime, summary, tilesTimeline } from './summary.ts';

function tile(n: number, connection: string | null, wait: number, from: number, to: number): Tile {
  return {
    n,
    arrived: n + 1,
    protocol: 'http/1.1',
    conn:
      connection === null
        ? null
        : {
            protocol: 'http/1.1',
            connection,
            nth: n + 1,
            streamId: null,
            state: 'reused',
            resumed: null,
            earlyData: null,
            ageMs: 1,
            requestId: `r${n}`,
          },
    timing: {
      handshake: null,
      phases: [
        ...(wait > 0 ? [{ phase: 'waiting' as const, from: from - wait, to: from }] : []),
        { phase: 'server', from, to: to - 1 },
        { phase: 'response', from: to - 1, to },
      ],
    },
  };
}

describe('what is counted of a picture', () => {
  it('one after another on two connections: never two at a time, and the longest wait is the queue', () => {
    const tiles = [
      tile(0, 'a', 0, 0, 100),
      tile(1, 'b', 0, 0, 100),
      tile(2, 'a', 100, 100, 200),
      tile(3, 'b', 101, 101, 200),
    ];
    expect(summary(tiles)).toEqual({ tiles: 4, connections: 2, protocol: 'http/1.1', most: 1, longest: 101 });
  });

  it('all at once on one connection', () => {
    const tiles = Array.from({ length: 48 }, (_, n) => tile(n, 'a', 0, n / 10, 100));
    expect(summary(tiles)).toMatchObject({ connections: 1, most: 48, longest: 0 });
  });

  it('what overlaps by less than the rounding of Resource Timing is one after the other', () => {
    expect(atATime([tile(0, 'a', 0, 0, 100.4), tile(1, 'a', 0, 100, 200)])).toBe(1);
    expect(atATime([tile(0, 'a', 0, 0, 103), tile(1, 'a', 0, 100, 200)])).toBe(2);
  });

  it('without names there is nothing to count, and nothing is drawn', () => {
    expect(summary([tile(0, null, 0, 0, 1)])).toMatchObject({ tiles: 1, connections: 0 });
    expect(tilesTimeline([tile(0, null, 0, 0, 1)], () => '?')).toMatchObject({
      lanes: [],
      title: expect.stringContaining('nothing here names'),
    });
  });

  it('lanes stand in the order of their letters, exchanges in that of their numbers', () => {
    const tiles = [tile(3, 'b', 0, 0, 1), tile(1, 'a', 0, 0, 1), tile(0, 'a', 0, 0, 1)];
    const { lanes } = tilesTimeline(tiles, (id) => id.toUpperCase());
    expect(lanes.map(({ label, exchanges }) => [label, exchanges.map(({ nth }) => nth)])).toEqual([
      ['A', [1, 2]],
      ['B', [4]],
    ]);
  });
});
