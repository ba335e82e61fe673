const EMPTY = new Uint8Array(0);
/** Content of one stream that waits for its turn, by reference. */
export class SendQueue {
  #chunks = [];
  #first = 0;
  #offset = 0;
  #length = 0;
  get length() {
    return this.#length;
  }
  push(chunk) {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }
  /** Takes at most `max` octets of the first chunk, as a view. */
  take(max) {
    const chunk = this.#chunks[this.#first];
    if (chunk === undefined) return EMPTY;
    const end = Math.min(chunk.length, this.#offset + max);
    const piece = this.#offset === 0 && end === chunk.length ? chunk : chunk.subarray(this.#offset, end);
    this.#length -= piece.length;
    if (end < chunk.length) this.#offset = end;
    else {
      this.#offset = 0;
      this.#chunks[this.#first++] = EMPTY;
      if (this.#first === this.#chunks.length) {
        this.#chunks = [];
        this.#first = 0;
      }
    }
    return piece;
  }
}
