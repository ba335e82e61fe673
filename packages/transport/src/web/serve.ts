import { type Limits, type Observer as WireObserver, withLimits } from '@interleave/wire';
import { type RequestHandler, toExchangeHandler } from '../adapter.ts';
import { newConnectionId } from '../connection-id.ts';
import type { ConnectionFacts } from '../facts.ts';
import type { CloseReason, SessionHost } from '../host.ts';
import { type AlpnProtocol, serverProtocol } from '../protocols.ts';
import { type ExchangeHandler, type Observer, ServerSession, type SessionPolicy } from '../session.ts';
import { type KnownFacts, type StreamConnection, WebConnection } from './connection.ts';

export interface StreamServeOptions {
  /** What is spoken from the first byte. Default: `http/1.1`. */
  readonly protocol?: AlpnProtocol;
  readonly limits?: Partial<Limits>;
  /** False: every response ends the connection. Default: true. */
  readonly persistent?: boolean;
  /** Adds Date to final responses. Default: true. */
  readonly date?: boolean;
  /** `https` when the streams are the inside of TLS. Default: `http`. */
  readonly scheme?: 'http' | 'https';
  readonly facts?: KnownFacts;
  readonly observer?: Observer;
  /** Sees every frame, head and chunk. */
  readonly observeWire?: WireObserver;
}

/** A connection that is being served. */
export interface ServedConnection {
  readonly facts: ConnectionFacts;
  /** Resolves when it is over; never rejects. */
  readonly closed: Promise<CloseReason>;
  /** Exchanges under way finish; then the connection ends. */
  shutdown(): void;
  /** Ends at once, whatever is under way. */
  destroy(message: string): void;
}

/**
 * Serves HTTP on a connection that is open already, and hands every exchange to `handler` as an event object.
 *
 * @throws {RangeError} for a protocol or limit that is not known.
 */
export function serveExchangesOn(
  connection: StreamConnection,
  options: StreamServeOptions,
  handler: ExchangeHandler,
): ServedConnection {
  const name = options.protocol ?? 'http/1.1';
  const limits = withLimits(options.limits);
  const protocol = serverProtocol(name, { limits, now: performance.now(), observe: options.observeWire });
  const policy: SessionPolicy = { persistent: options.persistent ?? true, date: options.date ?? true };
  const observer = options.observer ?? null;
  const session = (host: SessionHost): ServerSession => new ServerSession(protocol, host, handler, policy, observer);
  return new WebConnection(connection, newConnectionId(), name, options.facts ?? {}, observer, session);
}

/** Serves HTTP on a connection that is open already, and answers each request with what `handler` returns. */
export function serveOn(
  connection: StreamConnection,
  options: StreamServeOptions,
  handler: RequestHandler,
): ServedConnection {
  return serveExchangesOn(connection, options, toExchangeHandler(handler, options.scheme ?? 'http'));
}
