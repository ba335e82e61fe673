import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, join, latin1, readable } from './bytes.ts';

describe('bytesOf', () => {
  it('takes a string as UTF-8', () => {
    expect([...bytesOf('é')]).toEqual([0xc3, 0xa9]);
  });

  it('reads hex, repeats, and joins lists', () => {
    expect([...bytesOf([{ hex: '00 ff' }, { repeat: 'ab', times: 2 }, 'c'])]).toEqual([0, 255, 97, 98, 97, 98, 99]);
  });

  it('names hex that is not hex', () => {
    expect(() => bytesOf({ hex: '0g' })).toThrow('"0g" is not hex');
    expect(() => bytesOf({ hex: '0' })).toThrow('is not hex');
  });
});

describe('latin1', () => {
  it('loses nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20_000 }), (bytes) => {
        expect(Uint8Array.from(latin1(bytes), (c) => c.charCodeAt(0))).toEqual(bytes);
      }),
      { numRuns: 30 },
    );
  });

  it('is undone by join of its cuts', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), (bytes, n) => {
        const at = bytes.length === 0 ? 0 : n % bytes.length;
        expect(join([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(Uint8Array.from(bytes));
      }),
    );
  });
});

describe('readable', () => {
  it('shows line ends, keeps text, escapes the rest, and is cut', () => {
    expect(readable(latin1(bytesOf('é\r\n')))).toBe('é␍␊');
    expect(readable('\xff\x00')).toBe('\\xff\\x00');
    expect(readable('abcdef', 4)).toBe('abc…');
  });
});
