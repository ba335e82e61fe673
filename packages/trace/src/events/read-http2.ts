import type { WireUnit } from '@interleave/wire';
import { Flag, Setting } from '@interleave/wire/http2';
import { applyHpack, blockData, tableState } from './blocks.ts';
import { type ScannedBlock, scanHpack } from './field-lines.ts';
import { type Told, unitEvents } from './from-wire.ts';
import { Http2Streams } from './http2-streams.ts';
import { hexOf, withoutPrivateContent } from './masking.ts';
import type { ProtocolReader, VantagePoint } from './reader.ts';
import type { LogRecord } from './record.ts';
import { SeenTable } from './seen-table.ts';
import type { ValuePolicy } from './values.ts';

const HEAD = 9;
/** Capacity that both ends begin with (RFC 9113 §6.5.2). */
const TABLE_BYTES = 4_096;
type Direction = WireUnit['direction'];

/** A field block whose frames have not all come; null when none is unfinished. */
type Parts = readonly Uint8Array[] | null;

/** Follows HTTP/2 (RFC 9113): both HPACK tables, the states of streams, and what each side may still send. */
export class Http2Reader implements ProtocolReader {
  readonly #vantagePoint: VantagePoint;
  #tables: Record<Direction, SeenTable>;
  #parts: Record<Direction, Parts> = { received: null, created: null };
  #streams: Http2Streams;

  constructor(vantagePoint: VantagePoint) {
    this.#vantagePoint = vantagePoint;
    this.#tables = { received: new SeenTable(TABLE_BYTES), created: new SeenTable(TABLE_BYTES) };
    this.#streams = new Http2Streams();
  }

  read(record: LogRecord, frame: number, policy: ValuePolicy): Told[] {
    if (record.kind === 'left-out') {
      this.#streams.leftOut(record.direction, record.streamId, record.octets);
      return [];
    }
    if (record.kind !== 'unit') return [];
    const { unit, bytes } = record;
    const more: Record<string, unknown> = { number: frame };
    const follows: Told[] = [];
    const isBlock = unit.kind === 'headers' || unit.kind === 'continuation';
    if (bytes !== null) {
      more['raw'] = raw(
        unit,
        isBlock ? bytes.subarray(0, HEAD) : withoutPrivateContent(bytes, unit, this.#vantagePoint, policy),
      );
      if (isBlock) this.#block(unit, bytes, more, follows, frame, policy);
    } else if (isBlock) this.#tables[unit.direction].certain = false;
    const rest = this.#streams.frame(unit, frame);
    if (unit.settings !== null && (unit.flags & Flag.ACK) === 0) this.#tableLimit(unit);
    return [...unitEvents(unit, 'h2', policy, more), ...follows, ...rest];
  }

  absorb(record: LogRecord): void {
    if (record.kind === 'left-out') this.#streams.leftOut(record.direction, record.streamId, record.octets);
    if (record.kind !== 'unit') return;
    const { unit, bytes } = record;
    if (unit.kind === 'headers' || unit.kind === 'continuation') {
      if (bytes === null) this.#tables[unit.direction].certain = false;
      else {
        const block = this.#collect(unit, bytes);
        if (block !== null)
          applyHpack(scannedOf(block, unit, bytes), unit.fields ?? [], this.#tables[unit.direction], null);
      }
    }
    this.#streams.frame(unit, 0);
    if (unit.settings !== null && (unit.flags & Flag.ACK) === 0) this.#tableLimit(unit);
  }

  state(policy: ValuePolicy): Told[] {
    const tables = (['received', 'created'] as const).map((direction) =>
      tableState('http2', direction, this.#tables[direction], policy),
    );
    return [...tables, ...this.#streams.state()];
  }

  clone(): Http2Reader {
    const copy = new Http2Reader(this.#vantagePoint);
    copy.#tables = { received: this.#tables.received.clone(), created: this.#tables.created.clone() };
    copy.#parts = { ...this.#parts };
    copy.#streams = this.#streams.clone();
    return copy;
  }

  /** A frame with a field block or a part of one: its lines are told with the frame that completes it. */
  #block(
    unit: WireUnit,
    bytes: Uint8Array,
    more: Record<string, unknown>,
    follows: Told[],
    frame: number,
    policy: ValuePolicy,
  ): void {
    const { direction } = unit;
    const { from } = fragmentOf(unit, bytes);
    // What stands before the fragment (length of padding, priority) is no secret.
    more['raw'] = raw(unit, bytes.subarray(0, from));
    const parts = (this.#parts[direction]?.length ?? 0) + 1;
    const block = this.#collect(unit, bytes);
    if (block === null) return;
    const fields = unit.fields ?? [];
    const scanned = scannedOf(block, unit, bytes);
    more['block'] = { at: from, parts, ...blockData(block, fields, policy, scanned) };
    const changed = applyHpack(scanned, fields, this.#tables[direction], policy);
    if (changed !== null) follows.push({ name: 'http2:dynamic_table_updated', data: { frame, direction, ...changed } });
  }

  /** Puts the parts of a block together; null until its last one. */
  #collect(unit: WireUnit, bytes: Uint8Array): Uint8Array | null {
    const { direction } = unit;
    const { from, to } = fragmentOf(unit, bytes);
    const before = unit.kind === 'continuation' ? (this.#parts[direction] ?? []) : [];
    const parts = [...before, bytes.subarray(from, to)];
    const isWhole = (unit.flags & Flag.END_HEADERS) !== 0;
    this.#parts[direction] = isWhole ? null : parts;
    return isWhole ? join(parts) : null;
  }

  /** A smaller SETTINGS_HEADER_TABLE_SIZE of the peer bounds our own encoder at once, before its next block says so. */
  #tableLimit(unit: WireUnit): void {
    const size = unit.settings?.get(Setting.HEADER_TABLE_SIZE);
    const table = this.#tables.created;
    if (unit.direction === 'received' && size !== undefined && size < table.capacity) table.resize(size);
  }
}

/** The lines of a block; of a frame whose bytes were not all kept, those that are there. */
function scannedOf(block: Uint8Array, unit: WireUnit, bytes: Uint8Array): ScannedBlock {
  const scanned = scanHpack(block);
  return bytes.length < unit.length ? { ...scanned, whole: false } : scanned;
}

function raw(unit: WireUnit, bytes: Uint8Array): object {
  return { length: unit.length, payload_length: unit.payloadLength, data: hexOf(bytes) };
}

/** Where the fragment of a field block stands in its frame (RFC 9113 §6.2, §6.10). */
function fragmentOf({ kind, flags, length }: WireUnit, bytes: Uint8Array): { from: number; to: number } {
  if (kind === 'continuation') return { from: HEAD, to: length };
  const isPadded = (flags & Flag.PADDED) !== 0;
  const padding = isPadded ? (bytes[HEAD] ?? 0) : 0;
  return { from: HEAD + (isPadded ? 1 : 0) + ((flags & Flag.PRIORITY) !== 0 ? 5 : 0), to: length - padding };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
