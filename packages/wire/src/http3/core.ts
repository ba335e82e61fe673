import { OutputQueue } from '../bytes/output_queue.ts';
import type { Role } from '../connection.ts';
import { LocalProtocolError, type RemoteFault } from '../errors.ts';
import type { Event } from '../events.ts';
import type { FieldSection } from '../fields/field.ts';
import { TokenBucket } from '../limits/token_bucket.ts';
import type { Limits } from '../limits.ts';
import { PriorityPolicy } from '../priority/policy.ts';
import type { Priority } from '../priority/priority.ts';
import { QpackDecoder } from '../qpack/decoder.ts';
import { QpackEncoder } from '../qpack/encoder.ts';
import { H3ErrorCode } from './error_code.ts';
import { h3Fault } from './fault.ts';
import { frameHead, H3FrameType, H3StreamType, varintFrame } from './frame.ts';
import { responseLines, sectionSize } from './outgoing_fields.ts';
import type { ReceiverHost } from './receiver.ts';
import type { RequestStream } from './request_stream.ts';
import { ownSettings } from './settings.ts';
import { Streams } from './streams.ts';
import type { Tap } from './tap.ts';

/** What else the transport is to do with a QUIC stream (RFC 9000 §3.5). */
export interface StreamAction {
  readonly type: 'reset' | 'stop-sending';
  readonly streamId: number;
  /** Application error code, as `H3ErrorCode` names them. */
  readonly code: number;
}

/** PRIORITY_UPDATE frames that a request entitles the peer to: browsers send one or two for each picture of a page. */
const EARNED_PER_STREAM = 4;
const MOST_EARNED = 10_000;

/** What the parts of a connection share: its state, and the few moves that more than one of them makes. */
export class Core implements ReceiverHost {
  readonly role: Role;
  readonly limits: Limits;
  readonly connectProtocol: boolean;
  readonly tap: Tap | null;
  readonly decoder: QpackDecoder;
  readonly encoder: QpackEncoder;
  readonly streams: Streams = new Streams();
  readonly policy: PriorityPolicy = new PriorityPolicy();
  readonly control: OutputQueue = new OutputQueue();
  readonly encoderStream: OutputQueue = new OutputQueue();
  readonly decoderStream: OutputQueue = new OutputQueue();
  /** Priorities that came before their streams (RFC 9218 §7.1). */
  readonly earlyPriorities: Map<number, Priority> = new Map();
  /** Ids of the control streams; the peer's is -1 until it is there. */
  readonly ownControl: number;
  peerControl = -1;
  now = 0;
  error: RemoteFault | null = null;
  closed = false;
  /** Ids that GOAWAY named, or -1. */
  goawaySent = -1;
  /** A GOAWAY that refuses nothing yet was sent. */
  goawayAnnounced = false;
  goawayReceived = -1;
  /** The peer's SETTINGS, or null until they have come. */
  peerSettings: ReadonlyMap<number, number> | null = null;
  peerMaxFieldSection: number = Number.POSITIVE_INFINITY;
  readonly #glitches: TokenBucket;
  readonly #resets: TokenBucket;
  #earned = 0;
  #events: Event[] = [];
  #actions: StreamAction[] = [];

  constructor(options: { role: Role; limits: Limits; connectProtocol: boolean; tap: Tap | null }) {
    const { role, limits, connectProtocol, tap } = options;
    this.role = role;
    this.limits = limits;
    this.connectProtocol = connectProtocol;
    this.tap = tap;
    this.decoder = new QpackDecoder({
      maxTableCapacity: limits.maxDecoderTableBytes,
      maxBlockedStreams: limits.maxBlockedStreams,
      limits,
    });
    this.encoder = new QpackEncoder({ limits });
    this.#glitches = new TokenBucket(limits.glitchBurst, limits.glitchRate);
    this.#resets = new TokenBucket(limits.resetBurst, limits.resetRate);
    this.control.copy(Uint8Array.of(H3StreamType.CONTROL));
    this.ownControl = role === 'client' ? 2 : 3;
    tap?.begin('created', this.ownControl, 1);
    this.encoderStream.copy(Uint8Array.of(H3StreamType.QPACK_ENCODER));
    this.decoderStream.copy(Uint8Array.of(H3StreamType.QPACK_DECODER));
    const settings = ownSettings(limits, connectProtocol);
    this.sendControl(H3FrameType.SETTINGS, [...settings].flat(), { settings });
  }

  /** True when nothing counts any more. */
  get over(): boolean {
    return this.error !== null || this.closed;
  }

  get events(): Event[] {
    return this.#events;
  }

  emit(event: Event): void {
    this.#events.push(event);
  }

  takeEvents(): Event[] {
    const events = this.#events;
    if (events.length > 0) this.#events = [];
    return events;
  }

  act(type: StreamAction['type'], streamId: number, code: number): void {
    this.#actions.push({ type, streamId, code });
  }

  takeActions(): StreamAction[] {
    const actions = this.#actions;
    if (actions.length > 0) this.#actions = [];
    return actions;
  }

  /** Ends the connection with an error; no event follows (RFC 9114 §8). */
  fail(fault: RemoteFault): void {
    if (this.over) return;
    this.error = fault;
    this.streams.clear();
    this.earlyPriorities.clear();
    this.emit({ type: 'connection-error', ...fault });
  }

  passes(fault: RemoteFault | null): boolean {
    if (fault !== null) this.fail(fault);
    return fault === null;
  }

  /** Counts something legal but odd; false when there has been too much of it, and the caller is to fail. */
  glitch(): boolean {
    return this.#glitches.take(this.now);
  }

  /** The peer has opened a stream. */
  streamOpened(): void {
    this.#earned = Math.min(MOST_EARNED, this.#earned + EARNED_PER_STREAM);
  }

  /** Counts a frame that its requests entitle the peer to some of; false as for `glitch`. */
  courtesy(): boolean {
    if (this.#earned === 0) return this.glitch();
    this.#earned--;
    return true;
  }

  /** Counts a reset by the peer; false, with the connection failed, when there have been too many (Rapid Reset). */
  countReset(): boolean {
    if (this.#resets.take(this.now)) return true;
    const reason = `limit resetBurst: more than ${this.limits.resetBurst} streams reset, refilled at ${this.limits.resetRate} a second`;
    this.fail(h3Fault(H3ErrorCode.H3_EXCESSIVE_LOAD, reason, 'resetBurst'));
    return false;
  }

  failStream(stream: RequestStream, code: number, reason: string): void {
    if (!stream.sendClosed) this.act('reset', stream.id, code);
    if (!stream.finReceived) this.act('stop-sending', stream.id, code);
    this.tellReset('local', stream, code, reason);
    this.forget(stream);
    this.oddity(`stream errors, the last: ${reason}`);
  }

  /** Counts an oddity that the peer makes, and fails the connection at too many. */
  oddity(what: string): void {
    if (this.glitch()) return;
    const reason = `limit glitchBurst: more than ${this.limits.glitchBurst} oddities, refilled at ${this.limits.glitchRate} a second: ${what}`;
    this.fail(h3Fault(H3ErrorCode.H3_EXCESSIVE_LOAD, reason, 'glitchBurst'));
  }

  /** A field section over a soft limit: 431 where the application has not heard of the request (RFC 6585 §5). */
  tooLarge(stream: RequestStream, limit: keyof Limits): void {
    const reason = `limit ${limit}: the field section is over ${this.limits[limit]}`;
    if (this.role === 'client' || stream.announced) {
      this.failStream(stream, H3ErrorCode.H3_EXCESSIVE_LOAD, reason);
      return;
    }
    stream.receiveClosed = true;
    this.decoder.cancel(stream.id);
    if (!stream.finReceived) this.act('stop-sending', stream.id, H3ErrorCode.H3_NO_ERROR);
    this.sendHeaders(stream, responseLines({ status: 431, fields: [['content-length', '0']] }));
    stream.sending = 'done';
    stream.finQueued = true;
    this.oddity('requests that are too large');
  }

  observe(stream: RequestStream, type: number, length: number, fields: FieldSection | null): void {
    this.tap?.frame('received', stream.id, type, length, { fields });
  }

  /** Tells the application of a stream that it knows. */
  tellReset(initiator: 'peer' | 'local', stream: RequestStream, code: number, reason: string): void {
    if (!stream.announced) return;
    const unprocessed = this.role === 'client' && code === H3ErrorCode.H3_REQUEST_REJECTED;
    this.emit({ type: 'reset', streamId: stream.id, code, initiator, reason, unprocessed });
  }

  /** Lets go of a stream. */
  forget(stream: RequestStream): void {
    // A section that was never decoded holds entries that the peer must learn are free (RFC 9204 §2.2.2.2).
    if (!stream.receiveClosed) this.decoder.cancel(stream.id);
    stream.receiveClosed = true;
    stream.sendClosed = true;
    stream.held = [];
    this.streams.finish(stream.id);
    this.tap?.forget(stream.id);
  }

  /** @throws {LocalProtocolError} when the peer has said that it takes no section of this size. */
  sendHeaders(stream: RequestStream, lines: FieldSection): void {
    this.checkSize(lines);
    const block = this.encoder.encode(stream.id, lines);
    stream.output.copy(frameHead(H3FrameType.HEADERS, block.length));
    stream.output.add(block);
    this.tap?.frame('created', stream.id, H3FrameType.HEADERS, block.length, { fields: lines });
    this.flushQpack();
  }

  checkSize(lines: FieldSection): void {
    const size = sectionSize(lines);
    if (size <= this.peerMaxFieldSection) return;
    const most = this.peerMaxFieldSection;
    throw new LocalProtocolError(
      `Cannot send these fields: ${size} bytes, and the peer takes ${most} (RFC 9114 §4.2.2)`,
    );
  }

  sendControl(type: number, values: readonly number[], details: Parameters<Tap['frame']>[4] = {}): void {
    const frame = varintFrame(type, values);
    this.control.copy(frame);
    this.tap?.frame('created', this.ownControl, type, frame.length - frameHead(type, 0).length, details);
  }

  /** Moves what QPACK has to say into its streams. A peer that gives them no room ends the connection. */
  flushQpack(): void {
    this.encoderStream.add(this.encoder.takeOutput());
    this.decoderStream.add(this.decoder.takeOutput());
    if (this.encoderStream.length + this.decoderStream.length <= this.limits.maxPendingOutput) return;
    const reason = `limit maxPendingOutput: over ${this.limits.maxPendingOutput} bytes wait on the QPACK streams`;
    this.fail(h3Fault(H3ErrorCode.H3_EXCESSIVE_LOAD, reason, 'maxPendingOutput'));
  }
}
