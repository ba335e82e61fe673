import { decodeAscii, decodeLatin1 } from '../bytes/latin1.ts';
import { CODE_LENGTHS, CODES, EOS } from './code.ts';

/**
 * The code as a machine that takes a byte at a time: its states are the inner nodes of the code's tree, 0 the root. Of an
 * entry: the symbols that the byte completes (two at most, 8 bits each), how many (2 bits), what `seen` collects (2 bits), the
 * next state (8 bits). 0 stands for a row that is not computed yet: rows are made when they are first needed, since text
 * visits few of them.
 */
const MACHINE: Int32Array = new Int32Array(256 * 256);
const SECOND_SHIFT = 8;
const COUNT_SHIFT = 16;
/** A control character was completed. */
const CONTROL = 1 << 18;
/** EOS was completed, which never may stand in a string. */
const INVALID = 1 << 19;
const STATE_SHIFT = 20;
/** The high bits of both symbols. */
const NOT_ASCII = 0x8080;

/** For each state and bit: the next state, or the complement of the symbol that is completed. */
const TREE: Int16Array = new Int16Array(2 * 256);
/** States in which a string may end: at the root, or with up to seven ones behind it. */
const ENDS: Uint8Array = new Uint8Array(256);

let states = 1;
for (let symbol = 0; symbol <= EOS; symbol++) {
  let state = 0;
  for (let bit = (CODE_LENGTHS[symbol] as number) - 1; bit >= 0; bit--) {
    const edge = 2 * state + (((CODES[symbol] as number) >>> bit) & 1);
    if (bit === 0) TREE[edge] = ~symbol;
    else {
      if (TREE[edge] === 0) TREE[edge] = states++;
      state = TREE[edge] as number;
    }
  }
}
for (let state = 0, ones = 0; ones <= 7; ones++) {
  ENDS[state] = 1;
  state = TREE[2 * state + 1] as number;
}

function computeRow(from: number): void {
  for (let byte = 0; byte < 256; byte++) {
    let state = from;
    let entry = 0;
    let count = 0;
    for (let bit = 7; bit >= 0; bit--) {
      const next = TREE[2 * state + ((byte >>> bit) & 1)] as number;
      if (next >= 0) {
        state = next;
        continue;
      }
      const symbol = ~next;
      state = 0;
      if (symbol === EOS) entry |= INVALID;
      else {
        if (symbol < 0x20 || symbol === 0x7f) entry |= CONTROL;
        entry |= symbol << (SECOND_SHIFT * count++);
      }
    }
    MACHINE[(from << 8) | byte] = entry | (count << COUNT_SHIFT) | (state << STATE_SHIFT);
  }
}

/** Symbols of the string that is being decoded. */
let scratch: Uint8Array = new Uint8Array(4096);

/**
 * False when the string that `huffmanDecode` returned last has a control character: the decoder sees them pass, and whoever
 * has to look for them can skip every other string.
 */
export let decodedPlain = true;

/**
 * Decodes the Huffman-coded bytes into a string of one character per byte (RFC 7541 §5.2).
 *
 * Null when they are not valid: EOS in the string, padding of more than 7 bits, or padding that is not all ones.
 */
export function huffmanDecode(bytes: Uint8Array, start = 0, end: number = bytes.length): string | null {
  // The shortest code has five bits, and two symbols are written where one may count.
  const most = (((end - start) * 8) / 5 + 2) | 0;
  if (most > scratch.length) scratch = new Uint8Array(most + 1024);
  const out = scratch;
  let size = 0;
  let state = 0;
  let seen = 0;
  for (let at = start; at < end; at++) {
    const index = (state << 8) | (bytes[at] as number);
    let entry = MACHINE[index] as number;
    if (entry === 0) {
      computeRow(state);
      entry = MACHINE[index] as number;
    }
    out[size] = entry;
    out[size + 1] = entry >>> SECOND_SHIFT;
    size += (entry >>> COUNT_SHIFT) & 3;
    seen |= entry;
    state = entry >>> STATE_SHIFT;
  }
  if ((seen & INVALID) !== 0 || ENDS[state] === 0) return null;
  decodedPlain = (seen & CONTROL) === 0;
  return stringOf(out, size, (seen & NOT_ASCII) === 0);
}

/** Bytes that the string takes when Huffman-coded, padding included. One character per byte. */
export function huffmanLength(text: string): number {
  let bits = 7;
  for (let index = 0; index < text.length; index++) bits += CODE_LENGTHS[text.charCodeAt(index) & 0xff] as number;
  return Math.floor(bits / 8);
}

/** Codes of at most 8 bits with their length: `code << 4 | length`; 0 for the others. Text is nearly all of these. */
const SHORT_CODES: Uint16Array = Uint16Array.from({ length: 256 }, (_, symbol) => {
  const length = CODE_LENGTHS[symbol] as number;
  return length <= 8 ? ((CODES[symbol] as number) << 4) | length : 0;
});

/** Writes the string Huffman-coded at `at`, padded with ones, and returns where it ends. See `huffmanLength` for the room. */
export function huffmanEncode(text: string, into: Uint8Array, at = 0): number {
  // Up to 7 bits that do not fill a byte yet; what is above them is ignored.
  let window = 0;
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    const symbol = text.charCodeAt(index) & 0xff;
    const short = SHORT_CODES[symbol] as number;
    if (short !== 0) {
      const length = short & 15;
      window = (window << length) | (short >>> 4);
      count += length;
      // Written whether the byte is full or not, and overwritten if not: cheaper than to ask.
      into[at] = (window << 8) >>> count;
      at += count >>> 3;
      count &= 7;
      continue;
    }
    const code = CODES[symbol] as number;
    for (let left = CODE_LENGTHS[symbol] as number; left > 0; ) {
      const part = Math.min(left, 8);
      left -= part;
      window = (window << part) | ((code >>> left) & ((1 << part) - 1));
      count += part;
      into[at] = (window << 8) >>> count;
      at += count >>> 3;
      count &= 7;
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

function stringOf(from: Uint8Array, size: number, ascii: boolean): string {
  if (size > LONGEST_SHORT) return ascii ? decodeAscii(from, 0, size) : decodeLatin1(from, 0, size);
  const units = CODE_UNITS[size] as number[];
  for (let index = 0; index < size; index++) units[index] = from[index] as number;
  return String.fromCharCode.apply(null, units);
}
