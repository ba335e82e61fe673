import type { FieldLine } from '../fields/field.ts';
import { entrySize } from './entry_size.ts';

/**
 * The decoder's dynamic table (RFC 7541 §2.3.2): first in, first out, bounded by size. A ring, so that nothing moves
 * when a line comes or goes.
 */
export class DynamicTable {
  #ring: (FieldLine | undefined)[] = new Array(16);
  /** Where the next line goes; the ring's length is a power of two. */
  #next = 0;
  #count = 0;
  #size = 0;
  #capacity: number;

  /** An empty table of at most `capacity` bytes. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Lines in the table. */
  get count(): number {
    return this.#count;
  }

  /** Bytes in the table, 32 a line included. */
  get size(): number {
    return this.#size;
  }

  /** Most bytes that the table may hold. */
  get capacity(): number {
    return this.#capacity;
  }

  /** The line inserted `index` lines before the newest, or undefined when there is none. */
  get(index: number): FieldLine | undefined {
    if (index >= this.#count) return undefined;
    return this.#ring[(this.#next - 1 - index) & (this.#ring.length - 1)];
  }

  /** The lines, newest first; a copy, for drawing. */
  lines(): FieldLine[] {
    return Array.from({ length: this.#count }, (_, index) => this.get(index) as FieldLine);
  }

  /** Sets the capacity and evicts what no longer fits (RFC 7541 §4.3). */
  resize(capacity: number): void {
    this.#capacity = capacity;
    this.#evictTo(capacity);
  }

  /** Adds a line of `size` bytes. One that is larger than the table empties it and is not kept, which is no error (RFC 7541 §4.4). */
  insert(line: FieldLine, size: number): void {
    if (this.#size + size > this.#capacity) {
      this.#evictTo(Math.max(0, this.#capacity - size));
      if (size > this.#capacity) return;
    }
    if (this.#count === this.#ring.length) this.#grow();
    this.#ring[this.#next] = line;
    this.#next = (this.#next + 1) & (this.#ring.length - 1);
    this.#count++;
    this.#size += size;
  }

  #evictTo(size: number): void {
    while (this.#size > size) {
      const at = (this.#next - this.#count) & (this.#ring.length - 1);
      const [name, value] = this.#ring[at] as FieldLine;
      this.#ring[at] = undefined;
      this.#count--;
      this.#size -= entrySize(name, value);
    }
  }

  #grow(): void {
    const grown: (FieldLine | undefined)[] = new Array(this.#ring.length * 2);
    for (let index = 0; index < this.#count; index++) grown[this.#count - 1 - index] = this.get(index);
    this.#ring = grown;
    this.#next = this.#count;
  }
}
