import { decodeLatin1 } from '../bytes/latin1.ts';
import type { RemoteFault } from '../errors.ts';
import { huffmanDecode } from '../huffman/huffman.ts';
import type { DynamicTable } from './dynamic_table.ts';
import { QPACK_ENCODER_STREAM_ERROR, qpackFault } from './fault.ts';
import { BROKEN, MORE, PrefixReader } from './prefix.ts';
import { STATIC_TABLE } from './static_table.ts';

/** Applies the peer's encoder instructions (RFC 9204 §4.3) to the table, however the bytes are cut. */
export class EncoderStreamReader {
  readonly #table: DynamicTable;
  readonly #maxCapacity: number;
  readonly #inserted: () => void;
  #rest: Uint8Array = new Uint8Array(0);

  /** `inserted` is called after each insertion, before the next instruction is looked at. */
  constructor(table: DynamicTable, maxCapacity: number, inserted: () => void) {
    this.#table = table;
    this.#maxCapacity = maxCapacity;
    this.#inserted = inserted;
  }

  receive(bytes: Uint8Array): RemoteFault | null {
    let input = bytes;
    if (this.#rest.length > 0) {
      input = new Uint8Array(this.#rest.length + bytes.length);
      input.set(this.#rest);
      input.set(bytes, this.#rest.length);
    }
    const reader = new PrefixReader(input);
    while (reader.at < reader.end) {
      const start = reader.at;
      const outcome = this.#instruction(reader);
      if (outcome === MORE) {
        // An instruction is bounded by the capacity, so what is kept is as well.
        this.#rest = input.slice(start);
        return null;
      }
      if (outcome !== null)
        return qpackFault(QPACK_ENCODER_STREAM_ERROR, `Cannot apply encoder instruction: ${outcome}`);
    }
    this.#rest = new Uint8Array(0);
    return null;
  }

  /** Null when done, `MORE` when cut off, else what is wrong. */
  #instruction(reader: PrefixReader): null | typeof MORE | string {
    const first = reader.bytes[reader.at] as number;
    if ((first & 0x80) !== 0) {
      const index = reader.integer(6);
      if (index === MORE) return MORE;
      const name = (first & 0x40) !== 0 ? STATIC_TABLE[index]?.[0] : this.#relative(index)?.[0];
      if (name === undefined) return `there is no entry ${index} to take a name from`;
      return this.#insert(name, reader);
    }
    if ((first & 0x40) !== 0) {
      const name = this.#string(reader, 5);
      if (typeof name !== 'string')
        return name === MORE ? MORE : 'a name is longer than the table, or not Huffman code';
      return this.#insert(name, reader);
    }
    if ((first & 0x20) !== 0) {
      const capacity = reader.integer(5);
      if (capacity === MORE) return MORE;
      if (capacity === BROKEN || capacity > this.#maxCapacity) return `a capacity above ${this.#maxCapacity} (§3.2.3)`;
      this.#table.setCapacity(capacity);
      return null;
    }
    const index = reader.integer(5);
    if (index === MORE) return MORE;
    const entry = this.#relative(index);
    if (entry === undefined) return `there is no entry ${index} to duplicate`;
    return this.#add(entry[0], entry[1]);
  }

  #insert(name: string, reader: PrefixReader): null | typeof MORE | string {
    const value = this.#string(reader, 7);
    if (typeof value !== 'string')
      return value === MORE ? MORE : 'a value is longer than the table, or not Huffman code';
    return this.#add(name, value);
  }

  #add(name: string, value: string): null | string {
    if (!this.#table.insert(name, value))
      return `an entry that does not fit into ${this.#table.capacity} bytes (§3.2.2)`;
    this.#inserted();
    return null;
  }

  #relative(index: number): readonly [string, string] | undefined {
    return index < 0 ? undefined : this.#table.get(this.#table.insertCount - 1 - index);
  }

  #string(reader: PrefixReader, bits: number): string | typeof MORE | typeof BROKEN {
    if (reader.at >= reader.end) return MORE;
    const coded = ((reader.bytes[reader.at] as number) & (1 << bits)) !== 0;
    const length = reader.integer(bits);
    if (length < 0) return length === MORE ? MORE : BROKEN;
    // The longest Huffman code has 30 bits: so many bytes cannot become a string that fits.
    if (length > this.#table.capacity * 4) return BROKEN;
    if (length > reader.end - reader.at) return MORE;
    const start = reader.at;
    reader.at += length;
    if (!coded) return decodeLatin1(reader.bytes, start, reader.at);
    return huffmanDecode(reader.bytes, start, reader.at) ?? BROKEN;
  }
}
