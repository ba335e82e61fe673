/**
 * Which connection carried which request: the server's own count joined with Chromium's. Neither is taken alone. The server
 * knows its sockets and reads the requests off them; Chromium knows by id which of its connections answered.
 */
import { exchangesOf } from '../raw/exchanges.ts';
import { parseReply } from '../raw/replies.ts';
import type { ConnectionRecord, Entry } from '../result.ts';
import type { BrowserRequest } from './network.ts';
import type { TcpReport } from './tcp-scene.ts';

export type Carried = { readonly request: string; readonly server: string | null; readonly chromium: string | null };

/** One entry for each named path (or `METHOD path`), in order; one named twice means its first and its second request. */
export function carriedBy(paths: readonly string[], requests: readonly BrowserRequest[], report: TcpReport): Carried[] {
  const seen = new Map<string, number>();
  return paths.map((path) => {
    const nth = seen.get(path) ?? 0;
    seen.set(path, nth + 1);
    const isMeant = (it: { request: string }): boolean => it.request === path || it.request.endsWith(` ${path}`);
    const asked = requests.filter(isMeant)[nth];
    // Chromium sends a request again when a reused connection ended without a reply: the answered one is meant.
    const answered = exchangesIn(report).filter((exchange) => isMeant(exchange) && exchange.last !== null);
    return {
      request: asked?.request ?? path,
      server: answered[nth]?.connection ?? null,
      chromium: asked?.connection ?? null,
    };
  });
}

/** Exactly so many connections, as the server and as Chromium count them, each with at least so many of the requests. */
export function isCarriedBy(carried: readonly Carried[], count: number, each: number): boolean {
  return (['server', 'chromium'] as const).every((side) => {
    const times = new Map<string | null, number>();
    for (const one of carried) times.set(one[side], (times.get(one[side]) ?? 0) + 1);
    // A request that nobody saw answered has no connection: it counts for none.
    return times.size === count && !times.has(null) && [...times.values()].every((n) => n >= each);
  });
}

type OnConnection = {
  readonly connection: string;
  readonly request: string;
  readonly asked: number | null;
  readonly last: number | null;
};

function exchangesIn(report: TcpReport): OnConnection[] {
  return report.connections
    .flatMap((connection) =>
      connection.exchanges.map(({ request, asked, last }) => ({ connection: connection.id, request, asked, last })),
    )
    .sort((a, b) => (a.asked ?? 0) - (b.asked ?? 0));
}

/** The records of the connections with Chromium's ids written beside the server's. */
export function joined(report: TcpReport, requests: readonly BrowserRequest[]): ConnectionRecord[] {
  const names = [...new Set(requests.map((r) => r.request))];
  const ids = new Map<string, string>();
  for (const name of names) {
    const times = requests.filter((r) => r.request === name).length;
    for (const { server, chromium } of carriedBy(
      Array.from({ length: times }, () => name),
      requests,
      report,
    )) {
      if (server !== null && chromium !== null) ids.set(server, chromium);
    }
  }
  return report.connections.map((record) => {
    const chromium = ids.get(record.id);
    return { ...record, server: record.id, ...(chromium === undefined ? {} : { chromium }) };
  });
}

/** What stands wrong in the bytes of one connection, where Chromium keeps silent: it only goes and opens another one. */
export type Blemish = { readonly after: string; readonly at: number; readonly extra: number; readonly ended: boolean };

/** After the last whole reply of a connection: bytes that belong to nothing, or an end by the learner. */
export function blemishOf(connection: string, entries: readonly Entry[]): Blemish | null {
  const own = entries.filter((entry) => entry.connection === connection);
  const text = own.map((entry) => (entry.what === 'bytes' && entry.by === 'learner' ? entry.bytes : '')).join('');
  const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
  const ended = own.some((entry) => entry.by === 'learner' && (entry.what === 'ended' || entry.what === 'reset'));
  let at = 0;
  let after = 'the start';
  for (const { request, last } of exchangesOf(own)) {
    if (last === null) break;
    const parsed = parseReply(bytes, at, { method: request.split(' ')[0] ?? 'GET', ended, lenient: true });
    if (parsed.kind !== 'reply') break;
    at = parsed.reply.to;
    after = request;
  }
  if (bytes.length > at) return { after, at, extra: bytes.length - at, ended };
  return ended ? { after, at, extra: 0, ended } : null;
}
