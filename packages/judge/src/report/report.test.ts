import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../result.ts';
import { diffLines, shortDiff } from './diff.ts';
import { parseHints } from './hints.ts';
import { timelineOf } from './timeline.ts';

describe('diffLines', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })
    .map((lines) => lines.map((l) => `${l}\n`).join(''));

  it('holds both texts, whole and in order', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffLines(before, after);
        const side = (without: string): string =>
          lines
            .filter((l) => l.sign !== without)
            .map((l) => `${l.text}\n`)
            .join('');
        expect(side('+')).toBe(before);
        expect(side('-')).toBe(after);
      }),
    );
  });

  it('is the shortest one', () => {
    expect(diffLines('a\nb\nc\n', 'a\nc\nd\n')).toEqual([
      { sign: ' ', text: 'a' },
      { sign: '-', text: 'b' },
      { sign: ' ', text: 'c' },
      { sign: '+', text: 'd' },
    ]);
  });

  it('leaves equal stretches out', () => {
    const many = Array.from({ length: 20 }, (_, i) => `line ${i}`).join('\n');
    const short = shortDiff(diffLines(many, many.replace('line 10', 'ten')), 1);
    expect(short.map((l) => `${l.sign}${l.text}`)).toEqual([' ⋯', ' line 9', '-line 10', '+ten', ' line 11', ' ⋯']);
  });
});

describe('parseHints', () => {
  it('reads three rungs under each check, with their code', () => {
    const hints = parseHints(
      '# Hints\n\n## KA2-1\n\n1. A question?\n2. A pointer,\n   over two lines.\n3. Near:\n\n   ```ts\n   const x = 1;\n   ```\n\n## KA2-C\n\n1. One\n',
    );
    expect([...hints]).toEqual([
      ['KA2-1', ['A question?', 'A pointer,\nover two lines.', 'Near:\n\n```ts\nconst x = 1;\n```']],
      ['KA2-C', ['One']],
    ]);
  });
});

describe('timelineOf', () => {
  const exchange = { n: 1, request: 'GET /a', asked: 1, handled: 2, answered: 3, first: 4, last: 4, status: 200 };
  const waiting = {
    n: 2,
    request: 'GET /b',
    asked: 1,
    handled: 5,
    answered: null,
    first: null,
    last: null,
    status: null,
  };
  const connection = {
    id: 'c1',
    opened: 0,
    ended: null,
    bytes: { toLearner: 1, taken: 1, fromLearner: 1 },
    exchanges: [exchange, waiting],
  };

  it('draws the order of a run in memory, and what had to wait', () => {
    const timeline = timelineOf({ oracle: 'raw', transcript: [], connections: [connection] });
    expect(timeline.scale).toBe('order');
    expect(timeline.title).toBe('One connection carried 1 whole exchange');
    expect(timeline.lanes[0]?.exchanges.map((e) => [e.outcome, e.phases.map((p) => p.phase)])).toEqual([
      ['complete', ['request', 'server', 'response']],
      ['open', ['blocked', 'request']],
    ]);
  });

  it('shows when each piece of a reply left, and the waits between them', () => {
    const wrote = (tick: number, at: number, from: number): Entry => {
      return { tick, at, connection: 'c1', by: 'learner', what: 'bytes', from, bytes: '1' };
    };
    const asked: Entry = { tick: 0, at: 10, connection: 'c1', by: 'judge', what: 'bytes', from: 0, bytes: 'GET' };
    const transcript = [asked, wrote(1, 20, 0), wrote(2, 21, 1), wrote(3, 50, 2), wrote(4, 90, 3)];
    const exchange = { n: 1, request: 'GET /a', asked: 0, handled: 0, answered: 0, first: 1, last: 4, status: 200 };
    const bytes = { toLearner: 3, taken: 3, fromLearner: 4 };
    const connection = { id: 'c1', opened: 0, ended: null, bytes, exchanges: [exchange] };
    const timeline = timelineOf({ oracle: 'chromium', transcript, connections: [connection] });
    expect(timeline.lanes[0]?.exchanges[0]?.phases).toEqual([
      { phase: 'server', from: 10, to: 20 },
      { phase: 'response', from: 20, to: 21 },
      { phase: 'server', from: 21, to: 50 },
      { phase: 'response', from: 50, to: 50 },
      { phase: 'server', from: 50, to: 90 },
      { phase: 'response', from: 90, to: 90 },
    ]);
  });
});
