/**
 * All that the learner has written on a connection, read by a strict peer: frames, what they say on which stream, and the first
 * frame that no peer would take. `faults.ts` has the rules; this file keeps the books.
 */

import type { Bytes } from '../../exercise.ts';
import { type Fields, type Hpack, makeHpack } from '../../given/hpack.ts';
import { join } from '../bytes.ts';
import { faultOf, type WireFault } from './faults.ts';
import { codeText, FRAME_TYPES, SETTINGS, WINDOW } from './names.ts';
import { behindPreface, contentOf, frameAt, has, settingsOf, uint32, type WireFrame } from './parse.ts';
import type { Sent } from './sent.ts';
import { pong, settingsAck } from './write.ts';

export type Role = 'server' | 'client';

/** What the learner has said on one stream. */
export type Stream = {
  readonly id: number;
  /** The first block that counts: a final response, or a request. */
  head: { readonly fields: Fields; readonly frame: WireFrame } | null;
  trailers: Fields | null;
  readonly parts: Uint8Array[];
  /** DATA frames, in order. */
  readonly data: WireFrame[];
  /** DATA payloads, padding included: what counts against a window. */
  spent: number;
  /** The frame with END_STREAM. */
  ended: WireFrame | null;
  reset: { readonly frame: WireFrame; readonly code: string } | null;
  /** The sum of its WINDOW_UPDATEs. */
  credit: number;
};

/** A header block that is under way. */
export type Block = { readonly frame: WireFrame; readonly pieces: Uint8Array[] };

export class Received {
  readonly role: Role;
  readonly frames: WireFrame[] = [];
  readonly streams: Map<number, Stream> = new Map();
  readonly goaways: { readonly frame: WireFrame; readonly last: number; readonly code: string }[] = [];
  readonly settings: Map<number, number> = new Map();
  /** The sum of the WINDOW_UPDATEs for the connection. */
  credit = 0;
  /** DATA payloads in all, padding included. */
  spent = 0;
  /** What a peer owes an answer to, in order: the acknowledgements that the judge has not sent yet. */
  readonly due: Bytes[] = [];
  fault: WireFault | null = null;
  /** How far the bytes were read as frames. */
  at = 0;
  block: Block | null = null;
  /** The highest id that the learner itself has opened. */
  lastOpened = 0;
  #hpack: Hpack = makeHpack();
  readonly #sent: Sent;

  constructor(role: Role, sent: Sent) {
    this.role = role;
    this.#sent = sent;
  }

  /** Takes in what was written since. `bytes`: the whole direction. */
  read(bytes: Uint8Array): void {
    if (this.role === 'client' && this.at === 0) {
      this.fault = faultOf.preface(bytes);
      this.at = behindPreface(bytes);
      if (this.at === 0) return;
    }
    while (this.fault === null) {
      const frame = frameAt(bytes, this.at);
      if ('needs' in frame) {
        this.fault = faultOf.head(bytes, this.at, this.#sent);
        return;
      }
      this.fault = faultOf.frame(frame, this, this.#sent);
      if (this.fault !== null) return;
      this.at = frame.to;
      this.frames.push(frame);
      this.fault = this.#take(frame);
    }
  }

  stream(id: number): Stream {
    const known = this.streams.get(id);
    if (known !== undefined) return known;
    const stream: Stream = {
      id,
      head: null,
      trailers: null,
      parts: [],
      data: [],
      spent: 0,
      ended: null,
      reset: null,
      credit: 0,
    };
    this.streams.set(id, stream);
    return stream;
  }

  bodyOf(id: number): Uint8Array {
    return join(this.streams.get(id)?.parts ?? []);
  }

  /** What the learner allows the judge to send on a stream (0: the connection), apart from what was sent already. */
  granted(stream: number): number {
    if (stream === 0) return WINDOW + this.credit;
    return (this.settings.get(SETTINGS.INITIAL_WINDOW_SIZE) ?? WINDOW) + (this.streams.get(stream)?.credit ?? 0);
  }

  #take(frame: WireFrame): WireFault | null {
    const { type, stream: id, payload } = frame;
    switch (type) {
      case FRAME_TYPES.HEADERS:
      case FRAME_TYPES.CONTINUATION:
        return this.#piece(frame);
      case FRAME_TYPES.DATA: {
        const stream = this.stream(id);
        stream.data.push(frame);
        stream.parts.push(contentOf(frame) ?? payload);
        stream.spent += payload.length;
        this.spent += payload.length;
        if (has(frame, 'END_STREAM')) stream.ended = frame;
        return faultOf.windows(frame, this, this.#sent);
      }
      case FRAME_TYPES.RST_STREAM:
        this.stream(id).reset ??= { frame, code: codeText(uint32(payload)) };
        return null;
      case FRAME_TYPES.SETTINGS:
        if (has(frame, 'ACK')) this.#sent.acknowledged();
        else {
          this.due.push(settingsAck);
          for (const { id: setting, value } of settingsOf(payload)) this.settings.set(setting, value);
        }
        return null;
      case FRAME_TYPES.PING:
        if (!has(frame, 'ACK')) this.due.push(pong(payload));
        return null;
      case FRAME_TYPES.WINDOW_UPDATE: {
        const by = uint32(payload) % 2 ** 31;
        if (id === 0) this.credit += by;
        else this.stream(id).credit += by;
        return null;
      }
      case FRAME_TYPES.GOAWAY:
        this.goaways.push({ frame, last: uint32(payload) % 2 ** 31, code: codeText(uint32(payload, 4)) });
        return null;
      default:
        return null;
    }
  }

  #piece(frame: WireFrame): WireFault | null {
    const isFirst = frame.type === FRAME_TYPES.HEADERS;
    const block: Block = isFirst || this.block === null ? { frame, pieces: [] } : this.block;
    block.pieces.push(contentOf(frame) ?? frame.payload);
    this.block = block;
    if (!has(frame, 'END_HEADERS')) return null;
    this.block = null;
    let fields: Fields;
    try {
      fields = this.#hpack.decode(join(block.pieces));
    } catch (error) {
      return faultOf.block(block.frame, error instanceof Error ? error.message : String(error));
    }
    const stream = this.stream(block.frame.stream);
    const fault = faultOf.fields(block.frame, fields, stream, this.role);
    if (fault !== null) return fault;
    // An interim response (1xx) is not the one that is waited for (§8.1).
    const isInterim = this.role === 'server' && /^1/.test(fields.find(([name]) => name === ':status')?.[1] ?? '');
    if (!isInterim) {
      if (stream.head === null) stream.head = { fields, frame: block.frame };
      else stream.trailers = fields;
    }
    if (has(block.frame, 'END_STREAM')) stream.ended = frame;
    if (this.role === 'client') this.lastOpened = Math.max(this.lastOpened, stream.id);
    return null;
  }
}

/** A field of a block; the first of this name. */
export function fieldOf(fields: Fields, name: string): string | null {
  return fields.find(([own]) => own === name.toLowerCase())?.[1] ?? null;
}
