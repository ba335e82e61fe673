import { decodeAscii, decodeLatin1 } from '../bytes/latin1.ts';
import type { FieldFault } from '../fields/fault.ts';
import type { FieldLine } from '../fields/field.ts';
import { Http1Facts, readHttp1Fields, validateTarget } from '../fields/validate_http1.ts';
import type { RequestHead, ResponseHead } from '../head.ts';
import type { Limits } from '../limits.ts';
import { FAULT, HeadScan, INCOMPLETE, scanFieldLines } from './head_scan.ts';
import { scanRequestHead, scanResponseHead } from './start_line.ts';

/** How far behind a head without content the text is decoded along with it: pipelined heads then share one decoding. */
const LOOKAHEAD = 2_048;

/** Where things lie in the head that is being parsed. Nothing of it outlives a call, so one serves all parsers. */
const scan: HeadScan = new HeadScan();

/**
 * Parses message heads: one scan over the bytes, one decoding, and slices of that for every name and value.
 *
 * The results stand in the parser itself (`head`, `facts`, `fault`) until the next call.
 */
export class HeadParser {
  readonly #limits: Limits;
  /** What the fields of the last head say. */
  readonly facts: Http1Facts = new Http1Facts();
  /** Why the last call returned `FAULT`. */
  fault: FieldFault | null = null;
  request: RequestHead | null = null;
  response: ResponseHead | null = null;
  trailers: readonly FieldLine[] = [];

  /** Decoded text of `#source` from `#textStart`, one character per byte up to where a head ended last. */
  #text = '';
  #textStart = 0;
  #textEnd = 0;
  #source: Uint8Array | null = null;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Parses a request head. Returns where it ends, `INCOMPLETE` or `FAULT`. */
  parseRequest(bytes: Uint8Array, from: number, to: number): number {
    const end = scanRequestHead(bytes, from, to, this.#limits, scan);
    if (end < 0) return this.#stop(end);
    const base = this.#decode(bytes, scan.lineStart, end, scan.framed || scan.high ? end : to);
    const text = this.#text;
    const method = text.slice(scan.lineStart - base, scan.methodEnd - base);
    const target = text.slice(scan.targetStart - base, scan.targetEnd - base);
    const fields = this.#lines(base);
    const facts = this.facts;
    const fault = readHttp1Fields(fields, scan.ids, 'request', scan.minor, facts);
    if (fault !== null) return this.#fail(fault);
    const authority = validateTarget(method, target, scan.minor, facts.host);
    if (authority !== null && typeof authority !== 'string') return this.#fail(authority);
    const version = scan.minor === 0 ? '1.0' : '1.1';
    this.request = { version, method, target, scheme: null, authority, protocol: null, fields };
    return end;
  }

  /** Parses a response head. Returns where it ends, `INCOMPLETE` or `FAULT`. */
  parseResponse(bytes: Uint8Array, from: number, to: number): number {
    const end = scanResponseHead(bytes, from, to, this.#limits, scan);
    if (end < 0) return this.#stop(end);
    const fields = this.#lines(this.#decode(bytes, scan.lineStart, end, end));
    const fault = readHttp1Fields(fields, scan.ids, 'response', scan.minor, this.facts);
    if (fault !== null) return this.#fail(fault);
    this.response = { version: scan.minor === 0 ? '1.0' : '1.1', status: scan.status, fields };
    return end;
  }

  /** Parses a trailer section and the empty line after it. Returns where it ends, `INCOMPLETE` or `FAULT`. */
  parseTrailers(bytes: Uint8Array, from: number, to: number): number {
    const { maxTrailerBytes, maxFields } = this.#limits;
    scan.high = false;
    const end = scanFieldLines(bytes, from, to, from, maxTrailerBytes, 'maxTrailerBytes', maxFields, scan);
    if (end < 0) return this.#stop(end);
    this.trailers = scan.count === 0 ? [] : this.#lines(this.#decode(bytes, from, end, end));
    return end;
  }

  /** The start line of the last head, for an observer. */
  startLine(bytes: Uint8Array): string {
    return decodeLatin1(bytes, scan.lineStart, scan.lineEnd - 2);
  }

  /** Forgets bytes and text, so that nothing keeps them alive. */
  release(): void {
    this.#source = null;
    this.#text = '';
    scan.release();
  }

  #lines(base: number): FieldLine[] {
    const { marks, count } = scan;
    const text = this.#text;
    // Of exact size: an array that grows makes room for 17 at its first element.
    const lines = new Array<FieldLine>(count);
    for (let index = 0, mark = 0; index < count; index++, mark += 4) {
      lines[index] = [
        text.slice((marks[mark] as number) - base, (marks[mark + 1] as number) - base),
        text.slice((marks[mark + 2] as number) - base, (marks[mark + 3] as number) - base),
      ];
    }
    return lines;
  }

  /**
   * Sees to it that `#text` holds the head, and returns the offset of its first character. `reach` is how far the bytes go that
   * may be decoded along with it. They need not be ASCII: in UTF-8 nothing that follows changes what stands before.
   */
  #decode(bytes: Uint8Array, start: number, end: number, reach: number): number {
    if (scan.high) {
      this.#source = null;
      this.#text = decodeLatin1(bytes, start, end);
      return start;
    }
    if (bytes !== this.#source || start !== this.#textEnd || end > this.#textStart + this.#text.length) {
      this.#source = bytes;
      this.#textStart = start;
      this.#text = decodeAscii(bytes, start, Math.max(end, Math.min(reach, start + LOOKAHEAD)));
    }
    this.#textEnd = end;
    return this.#textStart;
  }

  #stop(outcome: number): number {
    if (outcome === FAULT) this.fault = scan.fault;
    return outcome === FAULT ? FAULT : INCOMPLETE;
  }

  #fail(fault: FieldFault): number {
    this.fault = fault;
    return FAULT;
  }
}
