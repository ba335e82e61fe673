import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rfc } from '../exercise.ts';
import type { Failure } from '../result.ts';
import { COLUMNS, MAX_LINES, renderFailure } from './failure.ts';

const heading = { id: 'KA2-2', title: 'the same at every cut, and all three in one write' };
const TWO = 'GET /a HTTP/1.1\r\nHost: w\r\n\r\nGET /b HTTP/1.1\r\nHost: w\r\n\r\n';
const failure: Failure = {
  cause: 'silent',
  headline: 'No reply to GET /b came: 1 of 2 requests was answered.',
  sent: {
    connection: 'c1',
    bytes: TWO,
    from: 0,
    total: 56,
    caret: { at: 28, text: 'the second request begins' },
    borders: [],
  },
  received: {
    connection: 'c1',
    bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    from: 0,
    total: 40,
    borders: [],
  },
  facts: ['nothing more came, and nothing is left to run; the connection is open'],
  expected: 'two replies, in order: /a, /b',
  spec: rfc(9112, '9.3.2'),
  idea: 'TCP gives you bytes, not requests: one chunk can hold two requests, or half of one.',
  at: [
    {
      file: 'http1/server.ts',
      line: 14,
      column: 9,
      text: '    const { value } = await reader.read();',
      did: 'waits for bytes',
    },
  ],
  delivery: 'in one write',
};

describe('renderFailure', () => {
  it('says sent, received, expected, idea, place and how to see it', () => {
    expect(renderFailure(failure, heading, { run: 42, origin: 'http://localhost:4100' })).toMatchInlineSnapshot(`
      "✗ KA2-2 · the same at every cut, and all three in one write
        No reply to GET /b came: 1 of 2 requests was answered.

        sent       c1 → GET /a HTTP/1.1␍␊Host: w␍␊␍␊GET /b HTTP/1.1␍␊Host: w␍␊␍␊
                                                    ▲ the second request begins
        delivered  in one write
        received   c1 ← HTTP/1.1 200 OK␍␊Content-Length: 2␍␊␍␊ok  (40 bytes)
                   nothing more came, and nothing is left to run; the connection is
                   open
        expected   two replies, in order: /a, /b                       RFC 9112 §9.3.2

        TCP gives you bytes, not requests: one chunk can hold two requests, or half of
        one.
        your code  work/http1/server.ts:14 waits for bytes
                     const { value } = await reader.read();
        see it     http://localhost:4100/workshop/run/42#KA2-2
        again      npm run check -- --replay 42"
    `);
  });

  it('leaves out what nobody knows', () => {
    const { sent, received, expected, delivery, facts: _facts, ...rest } = failure;
    const text = renderFailure(
      { ...rest, cause: 'does not load', headline: 'The file is not TypeScript: Unexpected token', at: [] },
      { id: 'KA2', title: 'One connection' },
    );
    expect(text).toMatchInlineSnapshot(`
      "✗ KA2 · One connection
        The file is not TypeScript: Unexpected token

        TCP gives you bytes, not requests: one chunk can hold two requests, or half of
        one."
    `);
  });

  it('shows an empty direction as nothing', () => {
    const text = renderFailure(
      { ...failure, received: { connection: 'c1', bytes: '', from: 0, total: 0, borders: [] } },
      heading,
    );
    expect(text).toContain('c1 ← nothing');
  });

  it('never grows beyond 18 lines and 80 columns, and keeps the caret under its byte', () => {
    const word = fc.string({ minLength: 1, maxLength: 100 });
    const words = fc.array(word, { maxLength: 40 }).map((w) => w.join(' '));
    const excerpt = fc
      .record({
        bytes: fc.uint8Array({ maxLength: 400 }),
        from: fc.nat(1000),
        more: fc.nat(1000),
        at: fc.nat(400),
        note: words,
      })
      .map(({ bytes, from, more, at, note }) => ({
        connection: 'c1',
        bytes: String.fromCharCode(...bytes),
        from,
        total: from + bytes.length + more,
        caret: { at: from + Math.min(at, bytes.length), text: note },
        borders: [],
      }));
    fc.assert(
      fc.property(
        words,
        words,
        words,
        fc.array(words, { maxLength: 5 }),
        excerpt,
        excerpt,
        (headline, idea, expected, then, sent, received) => {
          const text = renderFailure(
            { ...failure, headline, idea: idea.slice(0, 220), expected, facts: then, sent, received },
            heading,
            { run: 1, origin: 'http://localhost:4100' },
          );
          const lines = text.split('\n');
          expect(lines.length).toBeLessThanOrEqual(MAX_LINES);
          for (const line of lines) expect([...line].length).toBeLessThanOrEqual(COLUMNS);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('puts the caret under the byte that it is about', () => {
    for (const at of [0, 28, 55]) {
      const lines = renderFailure(
        { ...failure, sent: { ...failure.sent, caret: { at, text: 'here' } } as Failure['sent'] & object },
        heading,
      ).split('\n');
      const i = lines.findIndex((line) => line.includes('sent'));
      const column = lines[i + 1]?.indexOf('▲') ?? -1;
      const shown = TWO.replaceAll('\r', '␍').replaceAll('\n', '␊');
      expect(lines[i]?.[column], String(at)).toBe(shown[at]);
    }
  });
});
