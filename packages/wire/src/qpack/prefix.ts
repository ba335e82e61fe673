import { writeLatin1 } from '../bytes/latin1.ts';
import { huffmanEncode, huffmanLength } from '../huffman/huffman.ts';

/** What a reader of prefixed integers and strings found (RFC 9204 §4.1.1, §4.1.2). */
export const MORE = -1;
/** The integer is above 2^53−1, or its string is no Huffman code: nothing more of this input can be understood. */
export const BROKEN = -2;

/** Reads prefixed integers from a view, remembering where it stands. */
export class PrefixReader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  /** The integer in the low `bits` bits of this byte and those after it; `MORE` or `BROKEN` instead, with `at` unmoved. */
  integer(bits: number): number {
    const mask = (1 << bits) - 1;
    if (this.at >= this.end) return MORE;
    let value = (this.bytes[this.at] as number) & mask;
    if (value < mask) {
      this.at++;
      return value;
    }
    let scale = 1;
    for (let at = this.at + 1; at < this.end; at++) {
      const byte = this.bytes[at] as number;
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER || scale > 2 ** 49) return BROKEN;
      if (byte < 0x80) {
        this.at = at + 1;
        return value;
      }
      scale *= 128;
    }
    return MORE;
  }
}

/** Collects prefixed integers and strings in one growing buffer. */
export class PrefixWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Writes an integer after the `pattern` bits of its first byte. */
  integer(pattern: number, bits: number, value: number): void {
    this.#reserve(10);
    const mask = (1 << bits) - 1;
    if (value < mask) {
      this.#bytes[this.#length++] = pattern | value;
      return;
    }
    this.#bytes[this.#length++] = pattern | mask;
    let rest = value - mask;
    while (rest >= 128) {
      this.#bytes[this.#length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#length++] = rest;
  }

  /** Writes a string whose length has `bits` bits and whose Huffman flag is the bit above them; coded where shorter. */
  string(pattern: number, bits: number, text: string): void {
    const coded = huffmanLength(text);
    const length = Math.min(coded, text.length);
    this.integer(pattern | (coded < text.length ? 1 << bits : 0), bits, length);
    this.#reserve(length);
    if (coded < text.length) huffmanEncode(text, this.#bytes, this.#length);
    else writeLatin1(text, this.#bytes, this.#length);
    this.#length += length;
  }

  /** A copy of what was written since the last call. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
