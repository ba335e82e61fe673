import { FieldFault } from '../fields/fault.ts';
import type { FieldSection } from '../fields/field.ts';
import { validateTrailers } from '../fields/validate.ts';
import type { Limits } from '../limits.ts';
import type { Framing } from './body_framing.ts';
import { ChunkLineReader } from './chunk_reader.ts';
import { HeadBuffer } from './head_buffer.ts';
import { INCOMPLETE } from './head_scan.ts';
import { HeadParser } from './message_head.ts';
import type { Tap } from './tap.ts';

/** Who is told what the reader finds, and who decides how it goes on. */
export interface MessageSink {
  /** False while no further message may start: its bytes wait. */
  readonly ready: boolean;
  /** Parses a head out of bytes: returns where it ends, `INCOMPLETE` or `FAULT`. */
  parseHead(parser: HeadParser, bytes: Uint8Array, from: number, to: number): number;
  /** A head is complete, in `parser`. Returns how its content is framed, or `switch` when nothing of HTTP follows. */
  onHead(parser: HeadParser): Framing | 'switch';
  /** A piece of content, as a view; `end` when it is the last. Empty only at an end. */
  onData(data: Uint8Array, end: boolean): void;
  /** A trailer section that is not empty; it ends the message. */
  onTrailers(fields: FieldSection): void;
  onFault(fault: FieldFault): void;
  /** The peer has ended between two messages. */
  onEnd(): void;
}

type Phase =
  | 'head'
  | 'length'
  | 'chunk-line'
  | 'chunk-data'
  | 'chunk-end'
  | 'trailers'
  | 'close'
  | 'switched'
  | 'ended'
  | 'failed';

const EMPTY: Uint8Array = new Uint8Array(0);

/**
 * Cuts the bytes of one direction of a connection into messages (RFC 9112 §6, §7). Content leaves as views into what came
 * in. It stops where the sink is not ready, and goes on with `run`.
 */
export class MessageReader {
  readonly parser: HeadParser;
  /** Heads read so far. */
  heads = 0;
  readonly #limits: Limits;
  readonly #sink: MessageSink;
  readonly #tap: Tap | null;
  readonly #held: HeadBuffer = new HeadBuffer();
  /** Where the last head lies and how long it is, for the observer. */
  #headBytes: Uint8Array = EMPTY;
  #headLength = 0;
  #phase: Phase = 'head';
  /** Unread chunks behind the current one. */
  #waiting: Uint8Array[] = [];
  #chunk: Uint8Array = EMPTY;
  #at = 0;
  #eof = false;
  /** Bytes that remain of the content (`length`) or of the chunk (`chunk-data`). */
  #remaining = 0;
  readonly #line: ChunkLineReader;
  /** CR and LF after a chunk's data that were seen. */
  #endBytes = 0;

  constructor(limits: Limits, sink: MessageSink, tap: Tap | null) {
    this.parser = new HeadParser(limits);
    this.#line = new ChunkLineReader(limits);
    this.#limits = limits;
    this.#sink = sink;
    this.#tap = tap;
  }

  /** True while a message is under way or begun. */
  get inMessage(): boolean {
    return this.#phase === 'head' ? this.#held.started : this.inContent;
  }

  /** True while the content of a message is being read. */
  get inContent(): boolean {
    switch (this.#phase) {
      case 'head':
      case 'switched':
      case 'ended':
      case 'failed':
        return false;
      default:
        return true;
    }
  }

  /** True when bytes wait for the sink to be ready. */
  get blocked(): boolean {
    return this.#at < this.#chunk.length || this.#waiting.length > 0;
  }

  /** Content that is known to be still missing: bytes of the length or of the chunk. */
  get remaining(): number {
    return this.#remaining;
  }

  /** Takes bytes and reads as far as it may. */
  receive(bytes: Uint8Array): void {
    if (bytes.length > 0) {
      if (this.#at < this.#chunk.length) this.#waiting.push(bytes);
      else this.#chunk = bytes;
    }
    this.run();
  }

  /** Takes the end of the peer's bytes. */
  end(): void {
    this.#eof = true;
    this.run();
  }

  /** Reads as far as it may. */
  run(): void {
    for (;;) {
      while (this.#at < this.#chunk.length) if (!this.#step()) return;
      this.#tap?.nextChunk(this.#chunk.length);
      // Without this an idle connection would keep the memory that the transport has read into.
      this.#chunk = this.#waiting.shift() ?? EMPTY;
      this.#at = 0;
      if (this.#chunk.length === 0) break;
    }
    if (this.#phase === 'head') {
      this.parser.release();
      this.parser.request = this.parser.response = null;
    }
    if (this.#eof) this.#finish();
  }

  /** Leaves HTTP, and returns the bytes that were not read. */
  leave(): Uint8Array {
    this.#phase = 'switched';
    const chunks = [this.#held.bytes(), this.#chunk.subarray(this.#at), ...this.#waiting];
    this.stop();
    this.#phase = 'switched';
    const rest = chunks.filter((chunk) => chunk.length > 0);
    if (rest.length === 1) return rest[0] as Uint8Array;
    const joined = new Uint8Array(rest.reduce((size, chunk) => size + chunk.length, 0));
    let at = 0;
    for (const chunk of rest) {
      joined.set(chunk, at);
      at += chunk.length;
    }
    return joined;
  }

  /** Reads no further and forgets what it has. */
  stop(): void {
    this.#phase = 'failed';
    this.#chunk = EMPTY;
    this.#at = 0;
    this.#waiting = [];
    this.#held.clear();
    this.parser.release();
  }

  /** Reads something. False when it may not. */
  #step(): boolean {
    switch (this.#phase) {
      case 'head':
        return this.#sink.ready && this.#readHead();
      case 'length':
        return this.#readLength();
      case 'chunk-line':
        return this.#readChunkLine();
      case 'chunk-data':
        return this.#readChunkData();
      case 'chunk-end':
        return this.#readChunkEnd();
      case 'trailers':
        return this.#readTrailers();
      case 'close':
        this.#emit(this.#take(this.#chunk.length - this.#at), false, 'content');
        return true;
      case 'switched':
      case 'ended':
      case 'failed':
        return false;
    }
  }

  #readHead(): boolean {
    const outcome = this.#parsePiecewise(this.#limits.maxHeadBytes);
    if (outcome === INCOMPLETE) return true;
    if (outcome < 0) return this.#fail(this.parser.fault as FieldFault);
    this.heads++;
    const framing = this.#sink.onHead(this.parser);
    this.#headBytes = EMPTY;
    if (this.#phase !== 'head') return false;
    this.#begin(framing);
    return true;
  }

  /** Tells the observer of the head that `onHead` is called for. */
  observeHead(tap: Tap, streamId: number, endStream: boolean): void {
    tap.streamId = streamId;
    tap.receivedHead(this.parser, this.#headBytes, this.#at, this.#headLength, endStream);
  }

  /**
   * Parses a head or a trailer section where it lies, or, when it came in pieces, joined. Content behind it is not copied.
   */
  #parsePiecewise(max: number): number {
    const held = this.#held;
    const before = held.length;
    const start = this.#at;
    if (before === 0) {
      const end = this.#parse(this.#chunk, start, this.#chunk.length);
      if (end >= 0) {
        this.#at = end;
        this.#headBytes = this.#chunk;
        this.#headLength = end - start;
      } else if (end === INCOMPLETE) {
        held.add(this.#chunk, start, max);
        this.#at = this.#chunk.length;
      }
      return end;
    }
    const added = held.add(this.#chunk, start, max);
    const end = held.worthParsing(before, max) ? this.#parse(held.buffer, 0, held.length) : INCOMPLETE;
    if (end === INCOMPLETE) {
      this.#at += added;
      return INCOMPLETE;
    }
    if (end >= 0) {
      this.#at += end - before;
      this.#headBytes = held.buffer;
      this.#headLength = end;
    }
    held.clear();
    return end;
  }

  #parse(bytes: Uint8Array, from: number, to: number): number {
    return this.#phase === 'head'
      ? this.#sink.parseHead(this.parser, bytes, from, to)
      : this.parser.parseTrailers(bytes, from, to);
  }

  #begin(framing: Framing | 'switch'): void {
    switch (framing) {
      case 'none':
        return;
      case 'length':
        this.#remaining = this.parser.facts.contentLength;
        this.#phase = 'length';
        return;
      case 'chunked':
        this.#line.startMessage();
        this.#startChunkLine();
        return;
      case 'close':
        this.#phase = 'close';
        return;
      case 'switch':
        this.#phase = 'switched';
        return;
    }
  }

  #readLength(): boolean {
    const data = this.#take(Math.min(this.#remaining, this.#chunk.length - this.#at));
    this.#remaining -= data.length;
    const end = this.#remaining === 0;
    if (end) this.#phase = 'head';
    this.#emit(data, end, 'content');
    return true;
  }

  #startChunkLine(): void {
    this.#phase = 'chunk-line';
    this.#line.start();
  }

  #readChunkLine(): boolean {
    const line = this.#line;
    this.#at = line.read(this.#chunk, this.#at);
    if (line.fault !== null) return this.#fail(line.fault);
    if (!line.complete) return true;
    this.#remaining = line.size;
    this.#phase = line.size === 0 ? 'trailers' : 'chunk-data';
    this.#tap?.chunkLine(line.length, line.size);
    return true;
  }

  #readChunkData(): boolean {
    const data = this.#take(Math.min(this.#remaining, this.#chunk.length - this.#at));
    this.#remaining -= data.length;
    if (this.#remaining === 0) {
      this.#phase = 'chunk-end';
      this.#endBytes = 0;
    }
    this.#emit(data, false, null);
    return this.#phase !== 'failed';
  }

  #readChunkEnd(): boolean {
    const byte = this.#chunk[this.#at++];
    if (byte !== (this.#endBytes === 0 ? 0x0d : 0x0a)) {
      return this.#fail(new FieldFault('chunk-end', 'After the data of a chunk there is no CRLF (RFC 9112 §7.1)'));
    }
    if (++this.#endBytes === 2) {
      this.#tap?.receivedChunk(this.#at);
      this.#startChunkLine();
    }
    return true;
  }

  #readTrailers(): boolean {
    const parser = this.parser;
    const outcome = this.#parsePiecewise(this.#limits.maxTrailerBytes);
    if (outcome === INCOMPLETE) return true;
    if (outcome < 0) return this.#fail(parser.fault as FieldFault);
    const fields = parser.trailers;
    const fault = validateTrailers(fields, '1.1');
    if (fault !== null) return this.#fail(fault);
    this.#phase = 'head';
    this.#headBytes = EMPTY;
    this.#tap?.receivedLastChunk(this.#at, this.#headLength, fields);
    if (fields.length > 0) this.#sink.onTrailers(fields);
    else this.#sink.onData(EMPTY, true);
    return true;
  }

  #take(size: number): Uint8Array {
    const start = this.#at;
    this.#at = start + size;
    return start === 0 && size === this.#chunk.length ? this.#chunk : this.#chunk.subarray(start, start + size);
  }

  #emit(data: Uint8Array, end: boolean, kind: 'content' | null): void {
    if (kind !== null) this.#tap?.receivedContent(this.#at, data.length, end);
    this.#sink.onData(data, end);
  }

  /** The peer has ended and everything that it sent was read. */
  #finish(): void {
    switch (this.#phase) {
      case 'head':
        if (this.#held.started) {
          this.#fail(new FieldFault('incomplete', 'The connection ended in the middle of a head (RFC 9112 §8)'));
          return;
        }
        this.#phase = 'ended';
        this.#sink.onEnd();
        return;
      case 'close':
        this.#phase = 'ended';
        this.#sink.onData(EMPTY, true);
        this.#sink.onEnd();
        return;
      case 'switched':
      case 'ended':
      case 'failed':
        return;
      default:
        this.#fail(new FieldFault('incomplete', 'The connection ended in the middle of the content (RFC 9112 §8)'));
    }
  }

  #fail(fault: FieldFault): false {
    this.stop();
    this.#sink.onFault(fault);
    return false;
  }
}
