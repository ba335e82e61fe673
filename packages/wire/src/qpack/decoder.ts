import { decodeLatin1 } from '../bytes/latin1.ts';
import type { RemoteFault } from '../errors.ts';
import type { FieldLine, FieldSection } from '../fields/field.ts';
import { huffmanDecode } from '../huffman/huffman.ts';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import { DynamicTable, ENTRY_OVERHEAD } from './dynamic_table.ts';
import { EncoderStreamReader } from './encoder_stream.ts';
import { H3_EXCESSIVE_LOAD, QPACK_DECOMPRESSION_FAILED, qpackFault } from './fault.ts';
import { PrefixReader, PrefixWriter } from './prefix.ts';
import { STATIC_TABLE } from './static_table.ts';

/** What the decoder allows its peer, as it stands in our SETTINGS (RFC 9204 §5). */
export interface QpackDecoderOptions {
  /** SETTINGS_QPACK_MAX_TABLE_CAPACITY, bytes. */
  readonly maxTableCapacity: number;
  /** SETTINGS_QPACK_BLOCKED_STREAMS. */
  readonly maxBlockedStreams: number;
  readonly limits?: Limits;
  /** The capacity to start with where both ends have agreed on one beforehand; the protocol starts with 0. */
  readonly initialCapacity?: number;
}

/** A field section as it came out of the decoder. */
export interface DecodedSection {
  readonly streamId: number;
  readonly fields: FieldSection;
  /** Names, values and 32 bytes a line (RFC 9114 §4.2.2). */
  readonly size: number;
  /** Bytes that it took on the wire. */
  readonly encodedLength: number;
  /** The limit that the section is over, with `fields` cut off there; the stream, not the connection, is to pay. */
  readonly exceeded: 'maxFields' | 'maxFieldSectionBytes' | null;
}

interface Waiting {
  readonly streamId: number;
  readonly block: Uint8Array;
  readonly requiredInsertCount: number;
  readonly base: number;
  readonly at: number;
}

/**
 * Decodes field sections with a dynamic table that the peer fills over its encoder stream (RFC 9204 §2.2).
 *
 * A section that needs entries which have not come yet is kept and comes out of `takeUnblocked` right after the insertion
 * that completes it. Faults are returned, and after one the decoder must not be used.
 */
export class QpackDecoder {
  readonly #options: QpackDecoderOptions;
  readonly #limits: Limits;
  readonly #table: DynamicTable;
  readonly #stream: EncoderStreamReader;
  readonly #output = new PrefixWriter();
  readonly #waiting = new Map<number, Waiting[]>();
  #unblocked: DecodedSection[] = [];
  #fault: RemoteFault | null = null;
  /** Insertions that the peer knows we have (RFC 9204 §2.1.4). */
  #acknowledged = 0;

  constructor(options: QpackDecoderOptions) {
    this.#options = options;
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#table = new DynamicTable(options.initialCapacity ?? 0);
    this.#stream = new EncoderStreamReader(this.#table, options.maxTableCapacity, () => this.#release());
  }

  /** Entries inserted so far. */
  get insertCount(): number {
    return this.#table.insertCount;
  }

  /** Streams with a section that waits for entries. */
  get blockedStreams(): number {
    return this.#waiting.size;
  }

  /** The table, for drawing; do not change it. */
  get table(): DynamicTable {
    return this.#table;
  }

  /** Takes bytes of the peer's encoder stream, cut anywhere. Call `takeUnblocked` afterwards. */
  receiveEncoderStream(bytes: Uint8Array): RemoteFault | null {
    const fault = this.#stream.receive(bytes);
    return this.#fault ?? fault;
  }

  /** The sections that the last bytes of the encoder stream completed, in the order they became complete. */
  takeUnblocked(): DecodedSection[] {
    const taken = this.#unblocked;
    this.#unblocked = [];
    return taken;
  }

  /** Decodes an encoded field section (RFC 9204 §4.5), or keeps it (by reference) and says `'blocked'`. */
  decode(streamId: number, block: Uint8Array): DecodedSection | RemoteFault | 'blocked' {
    const reader = new PrefixReader(block);
    const encoded = reader.integer(8);
    if (encoded < 0) return failed('the Required Insert Count is cut off or too large');
    const required = this.#requiredInsertCount(encoded);
    if (required < 0) return failed(`the encoded Required Insert Count ${encoded} names no possible count (§4.5.1.1)`);
    const negative = reader.at < reader.end && ((block[reader.at] as number) & 0x80) !== 0;
    const delta = reader.integer(7);
    if (delta < 0) return failed('the Delta Base is cut off or too large');
    const base = negative ? required - delta - 1 : required + delta;
    if (base < 0) return failed(`the Delta Base ${delta} leads to a negative Base (§4.5.1.2)`);

    const queue = this.#waiting.get(streamId);
    if (required <= this.#table.insertCount && queue === undefined) {
      return this.#section(streamId, reader, required, base);
    }
    if (queue === undefined && this.#waiting.size >= this.#options.maxBlockedStreams) {
      return failed(`more than ${this.#options.maxBlockedStreams} streams are blocked (§2.1.2)`);
    }
    const waiting = { streamId, block, requiredInsertCount: required, base, at: reader.at };
    if (queue === undefined) this.#waiting.set(streamId, [waiting]);
    else queue.push(waiting);
    return 'blocked';
  }

  /** The stream was reset or abandoned: what waits on it is dropped and the peer's references with it (§2.2.2.2). */
  cancel(streamId: number): void {
    this.#waiting.delete(streamId);
    if (this.#options.maxTableCapacity > 0) this.#output.integer(0x40, 6, streamId);
  }

  /** Bytes for our decoder stream: acknowledgements, cancellations, increments (RFC 9204 §4.4). */
  takeOutput(): Uint8Array {
    const unacknowledged = this.#table.insertCount - this.#acknowledged;
    if (unacknowledged > 0) {
      this.#output.integer(0x00, 6, unacknowledged);
      this.#acknowledged += unacknowledged;
    }
    return this.#output.take();
  }

  #requiredInsertCount(encoded: number): number {
    if (encoded === 0) return 0;
    const maxEntries = Math.floor(this.#options.maxTableCapacity / ENTRY_OVERHEAD);
    const fullRange = 2 * maxEntries;
    if (encoded > fullRange) return -1;
    const maxValue = this.#table.insertCount + maxEntries;
    let required = Math.floor(maxValue / fullRange) * fullRange + encoded - 1;
    if (required > maxValue) {
      if (required <= fullRange) return -1;
      required -= fullRange;
    }
    return required === 0 ? -1 : required;
  }

  /** Called after each insertion, since the next one may evict what a waiting section needs. */
  #release(): void {
    if (this.#waiting.size === 0 || this.#fault !== null) return;
    for (const [streamId, queue] of this.#waiting) {
      while (queue.length > 0 && (queue[0] as Waiting).requiredInsertCount <= this.#table.insertCount) {
        const next = queue.shift() as Waiting;
        const section = this.#section(
          streamId,
          new PrefixReader(next.block, next.at),
          next.requiredInsertCount,
          next.base,
        );
        if ('code' in section) {
          this.#fault = section;
          return;
        }
        this.#unblocked.push(section);
      }
      if (queue.length === 0) this.#waiting.delete(streamId);
    }
  }

  #section(streamId: number, reader: PrefixReader, required: number, base: number): DecodedSection | RemoteFault {
    const fields: FieldLine[] = [];
    const limits = this.#limits;
    let size = 0;
    let count = 0;
    let exceeded: DecodedSection['exceeded'] = null;
    while (reader.at < reader.end) {
      const line = this.#line(reader, required, base);
      if (typeof line === 'string') return failed(line);
      size += line[0].length + line[1].length + ENTRY_OVERHEAD;
      count++;
      if (size > limits.maxFieldSectionHardBytes) {
        const reason = `limit maxFieldSectionHardBytes: a field section is over ${limits.maxFieldSectionHardBytes} bytes`;
        return qpackFault(H3_EXCESSIVE_LOAD, reason, 'maxFieldSectionHardBytes');
      }
      if (exceeded === null && count > limits.maxFields) exceeded = 'maxFields';
      if (exceeded === null && size > limits.maxFieldSectionBytes) exceeded = 'maxFieldSectionBytes';
      if (exceeded === null) fields.push(line);
    }
    if (required > 0) {
      this.#output.integer(0x80, 7, streamId);
      if (required > this.#acknowledged) this.#acknowledged = required;
    }
    return { streamId, fields, size, encodedLength: reader.end, exceeded };
  }

  /** One field line representation (RFC 9204 §4.5.2 to §4.5.6), or what is wrong with it. */
  #line(reader: PrefixReader, required: number, base: number): FieldLine | string {
    const first = reader.bytes[reader.at] as number;
    if ((first & 0x80) !== 0) {
      const index = reader.integer(6);
      return (first & 0x40) !== 0 ? fromStatic(index) : this.#entry(base - index - 1, index, required);
    }
    if ((first & 0xf0) === 0x10) {
      const index = reader.integer(4);
      return this.#entry(base + index, index, required);
    }
    let name: string;
    if ((first & 0x40) !== 0) {
      const index = reader.integer(4);
      const line = (first & 0x10) !== 0 ? fromStatic(index) : this.#entry(base - index - 1, index, required);
      if (typeof line === 'string') return line;
      name = line[0];
    } else if ((first & 0x20) !== 0) {
      const literal = readString(reader, 3);
      if (literal === null) return 'a field name is cut off or not valid Huffman code';
      name = literal;
    } else {
      const index = reader.integer(3);
      const line = this.#entry(base + index, index, required);
      if (typeof line === 'string') return line;
      name = line[0];
    }
    const value = readString(reader, 7);
    return value === null ? 'a field value is cut off or not valid Huffman code' : [name, value];
  }

  #entry(absolute: number, index: number, required: number): FieldLine | string {
    if (index < 0) return 'an index is cut off or too large';
    if (absolute < 0 || absolute >= required) {
      return `entry ${absolute} is outside the Required Insert Count ${required} (§2.2.3)`;
    }
    return this.#table.get(absolute) ?? `entry ${absolute} was evicted`;
  }
}

/** The string at the reader, Huffman-coded or not, whose length has a prefix of `bits` bits; null when it is broken. */
function readString(reader: PrefixReader, bits: number): string | null {
  if (reader.at >= reader.end) return null;
  const coded = ((reader.bytes[reader.at] as number) & (1 << bits)) !== 0;
  const length = reader.integer(bits);
  if (length < 0 || length > reader.end - reader.at) return null;
  const start = reader.at;
  reader.at += length;
  return coded ? huffmanDecode(reader.bytes, start, reader.at) : decodeLatin1(reader.bytes, start, reader.at);
}

function fromStatic(index: number): FieldLine | string {
  if (index < 0) return 'an index is cut off or too large';
  return STATIC_TABLE[index] ?? `the static table has no entry ${index}`;
}

function failed(reason: string): RemoteFault {
  return qpackFault(QPACK_DECOMPRESSION_FAILED, `Cannot decode field section: ${reason}`);
}
