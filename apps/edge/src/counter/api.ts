import { type ConnectionReport, qlogForQvis, qlogSequence } from '@interleave/trace/events';
import type { Context } from 'hono';
import { ownOrigins } from '../conn.ts';
import type { AppEnv } from '../env.ts';
import { findLog, isProblem, refusal } from './find.ts';
import { problemJson } from './problem.ts';
import { eventsOf, reportOf } from './report.ts';
import { Watcher } from './watch.ts';

/**
 * The API of one connection on the edge. In the lab the same addresses are answered before they come here, from what was measured
 * at the socket. Whoever has the id may ask: it is a keyed hash that only the connection's own client is told.
 */

/** The id that was asked for; `this` is that of the connection which carries the question. */
function meant(c: Context<AppEnv>, id: string): string {
  return id === 'this' ? (c.get('record').facts.connectionId.value ?? id) : id;
}

/** `GET /api/v1/connection/:id` */
export async function connectionReport(c: Context<AppEnv, '/:id'>) {
  const found = await findLog(c.env ?? {}, c.get('record').host, meant(c, c.req.param('id')));
  if (isProblem(found)) return problemJson(c, found);
  return c.json<ConnectionReport>(reportOf(found));
}

/** `GET /api/v1/connection/:id.qlog`, with `?format=qvis` in the older form that qvis reads. */
export async function connectionQlog(c: Context<AppEnv, '/:file'>): Promise<Response> {
  const id = meant(c, c.req.param('file').replace(/\.qlog$/, ''));
  const found = await findLog(c.env ?? {}, c.get('record').host, id);
  if (isProblem(found)) return problemJson(c, found);
  const events = eventsOf(found);
  return c.req.query('format') === 'qvis'
    ? c.body(qlogForQvis(events), 200, {
        'Content-Type': 'application/qlog+json',
        'Content-Disposition': `attachment; filename="${id}.qvis.qlog"`,
      })
    : c.body(qlogSequence(events), 200, {
        'Content-Type': 'application/qlog+json-seq',
        'Content-Disposition': `attachment; filename="${id}.sqlog"`,
      });
}

/** `GET /api/v1/connection/:id/events`, as a WebSocket or as server-sent events; `?also=id,id` names further connections. */
export function connectionEvents(c: Context<AppEnv, '/:id/events'>): Response {
  const env = c.env ?? {};
  const { host } = c.get('record');
  const id = meant(c, c.req.param('id'));
  const refused = refusal(env, host, id);
  if (refused !== null) return problemJson(c, refused);
  const ids = [id, ...(c.req.query('also') ?? '').split(',').filter((other) => other !== '')];
  const refuse = (one: string) => refusal(env, host, one);
  if (c.req.header('upgrade')?.toLowerCase() !== 'websocket') return serverSent(env, ids, refuse);
  // Nothing else keeps pages of others from opening a WebSocket here.
  const asking = c.req.header('origin');
  const own = [new URL(c.req.url).origin, ...ownOrigins(c.get('origins'))];
  if (asking !== undefined && !own.includes(asking)) return c.text('Only pages of this app watch connections.\n', 403);
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  const watcher = new Watcher(
    env,
    { send: (json) => server.send(json), close: (code, reason) => server.close(code, reason) },
    refuse,
  );
  server.addEventListener('message', ({ data }) => watcher.receive(data));
  server.addEventListener('close', () => watcher.end(1000, ''));
  server.addEventListener('error', () => watcher.end(1011, ''));
  watcher.watch(ids);
  return new Response(null, { status: 101, webSocket: client });
}

type WatcherParts = ConstructorParameters<typeof Watcher>;

function serverSent(env: WatcherParts[0], ids: readonly string[], refuse: WatcherParts[2]): Response {
  const utf8 = new TextEncoder();
  let watcher: Watcher | null = null;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      watcher = new Watcher(
        env,
        {
          send: (json) => controller.enqueue(utf8.encode(`data: ${json}\n\n`)),
          close: () => controller.close(),
        },
        refuse,
      );
      watcher.watch(ids);
    },
    // The client has gone; there is nobody to close the stream for.
    cancel: () => watcher?.end(1000, ''),
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}
