import type { RemoteFault } from '../errors.ts';
import type { FieldSection } from '../fields/field.ts';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import { DynamicTable, ENTRY_OVERHEAD, entrySize } from './dynamic_table.ts';
import { QPACK_DECODER_STREAM_ERROR, qpackFault } from './fault.ts';
import { LineIndex, type LineRecord } from './line_index.ts';
import { Outstanding } from './outstanding.ts';
import { BROKEN, MORE, PrefixReader, PrefixWriter } from './prefix.ts';
import { staticLine, staticName } from './static_table.ts';

/** Fields that intermediaries must not put into any table either (RFC 9204 §7.1.3). */
const NEVER_INDEXED: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization']);
/** A short cookie can be guessed byte by byte from the sizes of compressed messages (RFC 9204 §7.1). */
const SHORT_COOKIE = 20;
/** Entries duplicated at most to make way for one insertion. */
const MAX_KEPT = 8;

export interface QpackEncoderOptions {
  readonly limits?: Limits;
  /** The capacity to start with where both ends have agreed on one beforehand; the protocol starts with 0. */
  readonly initialCapacity?: number;
}

/**
 * Encodes field sections (RFC 9204 §2.1) and fills the dynamic table over the encoder stream.
 *
 * Until `configure` has been called with the peer's SETTINGS, only the static table is used.
 */
export class QpackEncoder {
  readonly #limits: Limits;
  readonly #table: DynamicTable;
  readonly #index = new LineIndex();
  readonly #instructions = new PrefixWriter();
  readonly #body = new PrefixWriter();
  readonly #outstanding: Outstanding;
  #maxEntries = 0;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(options: QpackEncoderOptions = {}) {
    this.#limits = options.limits ?? DEFAULT_LIMITS;
    this.#table = new DynamicTable(options.initialCapacity ?? 0);
    this.#outstanding = new Outstanding(this.#limits.maxOutstandingSections);
  }

  /** The table, for drawing; do not change it. */
  get table(): DynamicTable {
    return this.#table;
  }

  /** Sections that the peer has not acknowledged and that name dynamic entries. */
  get unacknowledgedSections(): number {
    return this.#outstanding.size;
  }

  /**
   * Takes the peer's SETTINGS_QPACK_MAX_TABLE_CAPACITY (bytes) and SETTINGS_QPACK_BLOCKED_STREAMS, once (RFC 9204 §3.2.3). Of
   * the capacity, at most `limits.maxEncoderTableBytes` is used.
   */
  configure(maxTableCapacity: number, maxBlockedStreams: number): void {
    this.#maxEntries = Math.floor(maxTableCapacity / ENTRY_OVERHEAD);
    this.#outstanding.maxBlockedStreams = maxBlockedStreams;
    const capacity = Math.min(maxTableCapacity, this.#limits.maxEncoderTableBytes);
    if (capacity === this.#table.capacity) return;
    this.#instructions.integer(0x20, 5, capacity);
    this.#table.setCapacity(capacity);
  }

  /** One field section as bytes for the stream. Send what `takeOutput` holds on the encoder stream, best before them. */
  encode(streamId: number, fields: FieldSection): Uint8Array {
    const body = this.#body;
    const section = this.#outstanding.begin(streamId);
    this.#index.begin();
    const records: (LineRecord | null)[] = [];
    for (const [name, value] of fields) {
      const indexed = staticLine(name, value) >= 0 || isSecret(name, value);
      records.push(indexed ? null : this.#index.see(name, value));
    }
    // Insertions come first: once the section names an entry, that one cannot go any more, nor can what is younger.
    this.#insertAll(fields, records, section.mayUse(this.#table.insertCount));
    const base = this.#table.insertCount;
    for (const [at, [name, value]] of fields.entries()) {
      const record = records[at];
      const line = staticLine(name, value);
      if (line >= 0) body.integer(0xc0, 6, line);
      else if (record && record.entry >= 0 && section.mayUse(record.entry)) {
        section.use(record.entry);
        body.integer(0x80, 6, base - record.entry - 1);
      } else this.#literal(name, value, base, section, record === null);
    }
    const block = body.take();
    const required = section.end();
    if (required === 0) return prefixed(block, 0, 0, 0);
    // The Base is never below the Required Insert Count: every entry that is named was there before it (RFC 9204 §4.5.1.2).
    return prefixed(block, (required % (2 * this.#maxEntries)) + 1, 0x00, base - required);
  }

  /** Bytes for our encoder stream: capacity and insertions (RFC 9204 §4.3). */
  takeOutput(): Uint8Array {
    return this.#instructions.take();
  }

  /** The stream was reset: its sections will not be acknowledged. Only needed where the peer cannot say so itself. */
  cancel(streamId: number): void {
    this.#outstanding.cancel(streamId);
  }

  /** Takes bytes of the peer's decoder stream (RFC 9204 §4.4), cut anywhere. */
  receiveDecoderStream(bytes: Uint8Array): RemoteFault | null {
    let input = bytes;
    if (this.#rest.length > 0) {
      input = new Uint8Array(this.#rest.length + bytes.length);
      input.set(this.#rest);
      input.set(bytes, this.#rest.length);
    }
    const reader = new PrefixReader(input);
    while (reader.at < reader.end) {
      const start = reader.at;
      const first = input[start] as number;
      const value = reader.integer((first & 0x80) !== 0 ? 7 : 6);
      if (value === MORE) {
        this.#rest = input.slice(start);
        return null;
      }
      const reason = value === BROKEN ? 'an integer above 2^53-1' : this.#acknowledge(first, value);
      if (reason !== null) return qpackFault(QPACK_DECODER_STREAM_ERROR, `Cannot apply decoder instruction: ${reason}`);
    }
    this.#rest = new Uint8Array(0);
    return null;
  }

  #acknowledge(first: number, value: number): string | null {
    if ((first & 0x80) !== 0) {
      return this.#outstanding.acknowledge(value) ? null : `stream ${value} has no section to acknowledge (§4.4.1)`;
    }
    if ((first & 0x40) !== 0) {
      this.#outstanding.cancel(value);
      return null;
    }
    if (value === 0) return 'an Insert Count Increment of 0 (§4.4.3)';
    if (this.#outstanding.known + value > this.#table.insertCount) return 'more insertions than were sent (§4.4.3)';
    this.#outstanding.raise(this.#outstanding.known + value);
    return null;
  }

  #insertAll(fields: FieldSection, records: readonly (LineRecord | null)[], usable: boolean): void {
    for (const [at, [name, value]] of fields.entries()) {
      const record = records[at];
      if (record && record.entry < 0 && this.#index.deserves(name, record, usable)) this.#insert(name, value, record);
    }
  }

  #literal(
    name: string,
    value: string,
    base: number,
    section: ReturnType<Outstanding['begin']>,
    secret: boolean,
  ): void {
    const body = this.#body;
    const known = staticName(name);
    if (known >= 0) {
      body.integer(secret ? 0x70 : 0x50, 4, known);
    } else {
      const entry = this.#index.named(name);
      if (entry >= 0 && section.mayUse(entry)) {
        section.use(entry);
        body.integer(secret ? 0x60 : 0x40, 4, base - entry - 1);
      } else {
        body.string(secret ? 0x30 : 0x20, 3, name);
      }
    }
    body.string(0x00, 7, value);
  }

  /**
   * Inserts a line, if what has to go for it is worth less and may go (RFC 9204 §2.1.1). Entries in the way that are worth more
   * are duplicated, which costs a byte and puts them at the other end of the queue.
   */
  #insert(name: string, value: string, seen: LineRecord): void {
    const table = this.#table;
    const size = entrySize(name, value);
    if (size > table.capacity || !this.#makeWay(size, seen.count)) return;
    const known = staticName(name);
    const named = known >= 0 ? -1 : this.#index.named(name);
    if (known >= 0) this.#instructions.integer(0xc0, 6, known);
    else if (named >= 0) this.#instructions.integer(0x80, 6, table.insertCount - named - 1);
    else this.#instructions.string(0x40, 5, name);
    this.#instructions.string(0x00, 7, value);
    this.#add(name, value, size);
  }

  #makeWay(size: number, worth: number): boolean {
    const table = this.#table;
    const keep: number[] = [];
    let free = table.capacity - table.size;
    for (let entry = table.oldest; free < size; entry++) {
      if (entry >= table.insertCount || !this.#outstanding.mayEvict(entry)) return false;
      const [oldName, oldValue] = table.get(entry) as readonly [string, string];
      if (this.#index.worth(oldName, oldValue, entry) >= worth) {
        if (keep.length === MAX_KEPT) return false;
        keep.push(entry);
      } else {
        free += entrySize(oldName, oldValue);
      }
    }
    for (const entry of keep) {
      const [oldName, oldValue] = table.get(entry) as readonly [string, string];
      this.#instructions.integer(0x00, 5, table.insertCount - entry - 1);
      this.#add(oldName, oldValue, entrySize(oldName, oldValue));
    }
    return true;
  }

  #add(name: string, value: string, size: number): void {
    const table = this.#table;
    while (table.size + size > table.capacity) {
      const entry = table.oldest;
      const [oldName, oldValue] = table.evict() as readonly [string, string];
      this.#index.evicted(oldName, oldValue, entry);
    }
    table.insert(name, value);
    this.#index.inserted(name, value, table.insertCount - 1);
  }
}

/** What no table may hold. */
function isSecret(name: string, value: string): boolean {
  return NEVER_INDEXED.has(name) || (name === 'cookie' && value.length < SHORT_COOKIE);
}

/** The block behind its two prefixed integers (RFC 9204 §4.5.1). */
function prefixed(block: Uint8Array, encodedCount: number, sign: number, delta: number): Uint8Array {
  const prefix = new PrefixWriter();
  prefix.integer(0x00, 8, encodedCount);
  prefix.integer(sign, 7, delta);
  const head = prefix.take();
  const whole = new Uint8Array(head.length + block.length);
  whole.set(head);
  whole.set(block, head.length);
  return whole;
}
