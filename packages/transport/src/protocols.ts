import type { Limits, ProtocolConnection, Observer as WireObserver } from '@interleave/wire';
import { Http1Connection } from '@interleave/wire/http1';
import { Http2Connection } from '@interleave/wire/http2';

/** What ALPN can choose (RFC 7301). */
export type AlpnProtocol = 'h2' | 'http/1.1';

/** How one end of a connection is set up. */
export interface ProtocolOptions {
  readonly limits: Limits;
  readonly now: number;
  /** Called for every frame, head and chunk that is read or queued. */
  readonly observe?: WireObserver | undefined;
}

type Make = (options: ProtocolOptions) => ProtocolConnection;

/** Both ends of each protocol that `wire` speaks over one byte stream. A further one is one more entry here. */
const PROTOCOLS: ReadonlyMap<AlpnProtocol, { readonly server: Make; readonly client: Make }> = new Map<
  AlpnProtocol,
  { server: Make; client: Make }
>([
  [
    'http/1.1',
    {
      // The transport sends 100 (Continue) itself, when somebody asks for the content.
      server: (options) => new Http1Connection({ role: 'server', autoContinue: false, ...given(options) }),
      client: (options) => new Http1Connection({ role: 'client', ...given(options) }),
    },
  ],
  [
    'h2',
    {
      // Work for streams that are gone is bounded: the session says when a handler is done.
      server: (options) => new Http2Connection({ role: 'server', explicitRelease: true, ...given(options) }),
      client: (options) => new Http2Connection({ role: 'client', ...given(options) }),
    },
  ],
]);

function given({ limits, now, observe }: ProtocolOptions): { limits: Limits; now: number; observe?: WireObserver } {
  return observe === undefined ? { limits, now } : { limits, now, observe };
}

/**
 * The server's side of a connection.
 *
 * @throws {RangeError} when the protocol is not spoken here.
 */
export function serverProtocol(name: AlpnProtocol, options: ProtocolOptions): ProtocolConnection {
  return known(name).server(options);
}

/**
 * The client's side of a connection.
 *
 * @throws {RangeError} when the protocol is not spoken here.
 */
export function clientProtocol(name: AlpnProtocol, options: ProtocolOptions): ProtocolConnection {
  return known(name).client(options);
}

/** Throws a RangeError for a protocol that is not spoken here: when a server is made, not when a client comes. */
export function refuseUnknown(name: AlpnProtocol): void {
  known(name);
}

function known(name: AlpnProtocol): { readonly server: Make; readonly client: Make } {
  const protocol = PROTOCOLS.get(name);
  if (protocol !== undefined) return protocol;
  throw new RangeError(`Cannot speak ${name} here: this version speaks ${[...PROTOCOLS.keys()].join(' and ')}.`);
}
