import { clip, count, visibleText } from '../look/text.ts';
import { flagNames } from './parts.ts';
import type { ConnectionNote, FrameView } from './view.ts';

/** What a kind of frame is for, with the section that says so. */
const PURPOSE: Readonly<Record<string, string>> = {
  'http1 request': 'A request: start line, fields, and an empty line that ends the head (RFC 9112 §2.1).',
  'http1 response': 'A response: status line, fields, and an empty line that ends the head (RFC 9112 §2.1).',
  'http1 informational': 'An interim response; the final one follows (RFC 9110 §15.2).',
  'http1 content': 'Content; where it ends, the head has said (RFC 9112 §6).',
  'http1 chunk': 'A chunk: its size, its content, a line end (RFC 9112 §7.1).',
  'http1 last-chunk': 'The chunk of size 0: the message ends with it (RFC 9112 §7.1).',
  'http2 preface': 'How a client begins, so that no HTTP/1.1 server goes on (RFC 9113 §3.4).',
  'http2 data': 'Content of a stream (RFC 9113 §6.1).',
  'http3 data': 'Content of a stream (RFC 9114 §7.2.1).',
  'http2 headers': 'A field section, compressed: a head, or trailers (RFC 9113 §6.2).',
  'http3 headers': 'A field section, compressed: a head, or trailers (RFC 9114 §7.2.2).',
  'http2 continuation': 'More of the field section before it (RFC 9113 §6.10).',
  'http2 settings': 'What its sender can take, or an acknowledgement of that (RFC 9113 §6.5).',
  'http3 settings': 'What its sender can take; the first frame on a control stream (RFC 9114 §7.2.4).',
  'http2 window_update': 'Room for more content: of one stream, or of all (RFC 9113 §6.9).',
  'http2 rst_stream': 'One exchange is given up; the others go on (RFC 9113 §6.4).',
  'http2 goaway': 'No new exchanges here; those under way finish (RFC 9113 §6.8).',
  'http3 goaway': 'No new exchanges here; those under way finish (RFC 9114 §5.2).',
  'http2 ping': 'Is anybody there, and how far away (RFC 9113 §6.7).',
  'http2 priority': 'An older way to say what comes first; ignored (RFC 9113 §5.3.2).',
  priority_update: 'Which response is wanted first (RFC 9218 §7).',
  qpack_encode: 'Lines for the table that the sender compresses with (RFC 9204 §4.3).',
  qpack_decode: 'What of the other side’s table has arrived (RFC 9204 §4.4).',
  reserved:
    'A frame of a reserved type: it means nothing, so that nobody forgets to skip the unknown (RFC 9114 §7.2.8).',
  unknown: 'A type that is not known here, and skipped (RFC 9113 §5.5, RFC 9114 §9).',
};

/** What this kind of frame is for, in one sentence. */
export function framePurpose({ protocol, kind }: FrameView): string {
  return PURPOSE[`${protocol} ${kind}`] ?? PURPOSE[kind] ?? '';
}

/** `HEADERS`, `request head`, `QPACK instructions`. */
export function frameName({ kind, protocol }: FrameView): string {
  if (kind === 'qpack_encode') return 'QPACK ENCODER';
  if (kind === 'qpack_decode') return 'QPACK DECODER';
  return protocol === 'http1' ? kind.replace('-', ' ') : kind.toUpperCase();
}

/** What is in it, in a few characters: `GET /frames`, `200`, `4 settings`, `1,024 bytes`. */
export function frameGist(frame: FrameView): string {
  const { headers, settings, kind, numbers, payloadLength, instructions, startLine, flags } = frame;
  if (startLine !== null) return visibleText(clip(startLine, 120));
  if (headers !== null && headers.length > 0) {
    const of = (name: string): string | undefined => headers.find((line) => line.name === name)?.value;
    const status = of(':status');
    const method = of(':method');
    if (status !== undefined) return status;
    if (method !== undefined) return visibleText(clip(`${method} ${of(':path') ?? of(':authority') ?? ''}`, 120));
    return `trailers: ${count(headers.length, 'field')}`;
  }
  if (settings !== null) return (flags & 1) !== 0 && settings.length === 0 ? 'ACK' : count(settings.length, 'setting');
  if (kind === 'settings') return 'ACK';
  if (instructions !== null) {
    const [first] = instructions;
    const named =
      first?.name === undefined
        ? `${first?.instruction.replaceAll('_', ' ') ?? ''} ${first?.number ?? ''}`
        : `insert ${first.name}`;
    return instructions.length > 1
      ? `${visibleText(clip(named, 60))}, and ${instructions.length - 1} more`
      : visibleText(clip(named, 80));
  }
  const [one] = numbers;
  if (kind === 'window_update') return `+${(one?.value ?? 0).toLocaleString('en')}`;
  if (kind === 'goaway') return `after stream ${numbers.find(({ name }) => name === 'id')?.value ?? 0}`;
  if (kind === 'priority_update') return `stream ${one?.value ?? 0}`;
  if (one?.name === 'frame_type_bytes') return `type 0x${one.value.toString(16)}`;
  if (one !== undefined) return `${one.name.replaceAll('_', ' ')} ${one.value}`;
  return payloadLength > 0 ? count(payloadLength, 'byte') : '';
}

/** Whose it is. */
export function streamWords({ protocol, streamId, kind }: FrameView): string {
  if (protocol === 'http1') return `exchange ${streamId}`;
  if (protocol === 'http2') return streamId === 0 ? 'the connection' : `stream ${streamId}`;
  if (kind.startsWith('qpack') || (streamId & 2) !== 0) return `stream ${streamId}, one way`;
  return `stream ${streamId}`;
}

/** One frame in one line of text. */
export function frameLine(frame: FrameView): string {
  const arrow = frame.fromClient ? '>' : '<';
  const flags = flagNames(frame);
  const end = flags === '' ? (frame.endStream ? ' [ends]' : '') : ` [${flags}]`;
  const stream = frame.protocol === 'http1' ? `exchange ${frame.streamId}` : `stream ${frame.streamId}`;
  return (
    `${frame.time.toFixed(1).padStart(9)} ms  ${arrow} ${stream.padEnd(12)} ${frameName(frame).padEnd(15)}` +
    `${String(frame.length).padStart(7)} B  ${frameGist(frame)}${end}`
  );
}

/** The frames as text for a terminal: one a line, fields under heads. */
export function framesText(frames: readonly FrameView[], notes: readonly ConnectionNote[], dropped: number): string {
  const lines: string[] = [];
  if (dropped > 0) lines.push(`(${count(dropped, 'older record')} made room: the log is bounded)`);
  for (const frame of frames) {
    lines.push(frameLine(frame));
    const fields = frame.block?.lines ?? frame.headers?.map((line) => ({ ...line, form: '' })) ?? [];
    for (const field of fields) {
      if (field.name === null) continue;
      const form = field.form === '' ? '' : `   (${field.form})`;
      lines.push(`${' '.repeat(16)}${visibleText(`${field.name}: ${field.value ?? '(masked)'}`)}${form}`);
    }
    for (const { of, old, next, on } of frame.steps) lines.push(`${' '.repeat(16)}${of}: ${old} -> ${next}, by ${on}`);
  }
  const left = notes.find(({ name }) => name === 'conn:left_out');
  if (left !== undefined)
    lines.push(`(stream ${String(left.data['stream_id'])} is left out: it carries such a report)`);
  return `${lines.join('\n')}\n`;
}
