import { describe, expect, it } from 'vitest';
import { data, greeting, headers, response, settings, settingsAck } from '../raw/http2/write.ts';
import { http2Run as run } from './testing/http2-run.ts';
import { tilesOf, tilesText, tilesTitle } from './tiles.ts';

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

  it('are none where a connection speaks HTTP/1.1', () => {
    const { transcript, connections } = mixed;
    const [{ protocol: _, ...connection }] = connections as [(typeof connections)[number]];
    expect(tilesOf({ transcript, connections: [connection] })).toEqual([]);
  });

  it('keep to so many rows, and say how many more there are', () => {
    const whole = tilesText(tilesOf(mixed), 60).split('\n');
    const lines = tilesText(tilesOf(mixed), 60, 2).split('\n');
    expect(lines.slice(0, 2)).toEqual(whole.slice(0, 2));
    expect(lines[2]).toMatch(/^… and \d+ more streams?; the browser view draws all\.$/);
    expect(lines).toHaveLength(4);
  });
});
