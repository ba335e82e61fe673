import { CHARACTERS, TARGET, TOKEN, VALUE } from '../fields/characters.ts';
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
 * Scans a request head that starts at `from` (RFC 9112 §2.1, §3). Returns where it ends, `INCOMPLETE` or `FAULT`. `to` is
 * where the bytes end.
 */
export function scanRequestHead(bytes: Uint8Array, from: number, to: number, limits: Limits, scan: HeadScan): number {
  scan.high = false;
  let at = from;
  for (let empty = 0; at < to && bytes[at] === CR; at += 2) {
    if (at + 1 === to) return INCOMPLETE;
    if (bytes[at + 1] !== LF) return fail(scan, 'bare-cr', 'CR without LF before a request line (RFC 9112 §2.2)');
    if (++empty > limits.maxLeadingEmptyLines) {
      return limit(scan, 'maxLeadingEmptyLines', 400, 'Too many empty lines before a request line (RFC 9112 §2.2)');
    }
  }
  if (at === to) return INCOMPLETE;
  // Judged before its line is complete: a TLS or binary greeting may never send a LF.
  if (((CHARACTERS[bytes[at] as number] as number) & TOKEN) === 0) {
    return fail(scan, 'method', 'The first byte is not that of a method: is this HTTP/1.1 at all? (RFC 9112 §3)');
  }
  scan.lineStart = at;
  const lineEnd = scanRequestLine(bytes, at, to, scan);
  if (lineEnd === INCOMPLETE) {
    return to - from > limits.maxHeadBytes ? longStartLine(bytes, at, from + limits.maxHeadBytes, scan) : INCOMPLETE;
  }
  if (lineEnd === FAULT) {
    const end = bytes.indexOf(LF, at);
    return end - from >= limits.maxHeadBytes ? longStartLine(bytes, at, from + limits.maxHeadBytes, scan) : FAULT;
  }
  if (lineEnd - from > limits.maxHeadBytes) return longStartLine(bytes, at, from + limits.maxHeadBytes, scan);
  if (scan.targetEnd - scan.targetStart > limits.maxTargetBytes) {
    return limit(scan, 'maxTargetBytes', 414, 'The request target is too long (RFC 9112 §3)');
  }
  if (scan.major !== 1 || scan.minor > 1) {
    return fail(
      scan,
      'version',
      `HTTP/${scan.major}.${scan.minor} is not spoken here, HTTP/1.1 is (RFC 9110 §15.6.6)`,
      505,
    );
  }
  scan.lineEnd = lineEnd;
  return scanFieldLines(bytes, lineEnd, to, from, limits.maxHeadBytes, 'maxHeadBytes', limits.maxFields, scan);
}

/** Scans a response head that starts at `from` (RFC 9112 §4). As `scanRequestHead`. */
export function scanResponseHead(bytes: Uint8Array, from: number, to: number, limits: Limits, scan: HeadScan): number {
  scan.high = false;
  if (from === to) return INCOMPLETE;
  if (bytes[from] !== 0x48) return fail(scan, 'status-line', 'A response does not start with HTTP/ (RFC 9112 §4)');
  scan.lineStart = from;
  const lineEnd = scanStatusLine(bytes, from, to, scan);
  const end = lineEnd === INCOMPLETE ? to : lineEnd === FAULT ? bytes.indexOf(LF, from) + 1 : lineEnd;
  if (end - from > limits.maxHeadBytes) return limit(scan, 'maxHeadBytes', 431, 'The status line is too long');
  if (lineEnd < 0) return lineEnd;
  if (scan.major !== 1 || scan.minor > 1) {
    return fail(scan, 'version', `HTTP/${scan.major}.${scan.minor} in answer to HTTP/1.1 (RFC 9110 §2.5)`);
  }
  scan.lineEnd = lineEnd;
  return scanFieldLines(bytes, lineEnd, to, from, limits.maxHeadBytes, 'maxHeadBytes', limits.maxFields, scan);
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

function failByte(byte: number, place: string, rule: string, scan: HeadScan): number {
  if (byte === CR) return fail(scan, 'bare-cr', `CR without LF in ${place} (RFC 9112 §2.2)`);
  if (byte === LF) return fail(scan, 'bare-lf', 'A line ends with LF alone: lines end with CRLF (RFC 9112 §2.2)');
  return fail(scan, 'value', `Byte 0x${hex(byte)} in ${place} (${rule})`);
}

/** Method SP target SP HTTP-version CRLF (RFC 9112 §3), with single spaces. */
function scanRequestLine(bytes: Uint8Array, start: number, to: number, scan: HeadScan): number {
  const table = CHARACTERS;
  let at = start + 1;
  while (at < to && ((table[bytes[at] as number] as number) & TOKEN) !== 0) at++;
  scan.methodEnd = at;
  if (at < to && bytes[at] === SP) {
    const targetStart = ++at;
    while (at < to && ((table[bytes[at] as number] as number) & TARGET) !== 0) at++;
    scan.targetStart = targetStart;
    scan.targetEnd = at;
    if (at > targetStart && at + 11 <= to && bytes[at] === SP && isVersion(bytes, at + 1, scan)) {
      if (bytes[at + 9] === CR && bytes[at + 10] === LF) return at + 11;
    }
  }
  if (indexOfLf(bytes, start, to) < 0) return INCOMPLETE;
  return fail(scan, 'request-line', requestLineFault(bytes, at, scan));
}

function requestLineFault(bytes: Uint8Array, at: number, scan: HeadScan): string {
  const byte = bytes[at] as number;
  if (byte === CR || byte === LF) return 'The request line ends early, or with CR or LF alone (RFC 9112 §3)';
  if (at === scan.methodEnd) return `Byte 0x${hex(byte)} in a method (RFC 9110 §9.1)`;
  if (byte === SP) return 'The request line is not method, target and HTTP-version with single spaces (RFC 9112 §3)';
  return `Byte 0x${hex(byte)} in a request target (RFC 9112 §3.2)`;
}

/** HTTP-version SP status [SP reason] CRLF (RFC 9112 §4). The last space is taken as optional: many servers leave it out. */
function scanStatusLine(bytes: Uint8Array, start: number, to: number, scan: HeadScan): number {
  const end = indexOfLf(bytes, start, to);
  if (end < 0) return INCOMPLETE;
  if (end - start < 13 || bytes[end - 1] !== CR || !isVersion(bytes, start, scan) || bytes[start + 8] !== SP) {
    return fail(scan, 'status-line', 'The status line is not HTTP-version, status and reason with CRLF (RFC 9112 §4)');
  }
  let status = 0;
  for (let at = start + 9; at < start + 12; at++) {
    const digit = (bytes[at] as number) - 0x30;
    if (digit < 0 || digit > 9) return fail(scan, 'status', 'The status is not three digits (RFC 9112 §4)');
    status = status * 10 + digit;
  }
  const after = start + 12;
  if (status < 100 || (after < end - 1 && bytes[after] !== SP)) {
    return fail(scan, 'status', 'The status is not three digits from 100 (RFC 9110 §15)');
  }
  scan.status = status;
  scan.targetStart = Math.min(after + 1, end - 1);
  scan.targetEnd = end - 1;
  for (let at = scan.targetStart; at < scan.targetEnd; at++) {
    const byte = bytes[at] as number;
    if (((CHARACTERS[byte] as number) & VALUE) === 0) return failByte(byte, 'a reason phrase', 'RFC 9112 §4', scan);
    if (byte > 0x7f) scan.high = true;
  }
  return end + 1;
}

/** `HTTP/` DIGIT `.` DIGIT at `at`, all eight bytes there (RFC 9112 §2.3). */
function isVersion(bytes: Uint8Array, at: number, scan: HeadScan): boolean {
  const major = (bytes[at + 5] as number) - 0x30;
  const minor = (bytes[at + 7] as number) - 0x30;
  scan.major = major;
  scan.minor = minor;
  return (
    bytes[at] === 0x48 &&
    bytes[at + 1] === 0x54 &&
    bytes[at + 2] === 0x54 &&
    bytes[at + 3] === 0x50 &&
    bytes[at + 4] === 0x2f &&
    bytes[at + 6] === 0x2e &&
    major >= 0 &&
    major <= 9 &&
    minor >= 0 &&
    minor <= 9
  );
}

/** A start line that outgrows the head: by its target (414), or without ever having one (400). `end` bounds what is looked at. */
function longStartLine(bytes: Uint8Array, start: number, end: number, scan: HeadScan): number {
  const space = bytes.indexOf(SP, start);
  return space < 0 || space >= end
    ? limit(scan, 'maxHeadBytes', 400, 'The method has no end (RFC 9112 §3)')
    : limit(scan, 'maxHeadBytes', 414, 'The request line is too long (RFC 9112 §3)');
}

function indexOfLf(bytes: Uint8Array, start: number, to: number): number {
  const at = bytes.indexOf(LF, start);
  return at < to ? at : -1;
}

function isBlank(byte: number): boolean {
  return byte === SP || byte === HTAB;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

function fail(scan: HeadScan, token: string, reason: string, status = 400): typeof FAULT {
  scan.fault = new FieldFault(token, reason, status);
  return FAULT;
}

function limit(scan: HeadScan, name: keyof Limits, status: number, reason: string): typeof FAULT {
  scan.fault = new FieldFault(name, `${reason}: over the limit ${name}`, status, name);
  return FAULT;
}
