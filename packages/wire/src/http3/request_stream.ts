import { OutputQueue } from '../bytes/output_queue.ts';
import type { RemoteFault } from '../errors.ts';
import { DEFAULT_PRIORITY } from '../priority/priority.ts';
import { H3ErrorCode } from './error_code.ts';
import { h3Fault } from './fault.ts';
import { H3FrameType, h3FrameKind, isHttp2Only } from './frame.ts';
import { type FrameSink, H3FrameReader } from './frame_reader.ts';
import { MESSAGE_TRANSITIONS, type MessageInput, type MessageState } from './message_state.ts';

/** What a request stream hands to its connection. */
export interface RequestStreamHandler {
  /** A HEADERS frame begins: refuse its length by returning a fault. */
  headersStart(stream: RequestStream, length: number): RemoteFault | null;
  /** `'wait'` when the section cannot be decoded yet; reading stops until `resume`. */
  headers(stream: RequestStream, block: Uint8Array): 'on' | 'wait' | 'stop';
  data(stream: RequestStream, piece: Uint8Array): 'on' | 'stop';
  /** False when there have been too many frames without effect. */
  unknownFrame(stream: RequestStream, type: number, length: number): boolean;
  dataFrame(stream: RequestStream, length: number): void;
}

/** One bidirectional stream: where its message stands in each direction, and what waits to be sent. */
export class RequestStream implements FrameSink {
  readonly id: number;
  receiving: MessageState = 'idle';
  sending: MessageState = 'idle';
  /** What Content-Length declared, or -1; and what came of it. */
  declaredLength = -1;
  receivedLength = 0;
  /** The message cannot have content whatever its Content-Length says: to HEAD, 204, 304. */
  bodiless = false;
  method = '';
  /** Nothing more is wanted from, or comes from, the peer. */
  receiveClosed = false;
  sendClosed = false;
  /** The peer's end of stream was seen; it counts when what is held has been read. */
  finReceived = false;
  /** Bytes that came while a field section waited for the dynamic table. */
  held: Uint8Array[] = [];
  heldBytes = 0;
  waiting = false;
  unconsumed = 0;
  /** The application knows of the stream. */
  announced = false;
  interimReceived = 0;
  urgency: number = DEFAULT_PRIORITY.urgency;
  incremental: boolean = DEFAULT_PRIORITY.incremental;
  /** When `takeStream` last took from it, counted over the connection. */
  servedAt = 0;
  readonly output: OutputQueue = new OutputQueue();
  finQueued = false;
  blockedWriter = false;
  fault: RemoteFault | null = null;
  readonly #handler: RequestStreamHandler;
  readonly #reader: H3FrameReader = new H3FrameReader(this);
  readonly #receivesPush: boolean;

  constructor(id: number, handler: RequestStreamHandler, receivesPush: boolean) {
    this.id = id;
    this.#handler = handler;
    this.#receivesPush = receivesPush;
  }

  get atFrameBoundary(): boolean {
    return this.#reader.atBoundary;
  }

  /** Reads frames; what cannot be read yet is held. */
  receive(bytes: Uint8Array): void {
    if (this.waiting || this.held.length > 0) {
      this.#hold(bytes);
      return;
    }
    const used = this.#reader.read(bytes);
    if (this.waiting && used < bytes.length) this.#hold(bytes.subarray(used));
  }

  /** Reads on with what was held. */
  resume(): void {
    this.waiting = false;
    while (this.held.length > 0 && !this.waiting && this.fault === null && !this.receiveClosed) {
      const next = this.held.shift() as Uint8Array;
      this.heldBytes -= next.length;
      const used = this.#reader.read(next);
      if (used < next.length) {
        this.held.unshift(next.subarray(used));
        this.heldBytes += next.length - used;
      }
    }
  }

  /** Takes a step of the received message; false when it is out of order. */
  step(input: MessageInput): boolean {
    const next = MESSAGE_TRANSITIONS[this.receiving][input];
    if (next === undefined) return false;
    this.receiving = next;
    return true;
  }

  frameStart(type: number, length: number): 'stream' | 'collect' | 'skip' | 'stop' {
    if (type === H3FrameType.DATA) {
      if (!this.step('data')) return this.#fail(unexpected(type, 'before HEADERS or after trailers (RFC 9114 §4.1)'));
      this.#handler.dataFrame(this, length);
      return 'stream';
    }
    if (type === H3FrameType.HEADERS) {
      if (MESSAGE_TRANSITIONS[this.receiving].headers === undefined) {
        return this.#fail(unexpected(type, 'after trailers (RFC 9114 §4.1)'));
      }
      const fault = this.#handler.headersStart(this, length);
      return fault === null ? 'collect' : this.#fail(fault);
    }
    if (type === H3FrameType.PUSH_PROMISE && this.#receivesPush) {
      return this.#fail(
        h3Fault(H3ErrorCode.H3_ID_ERROR, 'A PUSH_PROMISE frame, and no push was allowed (RFC 9114 §7.2.5)'),
      );
    }
    const kind = h3FrameKind(type);
    if (isHttp2Only(type) || (kind !== 'unknown' && kind !== 'reserved')) {
      return this.#fail(unexpected(type, 'on a request stream (RFC 9114 §7.2)'));
    }
    if (this.#handler.unknownFrame(this, type, length)) return 'skip';
    return this.#fail(
      h3Fault(H3ErrorCode.H3_EXCESSIVE_LOAD, 'limit glitchBurst: too many frames without effect', 'glitchBurst'),
    );
  }

  framePiece(_type: number, piece: Uint8Array): 'on' | 'stop' {
    return piece.length === 0 ? 'on' : this.#handler.data(this, piece);
  }

  frameWhole(_type: number, payload: Uint8Array): 'on' | 'stop' {
    const outcome = this.#handler.headers(this, payload);
    if (outcome !== 'wait') return outcome;
    this.waiting = true;
    return 'stop';
  }

  #hold(bytes: Uint8Array): void {
    this.held.push(bytes);
    this.heldBytes += bytes.length;
  }

  #fail(fault: RemoteFault): 'stop' {
    this.fault = fault;
    return 'stop';
  }
}

function unexpected(type: number, where: string): RemoteFault {
  const reason = `A ${h3FrameKind(type)} frame (0x${type.toString(16)}) may not stand ${where}`;
  return h3Fault(H3ErrorCode.H3_FRAME_UNEXPECTED, reason);
}
