import type { Event } from '@interleave/wire';
import { H3ErrorCode, h3ErrorName } from '@interleave/wire/http3';
import type { ConnectionFacts } from '../facts.ts';
import type { ByteObserver, CloseReason, ConnectionObserver, Session, SessionHost } from '../host.ts';
import type { DeadlineWheel, Timed } from '../timers.ts';
import type { QuicConnection, QuicEnd, QuicHandler } from './connection.ts';
import { factsOf } from './facts.ts';
import { Farewell } from './farewell.ts';
import type { Http3Protocol } from './http3-protocol.ts';
import { StreamClock } from './stream-clock.ts';

/** Bytes of one stream that are written before the next stream's turn. */
const SLICE = 16 * 1024;
const NOTHING = new Uint8Array(0);

/** What a connection shares with all others of its server or client. */
export interface Http3Context<S extends Session = Session> {
  readonly observer: ConnectionObserver | null;
  readonly connections: Set<Http3Session<S>>;
  readonly wheel: DeadlineWheel;
}

/** HTTP/3 on one QUIC connection: moves bytes between QUIC's streams and a session, and minds room, time and the end. */
export class Http3Session<S extends Session = Session> implements SessionHost, QuicHandler, Timed {
  readonly session: S;
  readonly id: string;
  filedAt: number = Number.POSITIVE_INFINITY;
  readonly #quic: QuicConnection;
  readonly #protocol: Http3Protocol;
  readonly #context: Http3Context<S>;
  readonly #facts: ConnectionFacts;
  readonly #bytes: ByteObserver | null;
  /** Server: how long requests take to arrive. A client waits for its server as long as its caller does. */
  readonly #clock: StreamClock | null;
  /** Since when something waits to be sent and nothing was. */
  #blockedSince: number | null = null;
  readonly #since: number = performance.now();
  #farewell: Farewell | null = null;
  /** Answers wait until the end of the connection has been announced. */
  #holding = false;
  #closing: { readonly cause: CloseReason['cause']; readonly message: string } | null = null;
  #gone = false;

  constructor(
    quic: QuicConnection,
    id: string,
    protocol: Http3Protocol,
    session: (host: SessionHost) => S,
    context: Http3Context<S>,
    bytes: ByteObserver | null = null,
  ) {
    this.#quic = quic;
    this.#bytes = bytes;
    this.id = id;
    this.#protocol = protocol;
    this.#context = context;
    this.#facts = factsOf(quic, id);
    this.#clock = protocol.role === 'server' ? new StreamClock(protocol.limits) : null;
    this.session = session(this);
    context.connections.add(this);
    context.observer?.connection?.(this.facts);
  }

  /** What changes while the connection lives (early data, round-trip time, packets) is read when it is asked for. */
  get facts(): ConnectionFacts {
    return this.#facts;
  }

  /** Exchanges under way finish; then the connection ends. */
  shutdown(): void {
    this.session.shutdown(performance.now());
    this.#quic.schedule();
  }

  /** Ends at once, whatever is under way: the client learns that nothing more comes of it. */
  destroy(message: string): void {
    const whole = this.session.open === 0;
    this.#close('local', whole ? H3ErrorCode.H3_NO_ERROR : H3ErrorCode.H3_INTERNAL_ERROR, message);
  }

  // SessionHost

  schedule(): void {
    this.#quic.schedule();
  }

  handOver(): void {
    // A stream leaves HTTP by itself (RFC 9220); the connection never does, and no session asks for it.
    throw new Error('An HTTP/3 connection cannot be handed over: only its streams can.');
  }

  // QuicHandler

  turn(now: number): void {
    if (this.#gone) return;
    const { h3 } = this.#protocol;
    const early = !this.#quic.established;
    for (const streamId of this.#quic.streams.readable()) this.#read(streamId, early, now);
    for (const { streamId, code } of this.#quic.streams.stopped()) {
      this.#protocol.bring(h3.receiveStopSending(streamId, code, now), false);
      this.#clock?.done(streamId);
    }
    this.session.receive(NOTHING, now);
    this.session.advance(now);
    this.#checkLeaving(now);
    this.#act();
    this.#write(now);
    this.#checkClosing(now);
    this.#context.wheel.file(this, this.deadline());
  }

  closed(end: QuicEnd): void {
    if (this.#gone) return;
    this.#gone = true;
    const { cause, message } = this.#closing ?? { cause: end.cause, message: describeEnd(end) };
    this.session.lost({
      initiator: end.cause === 'peer' || end.cause === 'idle' ? 'peer' : 'local',
      code: end.application ? end.code : null,
      message,
    });
    this.#context.connections.delete(this);
    this.#context.observer?.closed?.(this.facts, { cause, message, exchanges: this.session.exchanges });
  }

  // Timed

  deadline(): number | null {
    if (this.#gone) return null;
    const blocked = this.#blockedSince === null ? null : this.#blockedSince + this.#protocol.limits.sendTimeout;
    return earliest(this.#farewell?.deadline() ?? null, this.#clock?.deadline() ?? null, blocked);
  }

  expire(now: number): void {
    const { limits } = this.#protocol;
    if (this.#blockedSince !== null && now >= this.#blockedSince + limits.sendTimeout) {
      const waited = `limit sendTimeout: nothing could be sent for ${limits.sendTimeout} ms`;
      this.#close('idle', H3ErrorCode.H3_EXCESSIVE_LOAD, waited);
      return;
    }
    for (const { streamId, limit } of this.#clock?.stalled(now) ?? []) {
      if (!this.#protocol.h3.wantsRead(streamId)) {
        // It is our side that takes no more: the client's time begins when it does again.
        this.#clock?.received(streamId, now);
        this.#clock?.headed(streamId, now);
        continue;
      }
      const reason = `limit ${limit}: the request did not arrive within ${limits[limit]} ms`;
      const code = H3ErrorCode.H3_REQUEST_INCOMPLETE;
      this.#protocol.h3.reset(streamId, code);
      this.#protocol.bring([{ type: 'reset', streamId, code, initiator: 'local', reason, unprocessed: false }], false);
    }
    this.#quic.schedule();
  }

  /** Reads a stream until there is nothing more, or its content waits for its reader: QUIC then holds the peer back. */
  #read(streamId: number, early: boolean, now: number): void {
    const { h3 } = this.#protocol;
    while (h3.wantsRead(streamId)) {
      const piece = this.#quic.streams.read(streamId);
      if (piece === null) return;
      if (piece.reset !== null) {
        this.#clock?.done(streamId);
        this.#protocol.bring(h3.receiveReset(streamId, piece.reset, now), early);
        return;
      }
      this.#bytes?.received(piece.bytes, streamId, false);
      const events = h3.receiveStream(streamId, piece.bytes, piece.fin, now);
      if (piece.fin) this.#bytes?.received(NOTHING, streamId, true);
      this.#protocol.bring(events, early);
      this.#time(streamId, piece.fin, events, now);
      // What is asked for at once is consumed at once, and makes room for the next piece.
      this.session.receive(NOTHING, now);
      if (piece.fin) return;
    }
  }

  #time(streamId: number, fin: boolean, events: readonly Event[], now: number): void {
    const clock = this.#clock;
    if (clock === null) return;
    if ((streamId & 3) === 0) clock.received(streamId, now);
    // Instructions for QPACK can complete heads of other streams.
    for (const event of events) {
      if (event.type !== 'request') continue;
      if (event.head.method === 'CONNECT') clock.left(event.streamId);
      else clock.headed(event.streamId, now);
    }
    if (fin) clock.done(streamId);
  }

  #act(): void {
    for (const { type, streamId, code } of this.#protocol.h3.takeActions()) {
      if (type === 'reset') this.#quic.streams.reset(streamId, code);
      else this.#quic.streams.stopSending(streamId, code);
    }
  }

  #write(now: number): void {
    const { h3 } = this.#protocol;
    let wrote = false;
    let pending = h3.pendingStreams();
    while (pending.length > 0 && this.#writeFirst(pending)) {
      wrote = true;
      // Room has been made: exchanges that wait for it go on before anything else is sent.
      if (this.session.open > 0) this.session.advance(now);
      this.#act();
      pending = h3.pendingStreams();
    }
    if (pending.length === 0 || this.#holding) this.#blockedSince = null;
    else if (wrote || this.#blockedSince === null) this.#blockedSince = now;
  }

  /** Writes a slice of the first stream that QUIC has room for; false when there is none. */
  #writeFirst(pending: readonly number[]): boolean {
    for (const streamId of pending) {
      // Request streams are the bidirectional ones.
      if (this.#holding && (streamId & 2) === 0) continue;
      const room = this.#quic.streams.room(streamId);
      const { chunks, fin } = this.#protocol.h3.takeStream(streamId, Math.min(room, SLICE));
      if (chunks.length === 0 && !fin) continue;
      const bytes = join(chunks);
      this.#bytes?.sent(bytes, streamId, fin);
      this.#quic.streams.write(streamId, bytes, fin);
      return true;
    }
    return false;
  }

  #checkLeaving(now: number): void {
    const { h3, leaving, role } = this.#protocol;
    if (!leaving) return;
    this.#farewell ??= new Farewell(role === 'client' ? null : this.#since);
    const step = this.#farewell.step(now, this.#quic.quic().rttMs ?? 0);
    this.#holding = step === 'wait';
    if (step === 'announce') h3.announceShutdown(now);
    else if (step === 'refuse') h3.shutdown(now);
  }

  #checkClosing(now: number): void {
    const { closing } = this.#protocol.h3;
    if (closing === null || this.#closing !== null) return;
    if (this.session.error !== null) {
      this.#close('protocol-error', closing.code, closing.reason);
    } else if (this.#farewell?.ends(now, this.#quic.streams.delivered) ?? true) {
      const who = this.session.peer === 'client' ? 'server' : 'client';
      this.#close('local', closing.code, `The ${who} ended the connection.`);
    }
  }

  #close(cause: CloseReason['cause'], code: number, message: string): void {
    if (this.#closing !== null) return;
    this.#closing = { cause, message };
    this.#quic.close(code, code === H3ErrorCode.H3_NO_ERROR ? '' : message);
  }
}

function join(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0] as Uint8Array;
  const joined = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}

function earliest(...moments: readonly (number | null)[]): number | null {
  const given = moments.filter((moment) => moment !== null);
  return given.length === 0 ? null : Math.min(...given);
}

/** One sentence about an end. */
export function describeEnd({ cause, application, code, reason }: QuicEnd): string {
  if (code === null) return reason;
  const name = application ? h3ErrorName(code) : `QUIC error 0x${code.toString(16)}`;
  const who = cause === 'peer' ? 'The peer closed the connection' : 'The connection was closed';
  return `${who}: ${name}${reason === '' ? '' : `, ${reason.replace(/\.$/, '')}`}.`;
}
