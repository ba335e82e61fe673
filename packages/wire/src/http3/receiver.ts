import type { Role } from '../connection.ts';
import type { RemoteFault } from '../errors.ts';
import type { Event } from '../events.ts';
import { FieldFault } from '../fields/fault.ts';
import type { FieldSection } from '../fields/field.ts';
import { validateRequest, validateResponse, validateTrailers } from '../fields/validate.ts';
import type { Limits } from '../limits.ts';
import type { PriorityPolicy } from '../priority/policy.ts';
import type { Priority } from '../priority/priority.ts';
import type { DecodedSection, QpackDecoder } from '../qpack/decoder.ts';
import { H3ErrorCode } from './error_code.ts';
import { h3Fault } from './fault.ts';
import { H3FrameType } from './frame.ts';
import type { RequestStream, RequestStreamHandler } from './request_stream.ts';

/** What reading messages asks of the connection. */
export interface ReceiverHost {
  readonly role: Role;
  readonly limits: Limits;
  readonly decoder: QpackDecoder;
  /** We have offered extended CONNECT (RFC 9220). */
  readonly connectProtocol: boolean;
  emit(event: Event): void;
  /** The connection is over. */
  fail(fault: RemoteFault): void;
  /** The stream is over, the connection is not (RFC 9114 §4.1.2). */
  failStream(stream: RequestStream, code: number, reason: string): void;
  /** The message was refused for its size; a server answers 431. */
  tooLarge(stream: RequestStream, limit: keyof Limits): void;
  /** False when there have been too many frames without effect. */
  glitch(): boolean;
  /** A frame has come, for an observer. */
  observe(stream: RequestStream, type: number, length: number, fields: FieldSection | null): void;
  readonly policy: PriorityPolicy;
  /** Priorities that came before their streams (RFC 9218 §7.1). */
  readonly earlyPriorities: Map<number, Priority>;
}

/** Turns the frames of request streams into messages (RFC 9114 §4.1) and their faults into the right kind of error. */
export class MessageReceiver implements RequestStreamHandler {
  readonly #host: ReceiverHost;
  /** Trailers wait for the end of the stream, which they announce. */
  readonly #trailers = new Map<number, FieldSection>();

  constructor(host: ReceiverHost) {
    this.#host = host;
  }

  headersStart(_stream: RequestStream, length: number): RemoteFault | null {
    const most = this.#host.limits.maxFieldBlockBytes;
    if (length <= most) return null;
    const reason = `limit maxFieldBlockBytes: a HEADERS frame of ${length} bytes is over ${most}`;
    return h3Fault(H3ErrorCode.H3_EXCESSIVE_LOAD, reason, 'maxFieldBlockBytes');
  }

  headers(stream: RequestStream, block: Uint8Array): 'on' | 'wait' | 'stop' {
    const section = this.#host.decoder.decode(stream.id, block);
    if (section === 'blocked') return 'wait';
    if ('code' in section) {
      this.#host.fail(section);
      return 'stop';
    }
    return this.section(stream, section);
  }

  /** A decoded section takes its place in the message. */
  section(stream: RequestStream, section: DecodedSection): 'on' | 'stop' {
    this.#host.observe(stream, H3FrameType.HEADERS, section.encodedLength, section.fields);
    if (section.exceeded !== null) {
      this.#host.tooLarge(stream, section.exceeded);
      return 'stop';
    }
    if (stream.receiving === 'content') return this.#trailersSection(stream, section.fields);
    return this.#host.role === 'server'
      ? this.#request(stream, section.fields)
      : this.#response(stream, section.fields);
  }

  data(stream: RequestStream, piece: Uint8Array): 'on' | 'stop' {
    stream.receivedLength += piece.length;
    if (stream.declaredLength >= 0 && stream.receivedLength > stream.declaredLength && !stream.bodiless) {
      return this.#malformed(
        stream,
        `More content than Content-Length ${stream.declaredLength} says (RFC 9114 §4.1.2)`,
      );
    }
    if (stream.bodiless) return this.#malformed(stream, 'Content in a response that cannot have any (RFC 9110 §6.4.1)');
    stream.unconsumed += piece.length;
    this.#host.emit({
      type: 'data',
      streamId: stream.id,
      data: piece,
      flowControlledLength: piece.length,
      endStream: false,
    });
    return 'on';
  }

  dataFrame(stream: RequestStream, length: number): void {
    this.#host.observe(stream, H3FrameType.DATA, length, null);
  }

  unknownFrame(stream: RequestStream, type: number, length: number): boolean {
    this.#host.observe(stream, type, length, null);
    return this.#host.glitch();
  }

  /** The peer has ended the stream and everything before that has been read. Emits what the end completes. */
  end(stream: RequestStream, events: Event[]): void {
    if (!stream.atFrameBoundary) {
      this.#host.fail(h3Fault(H3ErrorCode.H3_FRAME_ERROR, 'A stream ends inside a frame (RFC 9114 §7.1)'));
      return;
    }
    if (!stream.step('end')) {
      this.#host.failStream(
        stream,
        this.#host.role === 'server' ? H3ErrorCode.H3_REQUEST_INCOMPLETE : H3ErrorCode.H3_MESSAGE_ERROR,
        'The stream ends before its message (RFC 9114 §4.1)',
      );
      return;
    }
    if (stream.declaredLength >= 0 && stream.receivedLength !== stream.declaredLength && !stream.bodiless) {
      const told = `Content-Length says ${stream.declaredLength}, and ${stream.receivedLength} bytes came`;
      this.#malformed(stream, `${told} (RFC 9114 §4.1.2)`);
      return;
    }
    stream.receiveClosed = true;
    const trailers = this.#trailers.get(stream.id);
    if (trailers !== undefined) {
      this.#trailers.delete(stream.id);
      this.#host.emit({ type: 'trailers', streamId: stream.id, fields: trailers });
      return;
    }
    // The end is a property of the message's last event: of one that nobody has seen yet, or of an empty piece.
    const last = events.at(-1);
    if (last !== undefined && 'endStream' in last && last.streamId === stream.id) {
      events[events.length - 1] = { ...last, endStream: true };
      return;
    }
    this.#host.emit({ type: 'data', streamId: stream.id, data: EMPTY, flowControlledLength: 0, endStream: true });
  }

  /** Forgets what is kept for a stream that is over. */
  forget(streamId: number): void {
    this.#trailers.delete(streamId);
  }

  #request(stream: RequestStream, lines: FieldSection): 'on' | 'stop' {
    const valid = validateRequest(lines, '3', { connectProtocol: this.#host.connectProtocol });
    if (valid instanceof FieldFault) return this.#malformed(stream, valid.reason);
    stream.step('headers');
    stream.method = valid.head.method;
    // What a CONNECT carries is no content, so that Content-Length says nothing of it (RFC 9114 §4.4).
    stream.declaredLength = stream.method === 'CONNECT' ? -1 : valid.contentLength;
    const host = this.#host;
    const priority = host.earlyPriorities.get(stream.id) ?? host.policy.ofRequest(valid.head.fields);
    host.earlyPriorities.delete(stream.id);
    stream.urgency = priority.urgency;
    stream.incremental = priority.incremental;
    stream.announced = true;
    host.emit({ type: 'request', streamId: stream.id, head: valid.head, endStream: false });
    return 'on';
  }

  #response(stream: RequestStream, lines: FieldSection): 'on' | 'stop' {
    const valid = validateResponse(lines, '3');
    if (valid instanceof FieldFault) return this.#malformed(stream, valid.reason);
    const { head } = valid;
    if (head.status < 200) {
      stream.step('interim');
      if (++stream.interimReceived > this.#host.limits.maxInterimResponses) {
        const reason = 'limit maxInterimResponses: the final response does not come';
        this.#host.failStream(stream, H3ErrorCode.H3_EXCESSIVE_LOAD, reason);
        return 'stop';
      }
      this.#host.emit({ type: 'informational', streamId: stream.id, head });
      return 'on';
    }
    const tunnel = stream.method === 'CONNECT' && head.status < 300;
    stream.step(tunnel ? 'tunnel' : 'headers');
    stream.declaredLength = tunnel ? -1 : valid.contentLength;
    stream.bodiless = stream.method === 'HEAD' || head.status === 204 || head.status === 304;
    this.#host.emit({ type: 'response', streamId: stream.id, head, endStream: false });
    return 'on';
  }

  #trailersSection(stream: RequestStream, lines: FieldSection): 'on' | 'stop' {
    const fault = validateTrailers(lines, '3');
    if (fault !== null) return this.#malformed(stream, fault.reason);
    stream.step('headers');
    this.#trailers.set(stream.id, lines);
    return 'on';
  }

  #malformed(stream: RequestStream, reason: string): 'stop' {
    this.#host.failStream(stream, H3ErrorCode.H3_MESSAGE_ERROR, reason);
    return 'stop';
  }
}

const EMPTY = new Uint8Array(0);
