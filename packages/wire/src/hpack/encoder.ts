import { writeLatin1 } from '../bytes/latin1.ts';
import type { FieldSection } from '../fields/field.ts';
import { huffmanEncode, huffmanLength } from '../huffman/huffman.ts';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import { EncoderTable } from './encoder_table.ts';
import { entrySize } from './entry_size.ts';

/** Table size until the peer's SETTINGS say otherwise (RFC 9113 §6.5.2). */
const INITIAL_TABLE_SIZE = 4_096;
/** Bytes of a line beside its name and value, at most: the pattern with an index, and two lengths. */
const LINE_OVERHEAD = 18;
/** Bytes of the size updates before the first line, at most. */
const UPDATE_BYTES = 12;

/** Values that are different each time: they would only push others out of the table. nghttp2's list. */
const SELDOM_REPEATED: ReadonlySet<string> = new Set([
  ':path',
  'age',
  'content-length',
  'etag',
  'if-modified-since',
  'if-none-match',
  'location',
  'set-cookie',
]);

/** Blocks that are asked for one by one share an allocation, which costs more than encoding them; each byte is written once. */
const POOL_SIZE = 16_384;
let pool: Uint8Array = new Uint8Array(0);
let poolAt = 0;

/** How an encoder is set up. */
export interface HpackEncoderOptions {
  /** `maxEncoderTableBytes` is used. */
  readonly limits?: Limits;
  /**
   * Says of a line that nobody may put it into a table, here or further on, so that no attacker can guess it by the size of
   * what is compressed (RFC 7541 §7.1). Defaults to credentials and short cookies, as RFC 7541 §7.1.3 advises.
   */
  readonly isSensitive?: (name: string, value: string) => boolean;
}

/** Encodes field sections (RFC 7541) of one connection, in the order they are sent. */
export class HpackEncoder {
  readonly #table: EncoderTable;
  readonly #isSensitive: (name: string, value: string) => boolean;
  readonly #maxTableBytes: number;
  /** Smallest capacity since the last block, to be announced first (RFC 7541 §4.2); -1 when nothing changed. */
  #smallest = -1;
  #announced = INITIAL_TABLE_SIZE;

  constructor(options: HpackEncoderOptions = {}) {
    this.#maxTableBytes = (options.limits ?? DEFAULT_LIMITS).maxEncoderTableBytes;
    this.#isSensitive = options.isSensitive ?? isSensitive;
    this.#table = new EncoderTable(INITIAL_TABLE_SIZE);
    this.setPeerTableSize(INITIAL_TABLE_SIZE);
  }

  /** The table's size and capacity, for drawing. */
  get table(): { readonly size: number; readonly capacity: number; readonly count: number } {
    return this.#table;
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE: never more is used, and never more than `maxEncoderTableBytes`. */
  setPeerTableSize(bytes: number): void {
    const capacity = Math.min(bytes, this.#maxTableBytes);
    if (capacity === this.#table.capacity && this.#smallest < 0) return;
    this.#smallest = this.#smallest < 0 ? capacity : Math.min(this.#smallest, capacity);
    this.#table.resize(capacity);
  }

  /** Bytes that a block of these lines takes, at most. */
  bound(fields: FieldSection): number {
    let bytes = UPDATE_BYTES;
    for (let index = 0; index < fields.length; index++) {
      const [name, value] = fields[index] as readonly [string, string];
      bytes += name.length + value.length + LINE_OVERHEAD;
    }
    return bytes;
  }

  /** The block of these lines. Names must be lower-case. */
  encode(fields: FieldSection): Uint8Array {
    const room = this.bound(fields);
    if (poolAt + room > pool.length) {
      pool = new Uint8Array(Math.max(POOL_SIZE, room));
      poolAt = 0;
    }
    const start = poolAt;
    poolAt = this.encodeInto(fields, pool, this.begin(pool, start));
    return pool.subarray(start, poolAt);
  }

  /** Starts a block at `at` with the size updates that are due, and returns where the first line goes. */
  begin(into: Uint8Array, at: number): number {
    if (this.#smallest < 0) return at;
    const { capacity } = this.#table;
    let end = at;
    // The smallest is announced as well: what it has evicted here has to go there.
    if (this.#smallest < capacity) end = integer(into, end, 0x20, 5, this.#smallest);
    if (end !== at || capacity !== this.#announced) end = integer(into, end, 0x20, 5, capacity);
    this.#announced = capacity;
    this.#smallest = -1;
    return end;
  }

  /** Writes lines at `at`, and returns where they end. There must be room for `bound`. */
  encodeInto(fields: FieldSection, into: Uint8Array, at: number): number {
    let end = at;
    for (let index = 0; index < fields.length; index++) {
      const [name, value] = fields[index] as readonly [string, string];
      end = this.line(name, value, into, end);
    }
    return end;
  }

  /** Writes one line at `at`, and returns where it ends. */
  line(name: string, value: string, into: Uint8Array, at: number): number {
    const found = this.#table.find(name, value);
    if (this.#isSensitive(name, value)) return literal(into, at, 0x10, 4, Math.abs(found), name, value);
    if (found > 0) return integer(into, at, 0x80, 7, found);
    if (SELDOM_REPEATED.has(name) || entrySize(name, value) * 4 > this.#table.capacity * 3) {
      return literal(into, at, 0x00, 4, -found, name, value);
    }
    const end = literal(into, at, 0x40, 6, -found, name, value);
    this.#table.insert(name, value);
    return end;
  }
}

/** Credentials, and cookies short enough to be guessed. A long cookie is worth more in the table than hidden from it. */
function isSensitive(name: string, value: string): boolean {
  switch (name.length) {
    case 6:
      return value.length < 20 && name === 'cookie';
    case 13:
      return name === 'authorization';
    case 19:
      return name === 'proxy-authorization';
    default:
      return false;
  }
}

/** A literal whose name's index has `bits` bits after the pattern; index 0 spells the name out. */
function literal(
  into: Uint8Array,
  at: number,
  pattern: number,
  bits: number,
  nameIndex: number,
  name: string,
  value: string,
): number {
  const end = integer(into, at, pattern, bits, nameIndex);
  return string(into, nameIndex === 0 ? string(into, end, name) : end, value);
}

/** A string, Huffman-coded where that is shorter (RFC 7541 §5.2). */
function string(into: Uint8Array, at: number, text: string): number {
  const coded = huffmanLength(text);
  if (coded < text.length) return huffmanEncode(text, into, integer(into, at, 0x80, 7, coded));
  const start = integer(into, at, 0x00, 7, text.length);
  return start + writeLatin1(text, into, start);
}

/** An integer in the low `bits` bits after the pattern and what follows (RFC 7541 §5.1). */
function integer(into: Uint8Array, at: number, pattern: number, bits: number, value: number): number {
  const mask = (1 << bits) - 1;
  if (value < mask) {
    into[at] = pattern | value;
    return at + 1;
  }
  into[at++] = pattern | mask;
  let rest = value - mask;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) into[at++] = (rest & 0x7f) | 0x80;
  into[at++] = rest;
  return at;
}
