import { describe, expect, it } from 'vitest';
import type { Entry } from '../result.ts';
import { ordersOf, orderTitle } from './orders.ts';

type Row = ['arrived' | 'passed on', string, number, number];

const transcript = (...rows: Row[]): Entry[] =>
  rows.map(([what, connection, from, to], tick) =>
    what === 'arrived'
      ? { tick, at: 0, connection, by: 'judge', what, from, to }
      : { tick, at: 0, connection, by: 'learner', what, from, to },
  );

describe('ordersOf', () => {
  it('says how far each stream was passed on behind each arrival, and where it stood still', () => {
    const [tcp] = ordersOf({
      transcript: transcript(
        ['arrived', 'tcp', 0, 10],
        ['passed on', 'tcp', 0, 10],
        ['arrived', 'tcp', 20, 30],
        ['arrived', 'tcp', 10, 20],
        ['passed on', 'tcp', 10, 30],
      ),
    });
    expect(tcp).toMatchObject({ name: 'tcp', total: 30, passedOn: [0, 10, 10, 30], waited: { from: 2, to: 3 } });
  });

  it('counts arrivals of all streams, so that rows stand under each other', () => {
    const orders = ordersOf({
      transcript: transcript(
        ['arrived', 'stream 1', 10, 20],
        ['arrived', 'stream 3', 0, 10],
        ['passed on', 'stream 3', 0, 10],
        ['arrived', 'stream 1', 0, 10],
        ['passed on', 'stream 1', 0, 20],
      ),
    });
    expect(orders.map(({ name, waited }) => [name, waited])).toEqual([
      ['stream 1', { from: 1, to: 3 }],
      ['stream 3', null],
    ]);
    expect(orderTitle(orders)).toBe('Stream 1 waited, 1 other did not');
  });

  it('takes the frames of one packet for one arrival', () => {
    const one = { tick: 0, at: 0, by: 'judge', what: 'arrived', packet: 0 } as const;
    const all: Entry[] = [
      { ...one, connection: 'stream 1', from: 0, to: 10 },
      { ...one, connection: 'stream 3', from: 0, to: 10 },
      { tick: 2, at: 0, by: 'learner', what: 'passed on', connection: 'stream 1', from: 0, to: 10 },
    ];
    expect(ordersOf({ transcript: all }).map(({ passedOn, waited }) => [passedOn, waited])).toEqual([
      [[0, 10], null],
      [[0, 0], { from: 1, to: 2 }],
    ]);
  });

  it('is empty where nothing came in pieces', () => {
    expect(ordersOf({ transcript: [] })).toEqual([]);
  });
});
