import type { Endpoint } from '../facts.ts';
import type { QuicConnection, QuicFacts, QuicHandler, QuicTls } from '../quic/connection.ts';
import { type DenoQuicConn, endpointOf } from './api.ts';
import { DenoQuicStreams } from './quic-streams.ts';

/** One connection of `Deno.QuicEndpoint`. Deno tells its addresses, ALPN and server name; what else is asked for is null. */
export class DenoQuicConnection implements QuicConnection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly openedAt: number = Date.now();
  /** Deno hands a connection over when its handshake is complete, since early data is not asked for. */
  readonly established = true;
  readonly streams: DenoQuicStreams;
  readonly #conn: DenoQuicConn;
  readonly #handshakeMs: number | null;
  #handler: QuicHandler | null = null;
  #scheduled = false;
  #over = false;
  #ended: { readonly code: number; readonly reason: string } | null = null;

  constructor(conn: DenoQuicConn, client: boolean, handshakeMs: number | null) {
    this.#conn = conn;
    this.#handshakeMs = handshakeMs;
    this.local = endpointOf(conn.endpoint.addr);
    this.remote = endpointOf(conn.remoteAddr);
    this.streams = new DenoQuicStreams(conn, client, () => this.schedule());
  }

  /** Names the one that reads and writes, and begins. */
  attach(handler: QuicHandler): void {
    this.#handler = handler;
    const over = (code: number | null, reason: string): void => {
      this.#over = true;
      const local = this.#ended !== null;
      handler.closed({ cause: local ? 'local' : 'peer', application: code !== null, code, reason });
    };
    this.#conn.closed.then(
      ({ closeCode, reason }) => over(this.#ended?.code ?? closeCode, this.#ended?.reason ?? reason),
      (error: unknown) => over(null, error instanceof Error ? error.message : 'The connection failed.'),
    );
    this.schedule();
  }

  quic(): QuicFacts {
    return { version: null, originalDestinationId: null, localId: null, remoteId: null, rttMs: null, packets: null };
  }

  tls(): QuicTls {
    const { protocol, serverName } = this.#conn;
    return {
      alpn: protocol ?? null,
      sni: serverName ?? null,
      resumed: null,
      earlyData: false,
      cipher: null,
      group: null,
      alpnOffered: null,
      clientRandomHash: null,
      handshakeMs: this.#handshakeMs,
    };
  }

  close(code: number, reason: string): void {
    if (this.#over || this.#ended !== null) return;
    this.#ended = { code, reason };
    this.#conn.close({ closeCode: code, reason });
  }

  schedule(): void {
    if (this.#scheduled || this.#over) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      if (!this.#over) this.#handler?.turn(performance.now());
    });
  }
}
