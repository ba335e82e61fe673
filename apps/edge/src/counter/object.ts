import { DurableObject } from 'cloudflare:workers';
import type { WatchMessage } from '@interleave/trace/events';
import type { Bindings } from '../env.ts';
import { notKnown } from './find.ts';
import { type ConnectionLog, FORGET_AFTER, forgetAt, type Noted, noted } from './log.ts';
import { problemOf } from './problem.ts';
import { openingOf, stepOf } from './report.ts';

const KEY = 'connection';
/** Watchers of one connection. */
const MOST_WATCHERS = 16;

/**
 * One object for each connection, named by the connection's id: the keyed hash, so that no client random is stored. It is what
 * exchanges of one connection have in common, in whichever isolate they are answered. One row is written an exchange, and
 * one alarm a connection and hour, which keeps to the free plan's 100,000 rows a day.
 */
export class ConnectionCounter extends DurableObject<Bindings> {
  /** Counts an exchange and gives the log with it. In the order of arrival here: on HTTP/2 two may overtake each other. */
  async note(exchange: Noted): Promise<ConnectionLog> {
    const { kv } = this.ctx.storage;
    const before = kv.get<ConnectionLog>(KEY) ?? null;
    const log = noted(before, exchange);
    kv.put(KEY, log);
    if (before === null) await this.ctx.storage.setAlarm(log.lastAt + FORGET_AFTER);
    this.#tell(stepOf(log));
    return log;
  }

  /** The log, or null when this connection is not known, or was forgotten. Reading leaves nothing behind. */
  read(): ConnectionLog | null {
    return this.ctx.storage.kv.get<ConnectionLog>(KEY) ?? null;
  }

  /** A watcher's WebSocket. It costs nothing while nothing happens: the object may sleep. */
  override fetch(): Response {
    const log = this.read();
    if (log === null) return Response.json(notKnown(this.ctx.id.name ?? ''), { status: 404 });
    const watching = this.ctx.getWebSockets().filter(({ readyState }) => readyState === WebSocket.OPEN);
    if (watching.length >= MOST_WATCHERS)
      return Response.json(problemOf(503, `${MOST_WATCHERS} watch this connection already.`, 'Ask later.', log.id), {
        status: 503,
      });
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    for (const message of openingOf(log)) server.send(JSON.stringify(message));
    return new Response(null, { status: 101, webSocket: client });
  }

  override async alarm(): Promise<void> {
    const log = this.read();
    const later = forgetAt(log, Date.now());
    if (later !== null) return this.ctx.storage.setAlarm(later);
    if (log !== null) this.#tell({ type: 'ended', connection: log.id });
    for (const socket of this.ctx.getWebSockets()) socket.close(1000, 'Forgotten: nothing came for an hour.');
    await this.ctx.storage.deleteAll();
  }

  #tell(message: WatchMessage): void {
    for (const socket of this.ctx.getWebSockets()) socket.send(JSON.stringify(message));
  }
}
