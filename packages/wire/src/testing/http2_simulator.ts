import type { Role } from '../connection.ts';
import type { Event } from '../events.ts';
import { Http2Connection, type Http2Options } from '../http2/connection.ts';

/** What an end of a simulation does with an event. */
export type Act = (event: Event, connection: Http2Connection) => void;

/** How a simulated link behaves. */
export interface LinkOptions {
  /** Milliseconds from one end to the other. */
  readonly delay?: number;
  /** Octets that leave an end in one millisecond. */
  readonly bandwidth?: number;
}

/** Bytes on their way. */
interface Flight {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/**
 * A client and a server joined by a link with delay and bandwidth, on a clock of its own: minutes pass in milliseconds, and
 * every run is the same.
 */
export class Simulator {
  now = 0;
  readonly client: Http2Connection;
  readonly server: Http2Connection;
  /** Events that ended a connection. */
  readonly errors: { role: Role; event: Event }[] = [];
  readonly #link: Required<LinkOptions>;
  readonly #acts: Record<Role, Act>;
  readonly #flights: Record<Role, Flight[]> = { client: [], server: [] };

  constructor(
    acts: Record<Role, Act>,
    link: LinkOptions = {},
    options: Partial<Record<Role, Partial<Http2Options>>> = {},
  ) {
    this.#acts = acts;
    this.#link = { delay: link.delay ?? 1, bandwidth: link.bandwidth ?? 1_000_000 };
    this.client = new Http2Connection({ now: 0, ...options.client, role: 'client' });
    this.server = new Http2Connection({ now: 0, ...options.server, role: 'server' });
  }

  /** Runs until `done` or for at most `limit` milliseconds of its clock, and says whether it was done. */
  run(done: () => boolean, limit = 600_000): boolean {
    const until = this.now + limit;
    while (this.now < until) {
      if (done()) return true;
      for (const role of ['client', 'server'] as const) this.#step(role);
      this.now++;
    }
    return done();
  }

  #step(role: Role): void {
    const connection = this[role];
    const incoming = this.#flights[role];
    let arrived = 0;
    while (arrived < incoming.length && (incoming[arrived] as Flight).at <= this.now && connection.wantsRead) {
      this.#deliver(role, connection.receive((incoming[arrived++] as Flight).bytes, this.now));
    }
    if (arrived > 0) incoming.splice(0, arrived);
    const deadline = connection.nextDeadline();
    if (deadline !== null && deadline <= this.now) this.#deliver(role, connection.handleTimeout(this.now));
    for (let room = this.#link.bandwidth; room > 0; ) {
      this.#deliver(role, connection.poll(this.now));
      const views = connection.takeOutput(room);
      if (views.length === 0) break;
      for (const view of views) {
        room -= view.length;
        // What is sent may not change any more; what arrives comes in a buffer of its own.
        this.#flights[role === 'client' ? 'server' : 'client'].push({
          at: this.now + this.#link.delay,
          bytes: view.slice(),
        });
      }
    }
  }

  #deliver(role: Role, events: readonly Event[]): void {
    for (const event of events) {
      if (event.type === 'connection-error') this.errors.push({ role, event });
      this.#acts[role](event, this[role]);
    }
  }
}
