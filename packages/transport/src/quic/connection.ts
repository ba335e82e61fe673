import type { Endpoint } from '../facts.ts';

/** What one read of a stream gives: bytes, with `fin` when they are its last, or the code that the peer reset it with. */
export type StreamRead =
  | { readonly bytes: Uint8Array; readonly fin: boolean; readonly reset: null }
  | { readonly bytes: null; readonly fin: false; readonly reset: number };

/** What a QUIC library can say about a connection. What it cannot is null. */
export interface QuicFacts {
  /** QUIC version on the wire: 1 is RFC 9000, 0x6b3343cf RFC 9369. */
  readonly version: number | null;
  /** The id that the client chose for its first packets, in hexadecimal: what Chromium's NetLog calls `connection_id`. */
  readonly originalDestinationId: string | null;
  /** The id in the packets that come to us, in hexadecimal. */
  readonly localId: string | null;
  /** The id in the packets that go to the peer, in hexadecimal; empty when the peer needs none. */
  readonly remoteId: string | null;
  /** Smoothed round-trip time in milliseconds, as of now. */
  readonly rttMs: number | null;
  /** Datagrams so far, as of now; `lost` as our side's loss detection sees it. */
  readonly packets: { readonly sent: number; readonly received: number; readonly lost: number } | null;
}

/** What the handshake settled. */
export interface QuicTls {
  readonly alpn: string | null;
  readonly sni: string | null;
  readonly resumed: boolean | null;
  /** Requests came before the handshake was complete (0-RTT, RFC 9001 §4.6), and were taken. */
  readonly earlyData: boolean;
  readonly cipher: string | null;
  readonly group: string | null;
  readonly alpnOffered: readonly string[] | null;
  readonly clientRandomHash: string | null;
  readonly handshakeMs: number | null;
}

/** Why a QUIC connection ended. `code` is the application's where `application` says so, else the transport's (RFC 9000 §20). */
export interface QuicEnd {
  readonly cause: 'peer' | 'local' | 'idle' | 'transport-error';
  readonly application: boolean;
  readonly code: number | null;
  readonly reason: string;
}

/** The streams of a connection, by id. Nothing here waits: `read` gives what is there, `write` takes what there is room for. */
export interface QuicStreams {
  /** Streams that have something to read, asked anew after each turn: what is not read stays in the list. */
  readable(): number[];
  /** The next piece of a stream, or null when there is none now. */
  read(streamId: number): StreamRead | null;
  /** Streams that the peer does not want more of, each told once. */
  stopped(): { readonly streamId: number; readonly code: number }[];
  /** Bytes that `write` would send on now; what it takes beyond that, it keeps. */
  room(streamId: number): number;
  /** Queues bytes and, with `fin`, the end of the stream. Ids of our own streams open them, in order. */
  write(streamId: number, bytes: Uint8Array, fin: boolean): void;
  /** Gives up sending (RESET_STREAM). */
  reset(streamId: number, code: number): void;
  /** Gives up receiving (STOP_SENDING). */
  stopSending(streamId: number, code: number): void;
  /** True when everything that was written has been acknowledged. */
  readonly delivered: boolean;
  /** Requests that may be opened now (client). */
  readonly openable: number;
}

/** One QUIC connection, as HTTP/3 needs it. A binding makes it; what it cannot do, it says where it is made. */
export interface QuicConnection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly openedAt: number;
  /** False until the handshake is complete; requests that come before are early data. */
  readonly established: boolean;
  quic(): QuicFacts;
  tls(): QuicTls;

  readonly streams: QuicStreams;
  /** Ends the connection, with a code of the application. Bytes that are not acknowledged are lost. */
  close(code: number, reason: string): void;
  /** Asks for a turn soon: there is something to send or read. */
  schedule(): void;
}

/** Takes what happens on a QUIC connection. */
export interface QuicHandler {
  /** Datagrams have come, time has passed, or a turn was asked for: read and write now, before datagrams leave. */
  turn(now: number): void;
  /** The connection is over. Called once. */
  closed(end: QuicEnd): void;
}
