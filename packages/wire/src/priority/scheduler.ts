import type { Priority } from './priority.ts';

const URGENCIES = 8;

/** What a scheduler puts in order: a stream, with the links that make it a member of a ring without another object. */
export interface Scheduled<Self> {
  readonly id: number;
  /** May change only through `PriorityScheduler.update`. */
  urgency: number;
  incremental: boolean;
  /** Neighbours in the ring, or null while it is not in one. */
  next: Self | null;
  previous: Self | null;
}

/**
 * Says which of the streams that have something to send is next (RFC 9218 §10), after the scheduler of golang.org/x/net/http2.
 *
 * Lower urgency goes first, always. Within one urgency, streams that are not incremental go one after the other, each to
 * completion, in the order of their requests; incremental ones take turns; and the two kinds alternate, so that neither
 * starves the other. Everything takes the same time however many streams there are, but for a stream that rejoins the
 * middle of a queue.
 */
export class PriorityScheduler<Stream extends Scheduled<Stream>> {
  /** For each urgency the ring of streams that are not incremental, then that of those that are: its first, or null. */
  readonly #heads: (Stream | null)[] = new Array(2 * URGENCIES).fill(null);
  /** A bit for each ring that is not empty. */
  #filled = 0;
  #incrementalTurn = false;
  #size = 0;

  /** Streams in it. */
  get size(): number {
    return this.#size;
  }

  /** Adds a stream that has something to send; does nothing when it is in. */
  add(stream: Stream): void {
    if (stream.next !== null) return;
    const ring = ringOf(stream);
    const head = this.#heads[ring] as Stream | null;
    this.#size++;
    this.#filled |= 1 << ring;
    if (head === null) {
      stream.next = stream.previous = stream;
      this.#heads[ring] = stream;
      return;
    }
    // The end of the ring is before its head.
    let after = head;
    if (!stream.incremental) {
      if (stream.id < head.id) this.#heads[ring] = stream;
      else for (let last = head.previous as Stream; last.id > stream.id; last = last.previous as Stream) after = last;
    }
    const before = after.previous as Stream;
    before.next = after.previous = stream;
    stream.previous = before;
    stream.next = after;
  }

  /** Takes a stream out that has nothing to send, or may not; does nothing when it is not in. */
  remove(stream: Stream): void {
    if (stream.next === null) return;
    const ring = ringOf(stream);
    this.#size--;
    if (stream.next === stream) {
      this.#heads[ring] = null;
      this.#filled &= ~(1 << ring);
    } else {
      (stream.previous as Stream).next = stream.next;
      stream.next.previous = stream.previous;
      if (this.#heads[ring] === stream) this.#heads[ring] = stream.next;
    }
    stream.next = stream.previous = null;
  }

  /** The stream whose turn it is, or null when there is none. The same again until `sent` or `remove`. */
  peek(): Stream | null {
    if (this.#filled === 0) return null;
    // Rings 2u and 2u+1 are those of urgency u: the lowest bit is the most urgent.
    let ring = 31 - Math.clz32(this.#filled & -this.#filled);
    if ((ring & 1) === 0 && this.#incrementalTurn && (this.#filled & (2 << ring)) !== 0) ring++;
    return this.#heads[ring] as Stream;
  }

  /** The stream has sent a frame and has more: an incremental one goes to the end, and the other kind has the next turn. */
  sent(stream: Stream): void {
    this.#incrementalTurn = !stream.incremental;
    if (stream.incremental && stream.next !== null) this.#heads[ringOf(stream)] = stream.next;
  }

  /** Gives the stream another priority, where it stands. */
  update(stream: Stream, priority: Priority): void {
    const listed = stream.next !== null;
    if (listed) this.remove(stream);
    stream.urgency = priority.urgency;
    stream.incremental = priority.incremental;
    if (listed) this.add(stream);
  }
}

function ringOf(stream: { readonly urgency: number; readonly incremental: boolean }): number {
  return stream.urgency * 2 + (stream.incremental ? 1 : 0);
}
