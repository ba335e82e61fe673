import type { Limits, ProtocolConnection } from '@interleave/wire';
import { Http1Connection } from '@interleave/wire/http1';
import { Http2Connection } from '@interleave/wire/http2';

/** What ALPN can choose (RFC 7301). */
export type AlpnProtocol = 'h2' | 'http/1.1';

type NewServer = (limits: Limits, now: number) => ProtocolConnection;

/** The server's side of each protocol that `wire` speaks. A further one is one more line here. */
const SERVERS: ReadonlyMap<AlpnProtocol, NewServer> = new Map<AlpnProtocol, NewServer>([
  // The transport sends 100 (Continue) itself, when somebody asks for the content.
  ['http/1.1', (limits, now) => new Http1Connection({ role: 'server', limits, autoContinue: false, now })],
  // Extended CONNECT is not offered while nothing takes one stream over: a browser would send its WebSockets there and fail.
  ['h2', (limits, now) => new Http2Connection({ role: 'server', limits, now, connectProtocol: false })],
]);

/**
 * The server's side of a connection.
 *
 * @throws {RangeError} when the protocol is not spoken here.
 */
export function serverProtocol(name: AlpnProtocol, limits: Limits, now: number): ProtocolConnection {
  refuseUnknown(name);
  return (SERVERS.get(name) as NewServer)(limits, now);
}

/** Throws a RangeError for a protocol that is not spoken here: when a server is made, not when a client comes. */
export function refuseUnknown(name: AlpnProtocol): void {
  if (SERVERS.has(name)) return;
  throw new RangeError(`Cannot speak ${name} here: this version speaks ${[...SERVERS.keys()].join(' and ')}.`);
}
