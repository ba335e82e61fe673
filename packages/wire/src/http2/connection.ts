import type { ProtocolConnection, Role } from '../connection.ts';
import { LocalProtocolError } from '../errors.ts';
import type { Event } from '../events.ts';
import type { FieldSection } from '../fields/field.ts';
import type { RequestInit, ResponseInit } from '../head.ts';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import type { Observer } from '../observer.ts';
import { formatPriority } from '../priority/parse.ts';
import type { Priority } from '../priority/priority.ts';
import { Core } from './core.ts';
import { Deadlines } from './deadlines.ts';
import { ErrorCode } from './error_code.ts';
import { connectionFault } from './fault.ts';
import { INITIAL_WINDOW, MAX_STREAM_ID, MIN_MAX_FRAME_SIZE } from './frame.ts';
import { consume } from './receive_data.ts';
import { Receiver } from './receiver.ts';
import { Sender } from './sender.ts';
import { Setting } from './settings.ts';
import { STREAM_STATES, type StreamState } from './stream_state.ts';
import { Tap } from './tap.ts';

/** How an HTTP/2 connection is set up. */
export interface Http2Options {
  readonly role: Role;
  /** Defaults to `DEFAULT_LIMITS`; `withLimits` makes others. */
  readonly limits?: Limits;
  /** Called for every frame that is read or queued, with its place in the connection's bytes. */
  readonly observe?: Observer;
  /** When the connection was opened, on the clock that `receive` goes by. Defaults to the time of the first call. */
  readonly now?: number;
  /** Server: allow extended CONNECT, for WebSocket over HTTP/2 (RFC 8441). Defaults to true. */
  readonly connectProtocol?: boolean;
  /**
   * Server: the application calls `release` when it has stopped working on a request, answered or reset. Requests that it
   * still works on then count against `maxUnreleasedStreams`, which bounds the work that reset streams leave behind (Rapid
   * Reset). Defaults to false.
   */
  readonly explicitRelease?: boolean;
}

/** The PING that a shutdown sends behind its first GOAWAY. */
const SHUTDOWN_PING: Uint8Array = Uint8Array.of(0x73, 0x68, 0x75, 0x74, 0x64, 0x6f, 0x77, 0x6e);

/**
 * One HTTP/2 connection (RFC 9113) of a server or a client, over TLS or in the clear with prior knowledge: the bytes are the
 * same. Stream identifiers are those of the protocol.
 *
 * A malformed message resets its stream; what is dangerous or hopeless ends the connection with GOAWAY, whose debug data name
 * the rule or the limit. Padding, and the content of streams that are gone, are credited by the core; everything in a `data`
 * event is credited when `consume` is called. What is sent on a stream that the peer has reset is dropped without an error,
 * since the application may not know yet.
 */
export class Http2Connection implements ProtocolConnection {
  readonly role: Role;
  readonly protocol = 'h2' as const;
  readonly #core: Core;
  readonly #receiver: Receiver;
  readonly #sender: Sender;
  readonly #deadlines: Deadlines;
  #shutdownPing = false;
  /** The caller has told the time. */
  #started: boolean;

  constructor(options: Http2Options) {
    this.role = options.role;
    const core = new Core({
      role: options.role,
      limits: options.limits ?? DEFAULT_LIMITS,
      tap: options.observe === undefined ? null : new Tap(options.observe),
      now: options.now ?? 0,
      connectProtocol: options.role === 'server' && options.connectProtocol !== false,
      explicitRelease: options.role === 'server' && options.explicitRelease === true,
    });
    this.#core = core;
    this.#started = options.now !== undefined;
    this.#receiver = new Receiver(core, (data) => this.#pingAck(data));
    this.#sender = new Sender(core);
    this.#deadlines = new Deadlines(core, this.#receiver);
    this.#greet();
  }

  receive(bytes: Uint8Array, now: number): Event[] {
    const core = this.#core;
    this.#tick(now);
    if (!core.live) return core.takeEvents();
    this.#receiver.receive(bytes);
    core.joiner.end();
    return this.#settle();
  }

  receiveEnd(now: number): Event[] {
    const core = this.#core;
    this.#tick(now);
    if (!core.live) return core.takeEvents();
    const { size } = core.streams;
    if (size === 0 && this.#receiver.atBoundary) core.close();
    else {
      const what = size === 0 ? 'in the middle of a frame' : `with ${size} ${size === 1 ? 'stream' : 'streams'} open`;
      core.fail(connectionFault(ErrorCode.NO_ERROR, `The peer has ended the connection ${what}`));
    }
    return core.takeEvents();
  }

  get wantsRead(): boolean {
    const core = this.#core;
    return core.live && core.output.length < core.limits.maxPendingOutput;
  }

  poll(now: number): Event[] {
    this.#tick(now);
    return this.#settle();
  }

  sendRequest(head: RequestInit, options?: { endStream?: boolean }): number {
    return this.#sender.request(head, options?.endStream === true);
  }

  sendResponse(streamId: number, head: ResponseInit, options?: { endStream?: boolean }): void {
    this.#sender.response(streamId, head, options?.endStream === true);
  }

  sendData(streamId: number, data: Uint8Array, options?: { endStream?: boolean }): number {
    return this.#sender.data(streamId, data, options?.endStream === true);
  }

  sendTrailers(streamId: number, fields: FieldSection): void {
    this.#sender.trailers(streamId, fields);
  }

  capacity(streamId: number): number {
    return this.#sender.capacity(streamId);
  }

  reset(streamId: number, code: number): void {
    const stream = this.#core.streams.get(streamId);
    if (stream !== undefined) this.#core.resetStream(stream, code);
  }

  consume(streamId: number, bytes: number): void {
    if (this.#core.live) consume(this.#core, streamId, bytes);
  }

  /** The application has stopped working on a request: see `Http2Options.explicitRelease`. */
  release(streamId: number): void {
    this.#core.unreleased.delete(streamId);
  }

  get openable(): number {
    return this.#sender.openable;
  }

  /** The state of a stream; closed ones that are forgotten and idle ones included. */
  streamState(streamId: number): StreamState {
    const { streams } = this.#core;
    const stream = streams.get(streamId);
    if (stream !== undefined) return STREAM_STATES[stream.state] as StreamState;
    return streams.isIdle(streamId) ? 'idle' : 'closed';
  }

  /** Sends a PING with these eight octets; `ping-ack` brings them back (RFC 9113 §6.7). */
  ping(data: Uint8Array): void {
    if (data.length !== 8)
      throw new LocalProtocolError(`Cannot send PING with ${data.length} octets: give eight (RFC 9113 §6.7)`);
    if (this.#core.live) this.#core.writer.ping(data, 0, false);
  }

  /**
   * Client: tells the server another priority for a request (PRIORITY_UPDATE, RFC 9218 §7.1). Server: overrides what the
   * client has said.
   */
  prioritise(streamId: number, priority: Priority): void {
    const core = this.#core;
    const stream = core.streams.get(streamId);
    if (stream === undefined) return;
    if (core.role === 'client') core.writer.priorityUpdate(streamId, formatPriority(priority));
    else core.scheduler.update(stream, priority);
  }

  takeOutput(max: number = Number.POSITIVE_INFINITY): Uint8Array[] {
    const core = this.#core;
    if (core.queued > 0) this.#sender.schedule(max);
    const output = core.output.take(max);
    if (output.length > 0) this.#deadlines.taken();
    if (core.output.length === 0) core.guard.outputTaken();
    return output;
  }

  get pendingOutput(): number {
    const { output, queued, scheduler, sendWindow } = this.#core;
    // Frame headers come on top; what no window lets out does not count.
    return (
      output.length + (scheduler.size > 0 && sendWindow.available > 0 ? Math.min(queued, sendWindow.available) : 0)
    );
  }

  get wantsClose(): boolean {
    return !this.#core.live || this.#core.isOver;
  }

  nextDeadline(): number | null {
    return this.#started ? this.#deadlines.next(this.pendingOutput) : null;
  }

  handleTimeout(now: number): Event[] {
    const core = this.#core;
    this.#tick(now);
    if (core.live) {
      this.#deadlines.expire(this.pendingOutput, () => this.#leave());
      const { shutdownAt } = this.#deadlines;
      if (shutdownAt !== null && now >= shutdownAt) this.#leave();
    }
    return this.#settle();
  }

  /**
   * A server says GOAWAY twice: first for no stream in particular, so that requests on their way are still served, and with
   * the answer to a PING, which comes behind them, for those that have not come by then (RFC 9113 §6.8).
   */
  shutdown(now: number): void {
    const core = this.#core;
    this.#tick(now);
    if (core.phase !== 'open') return;
    if (core.role === 'client' || core.streams.lastPeerId === 0) {
      this.#leave();
      return;
    }
    core.phase = 'draining';
    core.writer.goaway(MAX_STREAM_ID, ErrorCode.NO_ERROR, '');
    core.writer.ping(SHUTDOWN_PING, 0, false);
    this.#shutdownPing = true;
    this.#deadlines.shutdownAt = now + core.limits.settingsAckTimeout;
  }

  #tick(now: number): void {
    this.#core.now = now;
    this.#core.millisecond = Math.floor(now);
    if (this.#started) return;
    this.#started = true;
    this.#deadlines.start(now);
  }

  /** The last GOAWAY: nothing beyond what has come. */
  #leave(): void {
    const core = this.#core;
    this.#shutdownPing = false;
    this.#deadlines.shutdownAt = null;
    if (!core.live || core.acceptUpTo !== MAX_STREAM_ID) return;
    core.phase = 'draining';
    core.acceptUpTo = core.streams.lastPeerId;
    core.writer.goaway(core.acceptUpTo, ErrorCode.NO_ERROR, '');
  }

  #pingAck(data: Uint8Array): void {
    if (this.#shutdownPing && data.every((octet, index) => octet === SHUTDOWN_PING[index])) this.#leave();
    else {
      const core = this.#core;
      core.emit({ type: 'ping-ack', data });
      core.passes(core.guard.courtesy(core.now, 'a PING acknowledgement'));
    }
  }

  #settle(): Event[] {
    const core = this.#core;
    if (core.live) {
      this.#sender.emitWritable();
      if (core.isOver) core.close();
    }
    return core.takeEvents();
  }

  /** Preface and SETTINGS, which both ends send without waiting (RFC 9113 §3.4). */
  #greet(): void {
    const core = this.#core;
    const { limits, writer } = core;
    if (core.role === 'client') writer.preface();
    const settings = new Map<number, number>();
    if (limits.maxDecoderTableBytes !== 4_096) settings.set(Setting.HEADER_TABLE_SIZE, limits.maxDecoderTableBytes);
    if (core.role === 'client') settings.set(Setting.ENABLE_PUSH, 0);
    else settings.set(Setting.MAX_CONCURRENT_STREAMS, limits.maxConcurrentStreams);
    if (limits.streamWindow !== INITIAL_WINDOW)
      settings.set(Setting.INITIAL_WINDOW_SIZE, Math.min(limits.streamWindow, 0x7fff_ffff));
    if (core.maxFrameSize !== MIN_MAX_FRAME_SIZE) settings.set(Setting.MAX_FRAME_SIZE, core.maxFrameSize);
    settings.set(Setting.MAX_HEADER_LIST_SIZE, Math.min(limits.maxFieldSectionBytes, 0xffff_ffff));
    if (core.connectProtocol) settings.set(Setting.ENABLE_CONNECT_PROTOCOL, 1);
    settings.set(Setting.NO_RFC7540_PRIORITIES, 1);
    writer.settings(settings);
    const more = core.receiveWindow.target - INITIAL_WINDOW;
    if (more > 0) writer.windowUpdate(0, more);
  }
}
