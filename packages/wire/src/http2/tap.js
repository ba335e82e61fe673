import { Flag, FRAME_HEADER_SIZE, FrameType, frameKind } from './frame.ts';

const NOTHING = {};
/** Tells an observer of frames. Exists only when there is an observer. */
export class Tap {
  #observe;
  #created = 0;
  constructor(observe) {
    this.#observe = observe;
  }
  /** The reader has a whole frame, or the last piece of one. */
  received(reader, details = NOTHING) {
    const { type, flags, streamId, offset, length } = reader;
    this.#observe(unit('received', type, flags, streamId, offset, length, details));
  }
  /** A frame was put into the output, behind everything that was created before. */
  created(type, flags, streamId, length, details = NOTHING) {
    this.#observe(unit('created', type, flags, streamId, this.#created, length, details));
    this.#created += FRAME_HEADER_SIZE + length;
  }
  /** The client's preface, which is no frame (RFC 9113 §3.4). */
  preface(direction, length) {
    const header = { direction, kind: 'preface', streamId: 0, offset: 0, length, payloadLength: length, flags: 0 };
    const rest = { endStream: false, startLine: null, fields: null, value: null, about: null, settings: null };
    this.#observe({ ...header, ...rest });
    if (direction === 'created') this.#created += length;
  }
}
function unit(direction, type, flags, streamId, offset, length, details) {
  const kind = frameKind(type);
  return {
    direction,
    kind,
    streamId,
    offset,
    length: FRAME_HEADER_SIZE + length,
    payloadLength: details.payloadLength ?? length,
    flags,
    endStream: (type === FrameType.DATA || type === FrameType.HEADERS) && (flags & Flag.END_STREAM) !== 0,
    startLine: null,
    fields: details.fields ?? null,
    value: details.value ?? (kind === 'unknown' ? type : null),
    about: details.about ?? null,
    settings: details.settings ?? null,
  };
}
