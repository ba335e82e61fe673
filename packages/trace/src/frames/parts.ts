import type { FrameLine, FrameView } from './view.ts';

/** A part of a frame with a meaning. Positions count from the frame's first byte. */
export interface FramePart {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly label: string;
  /** What stands there. */
  readonly value: string;
  /** How it is written, where that is not plain. */
  readonly how: string;
  readonly masked: boolean;
}

/** The bytes that are shown of a frame, and what is said of those that are not. */
export interface FrameBytes {
  readonly bytes: Uint8Array;
  readonly parts: readonly FramePart[];
  /** Bytes of the frame that are not shown. */
  readonly hidden: number;
}

/** Takes a frame apart. */
export function frameBytes(frame: FrameView): FrameBytes {
  const { block } = frame;
  const isInside = block !== null && block.parts === 1;
  const bytes = isInside ? concat(frame.bytes.subarray(0, block.at), block.bytes) : frame.bytes;
  const parts = (
    frame.instructions !== null
      ? instructionParts(frame)
      : frame.protocol === 'http1'
        ? http1Parts(frame)
        : frame.protocol === 'http2'
          ? http2Parts(frame)
          : http3Parts(frame)
  ).filter(({ from, to }) => from < to && from < bytes.length);
  return { bytes, parts, hidden: Math.max(0, frame.length - bytes.length) };
}

const part = (from: number, to: number, label: string, value: string | number, how = ''): FramePart => ({
  from,
  to,
  label,
  value: String(value),
  how,
  masked: false,
});

const FLAGS: Readonly<Record<string, readonly (readonly [number, string])[]>> = {
  data: [
    [1, 'END_STREAM'],
    [8, 'PADDED'],
  ],
  headers: [
    [1, 'END_STREAM'],
    [4, 'END_HEADERS'],
    [8, 'PADDED'],
    [0x20, 'PRIORITY'],
  ],
  continuation: [[4, 'END_HEADERS']],
  settings: [[1, 'ACK']],
  ping: [[1, 'ACK']],
};

/** `END_STREAM, END_HEADERS`; empty for none. */
export function flagNames({ kind, flags, protocol }: FrameView): string {
  if (protocol !== 'http2' || flags === 0) return '';
  const named = (FLAGS[kind] ?? []).filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
  return named.length > 0 ? named.join(', ') : `0x${flags.toString(16)}`;
}

function http2Parts(frame: FrameView): FramePart[] {
  if (frame.kind === 'preface')
    return [part(0, frame.length, 'preface', 'PRI * HTTP/2.0', 'before the first frame of a client (RFC 9113 §3.4)')];
  const type = frame.bytes[3] ?? 0;
  const parts = [
    part(0, 3, 'length', frame.length - 9, 'octets behind the nine of the head'),
    part(3, 4, 'type', `${type}: ${frame.kind.toUpperCase()}`),
    part(4, 5, 'flags', flagNames(frame) || 'none'),
    part(5, 9, 'stream', frame.streamId === 0 ? '0: the connection itself' : frame.streamId),
  ];
  const { block } = frame;
  if (block !== null) {
    const isPadded = (frame.flags & 8) !== 0;
    if (isPadded) parts.push(part(9, 10, 'padding', frame.bytes[9] ?? 0, 'octets of it at the end'));
    if (frame.kind === 'headers' && (frame.flags & 0x20) !== 0)
      parts.push(part(isPadded ? 10 : 9, block.at, 'old priority', 'ignored', 'deprecated (RFC 9113 §5.3.2)'));
    return block.parts === 1 ? [...parts, ...lineParts(block.lines, block.at, 62)] : parts;
  }
  return [...parts, ...payloadParts(frame, 9)];
}

function http3Parts(frame: FrameView): FramePart[] {
  const typeSize = 1 << ((frame.bytes[0] ?? 0) >> 6);
  const headSize = frame.length - frame.payloadLength;
  const parts = [
    part(0, typeSize, 'type', frame.kind.toUpperCase(), 'a number of variable length'),
    part(typeSize, headSize, 'length', frame.payloadLength, 'bytes behind it'),
  ];
  const { block } = frame;
  if (block !== null) {
    const prefix = part(
      block.at,
      block.at + block.prefix,
      'prefix',
      'which entries it needs',
      'Required Insert Count, Base (RFC 9204 §4.5.1)',
    );
    return [...parts, prefix, ...lineParts(block.lines, block.at, 0)];
  }
  return [...parts, ...payloadParts(frame, headSize)];
}

function payloadParts(frame: FrameView, at: number): FramePart[] {
  const { kind, settings, numbers, protocol, length } = frame;
  const value = (name: string): number => numbers.find((one) => one.name === name)?.value ?? 0;
  const rest = (label: string, how = ''): FramePart => part(at, length, label, `${length - at} bytes`, how);
  switch (kind) {
    case 'settings':
      if (protocol === 'http2')
        return (settings ?? []).map((one, i) =>
          part(at + i * 6, at + i * 6 + 6, one.name, one.value, 'two octets of name, four of value'),
        );
      return (settings ?? []).length > 0
        ? [
            part(
              at,
              length,
              'settings',
              (settings ?? []).map((one) => `${one.name} ${one.value}`).join(', '),
              'pairs of numbers of variable length',
            ),
          ]
        : [];
    case 'window_update':
      return [part(at, at + 4, 'increment', value('increment'), 'octets more that may be sent')];
    case 'rst_stream':
      return [part(at, at + 4, 'error code', value('error_code'))];
    case 'goaway':
      return protocol === 'http2'
        ? [
            part(at, at + 4, 'last stream', value('id')),
            part(at + 4, at + 8, 'error code', value('error_code')),
            part(at + 8, length, 'debug data', `${length - at - 8} bytes`),
          ]
        : [part(at, length, 'first stream that is refused', value('id'))];
    case 'ping':
      return [rest('opaque', 'comes back as it is')];
    case 'priority_update':
      return [part(at, length, 'priority', `of stream ${value('prioritized_element_id')}`, 'RFC 9218 §7')];
    case 'data':
      return [rest('content')];
    default:
      return [rest('payload')];
  }
}

/** Lines of a block; `dynamicFrom` is the first number of the dynamic table in HPACK's numbering. */
function lineParts(lines: readonly FrameLine[], at: number, dynamicFrom: number): FramePart[] {
  return lines.map((line) => ({
    from: at + line.from,
    to: at + line.to,
    label: line.name ?? 'table size',
    value: line.name === null ? String(line.index ?? '') : (line.value ?? 'masked'),
    how: formWords(line, dynamicFrom),
    masked: line.name !== null && line.value === undefined,
  }));
}

/** How a line is written, in words. */
function formWords({ form, index, table, name }: FrameLine, dynamicFrom: number): string {
  if (name === null) return 'the dynamic table holds at most this';
  const place =
    index === null ? '' : table === 'static' || dynamicFrom > 0 ? `${table} ${index}` : `${table}, ${index} back`;
  if (form === 'indexed') return `all of it: ${place}`;
  const named = index === null ? 'spelled out' : `name ${place}`;
  if (form === 'literal, added') return `${named}; added to the table`;
  return form === 'literal, never added' ? `${named}; never to be added` : named;
}

function instructionParts({ instructions }: FrameView): FramePart[] {
  return (instructions ?? []).map(({ from, to, instruction, number, name, value }) => ({
    from,
    to,
    label: instruction.replaceAll('_', ' '),
    value: name === undefined ? String(number ?? '') : `${name}: ${value ?? 'masked'}`,
    how: '',
    masked: name !== undefined && value === undefined,
  }));
}

function http1Parts(frame: FrameView): FramePart[] {
  const { kind, bytes, length, payloadLength } = frame;
  if (kind === 'content') return [part(0, length, 'content', `${length} bytes`)];
  if (kind === 'chunk') {
    const lineEnd = length - payloadLength - 2;
    return [
      part(0, lineEnd, 'chunk size', `${payloadLength} bytes`, 'in hexadecimal, with its line end (RFC 9112 §7.1)'),
      part(lineEnd, lineEnd + payloadLength, 'content', `${payloadLength} bytes`),
      part(lineEnd + payloadLength, length, 'line end', 'of the chunk'),
    ];
  }
  const parts: FramePart[] = [];
  for (let from = 0; from < bytes.length; ) {
    const lineFeed = bytes.indexOf(0x0a, from);
    const to = lineFeed < 0 ? bytes.length : lineFeed + 1;
    parts.push(headLine(frame, from, to, parts.length === 0));
    from = to;
  }
  return parts;
}

function headLine(frame: FrameView, from: number, to: number, isFirst: boolean): FramePart {
  if (isFirst)
    return frame.kind === 'last-chunk'
      ? part(from, to, 'last chunk', '0', 'the content ends here (RFC 9112 §7.1)')
      : part(from, to, 'start line', frame.startLine ?? '');
  if (to - from <= 2) return part(from, to, 'empty line', '', 'the head ends here (RFC 9112 §2.1)');
  const colon = frame.bytes.indexOf(0x3a, from);
  const name = String.fromCharCode(...frame.bytes.subarray(from, colon < 0 || colon > to ? to : colon));
  const masked = frame.masked.some((range) => range.from >= from && range.to <= to);
  const value = masked ? 'masked' : String.fromCharCode(...frame.bytes.subarray(colon + 1, to)).trim();
  return { ...part(from, to, name, value), masked };
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
