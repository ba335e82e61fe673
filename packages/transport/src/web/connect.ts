import { type Limits, type Observer as WireObserver, withLimits } from '@interleave/wire';
import { ClientConnection } from '../client/connection.ts';
import { ClientSession } from '../client/session.ts';
import { newConnectionId } from '../connection-id.ts';
import type { ConnectionObserver } from '../host.ts';
import { type AlpnProtocol, clientProtocol } from '../protocols.ts';
import { type KnownFacts, type StreamConnection, WebConnection } from './connection.ts';

export interface StreamConnectOptions {
  /** What is spoken from the first byte. Default: `http/1.1`. */
  readonly protocol?: AlpnProtocol;
  readonly limits?: Partial<Limits>;
  /** HTTP/1.1 requests under way at once. Default: 1, one after another. */
  readonly pipeline?: number;
  readonly facts?: KnownFacts;
  readonly observer?: ConnectionObserver;
  /** Sees every frame, head and chunk. */
  readonly observeWire?: WireObserver;
}

/**
 * Speaks HTTP as a client on a connection that is open already.
 *
 * @throws {RangeError} for a protocol or limit that is not known.
 */
export function connectOn(connection: StreamConnection, options: StreamConnectOptions = {}): ClientConnection {
  const name = options.protocol ?? 'http/1.1';
  const limits = withLimits(options.limits);
  const protocol = clientProtocol(name, { limits, now: performance.now(), observe: options.observeWire });
  const policy = { pipeline: options.pipeline ?? 1 };
  const observer = options.observer ?? null;
  const facts = options.facts ?? {};
  const transport = new WebConnection(connection, newConnectionId(), name, facts, observer, (host) => {
    return new ClientSession(protocol, host, policy);
  });
  return new ClientConnection(transport, transport.closed);
}
