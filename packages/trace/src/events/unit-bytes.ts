import type { WireUnit } from '@interleave/wire';
import { bytesWorthKeeping } from './record.ts';

const EMPTY = new Uint8Array(0);
/** Bytes of an unfinished unit that are kept until it is whole. */
const MOST_KEPT = 16_384 + 9;

/**
 * The bytes of units that are read. They come before the unit that they make up is known, in pieces of any size, so the
 * beginning of the unfinished one is kept, and the piece that is being parsed.
 */
export class ReceivedBytes {
  /** Where the unfinished unit starts in the stream. */
  #start = 0;
  /** Its first bytes, from the pieces before the current one. */
  #kept: Uint8Array = EMPTY;
  #piece: Uint8Array = EMPTY;
  #pieceAt = 0;

  /** True while bytes have come whose unit has not: a head in HTTP/3 may wait for the table. */
  get waits(): boolean {
    return this.#start < this.#pieceAt + this.#piece.length;
  }

  /** A piece is about to be parsed. */
  push(bytes: Uint8Array): void {
    this.#fold();
    this.#pieceAt += this.#piece.length;
    this.#piece = bytes;
  }

  /** The first bytes of a unit that is whole now. Units come in order. */
  take(unit: WireUnit): Uint8Array {
    const size = bytesWorthKeeping(unit);
    const bytes = this.#copy(unit.offset, size);
    this.#start = unit.offset + unit.length;
    if (this.#start >= this.#pieceAt) this.#kept = EMPTY;
    // A piece that is used up is let go: it may be a view into something large.
    if (this.#start >= this.#pieceAt + this.#piece.length) {
      this.#pieceAt += this.#piece.length;
      this.#piece = EMPTY;
    }
    return bytes;
  }

  #copy(offset: number, size: number): Uint8Array {
    const out = new Uint8Array(size);
    const fromKept = this.#kept.subarray(Math.max(0, offset - this.#start), Math.max(0, offset - this.#start) + size);
    out.set(fromKept);
    const next = offset + fromKept.length - this.#pieceAt;
    // Between what is kept and the piece there may be a gap: a unit so long that its middle is not kept.
    if (next < 0 || fromKept.length === size) return out.subarray(0, fromKept.length);
    const fromPiece = this.#piece.subarray(next, next + size - fromKept.length);
    out.set(fromPiece, fromKept.length);
    return out.subarray(0, fromKept.length + fromPiece.length);
  }

  #fold(): void {
    const from = Math.max(0, this.#start - this.#pieceAt);
    const room = MOST_KEPT - this.#kept.length;
    // Only what adjoins: behind a gap nothing is kept.
    const adjoins = this.#start + this.#kept.length >= this.#pieceAt;
    if (from >= this.#piece.length || room <= 0 || !adjoins) return;
    const more = this.#piece.subarray(from, from + room);
    const kept = new Uint8Array(this.#kept.length + more.length);
    kept.set(this.#kept);
    kept.set(more, this.#kept.length);
    this.#kept = kept;
  }
}

/** A unit that was queued and has not left. */
interface Waiting {
  readonly unit: WireUnit;
  readonly bytes: Uint8Array;
  filled: number;
}

/** Units that may wait to leave: a queue that is longer belongs to a peer that does not read. */
const MOST_WAITING = 512;

/**
 * The bytes of units that are written. A unit is known when it is queued, its bytes when they leave: then it is told, so that
 * what is shown as sent was sent.
 */
export class SentBytes {
  #waiting: Waiting[] = [];
  #at = 0;

  /** A unit was queued. Returns it when it cannot wait, without bytes. */
  expect(unit: WireUnit): WireUnit | null {
    if (this.#waiting.length >= MOST_WAITING) return unit;
    this.#waiting.push({ unit, bytes: new Uint8Array(bytesWorthKeeping(unit)), filled: 0 });
    return null;
  }

  /** Bytes leave; calls `tell` with each unit whose beginning has left. */
  push(bytes: Uint8Array, tell: (unit: WireUnit, bytes: Uint8Array) => void): void {
    const end = this.#at + bytes.length;
    let told = 0;
    for (const one of this.#waiting) {
      const from = one.unit.offset + one.filled;
      if (from >= end) break;
      const piece = bytes.subarray(Math.max(0, from - this.#at), from - this.#at + one.bytes.length - one.filled);
      one.bytes.set(piece, one.filled);
      one.filled += piece.length;
      if (one.filled < one.bytes.length) break;
      tell(one.unit, one.bytes);
      told++;
    }
    if (told > 0) this.#waiting = this.#waiting.slice(told);
    this.#at = end;
  }
}
