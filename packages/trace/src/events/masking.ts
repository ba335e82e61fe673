import type { FieldSection, WireUnit } from '@interleave/wire';
import type { ScannedBlock } from './field-lines.ts';
import type { VantagePoint } from './reader.ts';
import { shownTarget, shownValue, type ValuePolicy } from './values.ts';

/** Part of some bytes; `to` is exclusive. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** Bytes as hexadecimal digits, `00` where they are masked. */
export function hexOf(bytes: Uint8Array, masked: readonly ByteRange[] = []): string {
  let shown = bytes;
  if (masked.length > 0) {
    shown = bytes.slice();
    for (const { from, to } of masked) shown.fill(0, from, to);
  }
  let hex = '';
  for (const byte of shown) hex += byte.toString(16).padStart(2, '0');
  return hex;
}

/** Values of a compressed block that may not be shown, by their place in it. */
export function maskedInBlock(block: ScannedBlock, fields: FieldSection, policy: ValuePolicy): ByteRange[] {
  const masked: ByteRange[] = [];
  let at = 0;
  for (const line of block.lines) {
    if (line.form === 'table size') continue;
    const field = fields[at++];
    const { value } = line;
    // A line without its field was refused by the reader: nobody knows what it holds.
    if (value !== null && (field === undefined || !shownValue(field[0], field[1], policy).whole)) masked.push(value);
  }
  return masked;
}

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;
const QUERY = 0x3f;
const SPACE = 0x20;

/** Values of a head of HTTP/1.1 (or of trailers) that may not be shown, by their place in its bytes. */
export function maskedInHead(bytes: Uint8Array, unit: WireUnit, policy: ValuePolicy): ByteRange[] {
  const masked: ByteRange[] = [];
  const names = (unit.fields ?? []).filter(([name, value]) => !shownValue(name, value, policy).whole);
  const hidden = new Set(names.map(([name]) => name.toLowerCase()));
  let isFirst = true;
  for (let from = 0; from < bytes.length; ) {
    let to = bytes.indexOf(LF, from);
    if (to < 0) to = bytes.length;
    const end = bytes[to - 1] === CR ? to - 1 : to;
    if (isFirst && unit.startLine !== null) maskQuery(bytes, from, end, unit.startLine, policy, masked);
    else {
      const colon = bytes.indexOf(COLON, from);
      if (colon > from && colon < end && hidden.has(ascii(bytes.subarray(from, colon)).toLowerCase())) {
        masked.push({ from: bytes[colon + 1] === SPACE ? colon + 2 : colon + 1, to: end });
      }
    }
    isFirst = false;
    from = to + 1;
  }
  return masked.filter(({ from, to }) => from < to);
}

function maskQuery(
  bytes: Uint8Array,
  from: number,
  end: number,
  startLine: string,
  policy: ValuePolicy,
  masked: ByteRange[],
): void {
  if (shownTarget(startLine, policy) === startLine) return;
  const query = bytes.indexOf(QUERY, from);
  if (query < 0 || query >= end) return;
  const space = bytes.indexOf(SPACE, query);
  masked.push({ from: query + 1, to: space < 0 || space > end ? end : space });
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 256));
}

/**
 * The bytes of a unit without content that may be private: what a client sends (a form may hold a password) never leaves, what a
 * server sends is left out of files.
 */
export function withoutPrivateContent(
  bytes: Uint8Array,
  unit: WireUnit,
  vantagePoint: VantagePoint,
  policy: ValuePolicy,
): Uint8Array {
  const isContent = unit.payloadLength > 0 && unit.fields === null && CONTENT.has(unit.kind);
  const fromClient = (unit.direction === 'received') === (vantagePoint === 'server');
  if (!isContent || (policy === 'own' && !fromClient)) return bytes;
  // Behind the content of a chunk stands a line end, which is no part of what stands before it.
  const before = unit.length - unit.payloadLength - (unit.kind === 'chunk' ? 2 : 0);
  return bytes.subarray(0, Math.max(0, before));
}

const CONTENT: ReadonlySet<string> = new Set(['data', 'content', 'chunk', 'unknown', 'reserved']);
