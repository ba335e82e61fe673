/** A frame in words: what a learner reads under its bytes. */
import { latin1, readable } from '../bytes.ts';
import { grouped } from '../numbers.ts';
import { codeText, FRAME_TYPES, settingText, typeText } from './names.ts';
import { contentOf, has, settingsOf, uint32, type WireFrame } from './parse.ts';

type Shown = Pick<WireFrame, 'type' | 'flags' | 'stream' | 'payload'>;

/** `HEADERS on stream 1, 34 bytes, END_STREAM END_HEADERS`. */
export function frameText(frame: Shown): string {
  const flags = flagNames(frame);
  const size = `${grouped(frame.payload.length)} ${frame.payload.length === 1 ? 'byte' : 'bytes'}`;
  return [`${typeText(frame.type)} on stream ${frame.stream}`, size, flags.join(' ')]
    .filter((part) => part !== '')
    .join(', ');
}

/** What is in the payload, where it is short enough to say: `INITIAL_WINDOW_SIZE 65,535`. Empty for data and blocks. */
export function payloadText(frame: WireFrame): string {
  const { type, payload } = frame;
  switch (type) {
    case FRAME_TYPES.SETTINGS:
      return settingsOf(payload)
        .map(({ id, value }) => `${settingText(id)} ${grouped(value)}`)
        .join(', ');
    case FRAME_TYPES.RST_STREAM:
      return payload.length === 4 ? codeText(uint32(payload)) : '';
    case FRAME_TYPES.WINDOW_UPDATE:
      return payload.length === 4 ? `+${grouped(uint32(payload) % 2 ** 31)}` : '';
    case FRAME_TYPES.GOAWAY:
      return payload.length >= 8 ? `last stream ${uint32(payload) % 2 ** 31}, ${codeText(uint32(payload, 4))}` : '';
    case FRAME_TYPES.DATA:
      return readable(latin1(contentOf(frame) ?? payload), 24);
    default:
      return '';
  }
}

/** The flags that mean something for this type. */
export function flagNames(frame: Shown): string[] {
  const { type } = frame;
  const isAck = type === FRAME_TYPES.SETTINGS || type === FRAME_TYPES.PING;
  const isBlock = type === FRAME_TYPES.HEADERS || type === FRAME_TYPES.CONTINUATION;
  const names: string[] = [];
  if (has(frame, 'ACK') && isAck) names.push('ACK');
  if (has(frame, 'END_STREAM') && (type === FRAME_TYPES.DATA || type === FRAME_TYPES.HEADERS)) names.push('END_STREAM');
  if (has(frame, 'END_HEADERS') && isBlock) names.push('END_HEADERS');
  if (has(frame, 'PADDED') && (type === FRAME_TYPES.DATA || type === FRAME_TYPES.HEADERS)) names.push('PADDED');
  if (has(frame, 'PRIORITY') && type === FRAME_TYPES.HEADERS) names.push('PRIORITY');
  return names;
}
