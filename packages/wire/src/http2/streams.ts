import type { Http2Stream } from './stream.ts';
import { StreamTable } from './stream_table.ts';

/**
 * Streams that we have reset and whose frames may still be on their way (RFC 9113 §5.1, "closed"). Beyond this number the
 * oldest is forgotten, and what still comes on it is an error: a peer has had more than a second to notice, at the rate at
 * which it can make us reset.
 */
const MAX_REMEMBERED = 1_024;
/** Runs of identifiers that the peer has skipped. Honest peers skip none. */
const MAX_SKIPPED = 64;

/** The streams of a connection that are not idle and not closed, and what must be known of those that are closed. */
export class Streams {
  readonly #open = new StreamTable();
  #latest: Http2Stream | null = null;
  /** What may still come on each, in the order they were reset. */
  readonly #reset = new Map<number, number>();
  readonly #skipped: { readonly from: number; readonly to: number }[] = [];
  /** Highest identifier that the peer has opened. */
  lastPeerId = 0;
  /** Highest identifier that we have opened. */
  lastOwnId = 0;
  /** The peer's identifiers: 1 when odd, 0 when even. */
  readonly #peerParity: number;

  constructor(peerParity: 0 | 1) {
    this.#peerParity = peerParity;
  }

  /** Streams that are not closed. */
  get size(): number {
    return this.#open.size;
  }

  get(id: number): Http2Stream | undefined {
    // One frame asks several times, and the next is often of the same stream.
    const latest = this.#latest;
    if (latest !== null && latest.id === id) return latest;
    const stream = this.#open.get(id);
    if (stream !== undefined) this.#latest = stream;
    return stream;
  }

  /** In the order they were opened. Streams may be deleted meanwhile. */
  values(): Http2Stream[] {
    return this.#open.inOrder();
  }

  add(stream: Http2Stream): void {
    this.#open.add(stream);
  }

  delete(stream: Http2Stream): void {
    if (this.#latest === stream) this.#latest = null;
    this.#open.delete(stream.id);
  }

  /** The peer opens this stream: every lower one that it has not opened is closed by that (RFC 9113 §5.1.1). */
  opensPeer(id: number): void {
    const expected = this.lastPeerId === 0 ? (this.#peerParity === 1 ? 1 : 2) : this.lastPeerId + 2;
    if (id > expected) {
      this.#skipped.push({ from: expected, to: id - 2 });
      if (this.#skipped.length > MAX_SKIPPED) this.#skipped.shift();
    }
    this.lastPeerId = id;
  }

  /** True for an identifier that the peer might have opened and did not before it opened a higher one. */
  wasSkipped(id: number): boolean {
    return this.#skipped.some(({ from, to }) => id >= from && id <= to);
  }

  /** True for a stream that nobody has opened. */
  isIdle(id: number): boolean {
    return id > ((id & 1) === this.#peerParity ? this.lastPeerId : this.lastOwnId);
  }

  /** True for an identifier that only the peer can open. */
  isPeers(id: number): boolean {
    return (id & 1) === this.#peerParity;
  }

  /** Frames of this stream may still come, with at most `octets` of content, and are to be ignored. */
  remember(id: number, octets: number): void {
    this.#reset.set(id, octets);
    if (this.#reset.size <= MAX_REMEMBERED) return;
    for (const oldest of this.#reset.keys()) {
      this.#reset.delete(oldest);
      break;
    }
  }

  /** True when we have reset this stream, not long ago. */
  wasReset(id: number): boolean {
    return this.#reset.has(id);
  }

  /** Content has come on a stream that we have reset: false when it is more than its window had left. */
  takeLate(id: number, octets: number): boolean {
    const left = (this.#reset.get(id) ?? 0) - octets;
    this.#reset.set(id, left);
    return left >= 0;
  }

  clear(): void {
    this.#latest = null;
    this.#open.clear();
    this.#reset.clear();
  }
}
