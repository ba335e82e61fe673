import type { FieldLine } from '../fields/field.ts';

/** What every entry costs beyond its characters (RFC 9204 §3.2.1). */
export const ENTRY_OVERHEAD = 32;

/** Size of an entry in the table's own accounting (RFC 9204 §3.2.1). Field text holds one character per byte. */
export function entrySize(name: string, value: string): number {
  return name.length + value.length + ENTRY_OVERHEAD;
}

/**
 * The dynamic table of one direction (RFC 9204 §3.2): a queue whose entries are named by the absolute index they were
 * inserted with, 0 for the first of the connection. Both ends keep one; neither knows about references here.
 */
export class DynamicTable {
  #entries: (FieldLine | undefined)[] = [];
  /** Where in `#entries` the oldest live entry stands; the array is compacted as it grows. */
  #start = 0;
  #size = 0;
  #capacity: number;
  #dropped = 0;

  constructor(capacity = 0) {
    this.#capacity = capacity;
  }

  /** Entries ever inserted: the absolute index that the next one gets. */
  get insertCount(): number {
    return this.#dropped + this.#entries.length - this.#start;
  }

  /** The absolute index of the oldest live entry; equal to `insertCount` when the table is empty. */
  get oldest(): number {
    return this.#dropped;
  }

  get size(): number {
    return this.#size;
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** The entry with this absolute index, or undefined when it was evicted or never inserted. */
  get(absoluteIndex: number): FieldLine | undefined {
    return absoluteIndex < this.#dropped ? undefined : this.#entries[absoluteIndex - this.#dropped + this.#start];
  }

  /** Changes the capacity and evicts what no longer fits (RFC 9204 §3.2.2). */
  setCapacity(capacity: number): void {
    this.#capacity = capacity;
    while (this.#size > capacity) this.evict();
  }

  /** Inserts a line after evicting for it, oldest first; false, and nothing changed, when it can never fit. */
  insert(name: string, value: string): boolean {
    const size = entrySize(name, value);
    if (size > this.#capacity) return false;
    while (this.#size + size > this.#capacity) this.evict();
    this.#entries.push([name, value]);
    this.#size += size;
    return true;
  }

  /** Drops the oldest entry and returns it. */
  evict(): FieldLine | undefined {
    const entry = this.#entries[this.#start];
    if (entry === undefined) return undefined;
    this.#entries[this.#start++] = undefined;
    this.#dropped++;
    this.#size -= entrySize(entry[0], entry[1]);
    if (this.#start > 64 && this.#start * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#start);
      this.#start = 0;
    }
    return entry;
  }
}
