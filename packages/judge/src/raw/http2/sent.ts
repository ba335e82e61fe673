/** What the judge has said on a connection, read back from its own bytes: what it opened, ended and allowed. */
import { bytesOf } from '../bytes.ts';
import { FRAME_SIZE, FRAME_TYPES, PREFACE, SETTINGS, WINDOW } from './names.ts';
import { behindPreface, frameAt, has, settingsOf, uint32, type WireFrame } from './parse.ts';

/** A limit that was changed counts at once where it grows, and from the acknowledgement on where it shrinks. */
type Limit = { now: number; readonly agreed: number[] };

export class Sent {
  readonly frames: WireFrame[] = [];
  /** Streams on which the judge has sent HEADERS, with whether it has ended or reset its side. */
  readonly streams: Map<number, { ended: boolean; reset: boolean; data: number }> = new Map();
  /** DATA payloads in all, padding included. */
  data = 0;
  /** SETTINGS that wait for their acknowledgement. */
  unacknowledged = 0;
  #at = 0;
  #begun = false;
  #isFrames = true;
  #inBlock = false;
  #isWhole = true;
  #credit: Map<number, number> = new Map();
  #initialWindow: Limit = { now: WINDOW, agreed: [] };
  #frameSize: Limit = { now: FRAME_SIZE, agreed: [] };
  readonly #hasPreface: boolean;

  /** `hasPreface`: what is sent begins with a client's 24 bytes. */
  constructor(hasPreface: boolean) {
    this.#hasPreface = hasPreface;
  }

  get maxFrameSize(): number {
    return this.#frameSize.now;
  }

  /** True between two frames, outside a block: something of the judge's own may go here. */
  get isBetween(): boolean {
    return this.#begun && this.#isFrames && this.#isWhole && !this.#inBlock;
  }

  /** What was sent began with other bytes than the preface: it is no HTTP/2. */
  get isForeign(): boolean {
    return !this.#isFrames;
  }

  /** What may be sent on this stream, 0 for the connection, apart from what was sent already. */
  granted(stream: number): number {
    return (this.#credit.get(stream) ?? 0) + (stream === 0 ? WINDOW : this.#initialWindow.now);
  }

  acknowledged(): void {
    if (this.unacknowledged > 0) this.unacknowledged--;
    for (const limit of [this.#initialWindow, this.#frameSize]) limit.now = limit.agreed.shift() ?? limit.now;
  }

  /** Takes in what was sent since. `bytes`: the whole direction. */
  read(bytes: Uint8Array): void {
    if (!this.#isFrames) return;
    if (!this.#begun && this.#hasPreface) {
      if (bytes.length < PREFACE.length) {
        this.#isFrames = sameStart(bytes);
        return;
      }
      this.#at = behindPreface(bytes);
      if (this.#at === 0) {
        this.#isFrames = false;
        return;
      }
    }
    this.#begun = true;
    for (;;) {
      const frame = frameAt(bytes, this.#at);
      if ('needs' in frame) break;
      this.#at = frame.to;
      this.frames.push(frame);
      this.#take(frame);
    }
    this.#isWhole = this.#at === bytes.length;
  }

  #take(frame: WireFrame): void {
    const { type, stream, payload } = frame;
    if (type === FRAME_TYPES.HEADERS || type === FRAME_TYPES.CONTINUATION) this.#inBlock = !has(frame, 'END_HEADERS');
    if (type === FRAME_TYPES.HEADERS && !this.streams.has(stream))
      this.streams.set(stream, { ended: false, reset: false, data: 0 });
    const state = this.streams.get(stream);
    if (type === FRAME_TYPES.DATA) {
      this.data += payload.length;
      if (state !== undefined) state.data += payload.length;
    }
    if (state !== undefined && (type === FRAME_TYPES.DATA || type === FRAME_TYPES.HEADERS) && has(frame, 'END_STREAM'))
      state.ended = true;
    if (type === FRAME_TYPES.RST_STREAM && state !== undefined) state.reset = true;
    if (type === FRAME_TYPES.WINDOW_UPDATE && payload.length === 4)
      this.#credit.set(stream, (this.#credit.get(stream) ?? 0) + (uint32(payload) % 2 ** 31));
    if (type === FRAME_TYPES.SETTINGS && !has(frame, 'ACK')) this.#settings(payload);
  }

  #settings(payload: Uint8Array): void {
    this.unacknowledged++;
    const values = settingsOf(payload);
    const change = (limit: Limit, id: number): void => {
      const last = limit.agreed.at(-1) ?? limit.now;
      const value = values.findLast((setting) => setting.id === id)?.value ?? last;
      limit.agreed.push(value);
      limit.now = Math.max(limit.now, value);
    };
    change(this.#initialWindow, SETTINGS.INITIAL_WINDOW_SIZE);
    change(this.#frameSize, SETTINGS.MAX_FRAME_SIZE);
  }
}

function sameStart(bytes: Uint8Array): boolean {
  const whole = bytesOf(PREFACE);
  return bytes.every((byte, i) => byte === whole[i]);
}
