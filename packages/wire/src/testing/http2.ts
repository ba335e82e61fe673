import { decodeLatin1, encodeLatin1 } from '../bytes/latin1.ts';
import type { Event } from '../events.ts';
import type { FieldSection } from '../fields/field.ts';
import { HpackDecoder } from '../hpack/decoder.ts';
import { Http2Connection, type Http2Options } from '../http2/connection.ts';
import { errorName } from '../http2/error_code.ts';
import { CLIENT_PREFACE, Flag, FrameType, frameKind } from '../http2/frame.ts';
import { fromHex } from './hex.ts';

/** Bytes one after the other. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A number of 32 bits. */
export function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** A frame, whether it makes sense or not: `length` may lie. */
export function frame(
  type: number,
  flags: number,
  streamId: number,
  payload: Uint8Array | string = '',
  length?: number,
): Uint8Array {
  const bytes = typeof payload === 'string' ? fromHex(payload) : payload;
  const size = length ?? bytes.length;
  return concat(Uint8Array.of(size >>> 16, size >>> 8, size, type, flags), uint32(streamId), bytes);
}

/** A request that no rule stands against. */
export const GET: FieldSection = [
  [':method', 'GET'],
  [':scheme', 'https'],
  [':path', '/'],
  [':authority', 'example.com'],
];

/** The same with content. */
export const POST: FieldSection = [[':method', 'POST'], ...GET.slice(1)];

/** Frames by name. Field blocks do not use the dynamic table, so that they can be sent in any order. */
export const frames = {
  preface: (): Uint8Array => encodeLatin1(CLIENT_PREFACE),
  data: (streamId: number, content: Uint8Array | string = '', flags = 0): Uint8Array =>
    frame(FrameType.DATA, flags, streamId, typeof content === 'string' ? encodeLatin1(content) : content),
  headers: (
    streamId: number,
    fields: FieldSection = GET,
    flags: number = Flag.END_STREAM | Flag.END_HEADERS,
  ): Uint8Array => frame(FrameType.HEADERS, flags, streamId, block(fields)),
  continuation: (streamId: number, payload: Uint8Array, flags: number = Flag.END_HEADERS): Uint8Array =>
    frame(FrameType.CONTINUATION, flags, streamId, payload),
  priority: (streamId: number, dependsOn = 0): Uint8Array =>
    frame(FrameType.PRIORITY, 0, streamId, concat(uint32(dependsOn), Uint8Array.of(15))),
  rstStream: (streamId: number, code = 8): Uint8Array => frame(FrameType.RST_STREAM, 0, streamId, uint32(code)),
  settings: (...entries: readonly (readonly [id: number, value: number])[]): Uint8Array =>
    frame(
      FrameType.SETTINGS,
      0,
      0,
      concat(...entries.map(([id, value]) => concat(Uint8Array.of(id >>> 8, id), uint32(value)))),
    ),
  settingsAck: (): Uint8Array => frame(FrameType.SETTINGS, Flag.ACK, 0),
  ping: (ack = false, data = '0102030405060708'): Uint8Array => frame(FrameType.PING, ack ? Flag.ACK : 0, 0, data),
  goaway: (lastStreamId: number, code = 0, debug = ''): Uint8Array =>
    frame(FrameType.GOAWAY, 0, 0, concat(uint32(lastStreamId), uint32(code), encodeLatin1(debug))),
  windowUpdate: (streamId: number, increment: number): Uint8Array =>
    frame(FrameType.WINDOW_UPDATE, 0, streamId, uint32(increment)),
  priorityUpdate: (streamId: number, value: string): Uint8Array =>
    frame(FrameType.PRIORITY_UPDATE, 0, 0, concat(uint32(streamId), encodeLatin1(value))),
};

/** A field block of literals without indexing and without Huffman code: any name and value, well-formed or not. */
export function block(fields: FieldSection): Uint8Array {
  return concat(...fields.flatMap(([name, value]) => [Uint8Array.of(0), text(name), text(value)]));
}

function text(value: string): Uint8Array {
  const size = value.length;
  if (size < 127) return concat(Uint8Array.of(size), encodeLatin1(value));
  const rest = size - 127;
  const digits: number[] = [127];
  for (let left = rest; ; left = Math.floor(left / 128)) {
    digits.push((left % 128) | (left >= 128 ? 128 : 0));
    if (left < 128) break;
  }
  return concat(Uint8Array.from(digits), encodeLatin1(value));
}

/** A frame as a test reads it. */
export interface SeenFrame {
  readonly kind: string;
  readonly streamId: number;
  readonly flags: number;
  readonly payload: Uint8Array;
  /** HEADERS with END_HEADERS: its fields. */
  readonly fields: FieldSection;
}

/** Reads the frames of one direction, with its dynamic table. */
export class FrameLog {
  #pending: Uint8Array = new Uint8Array(0);
  #blocks: Uint8Array[] = [];
  readonly #decoder = new HpackDecoder();
  #preface: boolean;

  constructor(client = false) {
    this.#preface = client;
  }

  read(chunks: readonly Uint8Array[]): SeenFrame[] {
    let bytes = concat(this.#pending, ...chunks);
    if (this.#preface && bytes.length >= CLIENT_PREFACE.length) {
      bytes = bytes.subarray(CLIENT_PREFACE.length);
      this.#preface = false;
    }
    const seen: SeenFrame[] = [];
    let at = 0;
    while (at + 9 <= bytes.length) {
      const length = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
      if (at + 9 + length > bytes.length) break;
      const view = new DataView(bytes.buffer, bytes.byteOffset + at, 9);
      const flags = view.getUint8(4);
      const payload = bytes.slice(at + 9, at + 9 + length);
      const kind = frameKind(view.getUint8(3));
      let fields: FieldSection = [];
      if (kind === 'headers' || kind === 'continuation') {
        this.#blocks.push(payload);
        if ((flags & Flag.END_HEADERS) !== 0) {
          const decoded = this.#decoder.decode(concat(...this.#blocks));
          this.#blocks = [];
          if ('code' in decoded) throw new Error(decoded.reason);
          fields = decoded.fields;
        }
      }
      seen.push({ kind, streamId: view.getUint32(5), flags, payload, fields });
      at += 9 + length;
    }
    this.#pending = bytes.slice(at);
    return seen;
  }
}

/** A frame in one line. */
export function describeFrame({ kind, streamId, flags, payload, fields }: SeenFrame): string {
  const number = (at: number): number => new DataView(payload.buffer, payload.byteOffset).getUint32(at);
  const end = (kind === 'data' || kind === 'headers') && (flags & 1) !== 0 ? ' END_STREAM' : '';
  switch (kind) {
    case 'data':
      return `data ${streamId} ${payload.length > 40 ? `${payload.length} octets` : JSON.stringify(decodeLatin1(payload))}${end}`;
    case 'headers':
      return `headers ${streamId} ${fields.map(([name, value]) => `${name}=${value}`).join(' ')}${end}`;
    case 'rst_stream':
      return `rst_stream ${streamId} ${errorName(number(0))}`;
    case 'goaway':
      return `goaway ${number(0)} ${errorName(number(4))} ${decodeLatin1(payload, 8)}`.trim();
    case 'window_update':
      return `window_update ${streamId} ${number(0)}`;
    case 'ping':
    case 'settings':
      return `${kind}${(flags & 1) !== 0 ? ' ack' : ''}`;
    default:
      return `${kind} ${streamId}`;
  }
}

/** One end under test, spoken to in frames. */
export class Http2Tester {
  readonly connection: Http2Connection;
  readonly events: Event[] = [];
  readonly #log: FrameLog;
  now = 0;

  /** An end whose peer has already said its preface, unless `bare`. */
  constructor(options: Http2Options, bare = false) {
    this.connection = new Http2Connection({ now: 0, ...options });
    this.#log = new FrameLog(options.role === 'client');
    if (bare) return;
    const preface = options.role === 'server' ? frames.preface() : new Uint8Array(0);
    this.send(preface, frames.settings(), frames.settingsAck());
    this.output();
    this.events.length = 0;
  }

  /** Hands bytes over as one read; events are added to `events` and returned. */
  send(...parts: readonly Uint8Array[]): Event[] {
    const events = this.connection.receive(concat(...parts), this.now);
    this.events.push(...events);
    return events;
  }

  poll(): Event[] {
    const events = this.connection.poll(this.now);
    this.events.push(...events);
    return events;
  }

  /** What the end has written since, a line a frame. */
  output(max?: number): string[] {
    return this.outputFrames(max).map(describeFrame);
  }

  outputFrames(max?: number): SeenFrame[] {
    return this.#log.read(this.connection.takeOutput(max));
  }

  /** The event that ended the connection. */
  get error(): Extract<Event, { type: 'connection-error' }> | undefined {
    return this.events.find((event) => event.type === 'connection-error');
  }
}
