import { describe, expect, it } from 'vitest';
import type { Bytes } from '../exercise.ts';
import { bytesOf, latin1 } from '../raw/bytes.ts';
import { data, greeting, headers, recall, remember, response, settings, settingsAck } from '../raw/http2/write.ts';
import type { Entry } from '../result.ts';
import { tilesOf, tilesText, tilesTitle } from './tiles.ts';

function run(...said: readonly (readonly [by: Entry['by'], bytes: Bytes])[]): Parameters<typeof tilesOf>[0] {
  const from = { judge: 0, learner: 0 };
  const transcript = said.map(([by, bytes], tick): Entry => {
    const text = latin1(bytesOf(bytes));
    const entry: Entry = { tick, at: 0, connection: 'c1', by, what: 'bytes', from: from[by], bytes: text };
    from[by] += text.length;
    return entry;
  });
  const bytes = { toLearner: from.judge, taken: from.judge, fromLearner: from.learner };
  return { transcript, connections: [{ id: 'c1', protocol: 'h2', opened: 0, ended: null, bytes, exchanges: [] }] };
}

const mixed = run(
  ['judge', greeting({}, 65_535)],
  ['learner', settings()],
  ['judge', [headers(1, 'GET /a', { end: true }), headers(3, 'POST /b')]],
  ['learner', settingsAck],
  ['judge', data(3, 'b', { end: true })],
  ['learner', [response(3, 200), data(3, 'b', { end: true })]],
  ['learner', [response(1, 200), data(1, 'a', { end: true })]],
);

describe('tiles', () => {
  it('give each stream a row, and each frame its place among all', () => {
    const [tiles] = tilesOf(mixed);
    expect(tiles?.rows.map(({ stream, request }) => [stream, request])).toEqual([
      [0, null],
      [1, 'GET /a'],
      [3, 'POST /b'],
    ]);
    expect(tiles?.rows[2]?.tiles.map(({ place, by, letter, ends }) => [place, by, letter, ends])).toEqual([
      [3, 'client', 'H', false],
      [5, 'client', 'D', true],
      [6, 'server', 'H', false],
      [7, 'server', 'D', true],
    ]);
    expect(tilesTitle(tilesOf(mixed))).toBe('One connection, 2 streams, 10 frames');
  });

  it('are letters in a terminal, small for the client’s', () => {
    expect(tilesText(tilesOf(mixed), 60).split('\n').slice(0, 3)).toEqual([
      'c1 · 0          sS··S·····',
      'c1 · 1 GET /a   ··h·····HD',
      'c1 · 3 POST /b  ···h·dHD··',
    ]);
  });

  it('show the last frames where there are more than columns', () => {
    const lines = tilesText(tilesOf(mixed), 26).split('\n');
    expect(lines[1]).toBe('c1 · 1 GET /a  …·h·····HD');
  });

  it('tell each block’s size, and the table behind it', () => {
    const again = run(
      ['judge', greeting()],
      ['judge', headers(1, 'GET /a', { end: true, fields: [remember('x-note', 'kept')] })],
      ['judge', headers(3, 'GET /a', { end: true, fields: [recall(62)] })],
    );
    const blocks = tilesOf(again)[0]?.blocks ?? [];
    expect(blocks.map(({ stream, lines, size }) => [stream, lines, size])).toEqual([
      [1, 1, 42],
      [3, 1, 42],
    ]);
    expect(blocks[1]?.bytes).toBeLessThan(blocks[0]?.bytes ?? 0);
  });

  it('are none where a connection speaks HTTP/1.1', () => {
    const { transcript, connections } = mixed;
    const [{ protocol: _, ...connection }] = connections as [(typeof connections)[number]];
    expect(tilesOf({ transcript, connections: [connection] })).toEqual([]);
  });
});
