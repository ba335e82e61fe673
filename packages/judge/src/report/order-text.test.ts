import { describe, expect, it } from 'vitest';
import type { CheckResult, Entry, HeldPicture, RoadPicture } from '../result.ts';
import { orderPicture, tellingOrder } from './order-text.ts';

const test = (parts: Partial<CheckResult>): CheckResult =>
  ({ transcript: [], connections: [], ...parts }) as CheckResult;

describe('who waits, in the terminal', () => {
  it('is what came and how far it was passed on by then', () => {
    const entry = (what: 'arrived' | 'passed on', from: number, to: number, tick: number): Entry => ({
      tick,
      at: 0,
      connection: 'tcp',
      by: 'judge',
      what,
      from,
      to,
    });
    const transcript = [
      entry('arrived', 0, 10, 0),
      entry('passed on', 0, 10, 1),
      entry('arrived', 20, 30, 2),
      entry('arrived', 10, 20, 3),
      entry('passed on', 10, 30, 4),
    ];
    expect(orderPicture(test({ transcript }), 60)).toEqual({
      title: 'A hole held what followed it',
      lines: ['waited', 'came       0–9  20–29  10–19', 'passed on  10   10     30'],
    });
  });

  it('is a row of offsets for each image, with the hole in it and what was said', () => {
    const load: HeldPicture = {
      title: 'HTTP/2: one connection',
      hole: { from: 40, to: 50 },
      total: 100,
      rows: [
        { label: '/image/1', streamId: 1, frames: [{ from: 0, to: 30 }], predicted: null, isMissing: false },
        { label: '/image/2', streamId: 3, frames: [{ from: 30, to: 60 }], predicted: 'lost', isMissing: true },
        { label: '/image/3', streamId: 5, frames: [{ from: 60, to: 100 }], predicted: null, isMissing: true },
      ],
      others: [],
    };
    expect(orderPicture(test({ held: [load] }), 42)).toEqual({
      title: '2 of 3 images waited on one connection',
      lines: [
        'HTTP/2: one connection',
        'image 1   ███·│·····         there',
        'image 2   ···█▓█···· lost    missing',
        'image 3   ····│·████         missing ✗',
      ],
    });
  });

  it('is the slot of each reply on each road, and what own order gains', () => {
    const road = (
      name: 'one order' | 'own order',
      schedule: 'shared' | 'in turn',
      finished: number[],
    ): RoadPicture => ({
      plan: { road: name, schedule, sizes: [1, 1], packet: 1, lost: 0, again: 9 },
      sent: [],
      finished,
      predicted: [9, 3],
    });
    const roads = [
      road('one order', 'shared', [9, 9]),
      road('own order', 'shared', [9, 3]),
      road('one order', 'in turn', [9, 4]),
      road('own order', 'in turn', [9, 4]),
    ];
    const told = orderPicture(test({ roads }), 80);
    expect(told?.title).toBe('Own order gains 6 slots where packets are shared, 0 in turn');
    expect(told?.lines.slice(0, 2)).toEqual(['one order, shared    A 9   B 9 ✗ 3', 'own order, shared    A 9   B 3']);
  });

  it('is best seen where one waits and another does not, and in front of Chromium before all others', () => {
    const entry = (what: 'arrived' | 'passed on', connection: string, to: number, tick: number): Entry => {
      return { tick, at: 0, connection, by: 'judge', what, from: 5, to };
    };
    const status = 'pass' as const;
    const flowing = test({ status, transcript: [entry('arrived', 's1', 10, 0), entry('passed on', 's1', 10, 1)] });
    const waiting = test({ status, transcript: [entry('arrived', 's1', 10, 0), entry('arrived', 's1', 20, 1)] });
    const mixed = test({
      status,
      transcript: [...waiting.transcript, ...flowing.transcript.map((it) => ({ ...it, connection: 's2' }))],
    });
    const held = test({ status, held: [{ title: '', hole: { from: 0, to: 1 }, total: 1, rows: [], others: [] }] });
    expect(tellingOrder([flowing, waiting, mixed, flowing])).toBe(mixed);
    expect(tellingOrder([flowing, waiting])).toBe(waiting);
    expect(tellingOrder([held, mixed])).toBe(held);
    expect(tellingOrder([test({ status })])).toBeUndefined();
  });

  it('is nothing where nothing waited for bytes', () => {
    expect(orderPicture(test({}), 80)).toBeNull();
  });
});
