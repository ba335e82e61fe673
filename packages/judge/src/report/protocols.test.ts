import { describe, expect, it } from 'vitest';
import type { CheckResult, ConnectionRecord, Entry } from '../result.ts';
import { protocolsOf, protocolsText, protocolsTitle } from './protocols.ts';

type Bar = readonly [asked: number, last: number];

/** Ticks are milliseconds here. */
function connection(id: string, protocol: 'h2' | undefined, opened: number, ...bars: readonly Bar[]): ConnectionRecord {
  return {
    id,
    ...(protocol === undefined ? {} : { protocol }),
    opened,
    ended: null,
    bytes: { toLearner: 0, taken: 0, fromLearner: 0 },
    exchanges: bars.map(([asked, last], i) => ({
      n: i + 1,
      request: `GET /${i + 1}`,
      asked,
      handled: asked,
      answered: asked,
      first: last,
      last,
      status: 200,
    })),
  };
}

function run(...connections: readonly ConnectionRecord[]): Pick<CheckResult, 'oracle' | 'connections' | 'transcript'> {
  const transcript = Array.from(
    { length: 101 },
    (_, tick): Entry => ({ tick, at: tick, connection: '', by: 'judge', what: 'settled' }),
  );
  return { oracle: 'smoke', connections, transcript };
}

describe('a page over both protocols', () => {
  const both = run(
    connection('c1', 'h2', 0, [2, 10], [2, 8], [9, 10]),
    connection('c2', undefined, 50, [52, 60], [60, 90]),
    connection('c3', undefined, 55, [56, 70]),
    connection('c4', undefined, 56),
  );

  it('begins at its own beginning each time, HTTP/1.1 first', () => {
    const loads = protocolsOf(both);
    expect(loads?.map(({ protocol, exchanges, until }) => [protocol, exchanges, until])).toEqual([
      ['http/1.1', 3, 40],
      ['h2', 3, 10],
    ]);
    expect(loads?.[0].lanes.map(({ connection: id, opened }) => [id, opened])).toEqual([
      ['c2', 0],
      ['c3', 5],
    ]);
    expect(loads && protocolsTitle(loads)).toBe('One page twice: 2 connections over HTTP/1.1, one over HTTP/2');
  });

  it('has a row for each exchange that overlaps others on its connection, and no more', () => {
    const loads = protocolsOf(both);
    expect(loads?.[1].lanes[0]?.bars.map(({ request, row }) => [request, row])).toEqual([
      ['GET /1', 0],
      ['GET /2', 1],
      ['GET /3', 1],
    ]);
    expect(loads?.[0].lanes.map(({ rows }) => rows)).toEqual([1, 1]);
  });

  it('is a line of text for each connection, all at one scale', () => {
    const loads = protocolsOf(both);
    expect(loads && protocolsText(loads, 42).split('\n')).toEqual([
      '  HTTP/1.1  c2  ████████  2 exchanges',
      '            c3  ·███····  1 exchange',
      '  HTTP/2    c1  ██······  3 exchanges',
    ]);
  });

  it('is nothing where only one of them carried anything', () => {
    expect(protocolsOf(run(connection('c1', 'h2', 0, [2, 10])))).toBeNull();
  });
});
