import type { Observer, WireUnit } from '@interleave/wire';
import type { EventName } from './event.ts';

/** Takes an event as it happens. */
type Recorded = (name: EventName, data: Readonly<Record<string, unknown>>) => void;

export interface WireEventOptions {
  /** Names of all fields and values of the harmless ones are kept; true keeps every value. Default: false. */
  readonly values?: boolean;
}

/** Fields whose values tell of framing and of the connection, never of a person. */
const HARMLESS: ReadonlySet<string> = new Set([
  ':status',
  ':method',
  ':scheme',
  ':protocol',
  'accept-ranges',
  'age',
  'alt-svc',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'early-data',
  'expect',
  'keep-alive',
  'priority',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'vary',
]);

/**
 * Turns what `wire` reads and writes into events. Values of fields are left out unless they are harmless or asked for:
 * a trace is made to be shown.
 */
export function wireEvents(
  protocol: 'http/1.1' | 'h2' | 'h3',
  record: Recorded,
  options: WireEventOptions = {},
): Observer {
  const values = options.values === true;
  if (protocol === 'http/1.1') return (unit) => http1(unit, record, values);
  const schema = protocol === 'h2' ? 'http2' : 'http3';
  return (unit) => frame(unit, schema, record, values);
}

function http1(unit: WireUnit, record: Recorded, values: boolean): void {
  const data: Record<string, unknown> = {
    message_type: unit.kind,
    exchange: unit.streamId,
    offset: unit.offset,
    length: unit.length,
  };
  if (unit.payloadLength > 0) data['payload_length'] = unit.payloadLength;
  if (unit.startLine !== null) data['start_line'] = values ? unit.startLine : withoutQuery(unit.startLine);
  if (unit.fields !== null) data['headers'] = headers(unit, values);
  if (unit.endStream) data['end_of_message'] = true;
  record(unit.direction === 'received' ? 'http1:message_parsed' : 'http1:message_created', data);
}

function frame(unit: WireUnit, schema: 'http2' | 'http3', record: Recorded, values: boolean): void {
  const inner: Record<string, unknown> = { frame_type: unit.kind };
  if (unit.kind === 'unknown' && unit.value !== null) inner['frame_type_bytes'] = unit.value;
  if (unit.flags !== 0) inner['flags'] = unit.flags;
  if (unit.endStream) inner['end_stream'] = true;
  if (unit.fields !== null) inner['headers'] = headers(unit, values);
  if (unit.settings !== null) inner['settings'] = settings(unit.settings);
  if (unit.about !== null) inner[unit.kind === 'goaway' ? 'id' : 'prioritized_element_id'] = unit.about;
  const number = NUMBERS[unit.kind];
  if (number !== undefined && unit.value !== null) inner[number] = unit.value;
  const data = {
    stream_id: unit.streamId,
    length: unit.length,
    payload_length: unit.payloadLength,
    offset: unit.offset,
    frame: inner,
  };
  record(`${schema}:${unit.direction === 'received' ? 'frame_parsed' : 'frame_created'}`, data);
  // An acknowledgement says nothing of its own.
  if (unit.settings !== null) {
    const initiator = unit.direction === 'received' ? 'remote' : 'local';
    record(`${schema}:parameters_set`, { initiator, parameters: settings(unit.settings) });
  }
}

/** What the number of a frame is called. */
const NUMBERS: Readonly<Record<string, string>> = {
  rst_stream: 'error_code',
  goaway: 'error_code',
  window_update: 'increment',
};

/** Names of settings (RFC 9113 §6.5.2, RFC 8441 §3, RFC 9218 §2.1; RFC 9114 §7.2.4.1, RFC 9204 §5, RFC 9220 §3). */
const SETTINGS: ReadonlyMap<number, string> = new Map([
  [0x1, 'header_table_size'],
  [0x2, 'enable_push'],
  [0x3, 'max_concurrent_streams'],
  [0x4, 'initial_window_size'],
  [0x5, 'max_frame_size'],
  [0x6, 'max_header_list_size'],
  [0x7, 'qpack_blocked_streams'],
  [0x8, 'enable_connect_protocol'],
  [0x9, 'no_rfc7540_priorities'],
]);

function settings(all: ReadonlyMap<number, number>): { name: string; value: number }[] {
  return Array.from(all, ([id, value]) => ({ name: SETTINGS.get(id) ?? `0x${id.toString(16)}`, value }));
}

function headers(unit: WireUnit, values: boolean): { name: string; value?: string }[] {
  return (unit.fields ?? []).map(([name, value]) => {
    const lower = name.toLowerCase();
    if (lower === ':path' && !values) return { name, value: withoutQuery(value) };
    return values || HARMLESS.has(lower) ? { name, value } : { name };
  });
}

/** A query can hold anything. */
function withoutQuery(text: string): string {
  return text.replace(/\?[^ ]*/, '?…');
}
