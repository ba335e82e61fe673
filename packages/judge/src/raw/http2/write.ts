/**
 * Frames as data: what the judge and the authors of exercises put on the wire. Each function gives `Bytes`, so that a check can
 * join, cut and break them at will. Field blocks are written without Huffman and without a table unless `remember` asks for it:
 * then each block stands for itself, wherever it is sent.
 */
import type { Bytes } from '../../exercise.ts';
import { bytesOf } from '../bytes.ts';
import {
  codeOf,
  type ErrorCode,
  FLAGS,
  FRAME_SIZE,
  FRAME_TYPES,
  type FrameName,
  GENEROUS,
  PREFACE,
  SETTINGS,
  type SettingName,
  WINDOW,
} from './names.ts';

export type Field = readonly [name: string, value: string];
/** One line of a field block, encoded. */
export type BlockLine = { readonly line: Bytes };
/** A request line (`GET /a`), or fields as they stand, `:status` and the like included. */
export type Section = string | readonly (Field | BlockLine)[];

export type Settings = Partial<Record<SettingName, number>>;

export type HeadersOptions = {
  /** Fields behind the pseudo-fields of a request line. */
  readonly fields?: readonly (Field | BlockLine)[];
  /** END_STREAM. */
  readonly end?: boolean;
  /** PADDED, with so many bytes behind the block. */
  readonly pad?: number;
  /** PRIORITY: five bytes before the block. */
  readonly priority?: boolean;
  /** Where the block is cut: the rest goes into CONTINUATION frames. Counted in bytes of the block. */
  readonly cuts?: readonly number[];
  /** The last piece does not say END_HEADERS. */
  readonly open?: boolean;
};

/** Any frame. `flags` is a number or a list of names. */
export function frame(it: {
  readonly type: FrameName | number;
  readonly flags?: number | readonly (keyof typeof FLAGS)[];
  readonly stream?: number;
  readonly payload?: Bytes;
  /** The reserved bit before the stream id. */
  readonly reserved?: boolean;
}): Bytes {
  const { flags = 0, stream = 0, payload = '', reserved = false } = it;
  const type = typeof it.type === 'number' ? it.type : FRAME_TYPES[it.type];
  const bits = typeof flags === 'number' ? flags : flags.reduce((all, flag) => all | FLAGS[flag], 0);
  const length = sizeOf(payload);
  const head = hex([length, 3], [type, 1], [bits, 1], [stream + (reserved ? 2 ** 31 : 0), 4]);
  return length === 0 ? head : [head, payload];
}

/** A client's first 24 bytes (§3.4). */
export const preface: Bytes = PREFACE;

/** What the judge says first when it is the client: preface, SETTINGS, and a connection window. */
export function greeting(settings_: Settings = {}, connectionWindow: number = GENEROUS): Bytes {
  const more = connectionWindow - WINDOW;
  return [
    preface,
    settings({ ENABLE_PUSH: 0, INITIAL_WINDOW_SIZE: GENEROUS, ...settings_ }),
    ...(more > 0 ? [windowUpdate(0, more)] : []),
  ];
}

/** A request on a stream, or any other block: trailers, a response. */
export function headers(stream: number, section: Section, options: HeadersOptions = {}): Bytes {
  const { fields = [], end = false, pad, priority = false, cuts = [], open = false } = options;
  const whole = typeof section === 'string' && fields.length === 0 ? requestHex(section) : hexOfBlock(section, fields);
  const ends = [...cuts, whole.length / 2];
  const pieces = ends.map((to, i): Bytes => ({ hex: whole.slice(2 * (ends[i - 1] ?? 0), 2 * to) }));
  const [first = '', ...rest] = pieces;
  return [
    frame({
      type: 'HEADERS',
      stream,
      flags: [
        ...(end ? (['END_STREAM'] as const) : []),
        ...(rest.length === 0 && !open ? (['END_HEADERS'] as const) : []),
        ...(pad === undefined ? [] : (['PADDED'] as const)),
        ...(priority ? (['PRIORITY'] as const) : []),
      ],
      payload: [
        ...(pad === undefined ? [] : [hex([pad, 1])]),
        // Depends on nobody, weight 16: as every browser says it, and nobody reads it any more.
        ...(priority ? [hex([0, 4], [15, 1])] : []),
        first,
        ...(pad === undefined || pad === 0 ? [] : [{ repeat: { hex: '00' }, times: pad }]),
      ],
    }),
    ...rest.map((payload, i) =>
      frame({
        type: 'CONTINUATION',
        stream,
        flags: i === rest.length - 1 && !open ? ['END_HEADERS'] : 0,
        payload,
      }),
    ),
  ];
}

const requests = new Map<string, string>();

/** The block of a request that has no other fields. A check may send thousands of the same: each is written once. */
function requestHex(request: string): string {
  const known = requests.get(request) ?? hexOfBlock(request, []);
  requests.set(request, known);
  return known;
}

function hexOfBlock(section: Section, fields: readonly (Field | BlockLine)[]): string {
  return hexOf(bytesOf(block([...(typeof section === 'string' ? requestOf(section) : section), ...fields])));
}

/** A response's head, for a judge that is the server. */
export function response(stream: number, status: number, options: HeadersOptions = {}): Bytes {
  return headers(stream, [[':status', String(status)]], options);
}

/** One DATA frame, whatever its size. */
export function data(
  stream: number,
  bytes: Bytes,
  options: { readonly end?: boolean; readonly pad?: number } = {},
): Bytes {
  const { end = false, pad } = options;
  return frame({
    type: 'DATA',
    stream,
    flags: [...(end ? (['END_STREAM'] as const) : []), ...(pad === undefined ? [] : (['PADDED'] as const))],
    payload:
      pad === undefined ? bytes : [hex([pad, 1]), bytes, ...(pad === 0 ? [] : [{ repeat: { hex: '00' }, times: pad }])],
  });
}

/** `size` bytes of body (each is `u`) in DATA frames of at most `each`; the last one ends the stream unless told. */
export function upload(
  stream: number,
  size: number,
  options: { readonly each?: number; readonly end?: boolean } = {},
): Bytes {
  const { each = FRAME_SIZE, end = true } = options;
  const frames: Bytes[] = [];
  for (let at = 0; at < size; at += each) {
    const n = Math.min(each, size - at);
    frames.push(data(stream, { repeat: 'u', times: n }, { end: end && at + n === size }));
  }
  return frames;
}

export function settings(values: Settings | readonly (readonly [id: number, value: number])[] = {}): Bytes {
  const pairs: readonly (readonly [number, number])[] = Array.isArray(values)
    ? (values as readonly (readonly [number, number])[])
    : Object.entries(values as Settings).map(([name, value]) => [SETTINGS[name as SettingName], value ?? 0]);
  return frame({ type: 'SETTINGS', payload: pairs.map(([id, value]) => hex([id, 2], [value, 4])) });
}

export const settingsAck: Bytes = frame({ type: 'SETTINGS', flags: ['ACK'] });

/** A PING that answers one with these eight bytes. */
export function pong(bytes: Uint8Array): Bytes {
  return frame({ type: 'PING', flags: ['ACK'], payload: { hex: hexOf(bytes) } });
}

/** `bytes`: eight of them. */
export function ping(bytes: Bytes = 'pingpong', options: { readonly ack?: boolean } = {}): Bytes {
  return frame({ type: 'PING', flags: options.ack === true ? ['ACK'] : 0, payload: bytes });
}

export function windowUpdate(stream: number, by: number): Bytes {
  return frame({ type: 'WINDOW_UPDATE', stream, payload: hex([by, 4]) });
}

export function reset(stream: number, code: ErrorCode): Bytes {
  return frame({ type: 'RST_STREAM', stream, payload: hex([codeOf(code), 4]) });
}

export function goaway(last: number, code: ErrorCode = 'NO_ERROR', debug: Bytes = ''): Bytes {
  return frame({ type: 'GOAWAY', payload: [hex([last, 4], [codeOf(code), 4]), debug] });
}

/** The PRIORITY frame that RFC 9113 §6.3 keeps for those who still send it. */
export function priority(stream: number, on: number = 0, weight: number = 15): Bytes {
  return frame({ type: 'PRIORITY', stream, payload: hex([on, 4], [weight, 1]) });
}

/** RFC 9218 §7.1. */
export function priorityUpdate(stream: number, value: string): Bytes {
  return frame({ type: 'PRIORITY_UPDATE', payload: [hex([stream, 4]), value] });
}

/** A line that goes into the table of the one who decodes it: `recall(62)` in a later block of the connection is this line. */
export function remember(name: string, value: string): BlockLine {
  return { line: ['\x40', text(name), text(value)] };
}

/** A line of the tables: 1 to 61 never change, 62 is what was remembered last (RFC 7541 §2.3.3). */
export function recall(index: number): BlockLine {
  if (index >= 127) throw new RangeError(`recall(${index}): an index of more than one byte is not written here`);
  return { line: hex([0x80 + index, 1]) };
}

/** The block of these lines (RFC 7541 §6.2.2: literals without indexing, unless a line is encoded already). */
export function block(lines: readonly (Field | BlockLine)[]): Bytes {
  return lines.map((line) => ('line' in line ? line.line : ['\x00', text(line[0]), text(line[1])]));
}

/** `GET /a` as the four fields that every request has (§8.3.1). */
export function requestOf(request: string): Field[] {
  const [method = '', path = ''] = request.split(' ');
  return [
    [':method', method],
    [':scheme', 'http'],
    [':authority', 'workshop'],
    [':path', path],
  ];
}

/** A string literal: its length with a prefix of seven bits, then its bytes. */
function text(value: string): Bytes {
  const { length } = bytesOf(value);
  if (length < 127) return [hex([length, 1]), value];
  const digits: (readonly [number, number])[] = [[127, 1]];
  let rest = length - 127;
  for (; rest >= 128; rest = Math.floor(rest / 128)) digits.push([(rest % 128) + 128, 1]);
  return [hex(...digits, [rest, 1]), value];
}

/** Numbers in so many bytes each, the highest byte first. */
function hex(...numbers: readonly (readonly [value: number, bytes: number])[]): { readonly hex: string } {
  return { hex: numbers.map(([value, bytes]) => value.toString(16).padStart(2 * bytes, '0')).join('') };
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function sizeOf(data: Bytes): number {
  if (typeof data === 'object' && 'repeat' in data) return sizeOf(data.repeat) * data.times;
  if (Array.isArray(data)) return (data as readonly Bytes[]).reduce((sum: number, part) => sum + sizeOf(part), 0);
  return bytesOf(data).length;
}
