import { writeLatin1 } from './latin1.ts';

/** One block serves many small writes: a typed array of its own costs more than what it would hold. */
const BLOCK_SIZE = 16_384;
/** Up to this many bytes a copy is cheaper than a view and its place in the system call. */
const COPY_UP_TO = 256;
const EMPTY: Uint8Array = new Uint8Array(0);

/**
 * The block that is being filled, for all queues together: ten thousand idle connections need no block each. It is written
 * once, front to back, so that views handed out stay true whoever writes next.
 */
let shared: Uint8Array = EMPTY;
/** Bytes of the shared block that are taken. */
let taken = 0;

/**
 * Bytes to be written, as a gather list. Small control bytes are written into a shared block and leave as one view;
 * payloads are queued by reference and never copied. Views that are handed out may share their memory with those of other
 * queues: read them, do not transfer or change them.
 */
export class OutputQueue {
  #views: Uint8Array[] = [];
  #length = 0;
  #block: Uint8Array = EMPTY;
  /** Bytes of the block that are written. */
  #end = 0;
  /** Where the written but not yet queued part of the block starts. */
  #start = 0;

  /** Bytes waiting in `take`. */
  get length(): number {
    return this.#length;
  }

  /**
   * Makes room for `size` contiguous bytes in `block`, and returns where they start. The caller writes at most that many
   * from there and then calls `commit` with the number written, before any other call.
   */
  reserve(size: number): number {
    if (this.#block !== shared || this.#end !== taken || taken + size > shared.length) {
      this.#seal();
      if (taken + size > shared.length) {
        shared = new Uint8Array(Math.max(BLOCK_SIZE, size));
        taken = 0;
      }
      this.#block = shared;
      this.#start = this.#end = taken;
    }
    return taken;
  }

  /** The block that `reserve` points into. */
  get block(): Uint8Array {
    return this.#block;
  }

  /** Queues `size` bytes written after `reserve`. */
  commit(size: number): void {
    this.#end += size;
    taken = this.#end;
    this.#length += size;
  }

  /** The last `size` bytes that were committed, before anything else is queued. For observers. */
  committed(size: number): Uint8Array {
    return this.#block.subarray(this.#end - size, this.#end);
  }

  /** Queues bytes by reference: they must not change until they are written. */
  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#seal();
    this.#push(bytes);
    this.#length += bytes.length;
  }

  /** Queues bytes: a few by copying, since an entry in a gather list costs more than they do, all others by reference. */
  add(bytes: Uint8Array): void {
    if (bytes.length <= COPY_UP_TO) this.copy(bytes);
    else this.append(bytes);
  }

  /** Queues a copy of a few bytes. */
  copy(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.#block.set(bytes, at);
    this.commit(bytes.length);
  }

  /** Queues a string of one character per byte (U+0000 to U+00FF). */
  text(text: string): void {
    const at = this.reserve(text.length);
    writeLatin1(text, this.#block, at);
    this.commit(text.length);
  }

  /** Moves everything that waits in another queue to the end of this one. */
  appendQueue(other: OutputQueue): void {
    for (const view of other.take()) this.append(view);
  }

  /** Takes what waits, in order, at most `max` bytes; the last view is split where `max` falls. */
  take(max: number = Number.POSITIVE_INFINITY): Uint8Array[] {
    this.#seal();
    if (this.#length <= max) {
      const all = this.#views;
      this.#views = [];
      this.#length = 0;
      return all;
    }
    const part: Uint8Array[] = [];
    let room = max;
    let count = 0;
    for (const view of this.#views) {
      if (view.length > room) {
        if (room > 0) {
          part.push(view.subarray(0, room));
          this.#views[count] = view.subarray(room);
        }
        room = 0;
        break;
      }
      part.push(view);
      room -= view.length;
      count++;
    }
    this.#views.splice(0, count);
    this.#length -= max - room;
    return part;
  }

  /** Forgets what waits. */
  clear(): void {
    this.#views = [];
    this.#start = this.#end = 0;
    this.#block = EMPTY;
    this.#length = 0;
  }

  /** The first push onto an empty array makes room for 17; nearly always there is one view. */
  #push(view: Uint8Array): void {
    if (this.#views.length === 0) this.#views = [view];
    else this.#views.push(view);
  }

  /** Turns what was written into the block since the last view into a view of its own. */
  #seal(): void {
    if (this.#end === this.#start) return;
    this.#push(this.#block.subarray(this.#start, this.#end));
    this.#start = this.#end = 0;
    this.#block = EMPTY;
  }
}
