import { decodeAscii, decodeLatin1 } from '../bytes/latin1.ts';
import { CODE_LENGTHS, CODES, EOS, FIRST_CODE, FIRST_INDEX, LONGEST_CODE, SYMBOLS_IN_ORDER } from './code.ts';

/** Bits that one look into `STEPS` sees: room for two of the common symbols, and a table (16 KiB) that stays in the cache. */
const STEP_BITS = 12;
/** Of an entry: bits of all its symbols, bits of the first, number of symbols (0: the first code is longer), the symbols. */
const STEPS: Int32Array = new Int32Array(1 << STEP_BITS);
const TOTAL_SHIFT = 20;
const FIRST_SHIFT = 24;
const TWO = 1 << 16;
const SECOND_SHIFT = 8;

/** Symbols of the string that is being decoded. */
let scratch: Uint8Array = new Uint8Array(4096);

for (let bits = 0; bits < STEPS.length; bits++) {
  const first = symbolAt(bits, STEP_BITS);
  if (first < 0) continue;
  const firstLength = CODE_LENGTHS[first] as number;
  const left = STEP_BITS - firstLength;
  const second = symbolAt(bits & ((1 << left) - 1), left);
  const total = second < 0 ? firstLength : firstLength + (CODE_LENGTHS[second] as number);
  STEPS[bits] =
    (firstLength << FIRST_SHIFT) |
    (total << TOTAL_SHIFT) |
    (second < 0 ? first : TWO | (second << SECOND_SHIFT) | first);
}

/** The symbol whose code the top of `width` bits starts with, or -1 when its code is longer than that. */
function symbolAt(bits: number, width: number): number {
  for (let length = 5; length <= width; length++) {
    const offset = (bits >>> (width - length)) - (FIRST_CODE[length] as number);
    const index = (FIRST_INDEX[length] as number) + offset;
    if (offset >= 0 && index < (FIRST_INDEX[length + 1] as number)) return SYMBOLS_IN_ORDER[index] as number;
  }
  return -1;
}

/**
 * Decodes the Huffman-coded bytes into a string of one character per byte (RFC 7541 §5.2).
 *
 * Null when they are not valid: EOS in the string, padding of more than 7 bits, or padding that is not all ones.
 */
export function huffmanDecode(bytes: Uint8Array, start = 0, end: number = bytes.length): string | null {
  const most = (((end - start) * 8) / 5) | 0;
  if (most > scratch.length) scratch = new Uint8Array(most + 1024);
  const out = scratch;
  let size = 0;
  // Every symbol that was decoded, ORed: tells whether all are ASCII.
  let seen = 0;
  let window = 0;
  let count = 0;
  let at = start;
  decodedPlain = true;
  for (;;) {
    while (count <= 24 && at < end) {
      window = (window << 8) | (bytes[at++] as number);
      count += 8;
    }
    if (count < STEP_BITS) break;
    const step = STEPS[(window >>> (count - STEP_BITS)) & ((1 << STEP_BITS) - 1)] as number;
    if (step !== 0) {
      count -= (step >>> TOTAL_SHIFT) & 15;
      out[size++] = step;
      seen |= step;
      if ((step & TWO) !== 0) {
        out[size++] = step >>> SECOND_SHIFT;
        seen |= step >>> SECOND_SHIFT;
      }
      continue;
    }
    const length = longCode(bytes, at, end, window, count);
    if (length === 0) break;
    out[size++] = longSymbol;
    seen |= longSymbol;
    if (longSymbol < 0x20 || longSymbol === 0x7f) decodedPlain = false;
    // The code may reach beyond the window: go back to its first bit and step over it.
    const bit = at * 8 - count + length;
    at = bit >>> 3;
    count = 0;
    if ((bit & 7) !== 0) {
      window = bytes[at++] as number;
      count = 8 - (bit & 7);
    }
  }
  // Fewer bits are left than one look sees: what is missing is read as padding would be.
  while (count >= 5) {
    const missing = STEP_BITS - count;
    const look = missing > 0 ? (window << missing) | ((1 << missing) - 1) : window >>> -missing;
    const step = STEPS[look & ((1 << STEP_BITS) - 1)] as number;
    const length = (step >>> FIRST_SHIFT) & 15;
    if (length === 0 || length > count) break;
    count -= length;
    out[size++] = step;
    seen |= step;
  }
  const padding = (1 << count) - 1;
  if (count > 7 || (window & padding) !== padding) return null;
  return stringOf(out, size, seen);
}

let longSymbol = 0;

/**
 * False when the string that `huffmanDecode` returned last may hold a control character: their codes are all long, so the
 * decoder sees them pass, and whoever has to look for them can skip every other string.
 */
export let decodedPlain = true;

/** Bits of the long code that starts at the window's first bit, its symbol in `longSymbol`; 0 when there is none. */
function longCode(bytes: Uint8Array, at: number, end: number, window: number, count: number): number {
  let code = (window >>> (count - STEP_BITS)) & ((1 << STEP_BITS) - 1);
  let bit = at * 8 - count + STEP_BITS;
  for (let length = STEP_BITS + 1; length <= LONGEST_CODE; length++, bit++) {
    if (bit >= end * 8) return 0;
    code = (code << 1) | (((bytes[bit >>> 3] as number) >>> (7 - (bit & 7))) & 1);
    const offset = code - (FIRST_CODE[length] as number);
    const index = (FIRST_INDEX[length] as number) + offset;
    if (offset < 0 || index >= (FIRST_INDEX[length + 1] as number)) continue;
    longSymbol = SYMBOLS_IN_ORDER[index] as number;
    return longSymbol === EOS ? 0 : length;
  }
  return 0;
}

/** Bytes that the string takes when Huffman-coded, padding included. One character per byte. */
export function huffmanLength(text: string): number {
  let bits = 7;
  for (let index = 0; index < text.length; index++) bits += CODE_LENGTHS[text.charCodeAt(index) & 0xff] as number;
  return Math.floor(bits / 8);
}

/** Writes the string Huffman-coded at `at`, padded with ones, and returns where it ends. See `huffmanLength` for the room. */
export function huffmanEncode(text: string, into: Uint8Array, at = 0): number {
  let window = 0;
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    const symbol = text.charCodeAt(index) & 0xff;
    let length = CODE_LENGTHS[symbol] as number;
    let code = CODES[symbol] as number;
    // Up to 7 bits wait in the window, which holds 32: a longer code goes in two parts.
    if (length > 24) {
      window = (window << (length - 24)) | (code >>> 24);
      count += length - 24;
      if (count >= 8) {
        count -= 8;
        into[at++] = window >>> count;
      }
      length = 24;
      code &= 0xffffff;
    }
    window = (window << length) | code;
    count += length;
    while (count >= 8) {
      count -= 8;
      into[at++] = window >>> count;
    }
  }
  if (count > 0) into[at++] = (window << (8 - count)) | (0xff >>> count);
  return at;
}

/**
 * One array for each length of short string: its elements are the arguments of one `fromCharCode`, which up to this length is
 * faster than a decoder. An array that is filled anew each time costs less than one that is made anew.
 */
const LONGEST_SHORT = 32;
const CODE_UNITS: readonly number[][] = Array.from({ length: LONGEST_SHORT + 1 }, (_, size) => new Array(size).fill(0));

function stringOf(from: Uint8Array, size: number, seen: number): string {
  if (size > LONGEST_SHORT) return (seen & 0x80) === 0 ? decodeAscii(from, 0, size) : decodeLatin1(from, 0, size);
  const units = CODE_UNITS[size] as number[];
  for (let index = 0; index < size; index++) units[index] = from[index] as number;
  return String.fromCharCode.apply(null, units);
}
