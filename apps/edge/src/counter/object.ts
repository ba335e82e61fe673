import { DurableObject } from 'cloudflare:workers';
import type { Bindings } from '../env.ts';
import { type ConnectionLog, FORGET_AFTER, forgetAt, type Noted, noted } from './log.ts';

const KEY = 'connection';

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
    return log;
  }

  /** The log, or null when this connection is not known, or was forgotten. Reading leaves nothing behind. */
  read(): ConnectionLog | null {
    return this.ctx.storage.kv.get<ConnectionLog>(KEY) ?? null;
  }

  override async alarm(): Promise<void> {
    const later = forgetAt(this.read(), Date.now());
    if (later === null) await this.ctx.storage.deleteAll();
    else await this.ctx.storage.setAlarm(later);
  }
}
