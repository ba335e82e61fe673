const LF = 0x0a;
const EMPTY: Uint8Array = new Uint8Array(0);
/** Below this a head may consist of empty lines alone, and what follows them is judged byte by byte. */
const ALWAYS_PARSE = 64;

/** The bytes of a head or trailer section that comes in pieces, joined; never more than one above what may be held. */
export class HeadBuffer {
  buffer: Uint8Array = EMPTY;
  length = 0;

  /** True when something other than empty lines has come. */
  get started(): boolean {
    for (let index = 0; index < this.length; index++) {
      const byte = this.buffer[index];
      if (byte !== 0x0d && byte !== LF) return true;
    }
    return false;
  }

  /** Copies from `start` of the chunk as much as is of use where `max` bytes are allowed, and returns how much that is. */
  add(chunk: Uint8Array, start: number, max: number): number {
    const size = Math.min(chunk.length - start, max + 1 - this.length);
    const needed = this.length + size;
    if (needed > this.buffer.length) {
      const larger = new Uint8Array(Math.max(needed, Math.min(max + 1, Math.max(256, 2 * this.buffer.length))));
      larger.set(this.buffer.subarray(0, this.length));
      this.buffer = larger;
    }
    this.buffer.set(chunk.subarray(start, start + size), this.length);
    this.length = needed;
    return size;
  }

  /**
   * Whether parsing again can tell anything new since there were `before` bytes: a line has ended, or the limit is reached.
   * Without this a head sent byte by byte would be parsed once a byte.
   */
  worthParsing(before: number, max: number): boolean {
    if (before < ALWAYS_PARSE || this.length > max) return true;
    const at = this.buffer.indexOf(LF, before);
    return at >= 0 && at < this.length;
  }

  /** What is held. */
  bytes(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  clear(): void {
    this.buffer = EMPTY;
    this.length = 0;
  }
}
