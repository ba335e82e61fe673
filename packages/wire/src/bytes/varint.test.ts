import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../testing/hex.ts';
import { MAX_VARINT, readVarint, varintLength, varintSize, writeVarint } from './varint.ts';

describe('varints (RFC 9000 §16, Appendix A.1)', () => {
  it.each([
    ['9d7f3e7d', 494_878_333],
    ['7bbd', 15_293],
    ['25', 37],
    ['4025', 37],
    ['ffffffffffffffff', Number.POSITIVE_INFINITY],
  ])('%s is %d', (hex, value) => expect(readVarint(fromHex(hex), 0)).toBe(value));

  it('read undoes write, in as few bytes as it takes', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        const bytes = new Uint8Array(9);
        const end = writeVarint(value, bytes, 1);
        expect(end - 1).toBe(varintLength(value));
        expect(varintSize(bytes[1] as number)).toBe(varintLength(value));
        expect(readVarint(bytes, 1)).toBe(value);
      }),
    );
  });

  it('refuses what it cannot write exactly', () => {
    for (const value of [-1, 0.5, MAX_VARINT + 1])
      expect(() => writeVarint(value, new Uint8Array(8), 0)).toThrow(RangeError);
  });
});
