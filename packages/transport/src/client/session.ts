import type { Event, ProtocolConnection, RequestInit } from '@interleave/wire';
import { type ResetCodes, resetCodes } from '../codes.ts';
import type { ConnectionFacts } from '../facts.ts';
import type { AbortReason, Session, SessionHost } from '../host.ts';
import { ClientExchange } from './exchange.ts';

/** How a client uses a connection. */
export interface ClientPolicy {
  /** Requests that may be under way on an HTTP/1.1 connection (pipelining, RFC 9112 §9.3.2). 1: one after another. */
  readonly pipeline: number;
}

/** The client's side of one connection: passes `wire`'s events to exchanges and back. Its host moves the bytes. */
export class ClientSession implements Session {
  readonly protocol: ProtocolConnection;
  readonly peer = 'server' as const;
  readonly multiplexed: boolean;
  readonly codes: ResetCodes;
  /** Something ended or changed: there may be room for a request, or no use for the connection. */
  onChange: (() => void) | null = null;
  readonly #host: SessionHost;
  readonly #policy: ClientPolicy;
  readonly #open = new Map<number, ClientExchange>();
  #nth = 0;
  #depth = 0;
  #changed = false;
  #scheduled = false;
  #gone = false;
  #cut = false;
  #error: { code: number; reason: string } | null = null;
  /** The exchange whose final head came last. */
  #answered: ClientExchange | null = null;
  #keepAlive: number | null = null;

  constructor(protocol: ProtocolConnection, host: SessionHost, policy: ClientPolicy) {
    this.protocol = protocol;
    this.multiplexed = protocol.protocol !== 'http/1.1';
    this.codes = resetCodes(protocol.protocol);
    this.#host = host;
    this.#policy = policy;
  }

  get facts(): ConnectionFacts {
    return this.#host.facts;
  }

  get open(): number {
    return this.#open.size;
  }

  get exchanges(): number {
    return this.#nth;
  }

  get mustCut(): boolean {
    return this.#cut;
  }

  get error(): { readonly code: number; readonly reason: string } | null {
    return this.#error;
  }

  /** Requests that may be sent now. */
  get capacity(): number {
    if (this.#gone) return 0;
    const { openable } = this.protocol;
    return this.multiplexed ? openable : Math.min(openable, Math.max(0, this.#policy.pipeline - this.#open.size));
  }

  /** False once no request will ever be taken again. */
  get usable(): boolean {
    if (this.#gone || this.protocol.wantsClose) return false;
    return this.protocol.openable > 0 || this.#open.size > 0;
  }

  /** Milliseconds that the server keeps the connection when it is idle, where it says so (`Keep-Alive: timeout=5`). */
  get keepAlive(): number | null {
    return this.#keepAlive;
  }

  /**
   * Sends a request's head. `endStream`: it has no content.
   *
   * @throws {LocalProtocolError} when there is no capacity, or the head is not one that a server would accept.
   */
  request(init: RequestInit, endStream: boolean): ClientExchange {
    const id = this.protocol.sendRequest(init, { endStream });
    const exchange = new ClientExchange(this, id, init, ++this.#nth, endStream);
    this.#open.set(id, exchange);
    this.touch();
    return exchange;
  }

  receive(bytes: Uint8Array, now: number): void {
    this.#dispatch(this.protocol.receive(bytes, now));
  }

  receiveEnd(now: number): void {
    this.#dispatch(this.protocol.receiveEnd(now));
  }

  timeout(now: number): void {
    this.#dispatch(this.protocol.handleTimeout(now));
  }

  advance(now: number): void {
    this.#scheduled = false;
    for (;;) {
      const events = this.protocol.poll(now);
      if (events.length === 0) break;
      this.#dispatch(events);
    }
    if (this.#open.size > 0 && this.protocol.wantsClose) {
      this.#loseAll({ initiator: 'peer', code: null, message: 'The connection ended before the response.' });
    }
    this.#tell();
  }

  shutdown(now: number): void {
    this.protocol.shutdown(now);
    this.#change();
  }

  lost(reason: AbortReason): void {
    this.#gone = true;
    this.#loseAll(reason);
    this.#change();
  }

  // What follows is for exchanges.

  /** @internal */
  touch(): void {
    if (this.#depth > 0 || this.#scheduled) return;
    this.#scheduled = true;
    this.#host.schedule();
  }

  /** @internal */
  settle(exchange: ClientExchange): void {
    if (!exchange.tellSettled()) return;
    this.#open.delete(exchange.id);
    exchange.onSettled?.();
    this.#change();
  }

  /** Ends what is left of an exchange on the wire. @internal */
  giveUp(exchange: ClientExchange, code: number): void {
    if (this.#gone || this.protocol.wantsClose || !this.#open.has(exchange.id)) return;
    // HTTP/1.1 has no other way to say that a message will not be completed.
    if (!this.multiplexed) this.#cut = true;
    this.protocol.reset(exchange.id, code);
  }

  #dispatch(events: readonly Event[]): void {
    if (events.length === 0) return;
    this.#depth++;
    try {
      for (const event of events) this.#event(event);
    } finally {
      this.#depth--;
    }
    this.#tell();
  }

  #event(event: Event): void {
    switch (event.type) {
      case 'informational':
        this.#open.get(event.streamId)?.onInformational?.(event.head);
        break;
      case 'response':
        if (!this.multiplexed) this.#keepAlive = keepAliveOf(event.head.fields) ?? this.#keepAlive;
        this.#answered = this.#open.get(event.streamId) ?? null;
        this.#answered?.onHead(event.head, event.endStream);
        break;
      case 'data': {
        const exchange = this.#open.get(event.streamId);
        if (exchange !== undefined) exchange.onData(event.data, event.flowControlledLength, event.endStream);
        // Content of an exchange that was given up: the credit goes back all the same, or the connection would starve.
        else if (event.flowControlledLength > 0) this.protocol.consume(event.streamId, event.flowControlledLength);
        break;
      }
      case 'trailers':
        this.#open.get(event.streamId)?.onTrailers(event.fields);
        break;
      case 'writable':
        this.#open.get(event.streamId)?.writable();
        break;
      case 'reset':
        this.#open.get(event.streamId)?.lost({
          initiator: event.initiator,
          code: this.multiplexed ? event.code : null,
          message: event.reason,
          unprocessed: event.unprocessed,
        });
        break;
      case 'connection-error':
        this.#error = { code: event.code, reason: event.reason };
        this.#loseAll({ initiator: 'local', code: this.multiplexed ? event.code : null, message: event.reason });
        break;
      case 'upgrade':
        this.#leave(event.rest);
        break;
      case 'goaway':
      case 'settings':
        this.#changed = true;
        break;
      default:
        break;
    }
  }

  /** The server has agreed to leave HTTP: whoever asked goes on with the bare transport. */
  #leave(rest: Uint8Array): void {
    const exchange = this.#answered;
    this.#gone = true;
    this.#changed = true;
    this.#host.handOver((channel) => {
      exchange?.onUpgrade?.(channel);
    }, rest);
  }

  #loseAll(reason: AbortReason): void {
    for (const exchange of [...this.#open.values()]) exchange.lost(reason);
    this.#open.clear();
  }

  #change(): void {
    this.#changed = true;
    if (this.#depth === 0) this.#tell();
  }

  #tell(): void {
    if (!this.#changed || this.#depth > 0) return;
    this.#changed = false;
    this.onChange?.();
  }
}

function keepAliveOf(fields: readonly (readonly [string, string])[]): number | null {
  for (const [name, value] of fields) {
    if (name.toLowerCase() !== 'keep-alive') continue;
    const seconds = /(?:^|[,\s])timeout\s*=\s*"?(\d{1,6})/i.exec(value)?.[1];
    if (seconds !== undefined) return Number(seconds) * 1000;
  }
  return null;
}
