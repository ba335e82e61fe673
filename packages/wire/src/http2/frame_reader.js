import { ErrorCode } from './error_code.ts';
import { connectionFault } from './fault.ts';
import { Flag, FRAME_HEADER_SIZE, FrameType, frameKind } from './frame.ts';
/** What `FrameReader.next` found. */
export const NEED_MORE = 0;
/** A whole frame that is not DATA, its payload from `start` to `end` of `bytes`; of an unknown type, without payload. */
export const FRAME = 1;
/** A piece of a DATA frame's content, from `start` to `end` of `bytes`. */
export const DATA_PIECE = 2;
/** `fault` says what is wrong; nothing more can be read. */
export const BROKEN = 3;
const HEADER = 0;
const PAYLOAD = 1;
const PAD_LENGTH = 2;
const CONTENT = 3;
const PADDING = 4;
const SKIP = 5;
const EMPTY = new Uint8Array(0);
/**
 * Cuts bytes into frames (RFC 9113 §4) without copying them: a payload that lies within one chunk is a view, and only what
 * spans chunks is put together. DATA is never put together; it comes in pieces as it arrives.
 *
 * The result of `next` stands in the reader's own fields until the next call, so that a frame costs no object. Sizes, stream
 * identifiers and the order of CONTINUATION are checked at the frame's header, before its payload has come.
 */
export class FrameReader {
  type = 0;
  flags = 0;
  streamId = 0;
  /** Octets of the payload, padding included. */
  length = 0;
  /** Where the frame starts in the connection's bytes. */
  offset = 0;
  bytes = EMPTY;
  start = 0;
  end = 0;
  /** DATA: octets of the padding and its length. */
  padding = 0;
  /** DATA: this piece is the frame's first. */
  first = false;
  /** DATA: this piece is the frame's last, and all padding has come. */
  last = false;
  fault = null;
  #maxFrameSize;
  #phase = HEADER;
  #chunk = EMPTY;
  #at = 0;
  /** Octets of the connection before the current chunk. */
  #base = 0;
  #header = new Uint8Array(FRAME_HEADER_SIZE);
  #headerFilled = 0;
  #partial = EMPTY;
  #partialFilled = 0;
  /** Octets of content or of what is skipped that are still to come. */
  #left = 0;
  #paddingLeft = 0;
  /** The stream whose field block is unfinished: only its CONTINUATION may come. 0 when there is none. */
  #continued = 0;
  constructor(maxFrameSize) {
    this.#maxFrameSize = maxFrameSize;
  }
  /** True while a field block is unfinished, or a frame that is not DATA. */
  get inBlock() {
    return this.#continued !== 0;
  }
  /** True when no frame has been begun. */
  get atBoundary() {
    return this.#phase === HEADER && this.#headerFilled === 0;
  }
  /** Takes a chunk from `start` on. All of the chunk before must have been read. */
  push(chunk, start = 0) {
    this.#base += this.#chunk.length;
    this.#chunk = chunk;
    this.#at = start;
  }
  /** Forgets the chunk, so that it can be collected. */
  release() {
    this.#base += this.#chunk.length;
    this.#chunk = this.bytes = EMPTY;
    this.#at = 0;
  }
  /** Reads on. */
  next() {
    for (;;) {
      switch (this.#phase) {
        case HEADER:
          if (!this.#readHeader()) return NEED_MORE;
          if (!this.#check()) return BROKEN;
          break;
        case PAYLOAD:
          return this.#readPayload() ? FRAME : NEED_MORE;
        case PAD_LENGTH: {
          if (this.#at === this.#chunk.length) return NEED_MORE;
          const size = this.#chunk[this.#at++];
          if (size >= this.length) {
            return this.#broken(
              ErrorCode.PROTOCOL_ERROR,
              `padding of ${size} octets in a frame of ${this.length} (§6.1)`,
            );
          }
          this.padding = size + 1;
          this.#paddingLeft = size;
          this.#left = this.length - 1 - size;
          this.#phase = CONTENT;
          break;
        }
        case CONTENT:
          return this.#readContent();
        case PADDING: {
          const size = Math.min(this.#paddingLeft, this.#chunk.length - this.#at);
          this.#at += size;
          this.#paddingLeft -= size;
          if (this.#paddingLeft > 0) return NEED_MORE;
          // The content went out before its padding had come: this piece says that the frame is over.
          this.#phase = HEADER;
          this.start = this.end = 0;
          this.first = false;
          this.last = true;
          return DATA_PIECE;
        }
        default: {
          const size = Math.min(this.#left, this.#chunk.length - this.#at);
          this.#at += size;
          this.#left -= size;
          if (this.#left > 0) return NEED_MORE;
          this.#phase = HEADER;
          this.start = this.end = 0;
          return FRAME;
        }
      }
    }
  }
  #readHeader() {
    const chunk = this.#chunk;
    const available = chunk.length - this.#at;
    if (this.#headerFilled === 0 && available >= FRAME_HEADER_SIZE) {
      this.offset = this.#base + this.#at;
      this.#parseHeader(chunk, this.#at);
      this.#at += FRAME_HEADER_SIZE;
      return true;
    }
    if (available === 0) return false;
    if (this.#headerFilled === 0) this.offset = this.#base + this.#at;
    const size = Math.min(FRAME_HEADER_SIZE - this.#headerFilled, available);
    for (let index = 0; index < size; index++) this.#header[this.#headerFilled++] = chunk[this.#at++];
    if (this.#headerFilled < FRAME_HEADER_SIZE) return false;
    this.#headerFilled = 0;
    this.#parseHeader(this.#header, 0);
    return true;
  }
  #parseHeader(from, at) {
    this.length = (from[at] << 16) | (from[at + 1] << 8) | from[at + 2];
    this.type = from[at + 3];
    this.flags = from[at + 4];
    // The reserved bit is ignored (RFC 9113 §4.1).
    this.streamId = readUint32(from, at + 5) & 2147483647;
  }
  /** Checks what the header says, and sets out what follows it. */
  #check() {
    const { type, length, streamId } = this;
    if (length > this.#maxFrameSize) {
      this.#broken(
        ErrorCode.FRAME_SIZE_ERROR,
        `${length} octets, above the ${this.#maxFrameSize} that SETTINGS allow (§4.2)`,
      );
      return false;
    }
    if (this.#continued !== 0 && (type !== FrameType.CONTINUATION || streamId !== this.#continued)) {
      this.#broken(
        ErrorCode.PROTOCOL_ERROR,
        `it came before the field block of stream ${this.#continued} had ended (§6.10)`,
      );
      return false;
    }
    this.padding = 0;
    switch (type) {
      case FrameType.DATA:
        if (!this.#needsStream()) return false;
        this.first = true;
        this.#left = length;
        this.#paddingLeft = 0;
        this.#phase = (this.flags & Flag.PADDED) !== 0 ? PAD_LENGTH : CONTENT;
        if (this.#phase === PAD_LENGTH && length === 0)
          return !this.#broken(ErrorCode.FRAME_SIZE_ERROR, 'no room for the length of its padding (§6.1)');
        return true;
      case FrameType.HEADERS:
        if (!this.#needsStream()) return false;
        if ((this.flags & Flag.END_HEADERS) === 0) this.#continued = streamId;
        break;
      case FrameType.CONTINUATION:
        if (this.#continued === 0) {
          this.#broken(ErrorCode.PROTOCOL_ERROR, 'no field block is unfinished (§6.10)');
          return false;
        }
        if ((this.flags & Flag.END_HEADERS) !== 0) this.#continued = 0;
        break;
      case FrameType.PRIORITY:
        if (!this.#needsStream() || !this.#needsLength(length === 5)) return false;
        break;
      case FrameType.RST_STREAM:
        if (!this.#needsStream() || !this.#needsLength(length === 4)) return false;
        break;
      case FrameType.SETTINGS:
        if (!this.#needsConnection()) return false;
        if (!this.#needsLength((this.flags & Flag.ACK) !== 0 ? length === 0 : length % 6 === 0)) return false;
        break;
      case FrameType.PUSH_PROMISE:
        if (!this.#needsStream() || !this.#needsLength(length >= 4)) return false;
        break;
      case FrameType.PING:
        if (!this.#needsConnection() || !this.#needsLength(length === 8)) return false;
        break;
      case FrameType.GOAWAY:
        if (!this.#needsConnection() || !this.#needsLength(length >= 8)) return false;
        break;
      case FrameType.WINDOW_UPDATE:
        if (!this.#needsLength(length === 4)) return false;
        break;
      case FrameType.PRIORITY_UPDATE:
        if (!this.#needsConnection() || !this.#needsLength(length >= 4)) return false;
        break;
      default:
        this.#left = length;
        this.#phase = SKIP;
        return true;
    }
    this.#phase = PAYLOAD;
    return true;
  }
  #readPayload() {
    const { length } = this;
    const available = this.#chunk.length - this.#at;
    if (this.#partialFilled === 0 && available >= length) {
      this.bytes = this.#chunk;
      this.start = this.#at;
      this.end = this.#at = this.#at + length;
      this.#phase = HEADER;
      return true;
    }
    if (available === 0) return false;
    if (this.#partialFilled === 0) this.#partial = new Uint8Array(length);
    const size = Math.min(length - this.#partialFilled, available);
    this.#partial.set(this.#chunk.subarray(this.#at, this.#at + size), this.#partialFilled);
    this.#at += size;
    this.#partialFilled += size;
    if (this.#partialFilled < length) return false;
    this.bytes = this.#partial;
    this.start = 0;
    this.end = length;
    this.#partial = EMPTY;
    this.#partialFilled = 0;
    this.#phase = HEADER;
    return true;
  }
  #readContent() {
    const available = this.#chunk.length - this.#at;
    const size = Math.min(this.#left, available);
    if (size === 0 && this.#left > 0) return NEED_MORE;
    this.bytes = this.#chunk;
    this.start = this.#at;
    this.end = this.#at = this.#at + size;
    this.#left -= size;
    // `first` was set by the header, and holds for the piece that is handed out now.
    if (this.#pieces++ > 0) this.first = false;
    if (this.#left > 0) {
      this.last = false;
      return DATA_PIECE;
    }
    this.#pieces = 0;
    if (this.#paddingLeft > available - size) {
      this.last = false;
      this.#phase = PADDING;
      return DATA_PIECE;
    }
    this.#at += this.#paddingLeft;
    this.last = true;
    this.#phase = HEADER;
    return DATA_PIECE;
  }
  /** Pieces of the current DATA frame that have been handed out. */
  #pieces = 0;
  #needsStream() {
    return this.streamId !== 0 || !this.#broken(ErrorCode.PROTOCOL_ERROR, 'it needs a stream, and has stream 0 (§6)');
  }
  #needsConnection() {
    const { streamId } = this;
    return (
      streamId === 0 ||
      !this.#broken(ErrorCode.PROTOCOL_ERROR, `it belongs to stream 0, and has stream ${streamId} (§6)`)
    );
  }
  #needsLength(right) {
    return right || !this.#broken(ErrorCode.FRAME_SIZE_ERROR, `${this.length} octets are no size for it (§6)`);
  }
  #broken(code, what) {
    const name = frameKind(this.type).toUpperCase();
    this.fault = connectionFault(code, `${name} frame: ${what.replace('§', 'RFC 9113 §')}`);
    return BROKEN;
  }
}
/** An unsigned 32-bit integer, most significant octet first. */
export function readUint32(from, at) {
  return from[at] * 16777216 + ((from[at + 1] << 16) | (from[at + 2] << 8) | from[at + 3]);
}
