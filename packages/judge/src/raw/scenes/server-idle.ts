/** Plays the steps about time: how long a connection may be unused, how slowly a head may come, and what a signal ends. */
import { bytesOf } from '../bytes.ts';
import { parseReply } from '../replies.ts';
import type { World } from '../world.ts';
import type { IdleStep } from './idle-steps.ts';
import type { ServerParts } from './server-body.ts';
import type { Conn } from './server-connection.ts';
import type { IdleFailures } from './server-idle-failures.ts';

/** What a server says to a request that did not come in time (RFC 9110 §15.5.9). */
const REQUEST_TIMEOUT = 408;

export class IdleSteps {
  #world: World;
  #failures: IdleFailures;
  #parts: ServerParts;
  #stop: AbortController = new AbortController();
  #quiet: WeakMap<Conn, { ms: number; to: number }> = new WeakMap();

  constructor(world: World, failures: IdleFailures, parts: ServerParts) {
    this.#world = world;
    this.#failures = failures;
    this.#parts = parts;
  }

  /** What each `serve` of this delivery gets, where its scene asks for a signal. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  fresh(): void {
    this.#stop = new AbortController();
  }

  async play(step: IdleStep): Promise<void> {
    if (step.do === 'abort') {
      this.#stop.abort();
      // What counts from here on is the time since the signal.
      this.#quiet = new WeakMap();
      return this.#world.settle();
    }
    const conn = this.#parts.conn(step.on);
    switch (step.do) {
      case 'expectOpen':
        return this.#open(conn, step.for);
      case 'expectIdleEnd': {
        const unused = step.within + this.#unusedSoFar(conn);
        await this.#world.watch(() => conn.pipe.ended !== null, step.within);
        return this.#end(conn, () => this.#failures.stillOpen(conn, unused, this.signal.aborted));
      }
      case 'expectSlowHeadEnds':
        return this.#slowHead(conn, step);
      case 'expectNothingLeft': {
        if (conn.settled === null) await this.#parts.play({ do: 'expectSettled', on: conn.pipe.id });
        await this.#world.settle();
        this.#parts.faults(conn);
        const left = this.#failures.left(conn);
        if (left !== null) throw left;
        return;
      }
    }
  }

  async #open(conn: Conn, ms: number): Promise<void> {
    const { clock } = this.#world;
    const { pipe } = conn;
    const from = clock.now;
    const stirs = (): boolean => pipe.ended !== null || pipe.written > conn.at;
    const stirred = await this.#world.watch(stirs, ms);
    this.#parts.faults(conn);
    if (stirred) throw this.#failures.endedSoon(conn, clock.now - from, ms);
    await this.#world.advance(from + ms - clock.now);
    if (stirs()) throw this.#failures.endedSoon(conn, ms, ms);
    this.#quiet.set(conn, { ms, to: clock.now });
  }

  /** How long `expectOpen` has just watched this connection. */
  #unusedSoFar(conn: Conn): number {
    const quiet = this.#quiet.get(conn);
    return quiet?.to === this.#world.clock.now ? quiet.ms : 0;
  }

  async #slowHead(
    conn: Conn,
    { bytes, every, within }: Extract<IdleStep, { do: 'expectSlowHeadEnds' }>,
  ): Promise<void> {
    const { clock } = this.#world;
    const from = clock.now;
    const ended = (): boolean => conn.pipe.ended !== null;
    let sent = 0;
    conn.sendFrom = conn.pipe.offered;
    for (const byte of bytesOf(bytes)) {
      if (ended() || clock.now - from >= within) break;
      this.#world.deliver(conn.pipe, Uint8Array.of(byte));
      sent++;
      const rest = Math.min(every, from + within - clock.now);
      const next = clock.now + rest;
      if (await this.#world.watch(ended, rest)) break;
      await this.#world.advance(next - clock.now);
    }
    await this.#end(conn, () => this.#failures.slowHead(conn, sent, every, within));
  }

  /** The end is there, in order; before it stands nothing, or one 408. */
  async #end(conn: Conn, missing: () => Error): Promise<void> {
    const { pipe } = conn;
    this.#parts.faults(conn);
    if (pipe.ended === null) throw missing();
    const parsed = parseReply(pipe.received, conn.at, { method: 'GET', ended: true, lenient: true });
    if (parsed.kind === 'reply' && parsed.reply.status === REQUEST_TIMEOUT) {
      conn.at = parsed.reply.to;
      conn.replies.push({ to: 'what did not come', reply: parsed.reply });
    }
    await this.#parts.play({ do: 'expectEnd', on: pipe.id });
  }
}
