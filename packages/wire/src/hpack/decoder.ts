import { decodeLatin1 } from '../bytes/latin1.ts';
import type { RemoteFault } from '../errors.ts';
import { isFieldValue } from '../fields/characters.ts';
import type { FieldLine } from '../fields/field.ts';
import { checkFieldLine, type FieldFault } from '../fields/validate.ts';
import { decodedPlain, huffmanDecode } from '../huffman/huffman.ts';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import { DynamicTable } from './dynamic_table.ts';
import { entrySize } from './entry_size.ts';
import { STATIC_SIZE, STATIC_TABLE } from './static_table.ts';

/** RFC 9113 §7. */
const ENHANCE_YOUR_CALM = 0xb;
const COMPRESSION_ERROR = 0x9;
/** Table size until SETTINGS say otherwise (RFC 9113 §6.5.2): what the peer may use before it has seen ours. */
const INITIAL_TABLE_SIZE = 4_096;
/** Integers are lengths, indices and table sizes; nothing beyond 2^31-1 can be any of them. */
const MAX_INTEGER = 0x7fff_ffff;
/** Continuation bytes of an integer: five hold 35 bits, and leading zeros are not needed by anybody. */
const MAX_INTEGER_BYTES = 5;
/** Blocks, or malformed lines, after which it is looked for those that the table no longer holds. */
const RECHECK = 16;
const SPACE = 0x20;

/** A field section as it came out of the decoder. */
export interface DecodedBlock {
  /** The lines in their order. Lines from a table are shared with it: the array is yours, its pairs are not. */
  readonly fields: FieldLine[];
  /** Names, values and 32 bytes a line (RFC 9113 §6.5.2). */
  readonly size: number;
  /** The limit that the section is over; `fields` ends there. The stream, not the connection, is to pay. */
  readonly exceeded: 'maxFields' | 'maxFieldSectionBytes' | null;
  /** The first line that breaks RFC 9113 §8.2.1, if one does: the message is malformed. */
  readonly fault: FieldFault | null;
  /** Lines that no table may ever hold, should they be sent on (RFC 7541 §7.1.3). Null where there are none. */
  readonly neverIndexed: readonly FieldLine[] | null;
}

/** How a decoder is set up. */
export interface HpackDecoderOptions {
  /** `maxDecoderTableBytes`, `maxFields`, `maxFieldSectionBytes` and `maxFieldSectionHardBytes` are used. */
  readonly limits?: Limits;
}

/**
 * Decodes field blocks (RFC 7541) of one connection, in the order they came.
 *
 * A line that is in a table is handed out as it stands there: an indexed field allocates nothing. Every line is checked
 * against RFC 9113 §8.2.1 once, when it comes as a literal. Faults are returned; after one the decoder must not be used.
 */
export class HpackDecoder {
  readonly #limits: Limits;
  /** Lines in the table that are malformed: what refers to them is malformed as well. Nearly always empty. */
  readonly #malformed = new Map<FieldLine, FieldFault>();
  #suspicious = false;
  /** Blocks since it was last asked which of them the table still holds. */
  #unchecked = 0;
  readonly #table: DynamicTable;
  /** What the peer may set the capacity to. */
  #maxCapacity: number;
  /** We have lowered the maximum below the capacity: the next block must start with a size update (RFC 7541 §4.2). */
  #updateDue = false;

  #block: Uint8Array = new Uint8Array(0);
  #at = 0;
  #end = 0;
  /** The last string is known to hold no control character. */
  #plain = false;
  /** What is wrong with the block that is being decoded. */
  #broken = '';

  constructor(options: HpackDecoderOptions = {}) {
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#maxCapacity = Math.max(INITIAL_TABLE_SIZE, this.#limits.maxDecoderTableBytes);
    this.#table = new DynamicTable(INITIAL_TABLE_SIZE);
  }

  /** The table, for drawing; do not change it. */
  get table(): DynamicTable {
    return this.#table;
  }

  /** The peer has acknowledged this SETTINGS_HEADER_TABLE_SIZE of ours: it must not use more from now on. */
  setMaxTableSize(bytes: number): void {
    this.#maxCapacity = bytes;
    this.#updateDue = this.#table.capacity > bytes;
  }

  /** Decodes the field block in `block` from `start` to `end`, which must be whole. */
  decode(block: Uint8Array, start = 0, end: number = block.length): DecodedBlock | RemoteFault {
    const { maxFields, maxFieldSectionBytes, maxFieldSectionHardBytes } = this.#limits;
    const fields: FieldLine[] = [];
    let size = 0;
    let count = 0;
    let exceeded: DecodedBlock['exceeded'] = null;
    let fault: FieldFault | null = null;
    let neverIndexed: FieldLine[] | null = null;
    this.#block = block;
    this.#at = start;
    this.#end = end;
    this.#broken = '';
    if (!this.#sizeUpdates()) return this.#failed();
    while (this.#at < end) {
      const first = block[this.#at] as number;
      let line: FieldLine | null;
      if (first >= 0x80) {
        const index = first < 0xff ? first & 0x7f : this.#integer(7);
        if (first < 0xff) this.#at++;
        line = index < 0 ? null : this.#entry(index);
      }
      // Indexed, then literals (RFC 7541 §6.1, §6.2).
      else if (first >= 0x40) line = this.#literal(6, true);
      else if (first >= 0x20) line = this.#broke('a table size update after the first field line (§4.2)');
      else {
        line = this.#literal(4, false);
        if (first >= 0x10 && line !== null) {
          neverIndexed ??= [];
          neverIndexed.push(line);
        }
      }
      if (line === null) return this.#failed();
      // A literal has been checked on its way in; this finds it as it finds lines of the table.
      if (this.#suspicious) fault ??= this.#malformed.get(line) ?? null;
      size += entrySize(line[0], line[1]);
      count++;
      if (count <= maxFields && size <= maxFieldSectionBytes) fields.push(line);
      else {
        exceeded ??= count > maxFields ? 'maxFields' : 'maxFieldSectionBytes';
        // Up to here the block has to be decoded whatever happens to its stream, to keep the table right.
        if (size > maxFieldSectionHardBytes) return tooLarge(maxFieldSectionHardBytes);
      }
    }
    if (this.#suspicious && (++this.#unchecked >= RECHECK || this.#malformed.size > RECHECK)) this.#forgetMalformed();
    return { fields, size, exceeded, fault, neverIndexed };
  }

  #sizeUpdates(): boolean {
    while (this.#at < this.#end && ((this.#block[this.#at] as number) & 0xe0) === 0x20) {
      const capacity = this.#integer(5);
      if (capacity < 0) return false;
      if (capacity > this.#maxCapacity) {
        this.#broke(`a table size of ${capacity}, above the ${this.#maxCapacity} that SETTINGS allow (§6.3)`);
        return false;
      }
      this.#table.resize(capacity);
      this.#updateDue = false;
    }
    if (this.#updateDue && this.#at < this.#end) {
      this.#broke('no table size update although SETTINGS lowered the maximum (§4.2)');
      return false;
    }
    return true;
  }

  #entry(index: number): FieldLine | null {
    const line = index <= STATIC_SIZE ? STATIC_TABLE[index - 1] : this.#table.get(index - STATIC_SIZE - 1);
    return line ?? this.#broke(index === 0 ? 'index 0 (§6.1)' : `index ${index}, past the end of the tables (§2.3.3)`);
  }

  /** Literal field line (RFC 7541 §6.2), its name's index in the low `bits` bits. */
  #literal(bits: number, insert: boolean): FieldLine | null {
    const index = this.#integer(bits);
    if (index < 0) return null;
    let line: FieldLine;
    let fault: FieldFault | null = null;
    if (index === 0) {
      const name = this.#string();
      const value = name === null ? null : this.#string();
      if (name === null || value === null) return null;
      line = [name, value];
      fault = checkFieldLine(name, value);
    } else {
      const named = this.#entry(index);
      const value = named === null ? null : this.#string();
      if (named === null || value === null) return null;
      line = [named[0], value];
      // The name has been checked when it came.
      if (this.#suspicious || !this.#isValue(value)) fault = checkFieldLine(named[0], value);
    }
    if (fault !== null) {
      this.#malformed.set(line, fault);
      this.#suspicious = true;
    }
    if (insert) this.#table.insert(line, entrySize(line[0], line[1]));
    return line;
  }

  /** True for a field value; the decoder of the string has looked at nearly every one already. */
  #isValue(value: string): boolean {
    if (!this.#plain) return isFieldValue(value);
    const last = value.length - 1;
    return last < 0 || (value.charCodeAt(0) !== SPACE && value.charCodeAt(last) !== SPACE);
  }

  /** An integer whose first part are the low `bits` bits (RFC 7541 §5.1), or -1 when it is broken. */
  #integer(bits: number): number {
    const block = this.#block;
    const mask = (1 << bits) - 1;
    let value = (block[this.#at++] as number) & mask;
    if (value < mask) return value;
    let scale = 1;
    for (let bytes = 0; bytes < MAX_INTEGER_BYTES && this.#at < this.#end; bytes++) {
      const byte = block[this.#at++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value <= MAX_INTEGER) return value;
        break;
      }
      scale *= 128;
    }
    this.#broke('an integer that is cut off, or too large (§5.1)');
    return -1;
  }

  /** A string literal (RFC 7541 §5.2), or null when it is broken. */
  #string(): string | null {
    const start = this.#at;
    if (start >= this.#end) return this.#broke('a string that is cut off (§5.2)');
    const coded = (this.#block[start] as number) >= 0x80;
    const length = this.#integer(7);
    if (length < 0) return null;
    const from = this.#at;
    const to = from + length;
    if (to > this.#end) return this.#broke('a string that is longer than the block (§5.2)');
    this.#at = to;
    if (!coded) {
      this.#plain = false;
      return decodeLatin1(this.#block, from, to);
    }
    const text = huffmanDecode(this.#block, from, to);
    this.#plain = decodedPlain;
    return text ?? this.#broke('a string that is not valid Huffman code (§5.2)');
  }

  /** Malformed lines are remembered for as long as the table holds them. */
  #forgetMalformed(): void {
    this.#unchecked = 0;
    const held = new Set(this.#table.lines());
    for (const line of this.#malformed.keys()) if (!held.has(line)) this.#malformed.delete(line);
    this.#suspicious = this.#malformed.size > 0;
  }

  #broke(what: string): null {
    this.#broken = what;
    return null;
  }

  #failed(): RemoteFault {
    const reason = `Cannot decode field block: ${this.#broken.replace('§', 'RFC 7541 §')}`;
    return { code: COMPRESSION_ERROR, reason, limit: null, statusHint: null };
  }
}

function tooLarge(bytes: number): RemoteFault {
  const reason = `A field section is larger than ${bytes} bytes`;
  return { code: ENHANCE_YOUR_CALM, reason, limit: 'maxFieldSectionHardBytes', statusHint: null };
}
