import { type Protocol, readProtocol } from './look/protocol.ts';
import type { VerdictState } from './verdict.ts';

/**
 * The facts that travel on every response, in `Server-Timing: conn;desc="?…"` and in `x-conn`.
 * `null` is a fact that the server does not have: the field is left out.
 */
export interface ConnTiming {
  readonly protocol: Protocol | null;
  readonly connection: string | null;
  readonly nth: number | null;
  readonly streamId: number | null;
  readonly state: VerdictState;
  readonly resumed: boolean | null;
  readonly earlyData: boolean | null;
  /** Milliseconds, whole. */
  readonly ageMs: number | null;
  /** Id of the request: the one it brought in `?r=`, else a fresh one. A cached replay gives itself away by it. */
  readonly requestId: string | null;
}

/** The longest `desc` that is written or read. It changes with each response, so HPACK cannot compress it. */
export const MAX_CONN_LENGTH = 512;

const ID: RegExp = /^[A-Za-z0-9_-]{1,64}$/;
const STATES: readonly VerdictState[] = ['new', 'preconnected', 'reused', 'cache', 'unknown'];

/** True for what may stand as a connection id or request id: 1 to 64 of `A–Z a–z 0–9 _ -`. */
export function isId(text: string): boolean {
  return ID.test(text);
}

/** Writes the value of `desc` (and of `x-conn`): `?v=1&p=h2&c=k3J9aQ&n=7&s=13&st=reused&res=1&ed=0&age=3210&rid=ab12`. */
export function formatConn(conn: ConnTiming): string {
  const pairs: [string, string | null][] = [
    ['v', '1'],
    ['p', conn.protocol],
    ['c', conn.connection],
    ['n', whole(conn.nth)],
    ['s', whole(conn.streamId)],
    ['st', conn.state],
    ['res', flag(conn.resumed)],
    ['ed', flag(conn.earlyData)],
    ['age', whole(conn.ageMs)],
    ['rid', conn.requestId],
  ];
  // Every value is an id, a number or a word, so that nothing has to be escaped; what is not is left out.
  const written = pairs.flatMap(([key, value]) =>
    value !== null && /^[\w./-]+$/.test(value) ? [`${key}=${value}`] : [],
  );
  return `?${written.join('&')}`;
}

/** Reads what `formatConn` wrote, from anyone. Returns null for what is not version 1; a malformed field becomes null. */
export function parseConn(desc: string): ConnTiming | null {
  if (desc.length > MAX_CONN_LENGTH) return null;
  const q = new URLSearchParams(desc);
  if (q.get('v') !== '1') return null;
  const state = STATES.find((s) => s === q.get('st'));
  return {
    protocol: readProtocol(q.get('p') ?? ''),
    connection: id(q.get('c')),
    nth: integer(q.get('n'), 1),
    streamId: integer(q.get('s'), 0),
    state: state ?? 'unknown',
    resumed: bool(q.get('res')),
    earlyData: bool(q.get('ed')),
    ageMs: integer(q.get('age'), 0),
    requestId: id(q.get('rid')),
  };
}

/** The metric for the `Server-Timing` field (W3C Server Timing §4): `conn;desc="?…";dur=3210`. */
export function serverTimingMetric(conn: ConnTiming): string {
  const dur = conn.ageMs === null ? '' : `;dur=${whole(conn.ageMs)}`;
  return `conn;desc="${formatConn(conn)}"${dur}`;
}

/** Finds and reads the `conn` metric in the value of a `Server-Timing` field. */
export function connFromServerTiming(value: string): ConnTiming | null {
  const match = /(?:^|,)\s*conn\s*;(?:[^,"]*;)?\s*desc\s*=\s*"([^"\\]*)"/i.exec(value);
  return match?.[1] === undefined ? null : parseConn(match[1]);
}

function whole(n: number | null): string | null {
  return n !== null && Number.isFinite(n) && n >= 0 ? String(Math.round(n)) : null;
}

function flag(b: boolean | null): string | null {
  return b === null ? null : b ? '1' : '0';
}

function id(text: string | null): string | null {
  return text !== null && isId(text) ? text : null;
}

function integer(text: string | null, least: number): number | null {
  if (text === null || !/^\d{1,15}$/.test(text)) return null;
  const n = Number(text);
  return n >= least ? n : null;
}

function bool(text: string | null): boolean | null {
  return text === '1' ? true : text === '0' ? false : null;
}
