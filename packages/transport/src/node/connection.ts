import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { Exchange } from '../exchange.ts';
import type { ConnectionFacts, Endpoint, TlsFacts } from '../facts.ts';
import type { ByteObserver, CloseReason, ConnectionObserver, Session, SessionHost, UpgradedChannel } from '../host.ts';
import type { DeadlineWheel, Timed } from '../timers.ts';
import type { Hold } from './hold.ts';
import { ExchangeDuplex } from './tunnel.ts';

/** Bytes given to a socket in one write: enough to fill a fast link, little enough to leave the rest to the scheduler. */
const WRITE_SIZE = 256 * 1024;
/** Several views that are smaller than this together are joined: a copy is cheaper than a gathered write. */
const JOIN_SIZE = 8 * 1024;
/** After our last byte we go on reading for this long, so that a late byte of the peer does not reset what it has not read. */
const LINGER_MS = 2_000;
/** A closing connection whose peer takes no byte for this long is given up. */
const STALL_MS = 30_000;

/** What a connection shares with all others of its server or pool. */
export interface ConnectionContext<S extends Session> {
  readonly observer: ConnectionObserver | null;
  readonly wheel: DeadlineWheel;
  readonly connections: Set<SocketConnection<S>>;
  /** Waits for a connection whose bytes it is to hold back. */
  hold?: Hold | null;
}

/** One socket, TCP or TLS, and the session on it: moves bytes, and minds back-pressure, time and the end. */
export class SocketConnection<S extends Session = Session> implements SessionHost, Timed {
  readonly session: S;
  readonly socket: Socket;
  readonly id: string;
  readonly openedAt: number = Date.now();
  filedAt: number = Number.POSITIVE_INFINITY;
  readonly #context: ConnectionContext<S>;
  readonly #tls: TlsFacts | null;
  readonly #bytes: ByteObserver | null;
  #facts: ConnectionFacts | null = null;
  /** The socket has said "enough"; nothing is taken from the session until it drains. */
  #blocked = false;
  /** The hold that is armed, as far as this connection has noticed it, and the bytes sent since. */
  #hold: Hold | null = null;
  #sentSinceHold = 0;
  #held = false;
  #reading = true;
  #closing = false;
  #lingerUntil: number | null = null;
  #lastUnsent = 0;
  #peerEnded = false;
  #gone = false;
  #cause: CloseReason['cause'] | null = null;
  #message = '';

  constructor(
    socket: Socket,
    id: string,
    tls: TlsFacts | null,
    context: ConnectionContext<S>,
    session: (host: SessionHost) => S,
    bytes: ByteObserver | null = null,
  ) {
    this.socket = socket;
    this.id = id;
    this.#context = context;
    this.#tls = tls;
    this.#bytes = bytes;
    this.session = session(this);
    context.connections.add(this);
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('drain', this.#onDrain);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
    context.observer?.connection?.(this.facts);
    this.#flush(performance.now());
  }

  /** Made when first asked for: a server that nobody watches makes none. */
  get facts(): ConnectionFacts {
    if (this.#facts === null) {
      const { socket } = this;
      this.#facts = {
        id: this.id,
        transport: 'tcp',
        protocol: this.session.protocol.protocol,
        openedAt: this.openedAt,
        local: endpoint(socket.localAddress, socket.localPort),
        remote: endpoint(socket.remoteAddress, socket.remotePort),
        tls: this.#tls,
      };
    }
    return this.#facts;
  }

  /** Exchanges under way finish; then the connection ends. */
  shutdown(): void {
    this.session.shutdown(performance.now());
    this.#flush(performance.now());
  }

  /** Ends at once, whatever is under way. */
  destroy(message: string): void {
    this.#note('local', message);
    if (this.session.open > 0) reset(this.socket);
    else this.socket.destroy();
    this.#onClose();
  }

  // SessionHost

  schedule(): void {
    // After the promise jobs of this turn, so that many answers leave in one write.
    process.nextTick(flushNow, this);
  }

  handOver(take: (channel: UpgradedChannel) => void, rest: Uint8Array): void {
    const { socket } = this;
    for (const chunk of this.session.protocol.takeOutput()) {
      this.#bytes?.sent(chunk, null, false);
      socket.write(chunk);
    }
    this.#note('upgraded', 'The connection has left HTTP.');
    socket.off('data', this.#onData);
    socket.off('end', this.#onEnd);
    socket.off('drain', this.#onDrain);
    socket.pause();
    this.#gone = true;
    this.#leave();
    take({ socket, rest });
  }

  // Timed

  deadline(): number | null {
    if (this.#gone) return null;
    return this.#lingerUntil ?? this.session.protocol.nextDeadline();
  }

  expire(now: number): void {
    if (this.#closing) {
      // Still sending to a slow reader: only a reader that takes nothing is given up.
      const unsent = this.socket.writableLength;
      if (!this.socket.writableFinished && unsent < this.#lastUnsent) {
        this.#lastUnsent = unsent;
        this.#lingerUntil = now + STALL_MS;
        return;
      }
      this.socket.destroy();
      return;
    }
    const idle = this.session.open === 0;
    this.session.timeout(now);
    if (this.session.protocol.wantsClose)
      this.#note('idle', idle ? 'Nothing was asked for a while.' : 'The peer was too slow.');
    this.#flush(now);
  }

  /** Everything that the state of session and socket calls for: later events, output, reading, time, the end. */
  flush(): void {
    if (!this.#gone) this.#flush(performance.now());
  }

  #flush(now: number): void {
    const { session } = this;
    if (this.#gone || this.#closing) return;
    session.advance(now);
    if (this.#gone) return;
    this.#writeOutput(now);
    const { protocol } = session;
    if (protocol.wantsClose && protocol.pendingOutput === 0) {
      this.#finish(now);
      return;
    }
    // After the peer's end there is nothing to hold back, and only a socket that reads notices a reset.
    const wantsRead = protocol.wantsRead || this.#peerEnded;
    if (wantsRead !== this.#reading) {
      this.#reading = wantsRead;
      if (wantsRead) this.socket.resume();
      else this.socket.pause();
    }
    this.#context.wheel.file(this, protocol.nextDeadline());
  }

  #writeOutput(now: number): void {
    const { socket, session } = this;
    const { protocol } = session;
    while (!this.#blocked && !this.#held && protocol.pendingOutput > 0 && !socket.destroyed) {
      const hold = this.#context.hold ?? null;
      const room = hold === null ? WRITE_SIZE : this.#roomBefore(hold);
      if (room === 0) break;
      const chunks = protocol.takeOutput(room);
      if (chunks.length === 0) return;
      if (hold !== null) this.#sentSinceHold += sizeOf(chunks);
      if (this.#bytes !== null) for (const chunk of chunks) this.#bytes.sent(chunk, null, false);
      this.#blocked = !writeAll(socket, chunks);
      // Room has been made: exchanges that wait for it go on before the socket is asked again.
      if (session.open > 0) session.advance(now);
    }
  }

  /** Bytes that may leave now while a hold is armed; 0 when this connection is the one to be held, which begins here. */
  #roomBefore(hold: Hold): number {
    if (this.#hold !== hold) {
      this.#hold = hold;
      this.#sentSinceHold = 0;
    }
    const room = hold.armed ? hold.rule.after - this.#sentSinceHold : WRITE_SIZE;
    if (room > 0) return Math.min(room, WRITE_SIZE);
    if (!hold.take(this.id, this.socket.bytesWritten)) return WRITE_SIZE;
    this.#held = true;
    setTimeout(() => {
      this.#held = false;
      this.flush();
    }, hold.rule.ms);
    return 0;
  }

  /** Ends our side; the socket closes when the peer's side has ended too, or after a short while. */
  #finish(now: number): void {
    const { socket, session } = this;
    this.#closing = true;
    if (session.error !== null) this.#note('protocol-error', session.error.reason);
    this.#lastUnsent = socket.writableLength;
    this.#lingerUntil = now + STALL_MS;
    if (session.mustCut) {
      this.#note('local', 'A message could not be completed.');
      this.#context.wheel.file(this, this.#lingerUntil);
      resetAfterOutput(socket);
      return;
    }
    if (session.error !== null && this.#blocked) {
      // It breaks the rules and does not read: there is nothing to tell it.
      socket.destroy();
      return;
    }
    this.#note('local', `The ${this.#self} ended the connection.`);
    if (!this.#reading) socket.resume();
    socket.end(() => {
      this.#lingerUntil = performance.now() + LINGER_MS;
      this.#context.wheel.file(this, this.#lingerUntil);
    });
    this.#context.wheel.file(this, this.#lingerUntil);
  }

  #note(cause: CloseReason['cause'], message: string): void {
    if (this.#cause !== null) return;
    this.#cause = cause;
    this.#message = message;
  }

  #leave(): void {
    this.#context.connections.delete(this);
    this.#context.observer?.closed?.(this.facts, {
      cause: this.#cause ?? 'peer',
      message: this.#message,
      exchanges: this.session.exchanges,
    });
  }

  readonly #onData = (chunk: Uint8Array): void => {
    // While we linger, the peer's bytes are read only to be dropped.
    if (this.#closing) return;
    const now = performance.now();
    this.#bytes?.received(chunk, null, false);
    this.session.receive(chunk, now);
    this.#flush(now);
  };

  readonly #onEnd = (): void => {
    this.#peerEnded = true;
    if (this.#closing) return;
    const now = performance.now();
    this.#note('peer', `The ${this.session.peer} ended the connection.`);
    this.session.receiveEnd(now);
    this.#flush(now);
  };

  readonly #onDrain = (): void => {
    this.#blocked = false;
    this.flush();
  };

  readonly #onError = (error: Error): void => {
    this.#note('transport-error', error.message);
  };

  readonly #onClose = (): void => {
    if (this.#gone) return;
    this.#gone = true;
    if (this.#cause === null) this.#note('peer', `The ${this.session.peer} closed the connection.`);
    this.session.lost({ initiator: this.#cause === 'local' ? 'local' : 'peer', code: null, message: this.#message });
    this.#leave();
  };

  get #self(): string {
    return this.session.peer === 'client' ? 'server' : 'client';
  }

  /** True once the peer has ended its side. */
  get peerEnded(): boolean {
    return this.#peerEnded;
  }
}

/**
 * What an upgraded exchange goes on with: its socket in HTTP/1.1, its stream in HTTP/2 and HTTP/3. Call it once.
 *
 * @throws {TypeError} when the exchange was not served by this entry.
 */
export function socketOf(channel: UpgradedChannel): Duplex {
  if (channel.socket instanceof Duplex) return channel.socket;
  if (channel.socket instanceof Exchange) return new ExchangeDuplex(channel.socket);
  throw new TypeError('This exchange was not served on a Node socket: its channel holds something else.');
}

function flushNow(connection: SocketConnection): void {
  connection.flush();
}

/** Writes the views in order as one write; false when the socket has had enough. */
function writeAll(socket: Socket, chunks: readonly Uint8Array[]): boolean {
  if (chunks.length === 1) return socket.write(chunks[0] as Uint8Array);
  const size = sizeOf(chunks);
  if (size <= JOIN_SIZE) {
    const joined = Buffer.allocUnsafe(size);
    let at = 0;
    for (const chunk of chunks) {
      joined.set(chunk, at);
      at += chunk.length;
    }
    return socket.write(joined);
  }
  let open = true;
  socket.cork();
  for (const chunk of chunks) open = socket.write(chunk);
  socket.uncork();
  return open;
}

function sizeOf(chunks: readonly Uint8Array[]): number {
  let size = 0;
  for (const chunk of chunks) size += chunk.length;
  return size;
}

/** Ends a connection so that no client takes what it got for the whole: a reset on TCP, no close_notify on TLS. */
function reset(socket: Socket): void {
  if (socket.constructor === Socket) socket.resetAndDestroy();
  else socket.destroy();
}

/** The same, once what was written has left: the client gets all that there is. */
function resetAfterOutput(socket: Socket): void {
  if (socket.writableLength === 0) reset(socket);
  else socket.once('drain', () => reset(socket));
}

function endpoint(address: string | undefined, port: number | undefined): Endpoint {
  const text = address ?? '';
  // A dual-stack listener reports IPv4 peers as ::ffff:a.b.c.d.
  const mapped = text.startsWith('::ffff:') && text.includes('.') ? text.slice(7) : text;
  return { address: mapped, port: port ?? 0, family: mapped.includes(':') ? 'IPv6' : 'IPv4' };
}
