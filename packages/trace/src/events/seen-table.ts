import type { FieldLine } from '@interleave/wire';

/** What a line counts beside its name and value (RFC 7541 §4.1, RFC 9204 §3.2.1). */
const OVERHEAD = 32;

/** A dynamic table as an onlooker follows it: HPACK's or QPACK's, in one direction. */
export class SeenTable {
  /** Oldest first. */
  #lines: FieldLine[] = [];
  #size = 0;
  #inserted = 0;
  capacity: number;
  /** False once a change was missed: what stands here is then only part of the truth. */
  certain = true;

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get size(): number {
    return this.#size;
  }

  /** Lines ever inserted. */
  get inserted(): number {
    return this.#inserted;
  }

  /** Newest first. */
  lines(): FieldLine[] {
    return this.#lines.toReversed();
  }

  /** The line inserted `index` lines before the newest. */
  recent(index: number): FieldLine | undefined {
    return this.#lines.at(-1 - index);
  }

  /** Returns how many lines made room. One that is larger than the table empties it (RFC 7541 §4.4). */
  insert(line: FieldLine): number {
    const size = line[0].length + line[1].length + OVERHEAD;
    const evicted = this.#evictTo(Math.max(0, this.capacity - size));
    if (size <= this.capacity) {
      this.#lines.push(line);
      this.#size += size;
      this.#inserted++;
    }
    return evicted;
  }

  /** Returns how many lines no longer fit. */
  resize(capacity: number): number {
    this.capacity = capacity;
    return this.#evictTo(capacity);
  }

  clone(): SeenTable {
    const copy = new SeenTable(this.capacity);
    copy.#lines = this.#lines.slice();
    copy.#size = this.#size;
    copy.#inserted = this.#inserted;
    copy.certain = this.certain;
    return copy;
  }

  #evictTo(size: number): number {
    let evicted = 0;
    while (this.#size > size) {
      const [name, value] = this.#lines[evicted++] as FieldLine;
      this.#size -= name.length + value.length + OVERHEAD;
    }
    if (evicted > 0) this.#lines = this.#lines.slice(evicted);
    return evicted;
  }
}
