import { OutputQueue } from '../bytes/output_queue.ts';
import type { Role } from '../connection.ts';
import type { RemoteFault } from '../errors.ts';
import type { Event } from '../events.ts';
import { HpackDecoder } from '../hpack/decoder.ts';
import { HpackEncoder } from '../hpack/encoder.ts';
import type { Limits } from '../limits.ts';
import { PriorityPolicy } from '../priority/policy.ts';
import type { Priority } from '../priority/priority.ts';
import { PriorityScheduler } from '../priority/scheduler.ts';
import { DataJoiner } from './data_joiner.ts';
import { ErrorCode } from './error_code.ts';
import { debugText } from './fault.ts';
import { ReceiveWindow, SendWindow } from './flow_window.ts';
import { INITIAL_WINDOW, MAX_MAX_FRAME_SIZE, MAX_STREAM_ID, MAX_WINDOW, MIN_MAX_FRAME_SIZE } from './frame.ts';
import { FrameWriter } from './frame_writer.ts';
import { Guard } from './guard.ts';
import { PeerSettings } from './settings.ts';
import { Http2Stream } from './stream.ts';
import { CLOSED, mayReceive, nextStreamState, RECEIVE_RST_STREAM, SEND_RST_STREAM } from './stream_state.ts';
import { Streams } from './streams.ts';
import type { Tap } from './tap.ts';

/** How far a connection has got with ending. */
export type Phase = 'open' | 'draining' | 'closed' | 'failed';

/** What the parts of a connection share: its state, and the few moves that more than one of them makes. */
export class Core {
  readonly role: Role;
  readonly limits: Limits;
  readonly tap: Tap | null;
  readonly connectProtocol: boolean;
  readonly explicitRelease: boolean;
  readonly output: OutputQueue = new OutputQueue();
  readonly encoder: HpackEncoder;
  readonly decoder: HpackDecoder;
  readonly writer: FrameWriter;
  readonly guard: Guard;
  readonly streams: Streams;
  readonly peer: PeerSettings = new PeerSettings();
  readonly policy: PriorityPolicy = new PriorityPolicy();
  readonly scheduler: PriorityScheduler<Http2Stream> = new PriorityScheduler();
  readonly joiner: DataJoiner = new DataJoiner();
  readonly sendWindow: SendWindow = new SendWindow(INITIAL_WINDOW);
  readonly receiveWindow: ReceiveWindow;
  readonly maxFrameSize: number;

  phase: Phase = 'open';
  /** The latest time that the caller has told. */
  now: number;
  /** The same, rounded down: a stream that keeps a whole number needs no box of its own for it. */
  millisecond: number;
  /** Window that a stream of the peer starts with: what we have announced, once it counts. */
  initialReceiveWindow: number;
  settingsAcknowledged = false;
  /** Streams opened by the peer that count against what we allow. */
  peerStreams = 0;
  /** Streams opened by us. */
  ownStreams = 0;
  /** Streams that the application has not released, where it says so. */
  readonly unreleased: Set<number> = new Set();
  /** Last stream of the peer that we still take: lower than the highest possible once GOAWAY has named one. */
  acceptUpTo: number = MAX_STREAM_ID;
  /** Last stream of ours that the peer takes. */
  peerAcceptsUpTo: number = MAX_STREAM_ID;
  /** The peer has sent GOAWAY. */
  peerLeaves = false;
  /** Octets in the queues of all streams. */
  queued = 0;
  /** Streams that may be owed a `writable`. */
  woken: Http2Stream[] = [];
  /** Content of streams that are closed, which the application has not given back yet (client). */
  readonly lingering: Map<number, number> = new Map();
  /** Priorities that came before their streams (RFC 9218 §7.1). */
  readonly earlyPriorities: Map<number, Priority> = new Map();
  /** When streams are to be looked at for stalls, or null while none can. */
  watchAt: number | null = null;
  /** Since when nothing has been under way. */
  idleSince: number;
  #events: Event[] = [];

  constructor(options: CoreOptions) {
    const { role, limits, tap, now } = options;
    this.role = role;
    this.limits = limits;
    this.tap = tap;
    this.now = this.idleSince = now;
    this.millisecond = Math.floor(now);
    this.connectProtocol = options.connectProtocol;
    this.explicitRelease = options.explicitRelease;
    this.encoder = new HpackEncoder({ limits });
    this.decoder = new HpackDecoder({ limits });
    this.writer = new FrameWriter(this.output, this.encoder, tap);
    this.guard = new Guard(limits);
    this.streams = new Streams(role === 'server' ? 1 : 0);
    this.maxFrameSize = Math.min(MAX_MAX_FRAME_SIZE, Math.max(MIN_MAX_FRAME_SIZE, limits.maxFrameSize));
    // The peer starts with the RFC's windows: larger ones are a gift, smaller ones count once it has acknowledged them.
    this.initialReceiveWindow = Math.max(INITIAL_WINDOW, Math.min(MAX_WINDOW, limits.streamWindow));
    this.receiveWindow = new ReceiveWindow(Math.max(INITIAL_WINDOW, Math.min(MAX_WINDOW, limits.connectionWindow)));
  }

  /** True while frames count. */
  get live(): boolean {
    return this.phase === 'open' || this.phase === 'draining';
  }

  /** True when one side has said that it is the end, and the last exchange is over. */
  get isOver(): boolean {
    if (this.streams.size > 0) return false;
    if (this.phase === 'draining') return this.acceptUpTo !== MAX_STREAM_ID;
    return this.role === 'client' && this.peerLeaves;
  }

  emit(event: Event): void {
    this.#events.push(event);
  }

  /** The events of the present call, so far. */
  get events(): Event[] {
    return this.#events;
  }

  takeEvents(): Event[] {
    const events = this.#events;
    if (events.length > 0) this.#events = [];
    return events;
  }

  /** Ends the connection with an error: GOAWAY says why, and no event follows (RFC 9113 §5.4.1). */
  fail(fault: RemoteFault): void {
    if (!this.live) return;
    this.writer.goaway(this.streams.lastPeerId, fault.code, debugText(fault));
    this.joiner.end();
    this.emit({ type: 'connection-error', ...fault });
    this.#end('failed');
  }

  /** Ends the connection in order, the last event that it has. */
  close(): void {
    if (!this.live) return;
    this.emit({ type: 'closed' });
    this.#end('closed');
  }

  /** Fails the connection if there is a fault, and says whether there was none. */
  passes(fault: RemoteFault | null): boolean {
    if (fault !== null) this.fail(fault);
    return fault === null;
  }

  /**
   * A stream error that the peer has caused (RFC 9113 §5.4.2). It is cheap to cause and not cheap to serve, so there is a
   * budget for it.
   */
  streamError(stream: Http2Stream, code: number, reason: string): void {
    this.resetStream(stream, code);
    this.emit({ type: 'reset', streamId: stream.id, code, initiator: 'local', reason, unprocessed: false });
    this.passes(this.guard.glitch(this.now, reason));
  }

  /** The same before the application has heard of the stream. */
  refuse(streamId: number, code: number, endStream: boolean): void {
    this.writer.rstStream(streamId, code);
    this.streams.remember(streamId, endStream ? 0 : this.initialReceiveWindow);
  }

  /** Sends RST_STREAM and lets go of the stream. */
  resetStream(stream: Http2Stream, code: number): void {
    this.writer.rstStream(stream.id, code);
    const mayCome = mayReceive(stream.state) ? stream.available : 0;
    this.streams.remember(stream.id, mayCome);
    stream.state = nextStreamState(stream.state, SEND_RST_STREAM);
    this.forget(stream, true);
  }

  /** The peer has sent RST_STREAM. */
  resetByPeer(stream: Http2Stream): void {
    stream.state = nextStreamState(stream.state, RECEIVE_RST_STREAM);
    this.forget(stream, true);
  }

  /** Follows an arrow of the state table; a stream that is closed by it is let go of. */
  move(stream: Http2Stream, input: number): void {
    stream.state = nextStreamState(stream.state, input);
    if (stream.state === CLOSED) this.forget(stream, false);
  }

  /** A stream that somebody opens. */
  open(id: number): Http2Stream {
    const { initialReceiveWindow, limits, peer, streams } = this;
    const stream = new Http2Stream(id, initialReceiveWindow, limits.streamWindow, peer.initialWindowSize);
    streams.add(stream);
    if (streams.isPeers(id)) this.peerStreams++;
    else this.ownStreams++;
    return stream;
  }

  /** Gives octets back to the connection's window, and tells the peer where that is due. */
  giveBack(octets: number): void {
    const { receiveWindow } = this;
    receiveWindow.give(octets);
    const increment = receiveWindow.announce();
    if (increment > 0) this.writer.windowUpdate(0, increment);
  }

  /** Among those that are looked at when the present call has done its work. */
  wake(stream: Http2Stream): void {
    if (!stream.refused || stream.woken) return;
    stream.woken = true;
    this.woken.push(stream);
  }

  /** Starts the watch over streams that might stall. */
  watch(): void {
    this.watchAt ??= this.now + Math.min(this.limits.bodyTimeout, this.limits.sendTimeout);
  }

  /** The stream is closed: nothing of it stays but what its late frames and its content need. */
  forget(stream: Http2Stream, reset: boolean): void {
    this.scheduler.remove(stream);
    this.queued -= stream.queued;
    stream.queue = null;
    stream.refused = false;
    this.streams.delete(stream);
    if (this.streams.isPeers(stream.id)) this.peerStreams--;
    else this.ownStreams--;
    if (stream.unconsumed > 0) {
      // An answered or abandoned exchange holds nobody up. A response that is still being read does.
      if (reset || this.role === 'server') this.giveBack(stream.unconsumed);
      else this.lingering.set(stream.id, stream.unconsumed);
      stream.unconsumed = 0;
    }
    if (this.streams.size === 0) this.idleSince = this.now;
  }

  #end(phase: 'closed' | 'failed'): void {
    this.phase = phase;
    for (const stream of this.streams.values()) this.scheduler.remove(stream);
    this.streams.clear();
    this.lingering.clear();
    this.earlyPriorities.clear();
    this.unreleased.clear();
    this.queued = 0;
    this.woken = [];
    this.watchAt = null;
  }
}

/** What a connection is made with. */
export interface CoreOptions {
  readonly role: Role;
  readonly limits: Limits;
  readonly tap: Tap | null;
  readonly now: number;
  readonly connectProtocol: boolean;
  readonly explicitRelease: boolean;
}

/** True for the codes that say that nothing was done with the request (RFC 9113 §8.7). */
export function isUnprocessed(code: number): boolean {
  return code === ErrorCode.REFUSED_STREAM;
}
