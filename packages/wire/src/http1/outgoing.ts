import type { OutputQueue } from '../bytes/output_queue.ts';
import { LocalProtocolError } from '../errors.ts';
import { CHARACTERS, TOKEN, VALUE } from '../fields/characters.ts';
import type { FieldLine, FieldSection } from '../fields/field.ts';
import { CONNECTION, identify } from '../fields/names.ts';
import { Http1Facts, readHttp1Fields } from '../fields/validate_http1.ts';
import type { Framing } from './body_framing.ts';

const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const COLON = 0x3a;
/** Longest chunk-size line without extensions: 13 digits and CRLF. */
const CHUNK_LINE = 15;
const LAST_CHUNK = '0\r\n\r\n';

const facts: Http1Facts = new Http1Facts();
let ids: Uint8Array = new Uint8Array(64);

/**
 * What our own fields say. The result is shared: read it before the next call.
 *
 * @throws {LocalProtocolError} when they break a rule that we would refuse in a peer.
 */
export function readOwnFields(fields: FieldSection, kind: 'request' | 'response'): Http1Facts {
  if (fields.length > ids.length) ids = new Uint8Array(2 * fields.length);
  for (let index = 0; index < fields.length; index++) ids[index] = identify((fields[index] as FieldLine)[0]);
  const fault = readHttp1Fields(fields, ids, kind, 1, facts);
  if (fault !== null) throw new LocalProtocolError(`Cannot send these fields: ${fault.reason}`);
  return facts;
}

/** Which lines of a head that `readOwnFields` has read are left out. */
export interface Omit {
  /** Content-Length and Transfer-Encoding. */
  readonly framing: boolean;
  /** Connection with close or keep-alive. */
  readonly persistence: boolean;
}

/**
 * Queues a head: start line, fields but those that `omit` names, then `extra`, lines that we add. Nothing is queued when a
 * field cannot be sent. Returns how many bytes it takes.
 *
 * @throws {LocalProtocolError} when a name is no token or a value holds CR, LF, NUL or another control character: it would
 * end the line early and let the application's data write fields or messages (response splitting).
 */
export function writeHead(
  out: OutputQueue,
  startLine: string,
  fields: FieldSection,
  omit: Omit | null,
  extra: string,
): number {
  const count = fields.length;
  let room = startLine.length + extra.length + 2;
  for (let index = 0; index < count; index++) {
    const line = fields[index] as FieldLine;
    room += line[0].length + line[1].length + 4;
  }
  const start = out.reserve(room);
  const block = out.block;
  let at = writeText(block, start, startLine);
  for (let index = 0; index < count; index++) {
    const line = fields[index] as FieldLine;
    const name = line[0];
    const value = line[1];
    if (omit !== null && isOmitted(ids[index] as number, value, omit)) continue;
    at = writeChecked(block, at, name, TOKEN, name);
    block[at] = COLON;
    block[at + 1] = SP;
    at = writeChecked(block, at + 2, value, VALUE, name);
    block[at] = CR;
    block[at + 1] = LF;
    at += 2;
  }
  if (extra !== '') at = writeText(block, at, extra);
  block[at] = CR;
  block[at + 1] = LF;
  at += 2;
  out.commit(at - start);
  return at - start;
}

function isOmitted(id: number, value: string, omit: Omit): boolean {
  if (id < CONNECTION) return false;
  if (id !== CONNECTION) return omit.framing;
  if (!omit.persistence) return false;
  const option = value.toLowerCase();
  return option === 'close' || option === 'keep-alive';
}

function writeText(block: Uint8Array, start: number, text: string): number {
  const size = text.length;
  for (let index = 0; index < size; index++) block[start + index] = text.charCodeAt(index);
  return start + size;
}

function writeChecked(block: Uint8Array, start: number, text: string, bit: number, name: string): number {
  const size = text.length;
  for (let index = 0; index < size; index++) {
    const code = text.charCodeAt(index);
    if (code > 0xff || ((CHARACTERS[code] as number) & bit) === 0) throw badField(name, bit, code);
    block[start + index] = code;
  }
  if (size === 0 && bit === TOKEN) throw badField(name, bit, 0);
  return start + size;
}

function badField(name: string, bit: number, code: number): LocalProtocolError {
  const shown = JSON.stringify(name.slice(0, 40));
  return new LocalProtocolError(
    bit === TOKEN
      ? `Cannot send a field named ${shown}: a name is a token (RFC 9110 §5.1)`
      : `Cannot send field ${shown}: its value holds U+${code.toString(16).padStart(4, '0')}, one byte of a field value ` +
          'is printable or a tab (RFC 9110 §5.5). Encode it first',
  );
}

/** The content of one message that we send: what is left of it, and how it is framed. */
export class OutgoingContent {
  readonly framing: Framing;
  /** Bytes that Content-Length still asks for. */
  remaining: number;
  /** Content is taken and thrown away: HEAD, 204, 304. */
  readonly discard: boolean;

  constructor(framing: Framing, length: number, discard: boolean) {
    this.framing = framing;
    this.remaining = framing === 'length' ? length : 0;
    this.discard = discard;
  }

  /**
   * Checks that `size` more bytes, and perhaps the end, fit what the head declared.
   *
   * @throws {LocalProtocolError} when they do not.
   */
  check(size: number, end: boolean): void {
    if (this.framing !== 'length' || this.discard) return;
    if (size > this.remaining) {
      throw new LocalProtocolError(
        `Cannot send ${size} bytes: Content-Length leaves ${this.remaining}. Send no more than was declared`,
      );
    }
    if (end && size < this.remaining) {
      throw new LocalProtocolError(
        `Cannot end the content: Content-Length declares ${this.remaining - size} bytes more. Send them, or reset`,
      );
    }
  }

  /** Queues a piece, and the end of the content if it is the last. Returns how many bytes that takes. */
  write(out: OutputQueue, data: Uint8Array, end: boolean): number {
    if (this.discard) return 0;
    const before = out.length;
    if (this.framing === 'chunked') {
      if (data.length > 0) {
        writeChunkLine(out, data.length);
        out.add(data);
        out.text(end ? `\r\n${LAST_CHUNK}` : '\r\n');
      } else if (end) out.text(LAST_CHUNK);
    } else {
      if (this.framing === 'length') this.remaining -= data.length;
      out.add(data);
    }
    return out.length - before;
  }

  /** Queues the last chunk with trailers. Only chunked content has a place for them; others end without. */
  writeTrailers(out: OutputQueue, fields: FieldSection): number {
    return writeHead(out, '0\r\n', fields, null, '');
  }
}

function writeChunkLine(out: OutputQueue, size: number): void {
  const start = out.reserve(CHUNK_LINE);
  const at = writeText(out.block, start, size.toString(16));
  out.block[at] = CR;
  out.block[at + 1] = LF;
  out.commit(at + 2 - start);
}
