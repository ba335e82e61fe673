import { connTiming, formatConn, isId, requestRecord, serverTimingMetric } from '@interleave/trace';
import type { MiddlewareHandler } from 'hono';
import type { AppEnv, Origins } from './env.ts';
import { noFacts, readFacts } from './facts.ts';

/**
 * Reads the facts once, and puts them on every response, errors included: `Server-Timing: conn` for pages, `x-conn` for
 * `curl` and for pages without a secure context. Nothing may be cached: a stored response would replay another
 * connection's facts; the request id in them gives a replay away all the same.
 */
export const conn: MiddlewareHandler<AppEnv> = async (c, next) => {
  const { host, facts, origins } = await readFacts(c.req.raw, c.env ?? {}).catch((error: unknown) => {
    // A page without facts is better than none, and error pages need them as well.
    console.error(error);
    return noFacts('reading them failed');
  });
  const record = requestRecord(
    host,
    Date.now(),
    { method: c.req.method, path: c.req.path, id: requestId(c.req.query('r')) },
    facts,
  );
  c.set('record', record);
  c.set('origins', origins);
  await next();

  const timing = connTiming(record);
  const { headers } = c.res;
  headers.append('Server-Timing', serverTimingMetric(timing));
  headers.set('X-Conn', formatConn(timing));
  // One answer says itself that it may be kept: `/kept`, which shows what comes of it.
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store');
  const own = ownOrigins(origins);
  headers.set('Timing-Allow-Origin', own.length > 0 ? own.join(', ') : new URL(c.req.url).origin);
  allowOwnHosts(headers, c.req.header('origin'), own);
};

/** The id that the visitor chose in `?r=`, when it can stand in a header; else a fresh one. */
function requestId(chosen: string | undefined): string {
  if (chosen !== undefined && chosen.length <= 32 && isId(chosen)) return chosen;
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}

/** Pages of one listener may read what another one answers: comparing them is what the pages are for. */
function allowOwnHosts(headers: Headers, asking: string | undefined, own: readonly string[]): void {
  headers.append('Vary', 'Origin');
  if (asking === undefined || !own.includes(asking)) return;
  headers.set('Access-Control-Allow-Origin', asking);
  headers.set('Access-Control-Allow-Credentials', 'true');
  headers.set('Access-Control-Expose-Headers', 'X-Conn, Server-Timing');
}

export function ownOrigins(origins: Origins): string[] {
  return Object.values(origins);
}
