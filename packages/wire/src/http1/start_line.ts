import { CHARACTERS, TARGET, TOKEN, VALUE } from '../fields/characters.ts';
import type { Limits } from '../limits.ts';
import {
  FAULT,
  fail,
  failByte,
  type HeadScan,
  hex,
  INCOMPLETE,
  indexOfLf,
  limit,
  scanFieldLines,
} from './head_scan.ts';

const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;

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
