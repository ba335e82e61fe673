import { readVarint, varintSize } from '../bytes/varint.ts';

/** What a reader hands on: the start of a frame, a piece of its payload, its end. */
export interface FrameSink {
  /** A frame begins; its payload has `length` bytes. `'collect'` holds the payload back until it is whole. */
  frameStart(type: number, length: number): 'stream' | 'collect' | 'skip' | 'stop';
  /** A piece of a streamed payload, as a view; `last` with the final one. Also called once for an empty payload. */
  framePiece(type: number, piece: Uint8Array, last: boolean): 'on' | 'stop';
  /** A collected payload. */
  frameWhole(type: number, payload: Uint8Array): 'on' | 'stop';
}

const EMPTY = new Uint8Array(0);

/**
 * Cuts the bytes of one stream into frames (RFC 9114 §7.1), however they arrive. Payloads of DATA go through as views; others are
 * collected, so the sink must refuse lengths that it does not want to hold.
 */
export class H3FrameReader {
  readonly #sink: FrameSink;
  /** Bytes of a frame head that is not whole yet: at most 16. */
  readonly #head = new Uint8Array(16);
  #headLength = 0;
  #type = -1;
  #left = 0;
  #mode: 'stream' | 'collect' | 'skip' = 'skip';
  #collected: Uint8Array = EMPTY;
  #filled = 0;
  #stopped = false;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** True between frames: only here may the stream end (RFC 9114 §7.1). */
  get atBoundary(): boolean {
    return this.#type < 0 && this.#headLength === 0;
  }

  /** Reads on until the bytes are used up or the sink says stop; returns how many were used. */
  read(bytes: Uint8Array): number {
    let at = 0;
    this.#stopped = false;
    while (at < bytes.length && !this.#stopped)
      at = this.#type < 0 ? this.#readHead(bytes, at) : this.#readPayload(bytes, at);
    return at;
  }

  #readHead(bytes: Uint8Array, start: number): number {
    let at = start;
    for (;;) {
      const wanted = this.#headSize();
      if (this.#headLength >= wanted && wanted > 1) break;
      if (at >= bytes.length) return at;
      this.#head[this.#headLength++] = bytes[at++] as number;
    }
    const typeSize = varintSize(this.#head[0] as number);
    const type = readVarint(this.#head, 0);
    const length = readVarint(this.#head, typeSize);
    this.#headLength = 0;
    const mode = this.#sink.frameStart(type, length);
    if (mode === 'stop') {
      this.#stopped = true;
      return at;
    }
    this.#type = type;
    this.#left = length;
    this.#mode = mode;
    if (mode === 'collect') {
      this.#collected = new Uint8Array(length);
      this.#filled = 0;
    }
    if (length === 0) this.#end(EMPTY);
    return at;
  }

  /** Bytes that the frame head has, as far as it is known: the length's first byte decides the rest. */
  #headSize(): number {
    if (this.#headLength === 0) return 1;
    const typeSize = varintSize(this.#head[0] as number);
    return this.#headLength <= typeSize ? typeSize + 1 : typeSize + varintSize(this.#head[typeSize] as number);
  }

  #readPayload(bytes: Uint8Array, at: number): number {
    const take = Math.min(this.#left, bytes.length - at);
    const piece = bytes.subarray(at, at + take);
    this.#left -= take;
    if (this.#mode === 'collect') {
      this.#collected.set(piece, this.#filled);
      this.#filled += take;
    }
    if (this.#left === 0) this.#end(piece);
    else if (this.#mode === 'stream' && this.#sink.framePiece(this.#type, piece, false) === 'stop')
      this.#stopped = true;
    return at + take;
  }

  #end(lastPiece: Uint8Array): void {
    const type = this.#type;
    this.#type = -1;
    let next: 'on' | 'stop' = 'on';
    if (this.#mode === 'stream') next = this.#sink.framePiece(type, lastPiece, true);
    else if (this.#mode === 'collect') {
      const payload = this.#collected;
      this.#collected = EMPTY;
      next = this.#sink.frameWhole(type, payload);
    }
    if (next === 'stop') this.#stopped = true;
  }
}
