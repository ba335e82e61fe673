import { decodeLatin1 } from '../bytes/latin1.ts';
import type { FieldLine, FieldSection } from '../fields/field.ts';
import type { Observer, WireUnit } from '../observer.ts';
import type { HeadParser } from './message_head.ts';

/** What is known of a created unit before its place in the connection's bytes is. */
export type CreatedUnit = Omit<WireUnit, 'offset' | 'direction'>;

/** A head as it was written, with the lines that the core added. A last chunk's size stands where the start line would. */
export function writtenHead(bytes: Uint8Array): { readonly startLine: string; readonly fields: FieldSection } {
  const [startLine = '', ...lines] = decodeLatin1(bytes).split('\r\n').slice(0, -2);
  const fields = lines.map((line): FieldLine => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
  return { startLine, fields };
}

/** Tells an observer what is read and written. Exists only when there is an observer. */
export class Tap {
  readonly #observe: Observer;
  /** The exchange whose message is read. */
  streamId = 0;
  /** Offset of the current received chunk in the connection's bytes. */
  #base = 0;
  #created = 0;
  #chunkLine = 0;
  #chunkSize = 0;

  constructor(observe: Observer) {
    this.#observe = observe;
  }

  /** The reader goes on to another chunk of bytes. */
  nextChunk(length: number): void {
    this.#base += length;
  }

  /** A head of `length` bytes ends at `end` of the current chunk; `bytes` is where its text lies. */
  receivedHead(parser: HeadParser, bytes: Uint8Array, end: number, length: number, endStream: boolean): void {
    const { request, response } = parser;
    const fields = request?.fields ?? response?.fields ?? [];
    const status = response?.status ?? 0;
    const kind = request !== null ? 'request' : status < 200 && status !== 101 ? 'informational' : 'response';
    this.#received(kind, end, length, 0, endStream, parser.startLine(bytes), fields);
  }

  receivedContent(end: number, length: number, last: boolean): void {
    this.#received('content', end, length, length, last, null, null);
  }

  /** A chunk-size line was read. */
  chunkLine(length: number, size: number): void {
    this.#chunkLine = length;
    this.#chunkSize = size;
  }

  receivedChunk(end: number): void {
    const length = this.#chunkLine + this.#chunkSize + 2;
    this.#received('chunk', end, length, this.#chunkSize, false, null, null);
  }

  receivedLastChunk(end: number, trailerBytes: number, fields: FieldSection): void {
    this.#received('last-chunk', end, this.#chunkLine + trailerBytes, 0, true, null, fields.length > 0 ? fields : null);
  }

  /** Something was queued behind everything that was created before. */
  created(unit: CreatedUnit): void {
    this.#observe({ direction: 'created', offset: this.#created, ...unit });
    this.#created += unit.length;
  }

  #received(
    kind: string,
    end: number,
    length: number,
    payloadLength: number,
    endStream: boolean,
    startLine: string | null,
    fields: FieldSection | null,
  ): void {
    this.#observe({
      direction: 'received',
      offset: this.#base + end - length,
      kind,
      streamId: this.streamId,
      length,
      payloadLength,
      flags: 0,
      endStream,
      startLine,
      fields,
      value: null,
      about: null,
      settings: null,
    });
  }
}
