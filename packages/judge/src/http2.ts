/**
 * For authors of HTTP/2 exercises: frames as data, and steps made of them.
 *
 * ```ts
 * { do: 'each', cases: [{ title: 'three bodies, mixed', steps: [
 *   sends(headers(1, 'POST /a'), headers(3, 'POST /b'), data(1, 'a'), data(3, 'b'), data(1, '', { end: true }), data(3, '', { end: true })),
 *   { do: 'expectStreamReply', stream: 1, to: 'POST /a', status: 200, body: 'a' },
 *   { do: 'expectHandlerCalls', calls: [{ request: 'POST /a', body: 'a' }, { request: 'POST /b', body: 'b' }] },
 * ] }] }
 * { do: 'everyCut', what: 'POST /a in two DATA frames', bytes: [headers(1, 'POST /a'), data(1, 'ab'), data(1, 'c', { end: true })], eachTime: [ … ] }
 * ```
 *
 * @module
 */
import type { Bytes, SendStep } from './exercise.ts';
import { bytesOf } from './raw/bytes.ts';
import { behindPreface, framesIn } from './raw/http2/parse.ts';
import { frameText } from './raw/http2/words.ts';

export type { GivenPart } from './given/parts.ts';
export { type ErrorCode, type FrameName, GENEROUS, LARGEST, PREFACE, WINDOW } from './raw/http2/names.ts';
export {
  type BlockLine,
  block,
  data,
  type Field,
  frame,
  goaway,
  greeting,
  type HeadersOptions,
  headers,
  ping,
  preface,
  priority,
  priorityUpdate,
  recall,
  remember,
  requestOf,
  reset,
  response,
  type Section,
  type Settings,
  settings,
  settingsAck,
  upload,
  windowUpdate,
} from './raw/http2/write.ts';

/** Sends these frames as one chunk, and says which they are. */
export function sends(...frames: readonly Bytes[]): SendStep {
  const bytes: Bytes = frames.length === 1 ? (frames[0] ?? '') : frames;
  return { do: 'send', what: framesText(bytes), bytes };
}

/** The same on another connection than `c1`. */
export function sendsOn(on: string, ...frames: readonly Bytes[]): SendStep {
  return { ...sends(...frames), on };
}

/** `HEADERS on stream 1, 31 bytes, END_HEADERS; DATA on stream 1, 3 bytes`. */
export function framesText(bytes: Bytes): string {
  const all = bytesOf(bytes);
  const begin = behindPreface(all);
  const { frames } = framesIn(all, begin);
  const names = [...(begin > 0 ? ['the preface'] : []), ...frames.map((frame) => frameText(frame))];
  const shown = names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names;
  return shown.length === 0 ? 'bytes that are no whole frame' : shown.join('; ');
}
