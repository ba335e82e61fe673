import { describe, expect, it } from 'vitest';
import { data, greeting, headers, recall, remember, response } from '../raw/http2/write.ts';
import { blockWords, tablesOf, tablesText } from './tables.ts';
import { http2Run } from './testing/http2-run.ts';

const note = (value: string) => remember('x-note', value);
const asked = (stream: number, fields: Parameters<typeof headers>[2]) =>
  headers(stream, 'GET /a', { end: true, ...fields });

/** Filled by the first, used by the second, emptied by the third, and filled anew. */
const four = http2Run(
  ['judge', greeting()],
  ['judge', asked(1, { fields: [note('kept')] })],
  ['judge', asked(3, { fields: [recall(62)] })],
  ['judge', asked(5, { fields: [note('x'.repeat(5000))], cuts: [300] })],
  ['judge', asked(7, { fields: [note('kept')] })],
  ['learner', [response(1, 200), data(1, 'a', { end: true })]],
);

describe('the memory of header blocks', () => {
  const [client, server] = tablesOf(four);

  it('is told for each direction, the client’s first', () => {
    expect([client?.by, server?.by]).toEqual(['client', 'server']);
    expect(client?.blocks.map(({ stream }) => stream)).toEqual([1, 3, 5, 7]);
    expect(server?.blocks.map(({ after }) => after)).toEqual([[]]);
  });

  it('is filled, used, emptied by what is larger than it, and filled again', () => {
    const told = client?.blocks.map(({ before, after, added, used, evicted, size }) => ({
      before: before.length,
      after: after.map(({ nth }) => nth),
      added,
      used,
      evicted,
      size,
    }));
    expect(told).toEqual([
      { before: 0, after: [0], added: [0], used: [], evicted: [], size: 42 },
      { before: 1, after: [0], added: [], used: [0], evicted: [], size: 42 },
      { before: 1, after: [], added: [], used: [], evicted: [0], size: 0 },
      { before: 0, after: [1], added: [1], used: [], evicted: [], size: 42 },
    ]);
    expect(client?.blocks.map(({ parts }) => parts)).toEqual([1, 1, 2, 1]);
    expect(blockWords(client?.blocks[1] as never)).toMatch(/^\d+ bytes: 1 line used$/);
    expect(blockWords(client?.blocks[2] as never)).toMatch(/^5,\d\d\d bytes in 2 frames: 1 line pushed out$/);
  });

  it('tells of each line how it is written', () => {
    const lines = client?.blocks[1]?.lines ?? [];
    expect(lines.at(-1)).toMatchObject({
      name: 'x-note',
      value: 'kept',
      how: 'taken whole',
      table: 'dynamic',
      bytes: 1,
    });
    expect(client?.blocks[0]?.lines.at(-1)).toMatchObject({ how: 'spelled out', isAdded: true });
  });

  it('counts what a block uses by number, however many lines it adds before', () => {
    const run = http2Run(
      ['judge', greeting()],
      ['judge', asked(1, { fields: [remember('x-first', '1'), remember('x-second', '2')] })],
      // The newest is 62; behind another line it is 63.
      ['judge', asked(3, { fields: [recall(62), remember('x-third', '3'), recall(64)] })],
    );
    const [, second] = tablesOf(run)[0]?.blocks ?? [];
    expect(second?.used).toEqual([1, 0]);
    expect(second?.added).toEqual([2]);
  });

  it('is a bar of text for each block of the client', () => {
    const lines = tablesText(tablesOf(four), 80).split('\n');
    expect(lines.length).toBe(4);
    expect(lines[0]).toMatch(/^c1 · 1 GET \/a +\d+ B {2}█·{15} +42 B {2}\+1$/);
    expect(lines[1]).toMatch(/uses 1$/);
    expect(lines[2]).toMatch(/ B {2}·{16} +0 B {2}-1$/);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('does not show values that say who somebody is, and counts their bytes', () => {
    const run = http2Run(['judge', [greeting(), asked(1, { fields: [remember('cookie', 'a=12345678')] })]]);
    const [entry] = tablesOf(run)[0]?.blocks[0]?.after ?? [];
    expect(entry).toEqual({ name: 'cookie', size: 6 + 10 + 32, nth: 0 });
  });
});
