/** Bytes of one direction, which only become more. A view that was given stays as it was, and costs no copy of all that came before. */
export class Grown {
  #room: Uint8Array<ArrayBuffer> = new Uint8Array(256);
  #length = 0;

  add(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#room.length) {
      // Twice as much each time: whoever keeps old views keeps few old buffers.
      const room = new Uint8Array(Math.max(length, 2 * this.#room.length));
      room.set(this.#room.subarray(0, this.#length));
      this.#room = room;
    }
    this.#room.set(bytes, this.#length);
    this.#length = length;
  }

  get all(): Uint8Array {
    return this.#room.subarray(0, this.#length);
  }
}
