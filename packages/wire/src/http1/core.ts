import { OutputQueue } from '../bytes/output_queue.ts';
import type { Event } from '../events.ts';
import type { FieldFault } from '../fields/fault.ts';
import type { Limits } from '../limits.ts';
import { CONNECTION_STATES, type ConnectionInput, type ConnectionState, step } from './state.ts';
import type { Tap } from './tap.ts';

/** What both roles of a connection share: events, output, state, and the clock as far as it is known. */
export class Core {
  readonly limits: Limits;
  readonly tap: Tap | null;
  readonly output: OutputQueue = new OutputQueue();
  state: ConnectionState = 'open';
  /** The latest time that the caller has told. */
  now: number;
  #events: Event[] = [];

  constructor(limits: Limits, tap: Tap | null, now: number) {
    this.limits = limits;
    this.tap = tap;
    this.now = now;
  }

  /** True while the connection speaks HTTP. */
  get live(): boolean {
    return this.state === 'open' || this.state === 'closing';
  }

  /** Adds an event to those that the next call hands out. */
  emit(event: Event): void {
    // The first push onto an empty array makes room for 17; nearly always there is one event.
    if (this.#events.length === 0) this.#events = [event];
    else this.#events.push(event);
  }

  /** Hands out the events. */
  takeEvents(): Event[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Moves the connection's state along its table; what the table does not list leaves it. */
  move(input: ConnectionInput): void {
    this.state = step(CONNECTION_STATES, this.state, input) ?? this.state;
  }

  /** Ends the connection with an error, the last event that it has. */
  fail(fault: FieldFault, statusHint: number | null): void {
    this.move('fault');
    this.emit({ type: 'connection-error', code: 0, reason: fault.reason, limit: fault.limit, statusHint });
  }

  /** Ends the connection in order, the last event that it has. */
  close(): void {
    if (this.state === 'closed' || !this.live) return;
    this.move('end');
    this.emit({ type: 'closed' });
  }
}
