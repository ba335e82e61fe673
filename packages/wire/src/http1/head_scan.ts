import { CHARACTERS, TOKEN, VALUE } from '../fields/characters.ts';
import { FieldFault } from '../fields/fault.ts';
import { CONTENT_LENGTH, identifyBytes } from '../fields/names.ts';
import type { Limits } from '../limits.ts';

const HTAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const COLON = 0x3a;

const NO_WORDS: Int32Array = new Int32Array(0);
const WORTH_WORDS = 128;

/** More bytes are needed. */
export const INCOMPLETE = -1;
/** `scan.fault` says what is wrong. */
export const FAULT = -2;

/**
 * Where everything in a head lies: offsets first, strings once the whole head is known to be well-formed.
 *
 * Lines are judged one after another, each when its LF has come and not before. So the first fault of a head does not
 * depend on how the bytes were cut, and a peer that is talking nonsense is told at the end of its first line.
 */
export class HeadScan {
  /** Four offsets a field line: name start, name end, value start, value end. */
  marks: Int32Array = new Int32Array(4 * 32);
  /** What `identifyBytes` says of each name. */
  ids: Uint8Array = new Uint8Array(32);
  /** Field lines. */
  count = 0;
  /** Some byte is above 0x7f, so the text cannot be decoded as ASCII. */
  high = false;
  /** A Content-Length or Transfer-Encoding stands among the lines. */
  framed = false;
  fault: FieldFault | null = null;

  // Request line: method starts at `lineStart`. Status line: the reason lies between targetStart and targetEnd.
  lineStart = 0;
  lineEnd = 0;
  methodEnd = 0;
  targetStart = 0;
  targetEnd = 0;
  major = 0;
  minor = 0;
  status = 0;

  #source: Uint8Array | null = null;
  #words: Int32Array = NO_WORDS;

  /** Makes room for twice as many lines. */
  grow(): void {
    const { marks, ids } = this;
    this.marks = new Int32Array(2 * marks.length);
    this.marks.set(marks);
    this.ids = new Uint8Array(2 * ids.length);
    this.ids.set(ids);
  }

  /** The same memory in words of four bytes, from the last boundary of four at or before the first byte. */
  wordsOf(bytes: Uint8Array): Int32Array {
    if (bytes !== this.#source) {
      const start = bytes.byteOffset & ~3;
      this.#source = bytes;
      this.#words = new Int32Array(bytes.buffer, start, (bytes.byteOffset + bytes.length - start) >> 2);
    }
    return this.#words;
  }

  /** Forgets the bytes, so that nothing keeps them alive. */
  release(): void {
    this.#source = null;
    this.#words = NO_WORDS;
  }
}

/**
 * Scans field lines and the empty line after them (RFC 9112 §5). `from` is where the bytes start that `maxBytes` bounds.
 * Strict: CRLF alone ends a line, nothing stands between name and colon, and no line continues another (RFC 9112 §5.1, §5.2).
 */
export function scanFieldLines(
  bytes: Uint8Array,
  start: number,
  to: number,
  from: number,
  maxBytes: number,
  limitName: keyof Limits,
  maxFields: number,
  scan: HeadScan,
): number {
  let { marks, ids } = scan;
  const table = CHARACTERS;
  // A view in words costs something to make: a short head is done before it pays.
  const words = to - start < WORTH_WORDS ? NO_WORDS : scan.wordsOf(bytes);
  const wordsEnd = words.length === 0 ? 0 : to;
  const shift = bytes.byteOffset & 3;
  let at = start;
  let high = 0;
  scan.count = 0;
  scan.framed = false;
  for (let line = 0; ; line++) {
    const lineStart = at;
    while (at < to && ((table[bytes[at] as number] as number) & TOKEN) !== 0) at++;
    const nameEnd = at;
    if (nameEnd !== lineStart) {
      if (at < to && bytes[at] === COLON) {
        do at++;
        while (at < to && isBlank(bytes[at] as number));
        const valueStart = at;
        at = skipWords(words, at, wordsEnd, shift);
        for (; at < to; at++) {
          const byte = bytes[at] as number;
          if (((table[byte] as number) & VALUE) === 0) break;
          high |= byte;
        }
        if (at + 1 < to && bytes[at] === CR && bytes[at + 1] === LF) {
          let valueEnd = at;
          while (valueEnd > valueStart && isBlank(bytes[valueEnd - 1] as number)) valueEnd--;
          at += 2;
          if (at - from > maxBytes) return limit(scan, limitName, 431, 'The field section is too large');
          if (line >= maxFields) return limit(scan, 'maxFields', 431, 'There are too many field lines');
          if (line === ids.length) {
            scan.grow();
            marks = scan.marks;
            ids = scan.ids;
          }
          const mark = 4 * line;
          marks[mark] = lineStart;
          marks[mark + 1] = nameEnd;
          marks[mark + 2] = valueStart;
          marks[mark + 3] = valueEnd;
          const id = identifyBytes(bytes, lineStart, nameEnd);
          ids[line] = id;
          if (id >= CONTENT_LENGTH) scan.framed = true;
          continue;
        }
      }
    } else if (at + 1 < to && bytes[at] === CR && bytes[at + 1] === LF) {
      at += 2;
      if (at - from > maxBytes) return limit(scan, limitName, 431, 'The field section is too large');
      scan.count = line;
      scan.high = high > 0x7f || scan.high;
      return at;
    }
    // The line is broken or not all here: judge it only when its LF has come.
    const end = indexOfLf(bytes, at, to);
    if ((end < 0 ? to : end + 1) - from > maxBytes)
      return limit(scan, limitName, 431, 'The field section is too large');
    if (end < 0) return INCOMPLETE;
    if (line >= maxFields) return limit(scan, 'maxFields', 431, 'There are too many field lines');
    return failLine(bytes, lineStart, nameEnd, at, scan);
  }
}

/**
 * Skips four bytes at a time while all four are printable ASCII, from the next boundary of four; what lies before it is
 * left to the caller when it is not. Most of a head is such text, and this halves the time that a head takes.
 */
function skipWords(words: Int32Array, start: number, to: number, shift: number): number {
  let index = (start + shift) >> 2;
  const end = (to + shift) >> 2;
  const first = index;
  for (; index < end; index++) {
    const word = words[index] as number;
    const del = word ^ 0x7f7f7f7f;
    // A byte above 0x7f, below 0x20, or equal to 0x7f leaves its top bit set in one of the three terms.
    if (((word | ((word - 0x20202020) & ~word) | ((del - 0x01010101) & ~del)) & 0x80808080) !== 0) break;
  }
  return index === first ? start : (index << 2) - shift;
}

/** Says what is wrong with a field line: what comes after the name, or what the value cannot hold. */
function failLine(bytes: Uint8Array, lineStart: number, nameEnd: number, at: number, scan: HeadScan): number {
  const first = bytes[lineStart] as number;
  if (isBlank(first)) {
    return fail(scan, 'obs-fold', 'A line starts with whitespace: lines are not folded (RFC 9112 §5.2)');
  }
  if (at > nameEnd) return failByte(bytes[at] as number, 'a field value', 'RFC 9110 §5.5', scan);
  const byte = bytes[nameEnd] as number;
  if (byte === LF) return fail(scan, 'bare-lf', 'A line ends with LF alone: lines end with CRLF (RFC 9112 §2.2)');
  if (nameEnd === lineStart && byte === COLON) {
    return fail(scan, 'name', 'A field line has no name before its colon (RFC 9112 §5)');
  }
  if (isBlank(byte) || byte === CR) {
    return byte === CR && bytes[nameEnd + 1] !== LF
      ? fail(scan, 'bare-cr', 'CR without LF in a field line (RFC 9112 §2.2)')
      : fail(
          scan,
          byte === CR ? 'no-colon' : 'space-before-colon',
          'Between a field name and its colon stands nothing (RFC 9112 §5.1)',
        );
  }
  return fail(scan, 'name', `Byte 0x${hex(byte)} in a field name (RFC 9110 §5.1)`);
}

/** Says what is wrong with a byte that may not stand in `place`. */
export function failByte(byte: number, place: string, rule: string, scan: HeadScan): number {
  if (byte === CR) return fail(scan, 'bare-cr', `CR without LF in ${place} (RFC 9112 §2.2)`);
  if (byte === LF) return fail(scan, 'bare-lf', 'A line ends with LF alone: lines end with CRLF (RFC 9112 §2.2)');
  return fail(scan, 'value', `Byte 0x${hex(byte)} in ${place} (${rule})`);
}

/** Where the first LF from `start` is, or -1 when there is none before `to`. */
export function indexOfLf(bytes: Uint8Array, start: number, to: number): number {
  const at = bytes.indexOf(LF, start);
  return at < to ? at : -1;
}

function isBlank(byte: number): boolean {
  return byte === SP || byte === HTAB;
}

/** A byte as two digits. */
export function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

/** Notes a fault. */
export function fail(scan: HeadScan, token: string, reason: string, status = 400): typeof FAULT {
  scan.fault = new FieldFault(token, reason, status);
  return FAULT;
}

/** Notes that a limit has tripped. */
export function limit(scan: HeadScan, name: keyof Limits, status: number, reason: string): typeof FAULT {
  scan.fault = new FieldFault(name, `${reason}: over the limit ${name}`, status, name);
  return FAULT;
}
