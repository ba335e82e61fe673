/** Our own load, in a process of its own, for machines without h2load; and the holder of idle connections. */
import { setTimeout } from 'node:timers/promises';
import { takePart } from '../contestant.ts';
import type { Load } from './generator.ts';
import { Http1Client } from './h1-client.ts';
import { Http2Client } from './h2-client.ts';

/** What to hold open on a server, on top of what is held already. */
export interface Hold {
  readonly protocol: Load['protocol'];
  readonly port: number;
  readonly connections: number;
  /** Streams to open on each of them; 0 sends one request, waits for its answer, and leaves the connection idle. */
  readonly streams: number;
}

await takePart(() => {
  let failure: Error | null = null;
  const failed = (error: Error): void => {
    failure ??= error;
  };
  const clientOf = (load: Pick<Load, 'protocol' | 'port'>, keep: number): Http1Client | Http2Client =>
    load.protocol === 'h2' ? new Http2Client(load.port, keep, failed) : new Http1Client(load.port, keep, failed);
  const held: (Http1Client | Http2Client)[] = [];
  const total = (clients: readonly (Http1Client | Http2Client)[]): number =>
    clients.reduce((sum, client) => sum + client.answered, 0);

  return {
    async load(load: Load): Promise<number> {
      failure = null;
      const clients = Array.from({ length: load.connections }, () => clientOf(load, load.inFlight));
      void Promise.all(clients.map((client) => client.start()));
      await setTimeout(load.milliseconds / 5);
      const [before, start] = [total(clients), performance.now()];
      await setTimeout(load.milliseconds);
      const perSecond = ((total(clients) - before) * 1000) / (performance.now() - start);
      for (const client of clients) client.close();
      if (failure) throw failure;
      return perSecond;
    },

    async hold(hold: Hold): Promise<void> {
      const batch = 100;
      for (let opened = 0; opened < hold.connections; opened += batch) {
        const size = Math.min(batch, hold.connections - opened);
        const clients = Array.from({ length: size }, () => clientOf(hold, 0));
        held.push(...clients);
        if (hold.streams === 0) await untilFailure(Promise.all(clients.map((client) => client.start())));
        else for (const client of clients) if (client instanceof Http2Client) client.open(hold.streams, false);
      }
      if (failure) throw failure;
    },

    /** More streams on the connections that are held. */
    open(streams: number): void {
      for (const client of held) if (client instanceof Http2Client) client.open(streams, false);
    },

    /** Throws what has gone wrong on held connections since. */
    check(): void {
      if (failure) throw failure;
    },
  };

  /** Waits no longer than the first failure, or ten seconds: an answer may never come. */
  async function untilFailure(work: Promise<unknown>): Promise<void> {
    const stop = new AbortController();
    const watch = (async () => {
      for (let waited = 0; waited < 10_000 && !failure && !stop.signal.aborted; waited += 20) await setTimeout(20);
      if (!stop.signal.aborted) failed(new Error('The server did not answer within ten seconds.'));
    })();
    await Promise.race([work, watch]);
    stop.abort();
    if (failure) throw failure;
  }
});
