import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clip, duration, escapeMarkup, ordinal, ordinalWord, visibleText } from './text.ts';

describe('escapeMarkup', () => {
  it('leaves nothing that could open a tag, end an attribute or stop an XML parser', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const safe = escapeMarkup(text);
        expect(safe).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
        expect([...safe].every((c) => c >= ' ' || '\t\n\r'.includes(c))).toBe(true);
      }),
    );
  });
});

describe('visibleText', () => {
  it('shows CR LF, escape and direction marks instead of obeying them', () => {
    expect(visibleText('a\r\n\u001b[31mb\u007f')).toBe('a␍␊␛[31mb␡');
    expect(visibleText('x\u202Egnp\u200B\u0085')).toBe('x\\u{202e}gnp\\u{200b}\\u{85}');
  });

  it('never lets a control character through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(visibleText(text)).not.toMatch(/\p{Cc}|\p{Cf}|\p{Cs}/u);
      }),
    );
  });
});

describe('clip', () => {
  it('keeps to the limit and does not split a pair', () => {
    expect(clip('abcdef', 4)).toBe('abc…');
    expect(clip('😀😀😀', 2)).toBe('😀…');
    expect(clip('abc', 3)).toBe('abc');
  });
});

describe('duration', () => {
  it.each([
    [0, '0 ms'],
    [0.36, '0.4 ms'],
    [9.96, '10 ms'],
    [999.4, '999 ms'],
    [999.6, '1 s'],
    [3210, '3.2 s'],
    [59_949, '59.9 s'],
    [59_999, '1 min 0 s'],
    [245_000, '4 min 5 s'],
    [7_380_000, '2 h 3 min'],
    [-12, '−12 ms'],
    [Number.NaN, 'unknown'],
  ])('%d ms is "%s"', (ms, words) => expect(duration(ms)).toBe(words));
});

describe('ordinals', () => {
  it('follow English', () => {
    expect([1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111, 112].map(ordinal)).toEqual(
      '1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 101st 111th 112th'.split(' '),
    );
    expect([1, 10, 11].map(ordinalWord)).toEqual(['first', 'tenth', '11th']);
  });
});
