import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesLine, bytesRows } from './bytes.ts';
import { bytesText } from './bytes-ansi.ts';
import { bytesHtml } from './bytes-html.ts';
import { visibleHtml } from './controls.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const TWO = encode('GET /a HTTP/1.1\r\nHost: w\r\n\r\nGET /b');

describe('bytesRows', () => {
  it('holds every byte once, in order', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.integer({ min: 1, max: 32 }), (bytes, columns) => {
        const hex = bytesRows({ bytes, columns }).flatMap((r) => r.cells.map((c) => c.hex));
        expect(hex).toEqual([...bytes].map((b) => b.toString(16).padStart(2, '0')));
      }),
    );
  });

  it('puts a caret in exactly one row, even one past the end of a full row', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(), (bytes, n) => {
        const at = n % (bytes.length + 1);
        const rows = bytesRows({ bytes, caret: { at } }).filter((r) => r.caret !== null);
        expect(rows).toHaveLength(1);
        expect((rows[0]?.offset ?? 0) + (rows[0]?.caret ?? 0)).toBe(at);
      }),
    );
  });
});

describe('bytesText', () => {
  it('shows hex, text, field borders and a caret in 80 columns', () => {
    const fields = [
      { from: 0, to: 17, label: 'request line' },
      { from: 17, to: 26, label: 'Host' },
      { from: 26, to: 28, label: 'end of the head' },
    ];
    const text = bytesText({ bytes: TWO, fields, caret: { at: 28, note: 'the second request starts' } });
    expect(text).toBe(
      [
        '    0  47 45 54 20 2f 61 20 48 54 54 50 2f 31 2e 31 0d   GET /a HTTP/1.1␍',
        '   16  0a│48 6f 73 74 3a 20 77 0d 0a│0d 0a│47 45 54 20   ␊Host: w␍␊␍␊GET',
        '                                           ▲ the second request starts',
        '   32  2f 62                                             /b',
      ].join('\n'),
    );
    expect(Math.max(...text.split('\n').map((l) => l.length))).toBeLessThanOrEqual(80);
  });
});

describe('bytesHtml', () => {
  it('puts neighbours of one field into one element, and says the same as cell by cell', () => {
    const bytes = new TextEncoder().encode('abcdefgh');
    const html = bytesHtml({
      bytes,
      columns: 4,
      fields: [
        { from: 0, to: 2, label: 'x' },
        { from: 2, to: 6, label: 'y' },
      ],
    });
    expect(html).toContain(
      '<span class="f0">61 62</span>│<span class="f1">63 64</span>   <span class="f0">ab</span><span class="f1">cd</span>',
    );
    expect(html).toContain('<span class="f1">65 66</span>│67 68   <span class="f1">ef</span>gh');
  });

  it('escapes what a peer sent, in bytes, labels and notes', () => {
    const bytes = encode('<script>"&\'');
    const label = '<img src=x>';
    const html = bytesHtml({ bytes, fields: [{ from: 0, to: 3, label }], caret: { at: 1, note: '<b>\u202e' } });
    expect(html).not.toMatch(/<(script|img|b)\b/);
    expect(html).not.toContain('style=');
    expect(html).toContain('\\u{202e}');
  });
});

describe('visibleHtml', () => {
  it('names control characters and their pictures, and escapes the rest', () => {
    const mark = (name: string): string => `<span class="ctl">${name}</span>`;
    expect(visibleHtml('a<b\r\n␍␊\u007f')).toBe(`a&lt;b${['CR', 'LF', 'CR', 'LF', 'DEL'].map(mark).join('')}`);
    expect(visibleHtml('\u202e')).toBe('\\u{202e}');
  });
});

describe('bytesLine', () => {
  it('puts the caret under its byte', () => {
    const { text, caret } = bytesLine(TWO, { caret: { at: 28, note: 'second request' } });
    expect(text).toBe('GET /a HTTP/1.1␍␊Host: w␍␊␍␊GET /b');
    expect(text[caret?.indexOf('▲') ?? -1]).toBe('G');
    expect(caret).toMatch(/▲ second request$/);
  });

  it('keeps to its width, and keeps the caret in view, wherever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(), fc.integer({ min: 8, max: 80 }), (bytes, n, max) => {
        const at = n % (bytes.length + 1);
        const { text, caret } = bytesLine(bytes, { caret: { at }, max });
        const column = caret?.length ?? 0;
        expect(text.length).toBeLessThanOrEqual(max);
        expect(column).toBeGreaterThan(0);
        expect(column).toBeLessThanOrEqual(text.length + 1);
        const byte = bytes[at];
        if (byte !== undefined && byte > 0x20 && byte < 0x7f) expect(text[column - 1]).toBe(String.fromCharCode(byte));
      }),
    );
  });
});
