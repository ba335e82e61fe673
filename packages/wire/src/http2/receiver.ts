import type { Core } from './core.ts';
import { ErrorCode } from './error_code.ts';
import { connectionFault, limitFault } from './fault.ts';
import { FieldBlock } from './field_block.ts';
import { CLIENT_PREFACE, Flag, FrameType } from './frame.ts';
import { BROKEN, DATA_PIECE, FrameReader, NEED_MORE, readUint32 } from './frame_reader.ts';
import {
  dependsOnItself,
  receiveGoaway,
  receivePing,
  receivePriority,
  receivePriorityUpdate,
  receivePushPromise,
  receiveReset,
  receiveSettings,
  receiveWindowUpdate,
} from './receive_control.ts';
import { receiveData } from './receive_data.ts';
import { receiveBlock } from './receive_headers.ts';

/** Turns what the transport has read into calls: preface, frames, field blocks, in the order that the RFC asks for. */
export class Receiver {
  readonly #core: Core;
  readonly #reader: FrameReader;
  readonly #block: FieldBlock;
  readonly #onPingAck: (data: Uint8Array) => void;
  /** Octets of the client's preface that have come. */
  #preface: number;
  #settingsSeen = false;
  /** Since when a preface or a field block has been incomplete, or null. */
  incompleteSince: number | null;

  constructor(core: Core, onPingAck: (data: Uint8Array) => void) {
    this.#core = core;
    this.#reader = new FrameReader(core.maxFrameSize);
    this.#block = new FieldBlock(core.limits);
    this.#onPingAck = onPingAck;
    this.#preface = core.role === 'server' ? 0 : CLIENT_PREFACE.length;
    this.incompleteSince = core.now;
  }

  /** True when nothing has come, or everything that has come is complete. */
  get atBoundary(): boolean {
    return this.#reader.atBoundary && !this.#reader.inBlock && (this.#preface === 0 || this.#settingsSeen);
  }

  /** Reads a chunk to its end, or to the fault that ends the connection. */
  receive(bytes: Uint8Array): void {
    const core = this.#core;
    let start = 0;
    if (this.#preface < CLIENT_PREFACE.length) {
      start = this.#readPreface(bytes);
      if (start < 0) return;
    }
    const reader = this.#reader;
    reader.push(bytes, start);
    while (core.live) {
      const found = reader.next();
      if (found === NEED_MORE) break;
      if (found === BROKEN) {
        core.passes(reader.fault);
        return;
      }
      if (!this.#settingsSeen && !this.#isFirstSettings()) return;
      if (found === DATA_PIECE) {
        receiveData(core, reader);
        if (core.tap !== null && reader.last)
          core.tap.received(reader, { payloadLength: reader.length - reader.padding });
      } else this.#frame();
      // Here rather than at the end of the chunk: where bytes are cut must not matter.
      if (core.isOver) core.close();
    }
    reader.release();
    if (!this.#settingsSeen || reader.inBlock) this.incompleteSince ??= core.now;
    else this.incompleteSince = null;
  }

  /** Returns where the frames begin, or -1 while there are none. */
  #readPreface(bytes: Uint8Array): number {
    const core = this.#core;
    const count = Math.min(bytes.length, CLIENT_PREFACE.length - this.#preface);
    for (let index = 0; index < count; index++) {
      if (bytes[index] === CLIENT_PREFACE.charCodeAt(this.#preface + index)) continue;
      core.fail(
        connectionFault(
          ErrorCode.PROTOCOL_ERROR,
          'The connection does not start with the preface of HTTP/2 (RFC 9113 §3.4)',
        ),
      );
      return -1;
    }
    this.#preface += count;
    if (this.#preface < CLIENT_PREFACE.length) {
      this.#reader.push(bytes);
      this.#reader.release();
      return -1;
    }
    core.tap?.preface('received', CLIENT_PREFACE.length);
    return count;
  }

  /** SETTINGS come first, from either end (RFC 9113 §3.4). */
  #isFirstSettings(): boolean {
    const { type, flags } = this.#reader;
    this.#settingsSeen = type === FrameType.SETTINGS && (flags & Flag.ACK) === 0;
    if (!this.#settingsSeen) {
      this.#core.fail(connectionFault(ErrorCode.PROTOCOL_ERROR, 'The first frame is not SETTINGS (RFC 9113 §3.4)'));
    }
    return this.#settingsSeen;
  }

  #frame(): void {
    const core = this.#core;
    const reader = this.#reader;
    const { tap } = core;
    switch (reader.type) {
      case FrameType.HEADERS:
        this.#headers();
        break;
      case FrameType.CONTINUATION:
        this.#continuation();
        break;
      case FrameType.PRIORITY:
        receivePriority(core, reader);
        tap?.received(reader);
        break;
      case FrameType.RST_STREAM:
        receiveReset(core, reader);
        tap?.received(reader, { value: readUint32(reader.bytes, reader.start) });
        break;
      case FrameType.SETTINGS: {
        const settings = receiveSettings(core, reader);
        tap?.received(reader, { settings });
        break;
      }
      case FrameType.PUSH_PROMISE:
        receivePushPromise(core);
        tap?.received(reader);
        break;
      case FrameType.PING:
        if ((reader.flags & Flag.ACK) === 0) receivePing(core, reader);
        else this.#onPingAck(reader.bytes.slice(reader.start, reader.end));
        tap?.received(reader);
        break;
      case FrameType.GOAWAY: {
        receiveGoaway(core, reader);
        const { bytes, start } = reader;
        tap?.received(reader, { value: readUint32(bytes, start + 4), about: readUint32(bytes, start) & 0x7fff_ffff });
        break;
      }
      case FrameType.WINDOW_UPDATE:
        receiveWindowUpdate(core, reader);
        tap?.received(reader, { value: readUint32(reader.bytes, reader.start) & 0x7fff_ffff });
        break;
      case FrameType.PRIORITY_UPDATE: {
        const about = receivePriorityUpdate(core, reader);
        tap?.received(reader, { about });
        break;
      }
      default:
        // Extensions are ignored (RFC 9113 §4.1).
        core.passes(core.guard.courtesy(core.now, 'a frame of an unknown type'));
        tap?.received(reader);
    }
  }

  /** HEADERS (RFC 9113 §6.2): padding and the deprecated priority come off, then the field block is left. */
  #headers(): void {
    const core = this.#core;
    const reader = this.#reader;
    const { bytes, flags, streamId } = reader;
    let { start, end } = reader;
    const padded = (flags & Flag.PADDED) !== 0;
    const prioritised = (flags & Flag.PRIORITY) !== 0;
    if (end - start < (padded ? 1 : 0) + (prioritised ? 5 : 0)) {
      core.fail(
        connectionFault(
          ErrorCode.FRAME_SIZE_ERROR,
          'HEADERS frame without room for what its flags announce (RFC 9113 §6.2)',
        ),
      );
      return;
    }
    const padding = padded ? (bytes[start++] as number) : 0;
    if (prioritised) {
      if (dependsOnItself(core, streamId, bytes, start)) return;
      start += 5;
    }
    if (padding > end - start) {
      core.fail(
        connectionFault(
          ErrorCode.PROTOCOL_ERROR,
          'HEADERS frame with more padding than it has room for (RFC 9113 §6.2)',
        ),
      );
      return;
    }
    end -= padding;
    const endStream = (flags & Flag.END_STREAM) !== 0;
    let fields = null;
    if ((flags & Flag.END_HEADERS) === 0) {
      if (!core.passes(this.#block.begin(streamId, endStream, bytes.subarray(start, end)))) return;
    } else if (end - start > core.limits.maxFieldBlockBytes) {
      core.fail(
        limitFault('maxFieldBlockBytes', `A field block of more than ${core.limits.maxFieldBlockBytes} octets`),
      );
      return;
    } else fields = receiveBlock(core, streamId, endStream, bytes, start, end);
    core.tap?.received(reader, { payloadLength: end - start, fields });
  }

  #continuation(): void {
    const core = this.#core;
    const reader = this.#reader;
    const last = (reader.flags & Flag.END_HEADERS) !== 0;
    const block = this.#block;
    if (!core.passes(block.continue(reader.bytes.subarray(reader.start, reader.end), last))) return;
    let fields = null;
    if (last) {
      const whole = block.take();
      fields = receiveBlock(core, block.streamId, block.endStream, whole, 0, whole.length);
    }
    core.tap?.received(reader, { fields });
  }
}
