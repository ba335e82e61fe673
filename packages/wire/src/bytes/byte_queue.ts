const EMPTY: Uint8Array = new Uint8Array(0);

/**
 * Received bytes that are not parsed yet. Chunks are kept by reference; what lies within one chunk is handed out as a
 * view, and only what spans chunks is copied.
 */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #first = 0;
  /** Bytes of the first chunk that are used up. */
  #offset = 0;
  #length = 0;

  /** Bytes waiting. */
  get length(): number {
    return this.#length;
  }

  /** Adds a chunk, by reference. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The rest of the first chunk, as a view; empty when the queue is empty. Nothing is taken. */
  head(): Uint8Array {
    const chunk = this.#chunks[this.#first];
    if (chunk === undefined) return EMPTY;
    return this.#offset === 0 ? chunk : chunk.subarray(this.#offset);
  }

  /** The first `size` bytes without taking them, or null while there are fewer. A view unless they span chunks. */
  peek(size: number): Uint8Array | null {
    if (size > this.#length) return null;
    if (size === 0) return EMPTY;
    const chunk = this.#chunks[this.#first] as Uint8Array;
    if (this.#offset + size <= chunk.length) return chunk.subarray(this.#offset, this.#offset + size);
    const joined = new Uint8Array(size);
    let filled = 0;
    let offset = this.#offset;
    for (let index = this.#first; filled < size; index++) {
      const next = this.#chunks[index] as Uint8Array;
      const part = next.subarray(offset, offset + size - filled);
      joined.set(part, filled);
      filled += part.length;
      offset = 0;
    }
    return joined;
  }

  /** Takes the first `size` bytes, or returns null while there are fewer. */
  take(size: number): Uint8Array | null {
    const bytes = this.peek(size);
    if (bytes !== null) this.drop(size);
    return bytes;
  }

  /** Takes what the first chunk still has, at most `max` bytes, always as a view; empty when the queue is empty. */
  takeSome(max: number): Uint8Array {
    const head = this.head();
    const part = head.length <= max ? head : head.subarray(0, max);
    this.drop(part.length);
    return part;
  }

  /** Forgets the first `size` bytes (or all, if there are fewer). */
  drop(size: number): void {
    if (size >= this.#length) {
      this.#chunks = [];
      this.#first = this.#offset = this.#length = 0;
      return;
    }
    this.#length -= size;
    let rest = size;
    for (;;) {
      const chunk = this.#chunks[this.#first] as Uint8Array;
      const left = chunk.length - this.#offset;
      if (rest < left) {
        this.#offset += rest;
        break;
      }
      rest -= left;
      this.#offset = 0;
      this.#chunks[this.#first++] = EMPTY;
    }
    // Shifting an array moves every element: do it seldom.
    if (this.#first > 64) {
      this.#chunks.splice(0, this.#first);
      this.#first = 0;
    }
  }
}
