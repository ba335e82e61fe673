import type { WireUnit } from '@interleave/wire';
import type { EventName } from './event.ts';
import { shownTarget, shownValue, type ValuePolicy } from './values.ts';

export type WireProtocol = 'http/1.1' | 'h2' | 'h3';

/** One event, before it has its time. */
export interface Told {
  readonly name: EventName;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Data under construction. */
type Draft = Record<string, unknown>;

/** What `wire` tells of one unit as events: the frame or piece of message, and what SETTINGS set. */
export function unitEvents(unit: WireUnit, protocol: WireProtocol, policy: ValuePolicy, more: Draft = {}): Told[] {
  if (protocol === 'http/1.1') return [http1(unit, policy, more)];
  const schema = protocol === 'h2' ? 'http2' : 'http3';
  const told = [frame(unit, schema, policy, more)];
  // An acknowledgement says nothing of its own.
  if (unit.settings !== null && (unit.flags & ACK) === 0) {
    const initiator = unit.direction === 'received' ? 'remote' : 'local';
    told.push({ name: `${schema}:parameters_set`, data: { initiator, parameters: settings(unit.settings, schema) } });
  }
  return told;
}

const ACK = 1;

function http1(unit: WireUnit, policy: ValuePolicy, more: Draft): Told {
  const data: Draft = {
    message_type: unit.kind,
    exchange: unit.streamId,
    offset: unit.offset,
    length: unit.length,
    ...(unit.payloadLength > 0 ? { payload_length: unit.payloadLength } : {}),
    ...(unit.startLine !== null ? { start_line: shownTarget(unit.startLine, policy) } : {}),
    ...(unit.fields !== null ? { headers: headers(unit, policy) } : {}),
    ...(unit.endStream ? { end_of_message: true } : {}),
    ...more,
  };
  return { name: unit.direction === 'received' ? 'http1:message_parsed' : 'http1:message_created', data };
}

function frame(unit: WireUnit, schema: 'http2' | 'http3', policy: ValuePolicy, more: Draft): Told {
  const { kind, value, flags, about } = unit;
  const number = NUMBERS[kind];
  const inner: Draft = {
    frame_type: kind,
    ...((kind === 'unknown' || kind === 'reserved') && value !== null ? { frame_type_bytes: value } : {}),
    ...(flags !== 0 ? { flags } : {}),
    ...(unit.endStream ? { end_stream: true } : {}),
    ...(unit.fields !== null ? { headers: headers(unit, policy) } : {}),
    ...(unit.settings !== null ? { settings: settings(unit.settings, schema) } : {}),
    ...(about !== null ? { [kind === 'goaway' ? 'id' : 'prioritized_element_id']: about } : {}),
    ...(number !== undefined && value !== null ? { [number]: value } : {}),
  };
  const data = {
    stream_id: unit.streamId,
    length: unit.length,
    payload_length: unit.payloadLength,
    offset: unit.offset,
    frame: inner,
    ...more,
  };
  return { name: `${schema}:${unit.direction === 'received' ? 'frame_parsed' : 'frame_created'}`, data };
}

/** What the number of a frame is called. */
const NUMBERS: Readonly<Record<string, string>> = {
  rst_stream: 'error_code',
  goaway: 'error_code',
  window_update: 'increment',
  max_push_id: 'push_id',
};

/** Names of settings of HTTP/2 (RFC 9113 §6.5.2, RFC 8441 §3, RFC 9218 §2.1). */
const HTTP2_SETTINGS: ReadonlyMap<number, string> = new Map([
  [0x1, 'header_table_size'],
  [0x2, 'enable_push'],
  [0x3, 'max_concurrent_streams'],
  [0x4, 'initial_window_size'],
  [0x5, 'max_frame_size'],
  [0x6, 'max_header_list_size'],
  [0x8, 'enable_connect_protocol'],
  [0x9, 'no_rfc7540_priorities'],
]);

/** Names of settings of HTTP/3 (RFC 9114 §7.2.4.1, RFC 9204 §5, RFC 9220 §3, RFC 9297 §2.1.1). */
const HTTP3_SETTINGS: ReadonlyMap<number, string> = new Map([
  [0x1, 'qpack_max_table_capacity'],
  [0x6, 'max_field_section_size'],
  [0x7, 'qpack_blocked_streams'],
  [0x8, 'enable_connect_protocol'],
  [0x33, 'h3_datagram'],
]);

function settings(all: ReadonlyMap<number, number>, schema: 'http2' | 'http3'): { name: string; value: number }[] {
  const names = schema === 'http2' ? HTTP2_SETTINGS : HTTP3_SETTINGS;
  return Array.from(all, ([id, value]) => ({ name: names.get(id) ?? `0x${id.toString(16)}`, value }));
}

/** Names always; values where they may be shown. */
function headers(unit: WireUnit, policy: ValuePolicy): { name: string; value?: string }[] {
  return (unit.fields ?? []).map(([name, value]) => {
    const shown = shownValue(name, value, policy).value;
    return shown === null ? { name } : { name, value: shown };
  });
}
