import type { ConnTiming } from '@interleave/trace';
import type { ConnectionReport } from '@interleave/trace/events';
import type { Protocol } from '@interleave/trace/look';
import type { Mark, Span, Stretch } from '@interleave/trace/timeline';

/** What the browser measured of an exchange. Its clock, epoch milliseconds. */
export interface BrowserSide {
  readonly phases: readonly Stretch[];
  readonly handshake: Span | null;
  readonly protocol: string | null;
}

/** What the server said of an exchange. Its clock, epoch milliseconds; never subtracted from the browser's. */
export interface ServerSide {
  readonly at: number;
  readonly endedAt: number | null;
  readonly status: number | null;
  readonly aborted: string | null;
  /** False where it notes beginnings alone: then a missing end means nothing. */
  readonly tellsEnd?: false;
}

/** One exchange as far as it is known. */
export interface LiveExchange {
  readonly key: string;
  readonly label: string;
  /** Path by which the server's word and the page's are of the same request; null where the page did not ask. */
  readonly path: string | null;
  /** Null while nobody has said what carries it. */
  readonly connection: string | null;
  readonly nth: number | null;
  readonly streamId: number | null;
  /** When the page asked, by the browser's clock. */
  readonly askedAt: number | null;
  /** What the response said of itself. */
  readonly conn: ConnTiming | null;
  readonly status: number | null;
  readonly browser: BrowserSide | null;
  readonly server: ServerSide | null;
  readonly outcome: 'open' | 'complete' | 'failed' | 'cache';
  /** When the page saw it end, by the browser's clock. */
  readonly endedAt: number | null;
  /** Why it failed. */
  readonly why: string | null;
}

/** One connection as far as it is known. */
export interface LiveConnection {
  readonly id: string;
  readonly protocol: Protocol | null;
  readonly resumed: boolean | null;
  readonly earlyData: boolean | null;
  readonly origin: string | null;
  /** By the server's clock. */
  readonly openedAt: number | null;
  readonly handshakeMs: number | null;
  readonly closedAt: number | null;
  readonly closed: { readonly cause: string; readonly message: string } | null;
  /** The server's marks on its own clock. */
  readonly marks: readonly Mark[];
  /** All exchanges so far, as the server counts them; null where nobody does. */
  readonly count: number | null;
  /** Time 0 of its events, by the server's clock; null until it is watched. */
  readonly startedAt: number | null;
  readonly report: ConnectionReport | null;
}

/** Everything the page knows, bounded. */
export interface Live {
  readonly connections: readonly LiveConnection[];
  readonly exchanges: readonly LiveExchange[];
  /** What made room, and what was never sent to us. */
  readonly dropped: { readonly exchanges: number; readonly connections: number; readonly events: number };
  /** What is added to the server's times to draw them on the browser's clock; null until one exchange was seen by both. */
  readonly offset: number | null;
}

export const EMPTY_LIVE: Live = {
  connections: [],
  exchanges: [],
  dropped: { exchanges: 0, connections: 0, events: 0 },
  offset: null,
};

/** Kept at most: more can be neither drawn nor read. */
export const MOST_EXCHANGES = 120;
export const MOST_CONNECTIONS = 48;

/** The page asks: nobody has said yet what will carry it. */
export function asked(live: Live, key: string, label: string, path: string | null, at: number): Live {
  const exchange: LiveExchange = {
    key,
    label,
    path,
    connection: null,
    nth: null,
    streamId: null,
    askedAt: at,
    conn: null,
    status: null,
    browser: null,
    server: null,
    outcome: 'open',
    endedAt: null,
    why: null,
  };
  return bounded({ ...live, exchanges: [...live.exchanges, exchange] });
}

/** The head of a response has come, and says on which connection. */
export function answered(live: Live, key: string, conn: ConnTiming | null, status: number | null): Live {
  const own = live.exchanges.find((one) => one.key === key);
  if (own === undefined) return live;
  if (conn === null || conn.connection === null) return replace(live, key, { status, conn });
  const next = known(live, conn.connection, conn);
  return joined(next, key, { status, conn, connection: conn.connection, nth: conn.nth, streamId: conn.streamId });
}

/** The exchange is over for the page, with what the browser measured of it. */
export function finished(live: Live, key: string, browser: BrowserSide | null, at: number): Live {
  const own = live.exchanges.find((one) => one.key === key);
  if (own === undefined) return live;
  if (own.outcome === 'cache') return cached(live, key, at);
  return aligned(replace(live, key, { browser, outcome: 'complete', endedAt: at }));
}

/** It came out of the browser's cache: what its head says is of an earlier exchange. */
export function cached(live: Live, key: string, at: number): Live {
  return replace(live, key, { connection: null, nth: null, streamId: null, outcome: 'cache', endedAt: at });
}

/** It was given up, or nothing came. */
export function failed(live: Live, key: string, why: string, at: number): Live {
  return replace(live, key, { outcome: 'failed', why, endedAt: at });
}

/** The server has seen an exchange; the page's own of the same path, or of the same number, is the same. */
export function seenByServer(
  live: Live,
  connection: string,
  seen: {
    readonly nth: number;
    readonly streamId: number | null;
    readonly method: string;
    readonly path: string | null;
  },
  server: ServerSide,
): Live {
  const same = (one: LiveExchange): boolean => one.connection === connection && one.nth === seen.nth;
  const waits = (one: LiveExchange): boolean =>
    one.connection === null && one.outcome !== 'cache' && one.path !== null && one.path === seen.path;
  const own = live.exchanges.find(same) ?? live.exchanges.find(waits);
  const part = { connection, nth: seen.nth, streamId: seen.streamId, server };
  if (own !== undefined)
    return aligned(
      replace(live, own.key, { ...part, ...(own.browser === null && own.askedAt === null ? outcomeOf(server) : {}) }),
    );
  const exchange: LiveExchange = {
    key: `${connection}-${seen.nth}`,
    label: `${seen.method} ${seen.path ?? ''}`.trim(),
    path: null,
    askedAt: null,
    conn: null,
    status: null,
    browser: null,
    endedAt: null,
    ...part,
    ...outcomeOf(server),
  };
  return bounded({ ...live, exchanges: [...live.exchanges, exchange] });
}

function outcomeOf({ endedAt, aborted, tellsEnd }: ServerSide): Pick<LiveExchange, 'outcome' | 'why'> {
  if (endedAt === null && tellsEnd !== false) return { outcome: 'open', why: null };
  return aborted === null ? { outcome: 'complete', why: null } : { outcome: 'failed', why: aborted };
}

/** What is known of a connection is added to what was known: null never replaces a value. */
export function connectionKnown(live: Live, id: string, more: Partial<LiveConnection>): Live {
  const given = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== null && value !== undefined));
  const own = live.connections.find((one) => one.id === id);
  if (own !== undefined) {
    const next = { ...own, ...given };
    return { ...live, connections: live.connections.map((one) => (one === own ? next : one)) };
  }
  const fresh: LiveConnection = {
    id,
    protocol: null,
    resumed: null,
    earlyData: null,
    origin: null,
    openedAt: null,
    handshakeMs: null,
    closedAt: null,
    closed: null,
    marks: [],
    count: null,
    startedAt: null,
    report: null,
    ...given,
  };
  return bounded({ ...live, connections: [...live.connections, fresh] });
}

function known(live: Live, id: string, { protocol, resumed, earlyData }: ConnTiming): Live {
  return connectionKnown(live, id, { protocol, resumed, earlyData });
}

/**
 * Gives an exchange its place; one that the server told of before is the same, and is taken in. When the page itself has had that
 * number on that connection already, this is a stored answer that tells of it.
 */
function joined(live: Live, key: string, part: Partial<LiveExchange> & Pick<LiveExchange, 'connection' | 'nth'>): Live {
  const { connection, nth, ...rest } = part;
  const twin = live.exchanges.find(
    (one) => one.key !== key && one.nth !== null && one.connection === connection && one.nth === nth,
  );
  if (twin !== undefined && twin.askedAt !== null)
    return replace(live, key, { ...rest, streamId: null, outcome: 'cache' });
  const others = twin === undefined ? live : { ...live, exchanges: live.exchanges.filter((one) => one !== twin) };
  return aligned(replace(others, key, { ...part, ...(twin?.server && { server: twin.server }) }));
}

function replace(live: Live, key: string, part: Partial<LiveExchange>): Live {
  return { ...live, exchanges: live.exchanges.map((one) => (one.key === key ? { ...one, ...part } : one)) };
}

/**
 * Two clocks: the least shift under which no request reaches the server before the browser sent it. It can be wrong by the way
 * there, never by more than what the fastest request took.
 */
function aligned(live: Live): Live {
  const shifts = live.exchanges.flatMap(({ browser, server }) => {
    const sent = browser?.phases.find(({ phase }) => phase === 'server')?.from;
    return sent === undefined || server === null ? [] : [sent - server.at];
  });
  return shifts.length === 0 ? live : { ...live, offset: Math.max(live.offset ?? -Infinity, ...shifts) };
}

/** The oldest that are over make room first, and are counted. */
function bounded(live: Live): Live {
  let { exchanges, connections } = live;
  let { dropped } = live;
  while (exchanges.length > MOST_EXCHANGES) {
    const oldest = exchanges.find(({ outcome }) => outcome !== 'open') ?? exchanges[0];
    exchanges = exchanges.filter((one) => one !== oldest);
    dropped = { ...dropped, exchanges: dropped.exchanges + 1 };
  }
  while (connections.length > MOST_CONNECTIONS) {
    const oldest = connections.find(({ closed }) => closed !== null) ?? connections[0];
    const before = exchanges.length;
    connections = connections.filter((one) => one !== oldest);
    exchanges = exchanges.filter(({ connection }) => connection !== oldest?.id);
    dropped = {
      ...dropped,
      connections: dropped.connections + 1,
      exchanges: dropped.exchanges + before - exchanges.length,
    };
  }
  return { ...live, exchanges, connections, dropped };
}
