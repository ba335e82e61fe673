import type { OutputQueue } from '../bytes/output_queue.ts';
import type { Role } from '../connection.ts';
import type { RemoteFault } from '../errors.ts';
import type { Event } from '../events.ts';
import type { FieldSection } from '../fields/field.ts';
import type { RequestInit, ResponseInit } from '../head.ts';
import { type Limits, withLimits } from '../limits.ts';
import type { Observer } from '../observer.ts';
import { controlHandler } from './control.ts';
import { ControlStreamReader } from './control_stream.ts';
import { Core, type StreamAction } from './core.ts';
import { H3ErrorCode } from './error_code.ts';
import { h3Fault } from './fault.ts';
import { H3FrameType } from './frame.ts';
import { PeerStreams } from './peer_streams.ts';
import { MessageReceiver } from './receiver.ts';
import { RequestStream } from './request_stream.ts';
import { Schedule } from './schedule.ts';
import { Sender } from './sender.ts';
import { Tap } from './tap.ts';

export type { StreamAction } from './core.ts';

/** Bytes for one QUIC stream, in order; `fin` ends it after them. */
export interface StreamOutput {
  readonly streamId: number;
  readonly chunks: Uint8Array[];
  readonly fin: boolean;
}

/** The highest id that a request could have, as far as a number holds it: a GOAWAY that refuses none. */
const EVERY_REQUEST = Number.MAX_SAFE_INTEGER - 3;

export interface Http3Options {
  readonly role: Role;
  readonly limits?: Partial<Limits>;
  readonly observer?: Observer;
  /** Server: offer extended CONNECT (RFC 9220). */
  readonly connectProtocol?: boolean;
}

/**
 * One HTTP/3 connection (RFC 9114) as a state machine without I/O. It has the verbs of `ProtocolConnection`, with a stream id
 * wherever bytes come or go, because QUIC gives it streams: flow control, loss and the order of bytes are QUIC's, and so are
 * timeouts.
 *
 * The transport hands in what each stream brings (`receiveStream`, `receiveReset`, `receiveStopSending`), then carries out
 * `takeActions`, then writes the streams of `pendingStreams` with `takeStream`, then closes if `closing` says so. Our control
 * and QPACK streams are the first three unidirectional streams, with the ids that QUIC gives those.
 */
export class Http3Connection {
  readonly protocol = 'h3';
  readonly role: Role;
  readonly limits: Limits;
  readonly #core: Core;
  readonly #receiver: MessageReceiver;
  readonly #sender: Sender;
  readonly #peerStreams: PeerStreams;
  readonly #schedule = new Schedule();
  readonly #own: ReadonlyMap<number, OutputQueue>;

  constructor(options: Http3Options) {
    const { role, observer } = options;
    this.role = role;
    this.limits = withLimits(options.limits);
    const tap = observer === undefined ? null : new Tap(observer);
    const connectProtocol = role === 'server' && options.connectProtocol === true;
    const core = new Core({ role, limits: this.limits, connectProtocol, tap });
    this.#core = core;
    this.#receiver = new MessageReceiver(core);
    this.#sender = new Sender(core, this.#receiver);
    const control = new ControlStreamReader(role, this.limits, controlHandler(core));
    this.#peerStreams = new PeerStreams(role, this.limits, {
      control: (bytes) => control.receive(bytes),
      controlOpened: (streamId, typeBytes) => {
        core.peerControl = streamId;
        tap?.begin('received', streamId, typeBytes);
      },
      qpackEncoder: (bytes) => this.#encoderInstructions(bytes),
      qpackDecoder: (bytes) => core.encoder.receiveDecoderStream(bytes),
      ignore: (streamId) => {
        core.act('stop-sending', streamId, H3ErrorCode.H3_STREAM_CREATION_ERROR);
        core.oddity('streams of unknown types');
      },
    });
    const first = role === 'client' ? 2 : 3;
    this.#own = new Map([
      [first, core.control],
      [first + 4, core.encoderStream],
      [first + 8, core.decoderStream],
    ]);
  }

  /** Takes bytes of one QUIC stream, kept by reference; `fin` when they are its last. */
  receiveStream(streamId: number, bytes: Uint8Array, fin: boolean, now: number): Event[] {
    const core = this.#core;
    if (core.over) return [];
    core.now = now;
    if ((streamId & 2) !== 0) {
      core.passes(this.#peerStreams.receive(streamId, bytes, fin));
      return core.takeEvents();
    }
    const stream = this.#requestStream(streamId);
    if (stream === null || stream.receiveClosed) return core.takeEvents();
    stream.finReceived ||= fin;
    if (bytes.length > 0) stream.receive(bytes);
    this.#settle(stream);
    return core.takeEvents();
  }

  /** The peer has reset its side of a stream (RFC 9000 §19.4). */
  receiveReset(streamId: number, code: number, now: number): Event[] {
    const core = this.#core;
    if (core.over) return [];
    core.now = now;
    if ((streamId & 2) !== 0) {
      core.passes(this.#peerStreams.reset(streamId));
      return core.takeEvents();
    }
    if (!core.countReset()) return core.takeEvents();
    const stream = core.streams.get(streamId);
    if (stream === undefined) {
      // Reset before any byte of it came: its sections, if it had any, will never be decoded (RFC 9204 §2.2.2.2).
      if (this.role === 'server' && (streamId & 3) === 0 && !core.streams.isDone(streamId)) {
        core.decoder.cancel(streamId);
        core.streams.finish(streamId);
        core.act('reset', streamId, H3ErrorCode.H3_REQUEST_CANCELLED);
      }
    } else if (!stream.receiveClosed) {
      core.tellReset('peer', stream, code, 'The peer reset the stream');
      if (!stream.sendClosed) core.act('reset', streamId, H3ErrorCode.H3_REQUEST_CANCELLED);
      this.#forget(stream);
    }
    return core.takeEvents();
  }

  /** The peer does not want more of what we send on a stream (RFC 9000 §19.5). */
  receiveStopSending(streamId: number, code: number, now: number): Event[] {
    const core = this.#core;
    if (core.over) return [];
    core.now = now;
    if (this.#own.has(streamId)) {
      const reason = 'The peer stopped a stream that has to last (RFC 9114 §6.2.1, RFC 9204 §4.2)';
      core.fail(h3Fault(H3ErrorCode.H3_CLOSED_CRITICAL_STREAM, reason));
      return core.takeEvents();
    }
    if (!core.countReset()) return core.takeEvents();
    const stream = core.streams.get(streamId);
    if (stream === undefined || stream.sendClosed) return core.takeEvents();
    core.act('reset', streamId, code);
    stream.sendClosed = true;
    stream.output.clear();
    // A server that has answered may stop the rest of the request, and its answer stands (RFC 9114 §4.1.1).
    if (this.role === 'client' && code === H3ErrorCode.H3_NO_ERROR) {
      if (stream.receiveClosed) this.#forget(stream);
      return core.takeEvents();
    }
    core.tellReset('peer', stream, code, 'The peer stopped reading the stream');
    if (!stream.receiveClosed) core.act('stop-sending', streamId, H3ErrorCode.H3_REQUEST_CANCELLED);
    this.#forget(stream);
    return core.takeEvents();
  }

  /** The QUIC connection is over: what was under way is reset, and no event follows. */
  receiveClose(now: number): Event[] {
    const core = this.#core;
    if (core.over) return [];
    core.now = now;
    for (const stream of core.streams.values()) {
      core.tellReset('peer', stream, H3ErrorCode.H3_NO_ERROR, 'The connection ended');
    }
    core.streams.clear();
    core.closed = true;
    core.emit({ type: 'closed' });
    return core.takeEvents();
  }

  /** Opens an exchange and returns its stream id. @throws {LocalProtocolError} on a server, after GOAWAY, or when the head breaks a rule. */
  sendRequest(head: RequestInit, options: { endStream?: boolean } = {}): number {
    return this.#sender.request(head, options.endStream === true);
  }

  /** Sends an interim (1xx) or the final response. @throws {LocalProtocolError} when it is out of order or breaks a rule. */
  sendResponse(streamId: number, head: ResponseInit, options: { endStream?: boolean } = {}): void {
    this.#sender.response(streamId, head, options.endStream === true);
  }

  /** Queues content as one DATA frame and returns how many bytes were taken; offer the rest after `writable`. */
  sendData(streamId: number, data: Uint8Array, options: { endStream?: boolean } = {}): number {
    return this.#sender.data(streamId, data, options.endStream === true);
  }

  /** Ends the message with trailers. @throws {LocalProtocolError} when they are out of order or break a rule. */
  sendTrailers(streamId: number, fields: FieldSection): void {
    this.#sender.trailers(streamId, fields);
  }

  /** Bytes that `sendData` would take now. */
  capacity(streamId: number): number {
    return this.#sender.capacity(streamId);
  }

  /**
   * Gives an exchange up in both directions, with a code of `H3ErrorCode`. H3_NO_ERROR after a complete response stops only the
   * rest of the request: the response still goes out (RFC 9114 §4.1.1).
   */
  reset(streamId: number, code: number): void {
    const stream = this.#core.streams.get(streamId);
    if (stream === undefined) return;
    if (code === H3ErrorCode.H3_NO_ERROR && this.role === 'server' && stream.finQueued && !stream.sendClosed) {
      if (stream.receiveClosed) return;
      if (!stream.finReceived) this.#core.act('stop-sending', streamId, code);
      this.#core.decoder.cancel(streamId);
      stream.receiveClosed = true;
      stream.held = [];
      return;
    }
    if (!stream.sendClosed) this.#core.act('reset', streamId, code);
    if (!stream.receiveClosed) this.#core.act('stop-sending', streamId, code);
    this.#forget(stream);
  }

  /** The application has used this many bytes of the stream's content. */
  consume(streamId: number, bytes: number): void {
    const stream = this.#core.streams.get(streamId);
    if (stream !== undefined) stream.unconsumed = Math.max(0, stream.unconsumed - bytes);
  }

  /** False while the transport should not read this stream: its content is unread, or its fields wait for the table. */
  wantsRead(streamId: number): boolean {
    const stream = this.#core.streams.get(streamId);
    return stream === undefined || stream.unconsumed + stream.heldBytes < this.limits.streamWindow;
  }

  /**
   * Streams with something to send, in the order in which they are to be served: control and QPACK first, then requests by
   * priority (RFC 9218 §10). Serve the first that QUIC has room for, and ask again.
   */
  pendingStreams(): number[] {
    const core = this.#core;
    if (!core.over) core.flushQpack();
    const pending: number[] = [];
    for (const [streamId, queue] of this.#own) if (queue.length > 0) pending.push(streamId);
    const streams: RequestStream[] = [];
    for (const stream of core.streams.values()) {
      if (!stream.sendClosed && (stream.output.length > 0 || stream.finQueued)) streams.push(stream);
    }
    for (const stream of this.#schedule.order(streams)) pending.push(stream.id);
    return pending;
  }

  /** Takes at most `max` bytes of a stream's output. They, and `fin`, are handed over once. */
  takeStream(streamId: number, max: number = Number.POSITIVE_INFINITY): StreamOutput {
    const own = this.#own.get(streamId);
    if (own !== undefined) return { streamId, chunks: own.take(max), fin: false };
    const stream = this.#core.streams.get(streamId);
    if (stream === undefined || stream.sendClosed) return { streamId, chunks: [], fin: false };
    const chunks = stream.output.take(max);
    this.#schedule.served(stream);
    const fin = stream.finQueued && stream.output.length === 0;
    if (fin) {
      stream.sendClosed = true;
      if (stream.receiveClosed) this.#forget(stream);
    }
    return { streamId, chunks, fin };
  }

  /** Resets and stops that the transport is to carry out, once. */
  takeActions(): StreamAction[] {
    return this.#core.takeActions();
  }

  /** Events that became possible without new bytes: room to write after `takeStream`. */
  poll(now: number): Event[] {
    const core = this.#core;
    core.now = now;
    for (const stream of core.streams.values()) {
      const capacity = this.capacity(stream.id);
      if (!stream.blockedWriter || capacity < this.limits.outputHighWater / 2) continue;
      stream.blockedWriter = false;
      core.emit({ type: 'writable', streamId: stream.id, capacity });
    }
    return core.takeEvents();
  }

  /** What the QUIC connection is to be closed with once everything is sent (an error: at once); null while it goes on. */
  get closing(): { readonly code: number; readonly reason: string } | null {
    const { error, streams, goawaySent, goawayReceived } = this.#core;
    if (error !== null) return { code: error.code, reason: error.reason };
    const drained = streams.size === 0 && (goawaySent >= 0 || goawayReceived >= 0);
    return drained ? { code: H3ErrorCode.H3_NO_ERROR, reason: '' } : null;
  }

  /**
   * Server: asks for no more requests, and still takes those that are on their way (RFC 9114 §5.2). `shutdown` follows once they
   * must have come, after a round trip.
   */
  announceShutdown(now: number): void {
    const core = this.#core;
    core.now = now;
    if (this.role === 'client' || core.goawayAnnounced || core.goawaySent >= 0 || core.over) return;
    core.goawayAnnounced = true;
    core.sendControl(H3FrameType.GOAWAY, [EVERY_REQUEST], { about: EVERY_REQUEST });
  }

  /** No new exchanges: GOAWAY (RFC 9114 §5.2). Those under way finish; then `closing` says so. */
  shutdown(now: number): void {
    const core = this.#core;
    core.now = now;
    if (core.goawaySent >= 0 || core.over) return;
    core.goawaySent = this.role === 'server' ? core.streams.seen : 0;
    core.sendControl(H3FrameType.GOAWAY, [core.goawaySent], { about: core.goawaySent });
  }

  /** The request stream with this id, opened if the peer may open it now. */
  #requestStream(streamId: number): RequestStream | null {
    const core = this.#core;
    const known = core.streams.get(streamId);
    if (known !== undefined) return known;
    if ((streamId & 1) !== 0) {
      const reason = `The server opened bidirectional stream ${streamId} (RFC 9114 §6.1)`;
      core.fail(h3Fault(H3ErrorCode.H3_STREAM_CREATION_ERROR, reason));
      return null;
    }
    if (this.role === 'client' || core.streams.isDone(streamId)) return null;
    const refused = core.goawaySent >= 0 && streamId >= core.goawaySent;
    if (refused || core.streams.size >= this.limits.maxUnreleasedStreams) {
      core.act('reset', streamId, H3ErrorCode.H3_REQUEST_REJECTED);
      core.act('stop-sending', streamId, H3ErrorCode.H3_REQUEST_REJECTED);
      core.decoder.cancel(streamId);
      core.streams.finish(streamId);
      if (!refused) core.oddity('more requests than are taken');
      return null;
    }
    const stream = new RequestStream(streamId, this.#receiver, false);
    core.streams.add(stream);
    core.streamOpened();
    return stream;
  }

  /** Acts on what the last bytes left behind: an error, or an end that everything before it allows. */
  #settle(stream: RequestStream): void {
    const core = this.#core;
    if (stream.fault !== null) core.fail(stream.fault);
    const read = !stream.waiting && stream.held.length === 0;
    if (core.over || !stream.finReceived || !read || stream.receiveClosed) return;
    this.#receiver.end(stream, core.events);
    if (!core.over && stream.receiveClosed && stream.sendClosed) this.#forget(stream);
  }

  #encoderInstructions(bytes: Uint8Array): RemoteFault | null {
    const core = this.#core;
    const fault = core.decoder.receiveEncoderStream(bytes);
    for (const section of core.decoder.takeUnblocked()) {
      const stream = core.streams.get(section.streamId);
      if (stream === undefined || core.over) continue;
      stream.waiting = false;
      if (this.#receiver.section(stream, section) === 'on') stream.resume();
      this.#settle(stream);
    }
    return fault;
  }

  #forget(stream: RequestStream): void {
    this.#receiver.forget(stream.id);
    this.#core.forget(stream);
  }
}
