/** What a stretch of a connection's bytes is, frame by frame, for the line above the bytes of a failure. */
import type { Fields } from '../../given/hpack.ts';
import { makeHpack } from '../../given/hpack.ts';
import { join } from '../bytes.ts';
import { grouped } from '../numbers.ts';
import { FRAME_TYPES, PREFACE, typeText } from './names.ts';
import { behindPreface, contentOf, framesIn, has, type WireFrame } from './parse.ts';
import { flagNames, payloadText } from './words.ts';

/** As many as are ever shown. */
const MOST = 12;

/** One entry for each frame that begins at `from` or later. Blocks are decoded from the beginning of the stream, since they have a memory. */
export function http2Words(bytes: Uint8Array, from: number, isClients: boolean): string[] {
  const begin = isClients ? behindPreface(bytes) : 0;
  if (isClients && begin === 0 && !isStart(bytes))
    return [`${grouped(bytes.length)} bytes that do not begin with the preface`];
  const { frames, to } = framesIn(bytes, begin);
  const shown = new Set(frames.filter((frame) => frame.to > from).slice(0, MOST));
  const words: string[] = isClients && from < begin ? ['the preface'] : [];
  const hpack = makeHpack();
  let block: Uint8Array[] = [];
  let isLost = false;
  for (const frame of frames) {
    let fields: Fields | null = null;
    if (frame.type === FRAME_TYPES.HEADERS || frame.type === FRAME_TYPES.CONTINUATION) {
      if (frame.type === FRAME_TYPES.HEADERS) block = [];
      block.push(contentOf(frame) ?? frame.payload);
      if (has(frame, 'END_HEADERS') && !isLost) {
        try {
          fields = hpack.decode(join(block));
        } catch {
          isLost = true;
        }
      }
    }
    if (shown.has(frame)) words.push(shortText(frame, fields));
  }
  if (to < bytes.length && words.length < MOST) words.push(`${grouped(bytes.length - to)} bytes of a frame`);
  return words;
}

/** `HEADERS 1 GET /a END_STREAM`, `DATA 3 "abc"`, `SETTINGS ACK`. */
export function shortText(frame: WireFrame, fields: Fields | null): string {
  const { type, stream, payload } = frame;
  const said =
    fields !== null
      ? messageText(fields)
      : type === FRAME_TYPES.DATA
        ? payload.length > 16
          ? `${grouped(payload.length)} bytes`
          : payload.length === 0
            ? 'empty'
            : `"${payloadText(frame)}"`
        : payloadText(frame);
  const flags = flagNames(frame).filter((name) => name !== 'END_HEADERS');
  const isOpen = (type === FRAME_TYPES.HEADERS || type === FRAME_TYPES.CONTINUATION) && !has(frame, 'END_HEADERS');
  return [typeText(type), stream === 0 ? '' : String(stream), said, ...flags, isOpen ? 'goes on' : '']
    .filter((part) => part !== '')
    .join(' ');
}

/** `GET /a`, `200`, `trailers`. What a request has twice is there twice, and what it lacks is said. */
function messageText(fields: Fields): string {
  const values = (name: string): string[] => fields.filter(([own]) => own === name).map(([, value]) => value);
  if (!fields.some(([name]) => name.startsWith(':'))) return 'trailers';
  const [status] = values(':status');
  if (status !== undefined && values(':method').length === 0) return status;
  return [':method', ':path'].map((name) => values(name).join(' and ') || `(no ${name})`).join(' ');
}

/** Whether the preface may still come of these bytes. */
function isStart(bytes: Uint8Array): boolean {
  return [...PREFACE].slice(0, bytes.length).every((character, i) => bytes[i] === character.charCodeAt(0));
}
