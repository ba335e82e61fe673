import { entrySize } from './entry_size.ts';
import { STATIC_SIZE, STATIC_TABLE } from './static_table.ts';

/** Entries of one name that a search looks at: a bound on what a name with ever new values costs. */
const MAX_PROBES = 32;

/** A field name that one of the tables has. */
interface Name {
  readonly name: string;
  /** Lowest static index with this name; 0 when there is none. */
  readonly staticIndex: number;
  /** Values of the static entries from there on that have this name. */
  readonly staticValues: readonly string[];
  newest: Entry | null;
}

/** A line in the dynamic table. */
interface Entry {
  readonly name: Name;
  readonly value: string;
  /** Which insertion it was, from 1. */
  readonly nth: number;
  older: Entry | null;
  newer: Entry | null;
}

const STATIC_NAMES: ReadonlyMap<string, { index: number; values: string[] }> = (() => {
  const names = new Map<string, { index: number; values: string[] }>();
  for (const [index, [name, value]] of STATIC_TABLE.entries()) {
    const known = names.get(name);
    if (known === undefined) names.set(name, { index: index + 1, values: [value] });
    else known.values.push(value);
  }
  return names;
})();

/**
 * The encoder's view of the tables: which index a line or a name has. The decoder's table is a ring of lines; this one adds
 * the way back from a name to its entries, newest first.
 */
export class EncoderTable {
  /** Names that were asked for and are known. A connection uses a dozen of the static table's fifty. */
  readonly #names = new Map<string, Name>();
  /** Oldest first, from `#oldest` on. */
  #entries: (Entry | undefined)[] = [];
  #oldest = 0;
  #inserted = 0;
  #size = 0;
  #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Bytes in the dynamic table. */
  get size(): number {
    return this.#size;
  }

  /** Most bytes that the dynamic table may hold. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Lines in the dynamic table. */
  get count(): number {
    return this.#entries.length - this.#oldest;
  }

  /** Index of the line; when only its name is known, the negative index of that; 0 when neither is. */
  find(name: string, value: string): number {
    const known = this.#names.get(name) ?? this.#firstUse(name);
    if (known === undefined) return 0;
    const { staticValues, staticIndex } = known;
    for (let index = 0; index < staticValues.length; index++) {
      if (staticValues[index] === value) return staticIndex + index;
    }
    let entry = known.newest;
    for (let probes = 0; entry !== null && probes < MAX_PROBES; probes++) {
      if (entry.value === value) return this.#indexOf(entry);
      entry = entry.older;
    }
    if (staticIndex > 0) return -staticIndex;
    return known.newest === null ? 0 : -this.#indexOf(known.newest);
  }

  /** Adds a line and evicts what no longer fits. One that is larger than the table empties it (RFC 7541 §4.4). */
  insert(name: string, value: string): void {
    const size = entrySize(name, value);
    this.#evictTo(Math.max(0, this.#capacity - size));
    if (size > this.#capacity) return;
    let known = this.#names.get(name) ?? this.#firstUse(name);
    if (known === undefined) {
      known = { name, staticIndex: 0, staticValues: [], newest: null };
      this.#names.set(name, known);
    }
    const entry: Entry = { name: known, value, nth: ++this.#inserted, older: known.newest, newer: null };
    if (known.newest !== null) known.newest.newer = entry;
    known.newest = entry;
    this.#entries.push(entry);
    this.#size += size;
  }

  /** Sets the capacity and evicts what no longer fits. */
  resize(capacity: number): void {
    this.#capacity = capacity;
    this.#evictTo(capacity);
  }

  /** A name of the static table, or undefined. */
  #firstUse(text: string): Name | undefined {
    const known = STATIC_NAMES.get(text);
    if (known === undefined) return undefined;
    const name: Name = { name: text, staticIndex: known.index, staticValues: known.values, newest: null };
    this.#names.set(text, name);
    return name;
  }

  #indexOf(entry: Entry): number {
    return STATIC_SIZE + 1 + this.#inserted - entry.nth;
  }

  #evictTo(size: number): void {
    while (this.#size > size) {
      const entry = this.#entries[this.#oldest] as Entry;
      this.#entries[this.#oldest++] = undefined;
      const { name, value, newer } = entry;
      this.#size -= entrySize(name.name, value);
      // The oldest of all is the oldest of its name.
      if (newer !== null) newer.older = null;
      else {
        name.newest = null;
        if (name.staticIndex === 0) this.#names.delete(name.name);
      }
    }
    // Moving what is left costs something: do it seldom.
    if (this.#oldest > 64 && this.#oldest * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#oldest);
      this.#oldest = 0;
    }
  }
}
