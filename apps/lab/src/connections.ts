import type { CloseReason, ConnectionFacts, Exchange, Observer } from '@interleave/transport/node';
import type { ListenerId } from './listeners.ts';

/** An exchange as it is remembered. Times: milliseconds, epoch. */
export interface ExchangeRecord {
  readonly nth: number;
  readonly streamId: number | null;
  readonly at: number;
  readonly method: string;
  /** At most 200 characters. */
  readonly target: string;
  readonly status: number | null;
  readonly endedAt: number | null;
  /** Why it ended before its time, else null. */
  readonly aborted: string | null;
}

/** A connection as it is remembered. */
export interface ConnectionRecord {
  readonly listener: ListenerId;
  readonly facts: ConnectionFacts;
  /** All exchanges so far; `exchanges` holds the latest of them, oldest first. */
  readonly count: number;
  readonly open: number;
  readonly exchanges: readonly ExchangeRecord[];
  readonly closedAt: number | null;
  readonly closed: CloseReason | null;
}

const EXCHANGES_PER_CONNECTION = 64;
/** Closed connections that are remembered, with their logs. */
export const CLOSED_CONNECTIONS = 200;

/** What happens on the lab's connections: the open ones, and the latest of the closed ones. Bounded in both directions. */
export class ConnectionRegistry {
  readonly #open = new Map<string, MutableRecord>();
  #closed: MutableRecord[] = [];
  readonly #listeners = new Set<() => void>();

  /** Watches a server that belongs to `listener`. */
  observer(listener: ListenerId): Observer {
    return {
      connection: (facts) => {
        this.#open.set(facts.id, { listener, facts, count: 0, open: 0, exchanges: [], closedAt: null, closed: null });
        this.#changed();
      },
      exchange: (exchange) => {
        const record = this.#open.get(exchange.connection.id);
        if (record === undefined) return;
        record.count++;
        record.open++;
        record.exchanges.push(begun(exchange));
        if (record.exchanges.length > EXCHANGES_PER_CONNECTION) record.exchanges.shift();
        this.#changed();
      },
      exchangeEnd: (exchange) => {
        const record = this.#open.get(exchange.connection.id);
        if (record === undefined) return;
        record.open--;
        const index = record.exchanges.findIndex((entry) => entry.nth === exchange.nth);
        const entry = record.exchanges[index];
        if (entry !== undefined) {
          record.exchanges[index] = {
            ...entry,
            status: exchange.status,
            endedAt: Date.now(),
            aborted: exchange.aborted?.message ?? null,
          };
        }
        this.#changed();
      },
      closed: (facts, reason) => {
        const record = this.#open.get(facts.id);
        if (record === undefined) return;
        this.#open.delete(facts.id);
        record.closedAt = Date.now();
        record.closed = reason;
        this.#closed.push(record);
        if (this.#closed.length > CLOSED_CONNECTIONS) this.#closed = this.#closed.slice(-CLOSED_CONNECTIONS);
        this.#changed();
      },
    };
  }

  /** Open connections, oldest first. */
  open(): readonly ConnectionRecord[] {
    return [...this.#open.values()];
  }

  /** Closed connections, oldest first. */
  closed(): readonly ConnectionRecord[] {
    return this.#closed;
  }

  find(id: string): ConnectionRecord | null {
    return this.#open.get(id) ?? this.#closed.find((record) => record.facts.id === id) ?? null;
  }

  /** Calls `listener` after each change, until the returned function is called. */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

interface MutableRecord {
  readonly listener: ListenerId;
  readonly facts: ConnectionFacts;
  count: number;
  open: number;
  readonly exchanges: ExchangeRecord[];
  closedAt: number | null;
  closed: CloseReason | null;
}

function begun(exchange: Exchange): ExchangeRecord {
  return {
    nth: exchange.nth,
    streamId: exchange.streamId,
    at: exchange.at,
    method: exchange.head.method,
    target: exchange.head.target.slice(0, 200),
    status: null,
    endedAt: null,
    aborted: null,
  };
}
