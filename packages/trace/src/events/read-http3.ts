import type { WireUnit } from '@interleave/wire';
import { MESSAGE_TRANSITIONS, type MessageInput, type MessageState } from '@interleave/wire/http3';
import { blockData, shownEntry, tableData, tableState } from './blocks.ts';
import { scanQpack } from './field-lines.ts';
import { type Told, unitEvents } from './from-wire.ts';
import { hexOf, withoutPrivateContent } from './masking.ts';
import { readDecoderStream, readEncoderStream } from './qpack-instructions.ts';
import type { ProtocolReader, VantagePoint } from './reader.ts';
import type { LogRecord } from './record.ts';
import { SeenTable } from './seen-table.ts';
import type { ValuePolicy } from './values.ts';

type Direction = WireUnit['direction'];
type StreamRecord = Extract<LogRecord, { kind: 'stream' }>;

/** Types of unidirectional streams (RFC 9114 §6.2, RFC 9204 §4.2). */
const STREAM_TYPES: readonly string[] = ['control', 'push', 'qpack_encode', 'qpack_decode'];
const ENCODER = 2;
const DECODER = 3;

interface OneWay {
  readonly type: number;
  /** Bytes of an instruction that is not whole. */
  readonly rest: Uint8Array;
}

/** Follows HTTP/3 (RFC 9114): frames per stream, both QPACK tables, and how far each message has come. */
export class Http3Reader implements ProtocolReader {
  readonly #vantagePoint: VantagePoint;
  #tables: Record<Direction, SeenTable>;
  #oneWay = new Map<number, OneWay>();
  /** By stream and direction: `4 received`. */
  #messages = new Map<string, MessageState>();

  constructor(vantagePoint: VantagePoint) {
    this.#vantagePoint = vantagePoint;
    this.#tables = { received: new SeenTable(0), created: new SeenTable(0) };
  }

  read(record: LogRecord, frame: number, policy: ValuePolicy): Told[] {
    if (record.kind === 'stream') return this.#stream(record, frame, policy);
    if (record.kind === 'fin') return this.#step(record.streamId, record.direction, END, frame);
    if (record.kind !== 'unit') return [];
    const { unit, bytes } = record;
    const more: Record<string, unknown> = { number: frame };
    if (bytes !== null) {
      const isBlock = unit.kind === 'headers';
      const head = unit.length - unit.payloadLength;
      const shown = isBlock ? bytes.subarray(0, head) : withoutPrivateContent(bytes, unit, this.#vantagePoint, policy);
      more['raw'] = { length: unit.length, payload_length: unit.payloadLength, data: hexOf(shown) };
      if (isBlock) {
        const section = bytes.subarray(head);
        const table = this.#tables[unit.direction];
        const refersTo = { table_inserted: table.inserted };
        more['block'] = {
          at: head,
          parts: 1,
          ...blockData(section, unit.fields ?? [], policy, scanQpack(section)),
          ...refersTo,
        };
      }
    }
    const isMessage = unit.kind === 'headers' || unit.kind === 'data';
    const steps = isMessage ? this.#step(unit.streamId, unit.direction, inputsOf(unit), frame) : [];
    return [...unitEvents(unit, 'h3', policy, more), ...steps];
  }

  absorb(record: LogRecord): void {
    if (record.kind === 'stream') this.#stream(record, 0, 'share');
    else if (record.kind === 'fin') this.#step(record.streamId, record.direction, END, 0);
    else if (record.kind === 'unit' && (record.unit.kind === 'headers' || record.unit.kind === 'data'))
      this.#step(record.unit.streamId, record.unit.direction, inputsOf(record.unit), 0);
  }

  state(policy: ValuePolicy): Told[] {
    const tables = (['received', 'created'] as const).map((direction) =>
      tableState('http3', direction, this.#tables[direction], policy),
    );
    return tables;
  }

  clone(): Http3Reader {
    const copy = new Http3Reader(this.#vantagePoint);
    copy.#tables = { received: this.#tables.received.clone(), created: this.#tables.created.clone() };
    copy.#oneWay = new Map(this.#oneWay);
    copy.#messages = new Map(this.#messages);
    return copy;
  }

  #stream(record: StreamRecord, frame: number, policy: ValuePolicy): Told[] {
    const { direction, streamId, offset } = record;
    const told: Told[] = [];
    let { bytes } = record;
    let known = this.#oneWay.get(streamId);
    if (known === undefined && offset === 0) {
      // Types that are in use take one byte; others are of no interest but for being there.
      const type = bytes[0] ?? 0;
      known = { type, rest: new Uint8Array(0) };
      const owner = direction === 'received' ? 'remote' : 'local';
      const data = { number: frame, stream_id: streamId, owner, stream_type: STREAM_TYPES[type] ?? 'unknown' };
      told.push({ name: 'http3:stream_type_set', data });
      bytes = bytes.subarray(1);
    }
    if (known === undefined || bytes.length === 0) {
      if (known !== undefined) this.#oneWay.set(streamId, known);
      return told;
    }
    const whole = known.rest.length === 0 ? bytes : concat(known.rest, bytes);
    if (known.type !== ENCODER && known.type !== DECODER) return told;
    const name = direction === 'received' ? 'http3:qpack_instructions_parsed' : 'http3:qpack_instructions_created';
    // An encoder stream fills the table that its sender compresses with.
    const table = this.#tables[direction];
    const read =
      known.type === ENCODER
        ? readEncoderStream(whole, table, policy)
        : { ...readDecoderStream(whole), masked: [], evicted: 0, inserted: [] };
    this.#oneWay.set(streamId, { ...known, rest: read.rest });
    // Only the beginning of one: nothing to tell yet.
    if (read.list.length === 0) return told;
    // The beginning of an instruction that is not whole may be the beginning of a value.
    const shown = whole.subarray(0, whole.length - read.rest.length);
    told.push({
      name,
      data: {
        number: frame,
        stream_id: streamId,
        offset: offset + record.bytes.length - bytes.length - known.rest.length,
        length: shown.length,
        stream_type: STREAM_TYPES[known.type],
        raw: { length: shown.length, data: hexOf(shown, read.masked) },
        instructions: read.list,
        ...(read.masked.length > 0 ? { masked: read.masked } : {}),
      },
    });
    if (read.inserted.length > 0 || read.evicted > 0 || read.list.some((one) => one.instruction === CAPACITY)) {
      const inserted = read.inserted.map((line) => shownEntry(line, policy));
      const data = { frame, direction, inserted, evicted: read.evicted, ...tableData(table) };
      told.push({ name: 'http3:dynamic_table_updated', data });
    }
    return told;
  }

  #step(streamId: number, direction: Direction, inputs: readonly MessageInput[], frame: number): Told[] {
    // Unidirectional streams carry no messages.
    if ((streamId & 2) !== 0) return [];
    const key = `${streamId} ${direction}`;
    const was = this.#messages.get(key) ?? 'idle';
    const on = inputs.find((input) => MESSAGE_TRANSITIONS[was][input] !== undefined);
    const next = on === undefined ? undefined : MESSAGE_TRANSITIONS[was][on];
    if (next === undefined) return [];
    if (next === 'done') this.#messages.delete(key);
    else this.#messages.set(key, next);
    if (next === was) return [];
    const message = (direction === 'received') === (this.#vantagePoint === 'server') ? 'request' : 'response';
    const data = { frame, stream_id: streamId, message, old: was, new: next, on };
    return [{ name: 'http3:message_state_updated', data }];
  }
}

const END: readonly MessageInput[] = ['end'];
const CAPACITY = 'set_dynamic_table_capacity';

/** What a frame is to the table of a message's states. */
function inputsOf({ kind, fields }: WireUnit): MessageInput[] {
  if (kind === 'data') return ['data'];
  const status = fields?.find(([name]) => name === ':status')?.[1];
  return status?.startsWith('1') ? ['interim'] : ['headers'];
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
