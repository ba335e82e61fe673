import { FieldFault } from '../fields/fault.ts';
import type { Limits } from '../limits.ts';
import { CHUNK_LINE_TABLE, COMPLETE, LINE_FEED, NO_STATE, SIZE, START } from './chunk_line.ts';

/** 13 hexadecimal digits stay below 2^53. */
const MAX_SIZE_DIGITS = 13;

/** Reads chunk-size lines, byte by byte along `CHUNK_LINE_TABLE`, and keeps their limits. */
export class ChunkLineReader {
  /** The chunk's size, once the line is complete. */
  size = 0;
  /** Bytes of the line so far. */
  length = 0;
  complete = false;
  fault: FieldFault | null = null;
  readonly #limits: Limits;
  #state = START;
  #digits = 0;
  #extensionBytes = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** A message begins: its extensions are counted anew. */
  startMessage(): void {
    this.#extensionBytes = 0;
  }

  /** A line begins. */
  start(): void {
    this.#state = START;
    this.size = this.length = this.#digits = 0;
    this.complete = false;
  }

  /** Reads from `at` to the end of the line or of the bytes, and returns where it stopped. */
  read(bytes: Uint8Array, at: number): number {
    const { maxChunkLineBytes, maxChunkExtensionBytes } = this.#limits;
    for (let next = at; next < bytes.length; ) {
      const byte = bytes[next++] as number;
      const state = CHUNK_LINE_TABLE[256 * this.#state + byte] as number;
      if (state === NO_STATE) return this.#fail(unexpected(this.#state, byte), next);
      this.#state = state;
      if (++this.length > maxChunkLineBytes) return this.#fail(over('maxChunkLineBytes', 'A chunk-size line is'), next);
      if (state === SIZE) {
        if (++this.#digits > MAX_SIZE_DIGITS) return this.#fail(TOO_LARGE, next);
        this.size = this.size * 16 + hexValue(byte);
      } else if (state === COMPLETE) {
        this.complete = true;
        return next;
      } else if (state !== LINE_FEED && ++this.#extensionBytes > maxChunkExtensionBytes) {
        return this.#fail(over('maxChunkExtensionBytes', 'The chunk extensions of a message are'), next);
      }
    }
    return bytes.length;
  }

  #fail(fault: FieldFault, at: number): number {
    this.fault = fault;
    return at;
  }
}

const TOO_LARGE: FieldFault = new FieldFault('chunk-size', 'A chunk size has more than 13 digits (RFC 9112 §7.1)');

function over(limit: 'maxChunkLineBytes' | 'maxChunkExtensionBytes', what: string): FieldFault {
  return new FieldFault(limit, `${what} too long: over the limit ${limit}`, 400, limit);
}

function unexpected(state: number, byte: number): FieldFault {
  const shown = `Byte 0x${byte.toString(16).padStart(2, '0')}`;
  return state === START || state === SIZE
    ? new FieldFault('chunk-size', `${shown} in a chunk size (RFC 9112 §7.1)`)
    : new FieldFault(
        'chunk-extension',
        `${shown} in a chunk extension, or a line that does not end with CRLF (RFC 9112 §7.1.1)`,
      );
}

function hexValue(byte: number): number {
  return byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57;
}
