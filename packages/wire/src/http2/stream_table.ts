import type { Http2Stream } from './stream.ts';

/** Steps after which a place is thought to be unlucky, or chosen by the peer. */
const MOST_STEPS = 16;
const SMALLEST = 8;

/**
 * Streams by their identifier. With thousands of streams open, a frame costs what memory it touches: identifiers that follow
 * each other stand next to each other here, which no hash map does.
 *
 * A peer may pick identifiers that all want the same place. Then they are spread by a number that it does not know.
 */
export class StreamTable {
  /** Identifier in each place, 0 where there is none; the length is a power of two. */
  #ids: number[] = new Array<number>(SMALLEST).fill(0);
  #streams: (Http2Stream | undefined)[] = new Array(SMALLEST);
  #size = 0;
  /** 0: places follow the identifiers. */
  #seed = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): Http2Stream | undefined {
    const ids = this.#ids;
    const mask = ids.length - 1;
    for (let at = this.#home(id); ; at = (at + 1) & mask) {
      const found = ids[at];
      if (found === id) return this.#streams[at];
      if (found === 0) return undefined;
    }
  }

  /** Adds a stream that is not here. */
  add(stream: Http2Stream): void {
    this.#size++;
    if (4 * this.#size > 3 * this.#ids.length) this.#rebuild(2 * this.#ids.length);
    if (this.#place(stream) <= MOST_STEPS || this.#seed !== 0) return;
    this.#seed = 1 + Math.floor(Math.random() * 0x3fff_ffff);
    this.#rebuild(this.#ids.length);
  }

  delete(id: number): void {
    const ids = this.#ids;
    const mask = ids.length - 1;
    let hole = this.#home(id);
    while (ids[hole] !== id) {
      if (ids[hole] === 0) return;
      hole = (hole + 1) & mask;
    }
    this.#size--;
    // What stands behind moves up, unless it would stand before its own place.
    for (let at = (hole + 1) & mask; ids[at] !== 0; at = (at + 1) & mask) {
      const home = this.#home(ids[at] as number);
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      ids[hole] = ids[at] as number;
      this.#streams[hole] = this.#streams[at];
      hole = at;
    }
    ids[hole] = 0;
    this.#streams[hole] = undefined;
    // An idle connection keeps nothing of its busy times.
    if (this.#size === 0 && ids.length > 8 * SMALLEST) this.clear();
  }

  /** A copy, lowest identifier first: streams may be added and deleted meanwhile. */
  inOrder(): Http2Stream[] {
    const all: Http2Stream[] = [];
    for (const stream of this.#streams) if (stream !== undefined) all.push(stream);
    return all.sort((a, b) => a.id - b.id);
  }

  /** Places looked at to find all of these, for tests. @internal */
  steps(ids: readonly number[]): number {
    const mask = this.#ids.length - 1;
    let steps = 0;
    for (const id of ids) {
      for (let at = this.#home(id); this.#ids[at] !== id && this.#ids[at] !== 0; at = (at + 1) & mask) steps++;
    }
    return steps;
  }

  clear(): void {
    this.#ids = new Array<number>(SMALLEST).fill(0);
    this.#streams = new Array(SMALLEST);
    this.#size = 0;
  }

  #home(id: number): number {
    const mask = this.#ids.length - 1;
    if (this.#seed === 0) return (id >>> 1) & mask;
    // Fibonacci hashing: the highest bits of the product depend on every bit of the identifier.
    return Math.imul(id ^ this.#seed, 0x9e37_79b1) >>> Math.clz32(mask);
  }

  /** Puts a stream into the first free place from its own on; returns the steps there. */
  #place(stream: Http2Stream): number {
    const ids = this.#ids;
    const mask = ids.length - 1;
    let at = this.#home(stream.id);
    let steps = 0;
    for (; ids[at] !== 0; at = (at + 1) & mask) steps++;
    ids[at] = stream.id;
    this.#streams[at] = stream;
    return steps;
  }

  #rebuild(length: number): void {
    const streams = this.#streams;
    this.#ids = new Array<number>(length).fill(0);
    this.#streams = new Array(length);
    for (const stream of streams) if (stream !== undefined) this.#place(stream);
  }
}
