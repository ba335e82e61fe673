import type { ConnectionFacts, Endpoint } from '../facts.ts';
import type { CloseReason, ConnectionObserver, Session, SessionHost, UpgradedChannel } from '../host.ts';
import { DeadlineWheel, type Timed } from '../timers.ts';

/** One connection as two byte streams: what Deno, Workers' `connect()` and browsers share. */
export interface StreamConnection {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

/** What the caller knows about a connection beyond its streams; endpoints that are not given have an empty address. */
export type KnownFacts = Partial<Omit<ConnectionFacts, 'id' | 'protocol'>>;

/** After our last byte we go on reading for this long, so that a late byte of the peer does not reset what it has not read. */
const LINGER_MS = 2_000;
const WRITE_SIZE = 64 * 1024;
const wheel = new DeadlineWheel();

/** One connection over web streams, and the session on it: moves bytes, and minds back-pressure, time and the end. */
export class WebConnection<S extends Session = Session> implements SessionHost, Timed {
  readonly facts: ConnectionFacts;
  readonly closed: Promise<CloseReason>;
  filedAt: number = Number.POSITIVE_INFINITY;
  readonly #connection: StreamConnection;
  readonly session: S;
  readonly #observer: ConnectionObserver | null;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #resolve: (reason: CloseReason) => void = () => {};
  #wake: (() => void) | null = null;
  #writing = false;
  #closing = false;
  #peerEnded = false;
  #gone = false;
  #lingerUntil: number | null = null;
  #cause: CloseReason['cause'] | null = null;
  #message = '';

  constructor(
    connection: StreamConnection,
    id: string,
    protocol: ConnectionFacts['protocol'],
    facts: KnownFacts,
    observer: ConnectionObserver | null,
    session: (host: SessionHost) => S,
  ) {
    this.#connection = connection;
    this.#observer = observer;
    this.facts = {
      transport: 'tcp',
      openedAt: Date.now(),
      local: NOWHERE,
      remote: NOWHERE,
      tls: null,
      ...facts,
      id,
      protocol,
    };
    this.closed = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.session = session(this);
    this.#reader = connection.readable.getReader();
    this.#writer = connection.writable.getWriter();
    this.#writer.closed.catch((error: unknown) => this.#lose('transport-error', messageOf(error)));
    this.#observer?.connection?.(this.facts);
    void this.#read();
    this.#flush(performance.now());
  }

  shutdown(): void {
    this.session.shutdown(performance.now());
    this.#flush(performance.now());
  }

  /** Ends at once, whatever is under way. */
  destroy(message: string): void {
    this.#lose('local', message);
  }

  schedule(): void {
    queueMicrotask(() => this.#flush(performance.now()));
  }

  handOver(take: (channel: UpgradedChannel) => void, rest: Uint8Array): void {
    for (const chunk of this.session.protocol.takeOutput()) this.#writer.write(chunk).catch(ignore);
    this.#note('upgraded', 'The connection has left HTTP.');
    this.#gone = true;
    this.#reader.releaseLock();
    this.#writer.releaseLock();
    this.#leave();
    take({ socket: this.#connection, rest });
  }

  deadline(): number | null {
    if (this.#gone) return null;
    return this.#lingerUntil ?? this.session.protocol.nextDeadline();
  }

  expire(now: number): void {
    if (this.#closing) {
      this.#lose('local', `The ${this.session.peer === 'client' ? 'server' : 'client'} ended the connection.`);
      return;
    }
    this.session.timeout(now);
    if (this.session.protocol.wantsClose) this.#note('idle', 'Nothing came for too long.');
    this.#flush(now);
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        if (!this.#closing && !this.session.protocol.wantsRead) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          continue;
        }
        const { done, value } = await this.#reader.read();
        if (this.#gone) return;
        const now = performance.now();
        if (done) {
          if (this.#closing)
            return this.#lose(
              'local',
              `The ${this.session.peer === 'client' ? 'server' : 'client'} ended the connection.`,
            );
          this.#peerEnded = true;
          this.#note('peer', `The ${this.session.peer} ended the connection.`);
          this.session.receiveEnd(now);
          this.#flush(now);
          return;
        }
        // After our last byte, the peer's bytes are read only to be dropped.
        if (this.#closing) continue;
        this.session.receive(value, now);
        this.#flush(now);
      }
    } catch (error) {
      this.#lose('transport-error', messageOf(error));
    }
  }

  #flush(now: number): void {
    if (this.#gone || this.#closing) return;
    this.session.advance(now);
    if (this.#gone) return;
    const { protocol } = this.session;
    if (!this.#writing && protocol.pendingOutput > 0) void this.#write();
    if (!this.#writing && protocol.wantsClose && protocol.pendingOutput === 0) {
      void this.#finish(now);
      return;
    }
    if (protocol.wantsRead && this.#wake !== null) {
      const wake = this.#wake;
      this.#wake = null;
      wake();
    }
    wheel.file(this, protocol.nextDeadline());
  }

  /** Writes at the pace of the stream: nothing more is taken from the session until it is ready. */
  async #write(): Promise<void> {
    this.#writing = true;
    try {
      const { protocol } = this.session;
      while (!this.#gone && protocol.pendingOutput > 0) {
        await this.#writer.ready;
        if (this.#gone) return;
        for (const chunk of protocol.takeOutput(WRITE_SIZE)) this.#writer.write(chunk).catch(ignore);
        this.session.advance(performance.now());
      }
    } catch (error) {
      this.#lose('transport-error', messageOf(error));
      return;
    } finally {
      this.#writing = false;
    }
    this.#flush(performance.now());
  }

  async #finish(now: number): Promise<void> {
    this.#closing = true;
    this.#wake?.();
    const { error, mustCut } = this.session;
    if (error !== null) this.#note('protocol-error', error.reason);
    if (mustCut) {
      this.#lose('local', 'A message could not be completed.');
      return;
    }
    this.#note('local', `The ${this.session.peer === 'client' ? 'server' : 'client'} ended the connection.`);
    this.#lingerUntil = now + LINGER_MS;
    wheel.file(this, this.#lingerUntil);
    await this.#writer.close().catch(ignore);
    if (this.#peerEnded) this.#lose('local', 'Both sides have ended.');
  }

  /** The end, whoever wanted it: what still holds the streams lets go. */
  #lose(cause: CloseReason['cause'], message: string): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#note(cause, message);
    this.#wake?.();
    this.#writer.abort(message).catch(ignore);
    this.#reader.cancel(message).catch(ignore);
    this.session.lost({ initiator: cause === 'local' ? 'local' : 'peer', code: null, message: this.#message });
    this.#leave();
  }

  #note(cause: CloseReason['cause'], message: string): void {
    if (this.#cause !== null) return;
    this.#cause = cause;
    this.#message = message;
  }

  #leave(): void {
    const reason: CloseReason = {
      cause: this.#cause ?? 'peer',
      message: this.#message,
      exchanges: this.session.exchanges,
    };
    this.#observer?.closed?.(this.facts, reason);
    this.#resolve(reason);
  }
}

const NOWHERE: Endpoint = { address: '', port: 0, family: 'IPv4' };

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function ignore(): void {}
