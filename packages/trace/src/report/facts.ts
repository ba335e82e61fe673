import { intersection, interval, union } from './intervals.ts';
import type { Connection, Exchange, HttpProtocol, Interval, Recording } from './model.ts';

/** What several rules need of a recording, worked out once. */
export interface Facts {
  /** Exchanges that the network answered, or failed to: those that say something of connections. */
  readonly network: readonly Exchange[];
  /** `network` by scheme, host and port, each in order of time. */
  readonly origins: ReadonlyMap<string, Origin>;
  /** When nobody waits any longer: `onLoad`, else the end of the last exchange. Null where the file has no times. */
  readonly end: { readonly at: number; readonly what: 'load' | 'last exchange' } | null;
  /** The stretches of an exchange; all null where its start is not known. */
  phases(exchange: Exchange): Phases;
  /** Cuts waiting off at the load of the page that waited, and unites it. */
  atStake(waits: readonly Wait[]): Interval[];
}

export interface Origin {
  /** `https://a.example:8443`. */
  readonly key: string;
  /** `a.example`, with the port where it is not the scheme's own. */
  readonly name: string;
  readonly exchanges: readonly Exchange[];
  /** Indexes of connections that carried any of them, in order of first use. */
  readonly connections: readonly number[];
}

/** HAR's phases on the clock, in the order in which they follow each other. */
export interface Phases {
  /** Waiting that is not the browser's own queueing. */
  readonly blocked: Interval | null;
  readonly dns: Interval | null;
  /** TCP and TLS; null when not paid. */
  readonly connect: Interval | null;
  readonly send: Interval | null;
  readonly wait: Interval | null;
  readonly receive: Interval | null;
  /** From the end of `blocked` to the end: how long it held a connection, or a place on one. */
  readonly held: Interval | null;
}

/** A stretch, and the exchange that waited in it; null where the file names none. */
export interface Wait {
  readonly during: Interval | null;
  readonly exchange: number | null;
}

const NO_PHASES: Phases = {
  blocked: null,
  dns: null,
  connect: null,
  send: null,
  wait: null,
  receive: null,
  held: null,
};

/** Works out what the rules share. Linear in the number of exchanges, but for sorting. */
export function factsOf(recording: Recording): Facts {
  const network = recording.exchanges.filter(({ from }) => from === 'network' || from === 'failed');
  const cache = new Map<number, Phases>();
  const ends = pageEnds(recording);
  return {
    network,
    origins: originsOf(network),
    end: endOf(recording, ends),
    phases(exchange) {
      let phases = cache.get(exchange.index);
      if (phases === undefined) {
        phases = phasesOf(exchange);
        cache.set(exchange.index, phases);
      }
      return phases;
    },
    atStake(waits) {
      const clipped = waits.flatMap(({ during, exchange }) => {
        if (during === null) return [];
        const until = ends.of(exchange === null ? null : (recording.exchanges[exchange]?.page ?? null));
        const part = intersection(during, { from: Number.NEGATIVE_INFINITY, to: until });
        return part === null ? [] : [part];
      });
      return union(clipped);
    },
  };
}

/** Scheme, host and port: what browsers pool connections by. */
export function originKey({ scheme, host, port }: Pick<Exchange, 'scheme' | 'host' | 'port'>): string {
  return `${scheme}://${host}:${port ?? DEFAULT_PORTS[scheme] ?? ''}`;
}

/** The host as people say it: with its port where that is not the scheme's own. */
export function hostName({ scheme, host, port }: Pick<Exchange, 'scheme' | 'host' | 'port'>): string {
  return port === null || port === DEFAULT_PORTS[scheme] ? host : `${host}:${port}`;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443, ws: 80, wss: 443 };

/** True for HTTP/1.x, where one connection carries one exchange at a time. */
export function isHttp1(protocol: HttpProtocol | null): boolean {
  return protocol === 'http/1.1' || protocol === 'http/1.0';
}

/** True for HTTP/2 and HTTP/3, where one connection carries many. */
export function isMultiplexed(protocol: HttpProtocol | null): boolean {
  return protocol === 'h2' || protocol === 'h3';
}

/** From the first request on a connection to the end of its last exchange; null without times. */
export function useOf(connection: Connection, recording: Recording, facts: Facts): Interval | null {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const index of connection.exchanges) {
    const exchange = recording.exchanges[index];
    const held = exchange && facts.phases(exchange).held;
    if (!held) continue;
    from = Math.min(from, held.from);
    to = Math.max(to, held.to);
  }
  return interval(from, to);
}

/** What the handshake of a connection took, TCP and TLS: as its own record says, else as its first exchange paid it. */
export function handshakeOf(connection: Connection, recording: Recording, facts: Facts): Interval | null {
  const parts = [connection.handshake.connect, connection.handshake.tls].filter((part) => part !== null);
  if (parts.length > 0) {
    return interval(Math.min(...parts.map(({ from }) => from)), Math.max(...parts.map(({ to }) => to)));
  }
  const first = recording.exchanges[connection.exchanges[0] ?? -1];
  return first ? facts.phases(first).connect : null;
}

/** True when this exchange waited for a connection of its own: the file has a handshake in its timings, or it is the first on one that a log saw open. */
export function opensConnection(exchange: Exchange, recording: Recording): boolean {
  if ((exchange.timings.connect ?? 0) > 0) return true;
  if (recording.kind === 'har' || exchange.connection === null) return false;
  const connection = recording.connections[exchange.connection];
  return connection?.exchanges[0] === exchange.index && (connection.opened ?? -1) >= (exchange.start ?? 0);
}

function originsOf(network: readonly Exchange[]): Map<string, Origin> {
  const origins = new Map<string, { key: string; name: string; exchanges: Exchange[]; connections: Set<number> }>();
  for (const exchange of network) {
    if (exchange.host === '') continue;
    const key = originKey(exchange);
    let origin = origins.get(key);
    if (origin === undefined) {
      origin = { key, name: hostName(exchange), exchanges: [], connections: new Set() };
      origins.set(key, origin);
    }
    origin.exchanges.push(exchange);
    if (exchange.connection !== null) origin.connections.add(exchange.connection);
  }
  return new Map([...origins].map(([key, origin]) => [key, { ...origin, connections: [...origin.connections] }]));
}

function phasesOf({ start, end, timings }: Exchange): Phases {
  if (start === null || !Number.isFinite(start)) return NO_PHASES;
  let at = start;
  const next = (ms: number | null): Interval | null => {
    if (ms === null || !(ms > 0) || !Number.isFinite(ms)) return null;
    const from = at;
    at += ms;
    return { from, to: at };
  };
  const queueing = Math.max(0, Math.min(timings.queueing ?? 0, timings.blocked ?? 0));
  next(queueing);
  const blocked = next(timings.blocked === null ? null : timings.blocked - queueing);
  const sent = at;
  const phases = {
    blocked,
    dns: next(timings.dns),
    connect: next(timings.connect),
    send: next(timings.send),
    wait: next(timings.wait),
    receive: next(timings.receive),
  };
  const last = end !== null && Number.isFinite(end) ? end : at;
  return { ...phases, held: interval(sent, Math.max(sent, last)) };
}

function pageEnds(recording: Recording): { of(page: string | null): number; last: number | null } {
  const byPage = new Map<string, number>();
  for (const { id, start, onLoad } of recording.pages) {
    if (onLoad !== null && onLoad > 0 && Number.isFinite(onLoad)) byPage.set(id, (start ?? 0) + onLoad);
  }
  const ends = [...byPage.values()];
  const only = recording.pages.length === 1 ? (ends[0] ?? null) : null;
  return {
    of: (page) => (page === null ? only : byPage.get(page)) ?? Number.POSITIVE_INFINITY,
    last: ends.length > 0 ? ends.reduce((a, b) => Math.max(a, b)) : null,
  };
}

function endOf(recording: Recording, ends: { readonly last: number | null }): Facts['end'] {
  if (ends.last !== null) return { at: ends.last, what: 'load' };
  let last: number | null = null;
  for (const { start, end } of recording.exchanges) {
    const at = end ?? start;
    if (at !== null && Number.isFinite(at)) last = Math.max(last ?? at, at);
  }
  return last === null ? null : { at: last, what: 'last exchange' };
}
