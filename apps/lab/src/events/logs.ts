import { ConnectionLog, LogBudget, readerFor } from '@interleave/trace/events';
import type { ByteObserver, ConnectionFacts, Exchange, Observer } from '@interleave/transport/node';
import type { Observer as WireObserver } from '@interleave/wire';
import { CLOSED_CONNECTIONS } from '../connections.ts';

/** The log of every connection that the registry remembers: frames, bytes, and what is no piece of HTTP. */
export class ConnectionLogs {
  readonly #logs = new Map<string, ConnectionLog>();
  readonly #closed: string[] = [];
  readonly #budget: LogBudget;
  /** Connections whose handshake was told: QUIC's is complete some time after its connection is there. */
  readonly #shaken = new WeakSet<ConnectionLog>();

  constructor(budget: LogBudget = new LogBudget()) {
    this.#budget = budget;
  }

  get(id: string): ConnectionLog | null {
    return this.#logs.get(id) ?? null;
  }

  /** What a server calls for a connection that it has just accepted, before anything else is known of it. */
  taps(quic: boolean): {
    readonly observeWire: (id: string) => WireObserver;
    readonly observeBytes: (id: string) => ByteObserver;
  } {
    return {
      observeWire: (id) => this.#open(id, quic).observe,
      observeBytes: (id) => this.#open(id, quic),
    };
  }

  /** Watches a server that belongs to the listener of this origin, beside whoever else does. */
  observer(origin: () => string, beside: Observer): Observer {
    return {
      ...beside,
      connection: (facts) => {
        this.#started(facts, origin());
        beside.connection?.(facts);
      },
      exchange: (exchange) => {
        beside.exchange?.(exchange);
        this.#request(exchange);
      },
      exchangeEnd: (exchange) => {
        beside.exchangeEnd?.(exchange);
        const { nth, streamId, status, aborted } = exchange;
        const data = { nth, stream_id: streamId, status, ...(aborted === null ? {} : { aborted: aborted.message }) };
        this.#logs.get(exchange.connection.id)?.record('conn:exchange_ended', data);
      },
      closed: (facts, reason) => {
        const log = this.#logs.get(facts.id);
        log?.record('conn:closed', { ...reason });
        log?.end();
        beside.closed?.(facts, reason);
        this.#closed.push(facts.id);
        if (this.#closed.length > CLOSED_CONNECTIONS) this.#forget(this.#closed.shift());
      },
    };
  }

  #open(id: string, quic: boolean): ConnectionLog {
    let log = this.#logs.get(id);
    if (log === undefined) {
      log = new ConnectionLog({
        connectionId: id,
        startedAt: Date.now(),
        now: () => performance.now(),
        quic,
        reader: readerFor,
        budget: this.#budget,
      });
      this.#logs.set(id, log);
    }
    return log;
  }

  #started(facts: ConnectionFacts, origin: string): void {
    const log = this.#open(facts.id, facts.transport === 'quic');
    log.protocol = facts.protocol;
    const { transport, protocol } = facts;
    log.record('conn:started', { transport, protocol, origin });
    if (transport === 'tcp') this.#handshake(log, facts);
  }

  #request(exchange: Exchange): void {
    const { nth, streamId, head, connection } = exchange;
    const log = this.#logs.get(connection.id);
    if (log === undefined) return;
    this.#handshake(log, connection);
    log.record('conn:request', { nth, stream_id: streamId, method: head.method, path: pathOnly(head.target) });
  }

  /** Never the client random, nor its hash. */
  #handshake(log: ConnectionLog, { tls, transport }: ConnectionFacts): void {
    if (tls === null || this.#shaken.has(log)) return;
    this.#shaken.add(log);
    const { version, cipher, group, alpn, alpnOffered, resumed, earlyData, handshakeMs } = tls;
    log.record('tls:handshake_done', {
      version: version ?? (transport === 'quic' ? 'TLSv1.3' : null),
      cipher,
      group,
      alpn,
      alpn_offered: alpnOffered,
      resumed,
      early_data: earlyData,
      duration_ms: handshakeMs,
    });
  }

  #forget(id: string | undefined): void {
    if (id === undefined) return;
    this.#logs.get(id)?.forget();
    this.#logs.delete(id);
  }
}

/** A target without its query, which can hold anything; bounded, as a client chooses how long it is. */
export function pathOnly(target: string): string {
  const path = target.replace(/\?.*$/s, '');
  return path.length > 200 ? `${path.slice(0, 199)}…` : path;
}
