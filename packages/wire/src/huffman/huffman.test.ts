import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeLatin1, encodeLatin1 } from '../bytes/latin1.ts';
import { runs } from '../testing/fuzz.ts';
import { fromHex, toHex } from '../testing/hex.ts';
import { CODE_LENGTHS, CODES, EOS } from './code.ts';
import { huffmanDecode, huffmanEncode, huffmanLength } from './huffman.ts';

function encode(text: string): Uint8Array {
  const into = new Uint8Array(huffmanLength(text) + 4).fill(0xaa);
  const end = huffmanEncode(text, into, 2);
  expect(end - 2).toBe(huffmanLength(text));
  expect([into[0], into[1], into[end], into[end + 1]]).toEqual([0xaa, 0xaa, 0xaa, 0xaa]);
  return into.slice(2, end);
}

/** A string of `0` and `1` as bytes; its length must be a multiple of 8. */
function fromBits(bits: string): Uint8Array {
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

function bitsOf(symbol: number): string {
  return (CODES[symbol] as number).toString(2).padStart(CODE_LENGTHS[symbol] as number, '0');
}

describe('Huffman code (RFC 7541 Appendix B)', () => {
  it('has the codes of the RFC', () => {
    expect([48, 97, 32, 88, 33, 39, 35, 0, 92, 128, 1, 9, 199, 10, EOS].map(bitsOf)).toEqual([
      '00000',
      '00011',
      '010100',
      '11111100',
      '1111111000',
      '11111111010',
      '111111111010',
      '1111111111000',
      '1111111111111110000',
      '11111111111111100110',
      '11111111111111111011000',
      '111111111111111111101010',
      '1111111111111111111101100',
      '111111111111111111111111111100',
      '111111111111111111111111111111',
    ]);
  });

  it('is a complete prefix code', () => {
    let sum = 0;
    for (const length of CODE_LENGTHS) sum += 2 ** (30 - length);
    expect(sum).toBe(2 ** 30);
  });

  it.each([
    ['www.example.com', 'f1e3c2e5f23a6ba0ab90f4ff'],
    ['no-cache', 'a8eb10649cbf'],
    ['custom-key', '25a849e95ba97d7f'],
    ['custom-value', '25a849e95bb8e8b4bf'],
    ['Mon, 21 Oct 2013 20:13:21 GMT', 'd07abe941054d444a8200595040b8166e082a62d1bff'],
    ['', ''],
  ])('codes %j as the RFC does', (text, hex) => {
    expect(toHex(encode(text))).toBe(hex);
    expect(huffmanDecode(fromHex(hex))).toBe(text);
  });

  it('codes every byte value, alone and beside another', () => {
    for (let a = 0; a < 256; a++) {
      const one = String.fromCharCode(a);
      expect(huffmanDecode(encode(one))).toBe(one);
      for (const b of [0, 10, 48, 97, 128, 200, 255]) {
        const two = one + String.fromCharCode(b) + one;
        expect(huffmanDecode(encode(two))).toBe(two);
      }
    }
  });

  it('reads only the bytes between start and end', () => {
    const bytes = new Uint8Array(40).fill(0);
    const end = huffmanEncode('custom-value', bytes, 3);
    expect(huffmanDecode(bytes, 3, end)).toBe('custom-value');
  });
});

describe('Huffman code that is not valid (RFC 7541 §5.2)', () => {
  it.each([
    ['padding of eight ones', `${'1'.repeat(8)}`],
    ['padding of eight ones after a symbol', `${'00011'}${'1'.repeat(11)}`],
    ['padding that is not all ones', '00011110'],
    ['padding of zeros', '00011000'],
    ['EOS', `${'1'.repeat(30)}11`],
    ['EOS after symbols', `${'00011'.repeat(2)}${'1'.repeat(30)}`],
    ['EOS before symbols', `${'1'.repeat(30)}00011${'1'.repeat(5)}`],
    ['a code that is cut off', `${'1'.repeat(16)}`],
    ['a long code that is cut off', '11111111111111111110101011111111'.slice(0, 16)],
  ])('%s', (_, bits) => {
    expect(huffmanDecode(fromBits(bits))).toBeNull();
  });

  it('takes padding of one to seven ones', () => {
    for (let extra = 0; extra < 8; extra++) {
      const bits = `${'00011'.repeat(8)}`.slice(0, 40);
      const symbols = '00011'.repeat(8 - extra);
      const padded = symbols + '1'.repeat((8 - (symbols.length % 8)) % 8);
      expect(huffmanDecode(fromBits(padded))).toBe('a'.repeat(8 - extra));
      expect(bits.length).toBe(40);
    }
  });
});

describe('Huffman code, as laws', () => {
  const text = fc.uint8Array({ maxLength: 200 }).map((bytes) => decodeLatin1(bytes));

  it('decode undoes encode', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(huffmanDecode(encode(value))).toBe(value);
      }),
      runs(500),
    );
  });

  it('whatever decodes, encodes to the same bytes: there is one code for each string', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const value = huffmanDecode(bytes);
        if (value !== null) expect(toHex(encode(value))).toBe(toHex(bytes));
      }),
      runs(2000),
    );
  });

  it('agrees with a decoder that walks bit by bit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.nat(255), (bytes, tail) => {
        const input = Uint8Array.of(...bytes, tail | 1);
        expect(huffmanDecode(input)).toBe(walk(input));
      }),
      runs(2000),
    );
  });

  it('a long string of any bytes survives', () => {
    const all = Uint8Array.from({ length: 20_000 }, (_, index) => (index * 7919) & 0xff);
    const value = decodeLatin1(all);
    expect(huffmanDecode(encode(value))).toBe(value);
    expect(encodeLatin1(value)).toEqual(all);
  });
});

/** The specification as code: slow and plain. */
function walk(bytes: Uint8Array): string | null {
  const symbols = new Map<string, number>();
  for (let symbol = 0; symbol <= EOS; symbol++) symbols.set(bitsOf(symbol), symbol);
  let text = '';
  let pending = '';
  for (const byte of bytes) {
    for (const bit of byte.toString(2).padStart(8, '0')) {
      pending += bit;
      const symbol = symbols.get(pending);
      if (symbol === EOS) return null;
      if (symbol === undefined) continue;
      text += String.fromCharCode(symbol);
      pending = '';
    }
  }
  return /^1{0,7}$/.test(pending) ? text : null;
}
