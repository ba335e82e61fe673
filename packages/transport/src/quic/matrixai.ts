import type { Endpoint } from '../facts.ts';
import type { QuicConnection, QuicEnd, QuicFacts, QuicHandler, QuicTls } from './connection.ts';
import type { HandshakeNotes } from './handshake.ts';
import type { Quiche, QuicheAddress, QuicheConnection } from './quiche.ts';
import { QuicheStreams } from './quiche-streams.ts';

/**
 * Datagrams that leave in one burst, and how long the next burst waits, in milliseconds. quiche paces by moments that its
 * binding does not show; without any pause a receiver on the same machine loses what its buffer has no room for.
 */
const BURST = 48;
const BURST_PAUSE = 1;
/** What a connection asks of the endpoint that it belongs to. */
export interface ConnectionHost {
  readonly quiche: Quiche;
  /** Largest datagram that we send. */
  readonly datagramSize: number;
  /** Calls `turn` soon. */
  schedule(connection: QuicheQuicConnection): void;
  transmit(datagram: Uint8Array, to: { readonly host: string; readonly port: number }): void;
  /** The connection is over, and its ids are free. */
  gone(connection: QuicheQuicConnection): void;
}

/** How a connection came to be. */
export interface ConnectionOrigin {
  readonly role: 'client' | 'server';
  readonly version: number;
  readonly originalDestinationId: string | null;
  readonly notes: HandshakeNotes;
  /** HTTP may begin: who is to handle it. */
  readonly begin: (connection: QuicheQuicConnection) => QuicHandler;
  /** The connection ended before HTTP began. */
  readonly failed: (end: QuicEnd) => void;
  /** Client: takes what a later connection needs to resume this one, once the server has sent it. */
  readonly keepTicket: ((ticket: Uint8Array) => void) | null;
}

/** A connection of quiche, driven by an endpoint: it is handed datagrams and time, and gives datagrams. */
export class QuicheQuicConnection implements QuicConnection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly openedAt: number = Date.now();
  readonly streams: QuicheStreams;
  readonly #since: number = performance.now();
  readonly #host: ConnectionHost;
  readonly #quiche: QuicheConnection;
  readonly #origin: ConnectionOrigin;
  #handler: QuicHandler | null = null;
  #timer: NodeJS.Timeout | null = null;
  #timerAt = Number.POSITIVE_INFINITY;
  #handshakeMs: number | null = null;
  #pausing = false;
  #ticketKept = false;
  #ended = false;
  #lastFacts: QuicFacts | null = null;

  constructor(
    host: ConnectionHost,
    quiche: QuicheConnection,
    path: { readonly local: Endpoint; readonly remote: Endpoint },
    origin: ConnectionOrigin,
  ) {
    this.#host = host;
    this.#quiche = quiche;
    this.streams = new QuicheStreams(host.quiche, quiche, origin.role);
    this.local = path.local;
    this.remote = path.remote;
    this.#origin = origin;
  }

  get established(): boolean {
    return this.#quiche.isEstablished();
  }

  get notes(): HandshakeNotes {
    return this.#origin.notes;
  }

  // For the endpoint

  /** One datagram has come. Its memory is changed. */
  receive(datagram: Uint8Array, from: QuicheAddress): void {
    try {
      const to = { host: this.local.address, port: this.local.port };
      this.#quiche.recv(datagram, { from, to });
    } catch {
      // quiche has noted the fault itself: it drops the packet, or closes the connection, and tells the peer at the next send.
    }
    this.schedule();
  }

  /** Everything that is to be done now: HTTP reads and writes, datagrams leave, the timer is set. */
  turn(): void {
    if (this.#ended) return;
    if (!this.#quiche.isDraining() && !this.#quiche.isClosed()) {
      if (this.#mayBegin()) this.#handler ??= this.#origin.begin(this);
      this.#handler?.turn(performance.now());
    }
    if (!this.#ticketKept) this.#keepTicket();
    this.streams.retry();
    this.#flush();
    this.#arm();
    this.#checkEnd();
    // A client with a ticket may speak as soon as its first packet has left.
    if (this.#handler === null && this.#mayBegin()) this.schedule();
  }

  /** Forgets the connection without a word to the peer. */
  abandon(reason: string): void {
    this.#end({ cause: 'local', application: false, code: null, reason });
  }

  // QuicConnection

  quic(): QuicFacts {
    // Once it is closed quiche drops its paths: the last word stands.
    if (this.#ended && this.#lastFacts !== null) return this.#lastFacts;
    const path = this.#quiche.pathStats().find((one) => one.active);
    this.#lastFacts = {
      version: this.#origin.version,
      originalDestinationId: this.#origin.originalDestinationId,
      localId: hex(this.#quiche.sourceId()),
      remoteId: hex(this.#quiche.destinationId()),
      rttMs: path?.rtt ?? null,
      packets: path === undefined ? null : { sent: path.sent, received: path.recv, lost: path.lost },
    };
    return this.#lastFacts;
  }

  tls(): QuicTls {
    const { cipher, group, alpnOffered, clientRandomHash, sni } = this.#origin.notes.facts;
    const alpn = Buffer.from(this.#quiche.applicationProto()).toString('latin1');
    return {
      alpn: alpn === '' ? null : alpn,
      sni: this.#quiche.serverName() ?? sni,
      resumed: this.#quiche.isResumed(),
      earlyData: this.streams.early,
      cipher,
      group,
      alpnOffered,
      clientRandomHash,
      handshakeMs: this.#handshakeMs,
    };
  }

  close(code: number, reason: string): void {
    try {
      // Reasons travel in one packet (RFC 9000 §19.19).
      this.#quiche.close(true, code, new TextEncoder().encode(reason).subarray(0, 500));
    } catch {
      // It is closed already.
    }
    this.schedule();
  }

  schedule(): void {
    if (!this.#ended) this.#host.schedule(this);
  }

  #keepTicket(): void {
    const { keepTicket } = this.#origin;
    const ticket = keepTicket === null ? null : this.#quiche.session();
    if (keepTicket !== null && ticket === null) return;
    this.#ticketKept = true;
    if (ticket !== null) keepTicket?.(ticket);
  }

  /** HTTP may begin once the handshake is complete, or early data has come. */
  #mayBegin(): boolean {
    if (this.#quiche.isEstablished()) {
      this.#handshakeMs ??= performance.now() - this.#since;
      return true;
    }
    return this.#quiche.isInEarlyData();
  }

  #flush(): void {
    if (this.#pausing) return;
    for (let sent = 0; sent < BURST; sent++) {
      const datagram = Buffer.allocUnsafe(this.#host.datagramSize);
      let result: ReturnType<QuicheConnection['send']>;
      try {
        result = this.#quiche.send(datagram);
      } catch {
        return;
      }
      if (result === null) return;
      const bytes = datagram.subarray(0, result[0]);
      this.#origin.notes.sent(bytes);
      this.#host.transmit(bytes, result[1].to);
    }
    this.#pausing = true;
    setTimeout(() => {
      this.#pausing = false;
      this.turn();
    }, BURST_PAUSE);
  }

  #arm(): void {
    const left = this.#quiche.timeout();
    if (left === null) return;
    const at = performance.now() + left;
    if (this.#timer !== null) {
      if (this.#timerAt <= at) return;
      clearTimeout(this.#timer);
    }
    this.#timerAt = at;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#quiche.timeout() === 0) this.#quiche.onTimeout();
      this.turn();
    }, left);
  }

  #checkEnd(): void {
    const quiche = this.#quiche;
    if (!quiche.isClosed() && !quiche.isDraining()) return;
    this.#tell(this.#why());
    if (quiche.isClosed()) this.#end(this.#why());
  }

  #why(): QuicEnd {
    const peer = this.#quiche.peerError();
    const error = peer ?? this.#quiche.localError();
    if (error === null) {
      const idle = this.#quiche.isTimedOut();
      const reason = idle ? 'Nothing came for too long.' : 'The connection ended before it was set up.';
      return { cause: idle ? 'idle' : 'transport-error', application: false, code: null, reason };
    }
    return {
      cause: peer !== null ? 'peer' : error.isApp ? 'local' : 'transport-error',
      application: error.isApp,
      code: error.errorCode,
      reason: Buffer.from(error.reason).toString('utf8'),
    };
  }

  #tell(end: QuicEnd): void {
    const handler = this.#handler;
    if (handler === SILENT) return;
    this.quic();
    this.#handler = SILENT;
    if (handler === null) this.#origin.failed(end);
    else handler.closed(end);
  }

  #end(end: QuicEnd): void {
    if (this.#ended) return;
    this.#tell(end);
    this.#ended = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#host.gone(this);
  }
}

/** Stands where a handler was that has been told the end. */
const SILENT: QuicHandler = { turn() {}, closed() {} };

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
