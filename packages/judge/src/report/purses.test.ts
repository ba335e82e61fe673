import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { data, greeting, headers, reset, response, settings, settingsAck, windowUpdate } from '../raw/http2/write.ts';
import { levelAt, pursesOf, pursesText, pursesTitle } from './purses.ts';
import { http2Run } from './testing/http2-run.ts';

const x = (times: number) => ({ repeat: 'x', times });

describe('purses', () => {
  const ten = http2Run(
    ['judge', greeting({ INITIAL_WINDOW_SIZE: 10 }, 65_535)],
    ['judge', headers(1, 'GET /hundred', { end: true })],
    ['learner', [response(1, 200), data(1, x(10))]],
    ['judge', windowUpdate(1, 90)],
    ['learner', [data(1, x(90)), data(1, '', { end: true })]],
  );

  it('go down with each DATA frame and up with each credit, the stream’s and the connection’s', () => {
    const [own] = pursesOf(ten, 'learner');
    expect(own?.purses.map(({ stream, levels }) => [stream, levels.map(({ left }) => left)])).toEqual([
      [0, [65_535, 65_525, 65_435]],
      [1, [10, 0, 90, 0]],
    ]);
    expect(own?.purses[1]).toMatchObject({ request: 'GET /hundred', spent: 100, credits: 1, credited: 90 });
    expect(own?.purses[1]?.until).not.toBeNull();
  });

  it('hold a stream from the frame that emptied them to the one that filled them, and not one that has said all', () => {
    const [own] = pursesOf(ten, 'learner');
    const emptied = own?.purses[1]?.levels[1]?.place;
    expect(own?.held).toEqual([{ stream: 1, from: emptied, to: (emptied ?? 0) + 1, by: 'stream' }]);
    expect(pursesTitle(own as never)).toBe('Stream 1 was held once by its own purse');
  });

  it('say whether it was the stream’s or the connection’s', () => {
    const both = http2Run(
      ['judge', [greeting({ INITIAL_WINDOW_SIZE: 60_000 }, 65_535)]],
      ['judge', [headers(1, 'GET /a', { end: true }), headers(3, 'GET /b', { end: true })]],
      ['learner', [response(1, 200), ...Array.from({ length: 4 }, () => data(1, x(15_000)))]],
      ['learner', [response(3, 200), data(3, x(5_535))]],
    );
    const [own] = pursesOf(both, 'learner');
    expect(own?.held.map(({ stream, by, to }) => [stream, by, to === null])).toEqual([
      [1, 'stream', false],
      [1, 'both', true],
      [3, 'connection', true],
    ]);
    expect(pursesTitle(own as never)).toBe(
      '2 streams were held once by their own purse, once by the connection’s purse, once by both purses; 2 still are at the end',
    );
  });

  it('may be less than empty once SETTINGS say so', () => {
    const less = http2Run(
      ['judge', [greeting({ INITIAL_WINDOW_SIZE: 100 }), headers(1, 'GET /a', { end: true })]],
      ['learner', [response(1, 200), data(1, x(80))]],
      ['judge', settings({ INITIAL_WINDOW_SIZE: 10 })],
    );
    const [own] = pursesOf(less, 'learner');
    expect(own?.purses[1]?.levels.map(({ left }) => left)).toEqual([100, 20, -70]);
    expect(own?.held).toMatchObject([{ stream: 1, to: null, by: 'stream' }]);
  });

  it('are the peer’s where it uploads: an upload that gets no credit stands still at 65,535 bytes', () => {
    const still = http2Run(
      ['judge', [greeting(), headers(1, 'POST /a')]],
      ['learner', [settings(), settingsAck]],
      ['judge', [settingsAck, ...Array.from({ length: 3 }, () => data(1, x(16_384))), data(1, x(16_383))]],
    );
    const [own] = pursesOf(still, 'peer');
    expect(own?.purses.map(({ stream, levels }) => [stream, levels.at(-1)?.left])).toEqual([
      [0, 0],
      [1, 0],
    ]);
    expect(own?.held).toMatchObject([{ stream: 1, to: null, by: 'both' }]);
    expect(pursesOf(still, 'learner')).toEqual([]);
  });

  it('hold nobody who was given up', () => {
    const over = http2Run(
      ['judge', [greeting({ INITIAL_WINDOW_SIZE: 5 }), headers(1, 'GET /a', { end: true })]],
      ['learner', [response(1, 200), data(1, x(5))]],
      ['judge', reset(1, 'CANCEL')],
    );
    const [own] = pursesOf(over, 'learner');
    expect(own?.held.map(({ to }) => (to ?? 0) + 1)).toEqual([own?.purses[1]?.until]);
  });

  it('are paid by the frame that ends the stream as well', () => {
    const last = http2Run(
      ['judge', [greeting({ INITIAL_WINDOW_SIZE: 10 }, 65_535), headers(1, 'GET /a', { end: true })]],
      ['learner', [response(1, 200), data(1, x(4)), data(1, x(6), { end: true })]],
    );
    const [own] = pursesOf(last, 'learner');
    expect(own?.purses.map(({ levels }) => levels.map(({ left }) => left))).toEqual([
      [65_535, 65_531, 65_525],
      [10, 6, 0],
    ]);
    expect(own?.held).toEqual([]);
  });

  it('say by how much one was overdrawn', () => {
    const over = http2Run(
      ['judge', [greeting({ INITIAL_WINDOW_SIZE: 10 }, 65_535), headers(1, 'GET /a', { end: true })]],
      ['learner', [response(1, 200), data(1, x(8)), data(1, x(8)), data(1, x(4), { end: true })]],
    );
    const [own] = pursesOf(over, 'learner');
    expect(own?.purses.map(({ over: bytes }) => bytes)).toEqual([0, 10]);
    expect(pursesTitle(own as never)).toBe('10 bytes more than the purse of stream 1 held');
  });

  it('are a sparkline in a terminal, with a dot where one is empty', () => {
    const lines = pursesText(pursesOf(ten, 'learner'), 80).split('\n');
    expect(lines[0]).toMatch(/^c1 +█+ 65,435 left$/);
    expect(lines[1]).toMatch(/^c1 · 1 +▁+·+█+·+ +0 left, held 1×$/);
  });

  it('hold what was given less what was spent, whatever the order', () => {
    const act = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: -300, max: -1 }));
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const test = http2Run(
          ['judge', [greeting({}, 65_535), headers(1, 'GET /a', { end: true })]],
          ['learner', response(1, 200)],
          ...acts.map((n) =>
            n > 0 ? (['judge', windowUpdate(1, n)] as const) : (['learner', data(1, x(-n))] as const),
          ),
        );
        const [own] = pursesOf(test, 'learner');
        const purse = own?.purses.find(({ stream }) => stream === 1);
        if (purse === undefined) return acts.every((n) => n > 0);
        const sum = acts.reduce((left, n) => left + n, 2 ** 30);
        return levelAt(purse, own?.frames ?? 0) === sum && sum === 2 ** 30 + purse.credited - purse.spent;
      }),
      { numRuns: 40 },
    );
  });
});
