import { describe, expect, it } from 'vitest';
import { data, headers, response } from '../raw/http2/write.ts';
import { bandsOf, bandsText, bandsTitle } from './bands.ts';
import { http2Run } from './testing/http2-run.ts';

const x = (times: number) => ({ repeat: 'x', times });
const asked = (...priorities: readonly string[]) =>
  priorities.map((priority, i) =>
    headers(1 + 2 * i, `GET /${'abcdefghijkl'[i]}`, {
      end: true,
      fields: priority === '' ? [] : [['priority', priority]],
    }),
  );

describe('bands', () => {
  const inTurn = http2Run(
    ['judge', asked('', '', '')],
    ['learner', [1, 3, 5].flatMap((stream) => [response(stream, 200), data(stream, x(50)), data(stream, x(50))])],
  );
  const shared = http2Run(
    ['judge', asked('i', 'i, u=3')],
    ['learner', [response(1, 200), response(3, 200)]],
    ['learner', [1, 3, 1, 3].map((stream) => data(stream, x(25)))],
  );

  it('are blocks where one reply follows another, however many frames each has', () => {
    const [own] = bandsOf(inTurn);
    expect(own?.stripes).toEqual([
      { stream: 1, from: 0, to: 100 },
      { stream: 3, from: 100, to: 200 },
      { stream: 5, from: 200, to: 300 },
    ]);
    expect(own && bandsTitle(own)).toBe('3 replies, one after another: 3 solid blocks');
    expect(own && bandsText(own, 42)).toBe(
      `  the wire  ${'A'.repeat(10)}${'B'.repeat(10)}${'C'.repeat(10)}\n            A GET /a, u=3\n            B GET /b, u=3\n            C GET /c, u=3`,
    );
  });

  it('are stripes where they share', () => {
    const [own] = bandsOf(shared);
    expect(own?.bands.map(({ bytes, begins, ends }) => [bytes, begins, ends])).toEqual([
      [50, 0, 75],
      [50, 25, 100],
    ]);
    expect(own && bandsTitle(own)).toBe('2 replies share the connection in 4 stripes');
  });

  it('say who goes past whom: less urgent ones that began before and end later', () => {
    const run = http2Run(
      ['judge', asked('u=5', 'u=6;x="u=0"', 'i, u=1')],
      ['learner', [response(1, 200), response(3, 200), data(1, x(10)), data(3, x(10))]],
      ['learner', [response(5, 200), data(5, x(10), { end: true }), data(1, x(10)), data(3, x(10))]],
    );
    // The judge's record says which of them are whole.
    const exchanges = [{ n: 3, stream: 5, request: 'GET /c', last: 2 }];
    const [connection] = run.connections;
    const [own] = bandsOf({ ...run, connections: [{ ...connection, exchanges } as never] });
    expect(own?.bands.map(({ urgency }) => urgency)).toEqual([5, 6, 1]);
    expect(own?.overtaker).toEqual({ stream: 5, others: 2 });
    expect(own && bandsTitle(own)).toBe('3 replies in 5 stripes, and GET /c cuts through 2 of them');
  });

  it('are taken from the record of the whole run, where the bytes were not all kept', () => {
    const [connection] = shared.connections;
    const data = [
      [1, 1000],
      [3, 500],
    ] as const;
    const [own] = bandsOf({ ...shared, connections: [{ ...connection, data } as never] });
    expect(own?.total).toBe(1500);
    expect(own?.bands[1]?.request).toBe('GET /b');
  });

  it('let one that is urgent stand out of many, wherever it is', () => {
    const run = http2Run(
      ['judge', asked(...Array.from({ length: 9 }, () => ''), 'u=0')],
      [
        'learner',
        Array.from({ length: 10 }, (_, i) => [response(1 + 2 * i, 200), data(1 + 2 * i, x(i === 9 ? 1 : 100))]),
      ],
    );
    const [own] = bandsOf(run);
    const text = (own && bandsText(own, 42)) ?? '';
    expect(text.split('\n').slice(1)).toEqual(['            A GET /j, u=0', '            · 9 others']);
    expect(text.split('\n')[0]).toMatch(/^ {2}the wire {2}·{29}a$/);
  });

  it('are none where fewer than two replies have bytes', () => {
    expect(bandsOf(http2Run(['judge', asked('')], ['learner', [response(1, 200), data(1, x(9))]]))).toEqual([]);
  });
});
