import { readVarint, varintSize } from '../bytes/varint.ts';
import type { Role } from '../connection.ts';
import type { RemoteFault } from '../errors.ts';
import type { Limits } from '../limits.ts';
import { H3ErrorCode } from './error_code.ts';
import { h3Fault } from './fault.ts';
import { H3FrameType, h3FrameKind, isHttp2Only } from './frame.ts';
import { type FrameSink, H3FrameReader } from './frame_reader.ts';
import { parseH3Settings } from './settings.ts';
import type { FrameDetails } from './tap.ts';

/** What the control stream tells the connection. */
export interface ControlHandler {
  settings(settings: ReadonlyMap<number, number>): void;
  goaway(id: number): RemoteFault | null;
  priorityUpdate(streamId: number, value: Uint8Array): RemoteFault | null;
  /** A frame that has no effect; false when there have been too many. */
  glitch(): boolean;
  /** Every frame with the length of its payload, for an observer. */
  frame(type: number, length: number, details?: FrameDetails): void;
}

/** The peer's control stream (RFC 9114 §6.2.1): SETTINGS first, then frames about the connection. */
export class ControlStreamReader implements FrameSink {
  readonly #role: Role;
  readonly #limits: Limits;
  readonly #handler: ControlHandler;
  readonly #reader: H3FrameReader = new H3FrameReader(this);
  #settingsSeen = false;
  #maxPushId = -1;
  #fault: RemoteFault | null = null;

  constructor(role: Role, limits: Limits, handler: ControlHandler) {
    this.#role = role;
    this.#limits = limits;
    this.#handler = handler;
  }

  receive(bytes: Uint8Array): RemoteFault | null {
    this.#reader.read(bytes);
    return this.#fault;
  }

  frameStart(type: number, length: number): 'collect' | 'skip' | 'stop' {
    const misplaced = this.#misplaced(type);
    if (misplaced !== null) return this.#fail(misplaced);
    this.#settingsSeen = true;
    const kind = h3FrameKind(type);
    if (kind === 'unknown' || kind === 'reserved') {
      this.#handler.frame(type, length);
      if (this.#handler.glitch()) return 'skip';
      return this.#fail(
        h3Fault(H3ErrorCode.H3_EXCESSIVE_LOAD, 'limit glitchBurst: too many frames without effect', 'glitchBurst'),
      );
    }
    if (length > this.#limits.maxControlFrameBytes) {
      const reason = `limit maxControlFrameBytes: a ${kind} frame of ${length} bytes is over ${this.#limits.maxControlFrameBytes}`;
      return this.#fail(h3Fault(H3ErrorCode.H3_EXCESSIVE_LOAD, reason, 'maxControlFrameBytes'));
    }
    return 'collect';
  }

  framePiece(): 'on' {
    return 'on';
  }

  frameWhole(type: number, payload: Uint8Array): 'on' | 'stop' {
    const fault = this.#apply(type, payload);
    return fault === null ? 'on' : this.#fail(fault);
  }

  #fail(fault: RemoteFault): 'stop' {
    this.#fault = fault;
    return 'stop';
  }

  /** Frames that may not stand here or now (RFC 9114 §7.2, Table 1). */
  #misplaced(type: number): RemoteFault | null {
    if (!this.#settingsSeen) {
      if (type === H3FrameType.SETTINGS) return null;
      return h3Fault(
        H3ErrorCode.H3_MISSING_SETTINGS,
        'The control stream does not begin with SETTINGS (RFC 9114 §6.2.1)',
      );
    }
    const server = this.#role === 'server';
    const unexpected =
      type === H3FrameType.SETTINGS ||
      type === H3FrameType.DATA ||
      type === H3FrameType.HEADERS ||
      type === H3FrameType.PUSH_PROMISE ||
      isHttp2Only(type) ||
      (!server && (type === H3FrameType.MAX_PUSH_ID || h3FrameKind(type) === 'priority_update'));
    if (!unexpected) return null;
    const reason = `A ${h3FrameKind(type)} frame (0x${type.toString(16)}) may not stand on the control stream here (RFC 9114 §7.2)`;
    return h3Fault(H3ErrorCode.H3_FRAME_UNEXPECTED, reason);
  }

  #apply(type: number, payload: Uint8Array): RemoteFault | null {
    switch (type) {
      case H3FrameType.SETTINGS: {
        const settings = parseH3Settings(payload);
        if ('code' in settings) return settings;
        this.#handler.frame(type, payload.length, { settings });
        this.#handler.settings(settings);
        return null;
      }
      case H3FrameType.GOAWAY: {
        const id = onlyVarint(payload);
        if (id < 0) return malformed('GOAWAY');
        // Ids up to 2^62-4 are in use for "all of them" and no number holds those exactly, so the kind is read from the bits.
        if (this.#role === 'client' && ((payload.at(-1) as number) & 3) !== 0) {
          return idError(`GOAWAY names stream ${id}, which is no request stream (RFC 9114 §7.2.6)`);
        }
        this.#handler.frame(type, payload.length, { about: id });
        return this.#handler.goaway(id);
      }
      case H3FrameType.MAX_PUSH_ID: {
        const id = onlyVarint(payload);
        if (id < 0) return malformed('MAX_PUSH_ID');
        if (id < this.#maxPushId)
          return idError(`MAX_PUSH_ID went down from ${this.#maxPushId} to ${id} (RFC 9114 §7.2.7)`);
        this.#maxPushId = id;
        this.#handler.frame(type, payload.length, { value: id });
        return null;
      }
      case H3FrameType.CANCEL_PUSH: {
        const id = onlyVarint(payload);
        if (id < 0) return malformed('CANCEL_PUSH');
        // A server here never promises and a client here never allows: no push id was ever valid.
        return idError(`CANCEL_PUSH names push ${id}, which nobody promised (RFC 9114 §7.2.3)`);
      }
      default:
        return this.#priorityUpdate(type, payload);
    }
  }

  #priorityUpdate(type: number, payload: Uint8Array): RemoteFault | null {
    if (payload.length === 0 || varintSize(payload[0] as number) > payload.length) return malformed('PRIORITY_UPDATE');
    const id = readVarint(payload, 0);
    if (type === H3FrameType.PRIORITY_UPDATE_PUSH) return idError(`PRIORITY_UPDATE names push ${id} (RFC 9218 §7.2)`);
    if (id % 4 !== 0) return idError(`PRIORITY_UPDATE names stream ${id}, which is no request stream (RFC 9218 §7.2)`);
    this.#handler.frame(type, payload.length, { about: id });
    return this.#handler.priorityUpdate(id, payload.subarray(varintSize(payload[0] as number)));
  }
}

/** The varint that is all of the payload, or -1. */
function onlyVarint(payload: Uint8Array): number {
  return payload.length > 0 && varintSize(payload[0] as number) === payload.length ? readVarint(payload, 0) : -1;
}

function malformed(frame: string): RemoteFault {
  return h3Fault(H3ErrorCode.H3_FRAME_ERROR, `The payload of ${frame} is not what its length says (RFC 9114 §7.1)`);
}

function idError(reason: string): RemoteFault {
  return h3Fault(H3ErrorCode.H3_ID_ERROR, reason);
}
