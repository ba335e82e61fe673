import { isHttp, originOf } from '../address.ts';
import type { Connection, HttpProtocol, Interval } from '../model.ts';
import type { HarEntry } from './entry.ts';

/** Times closer than this are the same: writers round. */
const SLACK = 1;
const MOST_LOOKED_AT = 64;

/** A connection while it is put together. */
interface Lane {
  readonly id: string;
  readonly sure: Connection['sure'];
  readonly why: string;
  readonly entries: number[];
  /** When the last exchange on it is over, as far as is known. */
  busyUntil: number;
}

/** What an entry needs a connection for: from the end of its waiting to its end. */
interface Use {
  readonly connectFrom: number | null;
  readonly from: number | null;
  readonly to: number | null;
  readonly paid: boolean;
  /** The file says how long it waited for its turn. */
  readonly waitKnown: boolean;
}

/**
 * True where an exchange without an id may have been on a connection that the file names: it is put on none, and none is opened
 * for it. HTTP/3 never shares one with HTTP/1.1 or HTTP/2.
 */
function mayBeOn(protocols: ReadonlySet<HttpProtocol | null> | undefined, protocol: HttpProtocol | null): boolean {
  return protocols !== undefined && (protocol === null || protocols.has(null) || protocols.has(protocol));
}

/**
 * The connections that a HAR names, or that there must have been. An id counts when it can be one: not empty, not `0`, not the
 * port of the URL (Firefox writes that), not shared by two hosts at different addresses. Without one, each handshake is a
 * connection, and what paid none goes where there is room: a lower bound.
 */
export function connectionsOf(
  entries: readonly HarEntry[],
  { trustIds }: { readonly trustIds: boolean },
): { connections: Connection[]; of: (number | null)[] } {
  const of: (number | null)[] = new Array(entries.length).fill(null);
  const lanes: Lane[] = [];
  const named = new Map<string, Lane>();
  const byOrigin = new Map<string, Lane[]>();
  /** What the named connections of an origin speak. */
  const namedAt = new Map<string, Set<HttpProtocol | null>>();
  const times = new Map<string, number>();
  const tainted = taintedIds(entries);
  const open = (lane: Omit<Lane, 'entries' | 'busyUntil'>): Lane => {
    const made: Lane = { ...lane, entries: [], busyUntil: Number.NEGATIVE_INFINITY };
    lanes.push(made);
    return made;
  };

  for (const index of inOrder(entries)) {
    const { exchange, connectionId } = entries[index] as HarEntry;
    if (!usesConnection(exchange)) continue;
    const use = useOf(exchange);
    const id = trustIds && isId(connectionId, exchange) && !tainted.has(connectionId) ? connectionId : null;
    const origin = originOf(exchange);
    let lane: Lane | null = null;
    if (id !== null) {
      namedAt.set(origin, (namedAt.get(origin) ?? new Set()).add(exchange.protocol));
      lane = named.get(id) ?? null;
      // A handshake behind the last exchange of this id: the number was given away again.
      const again = lane !== null && use.paid && use.connectFrom !== null && lane.busyUntil <= use.connectFrom + SLACK;
      if (lane === null || again) {
        const nth = times.get(id) ?? 0;
        times.set(id, nth + 1);
        lane = open({
          id: nth === 0 ? id : `${id}#${nth + 1}`,
          sure: 'measured',
          why: nth === 0 ? 'the file names it' : 'the file names it, and shows a second handshake for the same id',
        });
        named.set(id, lane);
      }
    } else {
      if (!use.paid && mayBeOn(namedAt.get(origin), exchange.protocol)) continue;
      const known = byOrigin.get(origin) ?? [];
      byOrigin.set(origin, known);
      lane = use.paid ? null : roomOn(known, use, exchange.protocol);
      if (lane === null) {
        const why = use.paid
          ? 'a handshake was paid; the file names no connection'
          : 'it cannot have been one of those before; the file names no connection';
        lane = open({ id: letters(lanes.length), sure: 'inferred', why });
        known.push(lane);
      }
    }
    lane.entries.push(index);
    if (use.to !== null) lane.busyUntil = Math.max(lane.busyUntil, use.to);
  }
  const connections = lanes.map((lane, position) => {
    for (const index of lane.entries) of[index] = position;
    return connectionOf(lane, entries);
  });
  return { connections, of };
}

function usesConnection({ from, scheme, host }: HarEntry['exchange']): boolean {
  return (from === 'network' || from === 'push') && isHttp(scheme) && host !== '';
}

/** Entries by the time that they could first use a connection; those without a time last, as they stand. */
function inOrder(entries: readonly HarEntry[]): number[] {
  const at = entries.map(({ exchange }) => {
    const use = useOf(exchange);
    return use.connectFrom ?? use.from ?? Number.POSITIVE_INFINITY;
  });
  return entries.map((_, index) => index).sort((a, b) => compare(at[a] as number, at[b] as number) || a - b);
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function useOf({ start, end, timings }: HarEntry['exchange']): Use {
  const paid = (timings.connect ?? 0) > 0;
  const waitKnown = timings.blocked !== null;
  if (start === null) return { connectFrom: null, from: null, to: null, paid, waitKnown };
  const ready = start + (timings.blocked ?? 0) + (timings.dns ?? 0);
  const from = ready + (timings.connect ?? 0);
  return { connectFrom: ready, from, to: Math.max(from, end ?? from), paid, waitKnown };
}

function isId(id: string | null, { port }: HarEntry['exchange']): id is string {
  return id !== null && id !== '' && id !== '0' && id !== '-1' && id !== String(port);
}

/** Ids that two hosts share although they are at different addresses: no connections, whatever else they may be. */
function taintedIds(entries: readonly HarEntry[]): Set<string> {
  const seen = new Map<string, { host: string; address: string }>();
  const tainted = new Set<string>();
  for (const { connectionId, exchange } of entries) {
    const { host, address } = exchange;
    if (connectionId === null || address === null || !usesConnection(exchange)) continue;
    const known = seen.get(connectionId);
    if (known === undefined) seen.set(connectionId, { host, address });
    else if (known.host !== host && known.address !== address) tainted.add(connectionId);
  }
  return tainted;
}

/** A lane that can carry one exchange more: any where exchanges share it, else the one that was free last. */
function roomOn(lanes: readonly Lane[], use: Use, protocol: HttpProtocol | null): Lane | null {
  if (protocol === 'h2' || protocol === 'h3') return lanes.at(-1) ?? null;
  if (use.from === null) return lanes.at(-1) ?? null;
  // Without a word on waiting (Playwright writes none), an overlap proves nothing: it may have begun when a lane was free.
  if (!use.waitKnown)
    return lanes.reduce<Lane | null>((a, b) => (a === null || b.busyUntil < a.busyUntil ? b : a), null);
  let best: Lane | null = null;
  // Older ones have been idle for long; with thousands of them, looking at each would take its time.
  for (const lane of lanes.slice(-MOST_LOOKED_AT)) {
    if (lane.busyUntil <= use.from + SLACK && (best === null || lane.busyUntil > best.busyUntil)) best = lane;
  }
  return best;
}

function connectionOf(lane: Lane, entries: readonly HarEntry[]): Connection {
  const exchanges = lane.entries.map((index) => (entries[index] as HarEntry).exchange);
  const first = exchanges[0] as HarEntry['exchange'];
  const payer = exchanges.find(({ timings }) => (timings.connect ?? 0) > 0) ?? null;
  const handshake = handshakeOf(payer);
  const protocol = exchanges.find((exchange) => exchange.protocol !== null)?.protocol ?? null;
  return {
    id: lane.id,
    sure: lane.sure,
    why: lane.why,
    transport: protocol === null ? null : protocol === 'h3' ? 'quic' : 'tcp',
    scheme: isHttp(first.scheme) ? first.scheme : null,
    host: first.host,
    port: first.port,
    address: exchanges.find(({ address }) => address !== null)?.address ?? null,
    protocol,
    opened: handshake.connect?.from ?? null,
    closed: null,
    handshake,
    tls: null,
    group: null,
    credentials: null,
    closeReason: null,
    exchanges: lane.entries,
  };
}

function handshakeOf(payer: HarEntry['exchange'] | null): Connection['handshake'] {
  if (payer === null || payer.start === null) return { dns: null, connect: null, tls: null };
  const { blocked, dns, connect, ssl } = payer.timings;
  let at = payer.start + (blocked ?? 0);
  const next = (ms: number | null): Interval | null => {
    if (ms === null || ms <= 0) return null;
    const from = at;
    at += ms;
    return { from, to: at };
  };
  return { dns: next(dns), connect: next((connect ?? 0) - (ssl ?? 0)), tls: next(ssl) };
}

/** A, B … Z, AA. */
function letters(index: number): string {
  const rest = Math.floor(index / 26);
  return (rest > 0 ? letters(rest - 1) : '') + String.fromCharCode(65 + (index % 26));
}
