import { encodeLatin1 } from '../bytes/latin1.ts';
import type { OutputQueue } from '../bytes/output_queue.ts';
import { LocalProtocolError } from '../errors.ts';
import { CHARACTERS, VALUE } from '../fields/characters.ts';
import type { FieldLine, FieldSection } from '../fields/field.ts';
import { CONNECTION } from '../fields/names.ts';
import { Http1Facts, readHttp1Fields } from '../fields/validate_http1.ts';
import type { Framing } from './body_framing.ts';
import { type OwnName, ownName } from './own_names.ts';

const LF = 0x0a;
const CR = 0x0d;
/** Longest chunk-size line without extensions: 13 digits and CRLF. */
const CHUNK_LINE = 15;
const LAST_CHUNK = '0\r\n\r\n';
const LAST_CHUNK_LINE: Uint8Array = encodeLatin1('0\r\n');

const facts: Http1Facts = new Http1Facts();
/** Of the fields that were read last, for `writeHead`: their names, and what `identify` says of them. */
let names: OwnName[] = [];
let ids: Uint8Array = new Uint8Array(64);

/**
 * What our own fields say. The result is shared: read it before the next call.
 *
 * @throws {LocalProtocolError} when they break a rule that we would refuse in a peer.
 */
export function readOwnFields(fields: FieldSection, kind: 'request' | 'response'): Http1Facts {
  readNames(fields);
  const fault = readHttp1Fields(fields, ids, kind, 1, facts);
  if (fault !== null) throw new LocalProtocolError(`Cannot send these fields: ${fault.reason}`);
  return facts;
}

function readNames(fields: FieldSection): void {
  const count = fields.length;
  if (count > ids.length) {
    ids = new Uint8Array(2 * count);
    names = [];
  }
  for (let index = 0; index < count; index++) {
    const name = (fields[index] as FieldLine)[0];
    // One response has nearly always the fields of the one before, in the same order.
    let own = index < names.length ? (names[index] as OwnName) : null;
    if (own === null || own.name !== name) {
      own = ownName(name);
      names[index] = own;
    }
    ids[index] = own.id;
  }
}

/** Which lines of a head that `readOwnFields` has read are left out. */
export interface Omit {
  /** Content-Length and Transfer-Encoding. */
  readonly framing: boolean;
  /** Connection with close or keep-alive. */
  readonly persistence: boolean;
}

/**
 * Queues a head: start line, the fields that `readOwnFields` was called with last but those that `omit` names, then `extra`,
 * lines that we add. Nothing is queued when a field cannot be sent. Returns how many bytes it takes.
 *
 * @throws {LocalProtocolError} when a value holds CR, LF, NUL or another control character: it would end the line early and
 * let the application's data write fields or messages (response splitting).
 */
export function writeHead(
  out: OutputQueue,
  startLine: Uint8Array,
  fields: FieldSection,
  omit: Omit | null,
  extra: string,
): number {
  const count = fields.length;
  let room = startLine.length + extra.length + 2;
  for (let index = 0; index < count; index++) {
    room += (names[index] as OwnName).bytes.length + (fields[index] as FieldLine)[1].length + 2;
  }
  const start = out.reserve(room);
  const block = out.block;
  let at = writeBytes(block, start, startLine);
  for (let index = 0; index < count; index++) {
    const value = (fields[index] as FieldLine)[1];
    const name = names[index] as OwnName;
    if (omit !== null && name.id >= CONNECTION && isOmitted(name.id, value, omit)) continue;
    at = writeBytes(block, at, name.bytes);
    at =
      value.length === IMF_FIXDATE
        ? writeDate(block, at, fields[index] as FieldLine)
        : writeValue(block, at, fields[index] as FieldLine);
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

function writeBytes(block: Uint8Array, start: number, bytes: Uint8Array): number {
  const size = bytes.length;
  // For a few bytes a loop is cheaper than a call.
  if (size > 10) block.set(bytes, start);
  else for (let index = 0; index < size; index++) block[start + index] = bytes[index] as number;
  return start + size;
}

function writeValue(block: Uint8Array, start: number, line: FieldLine): number {
  const text = line[1];
  const size = text.length;
  for (let index = 0; index < size; index++) {
    const code = text.charCodeAt(index);
    if (code > 0xff || ((CHARACTERS[code] as number) & VALUE) === 0) throw badValue(line[0], code);
    block[start + index] = code;
  }
  return start + size;
}

/** A date in its preferred format has 29 characters (RFC 9110 §5.6.7). */
const IMF_FIXDATE = 29;
/** The last value of that length, and its bytes: for a second, the Date of every response is the same string. */
let date = '';
const dateBytes: Uint8Array = new Uint8Array(IMF_FIXDATE);

function writeDate(block: Uint8Array, start: number, line: FieldLine): number {
  if (line[1] === date) return writeBytes(block, start, dateBytes);
  const end = writeValue(block, start, line);
  dateBytes.set(block.subarray(start, end));
  date = line[1];
  return end;
}

function badValue(name: string, code: number): LocalProtocolError {
  return new LocalProtocolError(
    `Cannot send field ${JSON.stringify(name.slice(0, 40))}: its value holds U+${code.toString(16).padStart(4, '0')}, ` +
      'one byte of a field value is printable or a tab (RFC 9110 §5.5). Encode it first',
  );
}

/** A piece of content as it stands on the wire. */
interface ContentUnit {
  readonly kind: 'content' | 'chunk' | 'last-chunk';
  readonly length: number;
  readonly payloadLength: number;
  readonly end: boolean;
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

  /** What `write` has queued, for an observer: the last piece of chunked content leaves with the last chunk behind it. */
  units(length: number, size: number, end: boolean): ContentUnit[] {
    if (this.framing !== 'chunked') return [{ kind: 'content', length, payloadLength: size, end }];
    const last: ContentUnit = { kind: 'last-chunk', length: LAST_CHUNK.length, payloadLength: 0, end: true };
    if (size === 0) return [last];
    if (!end) return [{ kind: 'chunk', length, payloadLength: size, end: false }];
    return [{ kind: 'chunk', length: length - last.length, payloadLength: size, end: false }, last];
  }

  /** Queues the last chunk with trailers. Only chunked content has a place for them; others end without. */
  writeTrailers(out: OutputQueue, fields: FieldSection): number {
    readNames(fields);
    return writeHead(out, LAST_CHUNK_LINE, fields, null, '');
  }
}

function writeChunkLine(out: OutputQueue, size: number): void {
  const start = out.reserve(CHUNK_LINE);
  const at = writeText(out.block, start, size.toString(16));
  out.block[at] = CR;
  out.block[at + 1] = LF;
  out.commit(at + 2 - start);
}
