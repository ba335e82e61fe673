import type { Protocol } from './look/protocol.ts';

/** Who says so. `counter`: the edge's own count of what reached the app, which is not all that a connection may carry. */
export type Source = 'core' | 'cf' | 'cf-l4' | 'counter' | 'header' | 'browser' | 'mock' | 'none';

/** How far to trust it. `lower-bound`: at least this. `mock`: made up by a simulator, and shown as that. */
export type Sureness = 'measured' | 'inferred' | 'lower-bound' | 'mock' | 'unknown';

/** One fact with its origin. An unknown value is null and `why` says why; nothing is ever guessed. */
export interface Fact<T> {
  readonly value: T | null;
  readonly source: Source;
  readonly sure: Sureness;
  readonly why?: string;
}

/** A fact that a source states. */
export function fact<T>(value: T, source: Source, sure: Sureness = 'measured', why?: string): Fact<T> {
  return why === undefined ? { value, source, sure } : { value, source, sure, why };
}

/** A fact that nobody can state here. */
export function unknown<T>(why: string): Fact<T> {
  return { value: null, source: 'none', sure: 'unknown', why };
}

/** Known not to exist: a stream id on HTTP/1.1, a cipher without TLS. Null, but measured. */
export function absent<T>(why: string, source: Source): Fact<T> {
  return { value: null, source, sure: 'measured', why };
}

export interface Endpoint {
  readonly address: string;
  readonly port: number | null;
  readonly family: 'IPv4' | 'IPv6';
}

export interface Alpn {
  /** What the client offered, in its order; null where the server does not tell. */
  readonly offered: readonly string[] | null;
  readonly chosen: string | null;
}

/** Everything that one request tells about the connection that carried it. */
export interface RequestFacts {
  readonly protocol: Fact<Protocol>;
  readonly connectionId: Fact<string>;
  /** Number of this exchange on its connection, from 1. */
  readonly nth: Fact<number>;
  readonly streamId: Fact<number>;
  readonly transport: Fact<'tcp' | 'quic'>;
  /** Epoch milliseconds. */
  readonly openedAt: Fact<number>;
  /** Milliseconds from the connection's start until this request's head was complete. */
  readonly ageMs: Fact<number>;
  readonly tlsVersion: Fact<string>;
  readonly cipher: Fact<string>;
  readonly group: Fact<string>;
  readonly alpn: Fact<Alpn>;
  readonly sni: Fact<string>;
  readonly resumed: Fact<boolean>;
  readonly earlyData: Fact<boolean>;
  readonly handshakeMs: Fact<number>;
  readonly rttMs: Fact<number>;
  readonly priority: Fact<string>;
  readonly remote: Fact<Endpoint>;
  readonly local: Fact<Endpoint>;
  /** The data centre that answered. */
  readonly colo: Fact<string>;
  /** The server ends this connection after the response. */
  readonly closing: Fact<boolean>;
}

/** Where the facts come from: the lab's own server, Cloudflare, a local simulator, or nowhere. */
export type Host = 'lab' | 'cloudflare' | 'mock' | 'none';

/** What this server can know at all, whatever the request. */
export interface Capabilities {
  readonly nth: boolean;
  readonly streamId: boolean;
  readonly resumed: boolean;
  readonly alpnOffer: boolean;
  readonly endConnection: boolean;
}

/** The capabilities of each kind of host. */
export function capabilitiesOf(host: Host): Capabilities {
  const isLab = host === 'lab';
  return { nth: isLab, streamId: isLab, resumed: isLab, alpnOffer: isLab, endConnection: isLab };
}
