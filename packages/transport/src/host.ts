import type { ProtocolConnection } from '@interleave/wire';
import type { ConnectionFacts } from './facts.ts';

/** The bare transport of an exchange that has left HTTP. */
export interface UpgradedChannel {
  /** What the entry works on: `./node` gives a `Duplex`, which `socketOf` returns as such. */
  readonly socket: unknown;
  /** What was read beyond the head: it comes before everything that the socket gives. */
  readonly rest: Uint8Array;
}

/** Why an exchange ended before its time. `initiator` is the side that gave it up. */
export interface AbortReason {
  readonly initiator: 'peer' | 'local';
  /** HTTP/2 or HTTP/3 error code where one was sent, else null. */
  readonly code: number | null;
  readonly message: string;
  /** Client: the server did not act on the request, so that any method may be sent again. */
  readonly unprocessed?: boolean;
}

/** Why a connection ended, and what it had carried. */
export interface CloseReason {
  readonly cause: 'peer' | 'local' | 'idle' | 'protocol-error' | 'transport-error' | 'upgraded';
  readonly message: string;
  readonly exchanges: number;
}

/** One end of a connection's HTTP, whatever carries it: what a host feeds with bytes and time. */
export interface Session {
  readonly protocol: ProtocolConnection;
  /** Who is at the other end, for messages. */
  readonly peer: 'client' | 'server';
  /** Exchanges under way. */
  readonly open: number;
  /** Exchanges so far. */
  readonly exchanges: number;
  /** True when the connection must not end cleanly: the peer would take half a message for a whole one. */
  readonly mustCut: boolean;
  /** The protocol error that ended the connection, if one did. */
  readonly error: { readonly code: number; readonly reason: string } | null;
  receive(bytes: Uint8Array, now: number): void;
  receiveEnd(now: number): void;
  timeout(now: number): void;
  /** Runs what became possible without new bytes. Call before output is taken. */
  advance(now: number): void;
  /** No new exchanges; those under way finish. */
  shutdown(now: number): void;
  /** The transport is gone. */
  lost(reason: AbortReason): void;
}

/** What a session needs of the transport that carries it. */
export interface SessionHost {
  readonly facts: ConnectionFacts;
  /** Something is to be sent, read or re-timed: call `session.advance()` once the present turn is over. */
  schedule(): void;
  /** HTTP is over: flush, then hand the transport to `take`. */
  handOver(take: (channel: UpgradedChannel) => void, rest: Uint8Array): void;
}

/**
 * Sees the bytes of one connection's HTTP as they are read and written, inside TLS or QUIC: those that are read before they are
 * parsed. They are the connection's own: look, copy, and keep no view. It must not throw.
 */
export interface ByteObserver {
  /**
   * `streamId`: the QUIC stream, or null over TCP. `fin`: no more will come on it (QUIC only); for what is read it is told by a
   * call of its own, without bytes, once its last bytes were parsed.
   */
  received(bytes: Uint8Array, streamId: number | null, fin: boolean): void;
  sent(bytes: Uint8Array, streamId: number | null, fin: boolean): void;
}

/** Told of connections that open and close. */
export interface ConnectionObserver {
  connection?(facts: ConnectionFacts): void;
  closed?(facts: ConnectionFacts, reason: CloseReason): void;
}
