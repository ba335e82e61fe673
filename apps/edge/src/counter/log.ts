import type { Protocol } from '@interleave/trace/look';

/**
 * What the edge keeps about one connection, and the pure step that adds an exchange to it. Bounded: the count goes on, the
 * list holds the latest. Neither the client random nor an address nor a query is in it.
 */

/** One exchange as the edge saw it begin; it does not hear how it ended. */
export interface LoggedExchange {
  /** Number among the exchanges of this connection that reached this app, from 1. */
  readonly nth: number;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly method: string;
  /** Without the query, at most `LONGEST_PATH` characters. */
  readonly path: string;
}

export interface ConnectionLog {
  readonly v: 1;
  readonly id: string;
  readonly protocol: Protocol | null;
  readonly tlsVersion: string | null;
  readonly cipher: string | null;
  /** Of the first exchange: one connection may serve several names (RFC 9113 §9.1.1). */
  readonly origin: string;
  readonly count: number;
  /** When the first of them came, epoch milliseconds; the connection was opened before that. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** The latest ones, oldest first. */
  readonly exchanges: readonly LoggedExchange[];
}

/** What is noted of an exchange. */
export interface Noted {
  readonly id: string;
  readonly protocol: Protocol | null;
  readonly tlsVersion: string | null;
  readonly cipher: string | null;
  readonly origin: string;
  readonly at: number;
  readonly method: string;
  readonly path: string;
}

export const MOST_EXCHANGES = 64;
const LONGEST_PATH = 200;
const LONGEST_METHOD = 20;

/** The log with one exchange more. A clock that runs backwards does not reorder it. */
export function noted(log: ConnectionLog | null, exchange: Noted): ConnectionLog {
  const count = (log?.count ?? 0) + 1;
  const at = Math.max(exchange.at, log?.lastAt ?? 0);
  const entry: LoggedExchange = {
    nth: count,
    at,
    method: exchange.method.slice(0, LONGEST_METHOD),
    path: exchange.path.slice(0, LONGEST_PATH),
  };
  return {
    v: 1,
    id: exchange.id,
    protocol: exchange.protocol,
    tlsVersion: exchange.tlsVersion,
    cipher: exchange.cipher,
    origin: log?.origin ?? exchange.origin,
    count,
    firstAt: log?.firstAt ?? at,
    lastAt: at,
    exchanges: [...(log?.exchanges ?? []), entry].slice(-MOST_EXCHANGES),
  };
}

/** A connection that carried nothing for so long is gone: longer than any edge keeps an idle one. Milliseconds. */
export const FORGET_AFTER = 3_600_000;

/** When the log may be forgotten, or null when that is now. */
export function forgetAt(log: ConnectionLog | null, now: number): number | null {
  if (log === null) return null;
  const at = log.lastAt + FORGET_AFTER;
  return at > now ? at : null;
}
