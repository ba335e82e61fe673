import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runs } from '../testing/fuzz.ts';
import { decodeAscii, decodeLatin1, encodeLatin1, isAscii, writeLatin1 } from './latin1.ts';

const ALL = Uint8Array.from({ length: 256 }, (_, byte) => byte);

it('every byte is one character of the same number, unlike TextDecoder("latin1")', () => {
  const text = decodeLatin1(ALL);
  expect(Array.from(text, (char) => char.charCodeAt(0))).toEqual(Array.from(ALL));
  expect(decodeLatin1(ALL, 0x92, 0x93)).toBe('\x92');
});

it('decoding and encoding undo each other, at any length and offset', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 9_000 }), fc.nat(20), fc.nat(20), (bytes, from, less) => {
      const start = Math.min(from, bytes.length);
      const end = Math.max(start, bytes.length - less);
      expect(encodeLatin1(decodeLatin1(bytes, start, end))).toEqual(bytes.slice(start, end));
    }),
    runs(200),
  );
});

it('ASCII is decoded as it stands', () => {
  const ascii = ALL.subarray(0, 128);
  expect(decodeAscii(ascii)).toBe(decodeLatin1(ascii));
  expect(decodeAscii(ascii, 65, 70)).toBe('ABCDE');
  expect(isAscii(ascii)).toBe(true);
  expect(isAscii(ALL)).toBe(false);
  expect(isAscii(ALL, 0, 128)).toBe(true);
});

it('writing puts one byte a character', () => {
  const into = new Uint8Array(4);
  expect(writeLatin1('\xffA', into, 1)).toBe(2);
  expect([...into]).toEqual([0, 255, 65, 0]);
});
