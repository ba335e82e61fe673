import type { Event, FieldLine, FieldSection, ProtocolConnection, ResponseInit } from '@interleave/wire';
import { type ResetCodes, resetCodes } from './codes.ts';
import { Exchange } from './exchange.ts';
import type { ConnectionFacts } from './facts.ts';
import type { AbortReason, ConnectionObserver, Session, SessionHost, UpgradedChannel } from './host.ts';

/** Handles one exchange. What it throws, or the promise it returns rejects with, becomes a 500 or a cut. */
export type ExchangeHandler = (exchange: Exchange) => void | Promise<void>;

/** Told of what happens on a server's connections. Every method may be left out; none may throw. */
export interface Observer extends ConnectionObserver {
  exchange?(exchange: Exchange): void;
  /** Both directions are over; `exchange.aborted` says whether before their time. */
  exchangeEnd?(exchange: Exchange): void;
  /** A handler failed: the error never reaches the client. */
  handlerError?(exchange: Exchange, error: unknown): void;
}

/** Settings of a session that may change while connections are open. */
export interface SessionPolicy {
  /** False: every response ends its connection (`Connection: close`, or GOAWAY). */
  persistent: boolean;
  /** Adds a Date field to final responses that have none (RFC 9110 §6.6.1). */
  date: boolean;
  /** Value of an Alt-Svc field for final responses (RFC 7838 §3), so that clients come by HTTP/3 next time. */
  altSvc?: string | null;
}

/**
 * The server's side of one connection, whatever carries it: passes `wire`'s events to exchanges and back.
 * It knows no socket; its host moves the bytes.
 */
export class ServerSession implements Session {
  readonly protocol: ProtocolConnection;
  readonly peer = 'client' as const;
  readonly multiplexed: boolean;
  readonly codes: ResetCodes;
  readonly #host: SessionHost;
  readonly #handler: ExchangeHandler;
  readonly #observer: Observer | null;
  readonly #policy: SessionPolicy;
  readonly #open = new Map<number, Exchange>();
  /** The exchange whose handler is running for the first time. */
  #starting: Exchange | null = null;
  readonly #doomed = new Set<number>();
  #nth = 0;
  #depth = 0;
  /** Wall clock when the events that are being dispatched came. */
  #turnAt = 0;
  #scheduled = false;
  #cut = false;
  #stopped = false;
  #error: { code: number; reason: string } | null = null;
  #upgrade: { exchange: Exchange; take: (channel: UpgradedChannel) => void } | null = null;

  constructor(
    protocol: ProtocolConnection,
    host: SessionHost,
    handler: ExchangeHandler,
    policy: SessionPolicy,
    observer: Observer | null,
  ) {
    this.protocol = protocol;
    this.multiplexed = protocol.protocol !== 'http/1.1';
    this.codes = resetCodes(protocol.protocol);
    this.#host = host;
    this.#handler = handler;
    this.#policy = policy;
    this.#observer = observer;
  }

  get facts(): ConnectionFacts {
    return this.#host.facts;
  }

  /** Exchanges under way. */
  get open(): number {
    return this.#open.size + (this.#starting === null ? 0 : 1);
  }

  /** Exchanges so far. */
  get exchanges(): number {
    return this.#nth;
  }

  /** True when the connection must not end cleanly: the client would take half a response for a whole one. */
  get mustCut(): boolean {
    return this.#cut;
  }

  /** The protocol error that ended the connection, if one did. */
  get error(): { readonly code: number; readonly reason: string } | null {
    return this.#error;
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

  /** Runs what became possible without new bytes. Call before output is taken. */
  advance(now: number): void {
    this.#scheduled = false;
    const { protocol } = this;
    // With nothing under way and nothing held back there is nothing to ask for.
    if (this.#open.size === 0 && this.#upgrade === null && protocol.wantsRead) return;
    for (;;) {
      const events = protocol.poll(now);
      if (events.length === 0) break;
      this.#dispatch(events);
    }
    // `wire` is done; exchanges that it let go of without a word (behind a `Connection: close`) hear it here.
    if (this.#open.size > 0 && this.protocol.wantsClose) {
      this.lost({ initiator: 'local', code: null, message: 'The connection ended with an earlier response.' });
    }
  }

  /** No new exchanges; those under way finish. */
  shutdown(now: number): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.protocol.shutdown(now);
  }

  /** The transport is gone. */
  lost(reason: AbortReason): void {
    for (const exchange of [...this.#open.values()]) exchange.lost(reason);
    this.#open.clear();
  }

  // What follows is for exchanges.

  /** @internal */
  touch(): void {
    if (this.#depth > 0 || this.#scheduled) return;
    this.#scheduled = true;
    this.#host.schedule();
  }

  /** @internal */
  settle(exchange: Exchange): void {
    if (!exchange.tellSettled()) return;
    // One that is answered from inside its handler was never filed.
    if (exchange !== this.#starting) this.#open.delete(exchange.id);
    if (!exchange.working) this.protocol.release?.(exchange.id);
    this.#observer?.exchangeEnd?.(exchange);
  }

  /** True when nothing can be sent for an exchange any more. @internal */
  isOver(id: number): boolean {
    return this.#doomed.has(id) || this.protocol.wantsClose;
  }

  /** @internal */
  cut(): void {
    this.#cut = true;
  }

  /** @internal */
  expectUpgrade(exchange: Exchange, take: (channel: UpgradedChannel) => void): void {
    this.#upgrade = { exchange, take };
  }

  /**
   * Adds what the server itself owes to a final response: Date, Content-Length for content whose length is known (not -1),
   * Alt-Svc, and `Connection: close` where HTTP/1.1 is to end with it. @internal
   */
  completeHead(init: ResponseInit, contentLength: number, last: boolean): ResponseInit {
    const close = !this.multiplexed && (last || !this.#policy.persistent);
    const fields = init.fields ?? NO_FIELDS;
    let date = !this.#policy.date;
    let length = contentLength < 0;
    for (let i = 0; i < fields.length; i++) {
      const name = (fields[i] as FieldLine)[0];
      if (!date && name.length === 4 && name.toLowerCase() === 'date') date = true;
      else if (!length && name.length === 14 && name.toLowerCase() === 'content-length') length = true;
    }
    const altSvc = this.#policy.altSvc ?? null;
    if (date && length && !close && altSvc === null) return init;
    // Of exact size: an array that grows makes room for many more than these four.
    let size = fields.length;
    const more = (length ? 0 : 1) + (date ? 0 : 1) + (close ? 1 : 0) + (altSvc === null ? 0 : 1);
    const complete = new Array<FieldLine>(size + more);
    for (let i = 0; i < size; i++) complete[i] = fields[i] as FieldLine;
    if (!length) complete[size++] = lengthLine(contentLength, this.multiplexed);
    if (!date) complete[size++] = dateLine(this.#depth > 0 ? this.#turnAt : Date.now(), this.multiplexed);
    if (altSvc !== null) complete[size++] = ['alt-svc', altSvc];
    if (close) complete[size] = CLOSE;
    return { status: init.status, fields: complete };
  }

  #dispatch(events: readonly Event[]): void {
    if (events.length === 0) return;
    this.#depth++;
    this.#turnAt = Date.now();
    // A stream may be opened and reset by the same bytes: its handler must not answer what is gone.
    if (this.multiplexed && events.length > 1) {
      for (const event of events) if (event.type === 'reset') this.#doomed.add(event.streamId);
    }
    try {
      for (const event of events) {
        try {
          this.#event(event);
        } catch (error) {
          // A callback of the application failed. Its exchange ends; the others do not.
          const exchange = 'streamId' in event ? this.#open.get(event.streamId) : undefined;
          if (exchange === undefined) throw error;
          this.#failed(exchange, error);
        }
      }
    } finally {
      this.#depth--;
      if (this.#doomed.size > 0) this.#doomed.clear();
    }
  }

  #event(event: Event): void {
    switch (event.type) {
      case 'request':
        this.#begin(event);
        break;
      case 'data':
        this.#data(event);
        break;
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
        });
        break;
      case 'upgrade':
        this.#handOver(event.rest);
        break;
      case 'connection-error':
        this.#error = { code: event.code, reason: event.reason };
        this.lost({ initiator: 'local', code: this.multiplexed ? event.code : null, message: event.reason });
        break;
      default:
        // Settings, pings and priorities are wire's own business; `closed` shows in `wantsClose`.
        break;
    }
  }

  #begin(event: Extract<Event, { type: 'request' }>): void {
    const exchange = new Exchange(this, event.streamId, event.head, ++this.#nth, event.endStream, this.#turnAt);
    if (this.multiplexed && !this.#policy.persistent) this.shutdown(performance.now());
    this.#observer?.exchange?.(exchange);
    this.#starting = exchange;
    try {
      const result = this.#handler(exchange);
      if (result !== undefined) this.#follow(exchange, result);
    } catch (error) {
      this.#failed(exchange, error);
    } finally {
      this.#starting = null;
      if (!exchange.settled) this.#open.set(exchange.id, exchange);
    }
  }

  /** A handler goes on: what it does counts as work for the client until it is done, even when the client has gone. */
  #follow(exchange: Exchange, work: Promise<void>): void {
    exchange.working = true;
    const done = (): void => {
      exchange.working = false;
      if (exchange.settled) this.protocol.release?.(exchange.id);
    };
    work.then(done, (error) => {
      this.#failed(exchange, error);
      done();
    });
  }

  #failed(exchange: Exchange, error: unknown): void {
    this.#observer?.handlerError?.(exchange, error);
    exchange.fail();
    // Failed before it was done with the response, but after the response was: nobody will read the rest.
    exchange.cancel();
  }

  #data(event: Extract<Event, { type: 'data' }>): void {
    const exchange = this.#open.get(event.streamId);
    if (exchange !== undefined) exchange.onData(event.data, event.flowControlledLength, event.endStream);
    // Content of an exchange that is over: the credit goes back all the same, or the connection would starve.
    else if (event.flowControlledLength > 0) this.protocol.consume(event.streamId, event.flowControlledLength);
  }

  #handOver(rest: Uint8Array): void {
    const upgrade = this.#upgrade;
    this.#upgrade = null;
    if (upgrade === null) return;
    this.settle(upgrade.exchange);
    this.#host.handOver(upgrade.take, rest);
  }
}

const NO_FIELDS: FieldSection = [];

const CLOSE: FieldLine = ['Connection', 'close'];

/** Lengths below this are written once: most responses of most applications are this small. */
const SMALL_LENGTH = 1_024;
const lengthsLower: FieldLine[] = [];
const lengthsUpper: FieldLine[] = [];

function lengthLine(length: number, lowerCase: boolean): FieldLine {
  const known = lowerCase ? lengthsLower : lengthsUpper;
  if (length < known.length) return known[length] as FieldLine;
  if (length >= SMALL_LENGTH) return [lowerCase ? 'content-length' : 'Content-Length', String(length)];
  for (let next = known.length; next < SMALL_LENGTH; next++)
    known.push([lowerCase ? 'content-length' : 'Content-Length', String(next)]);
  return known[length] as FieldLine;
}

let dateSecond = -1;
let dateLower: FieldLine = ['date', ''];
let dateUpper: FieldLine = ['Date', ''];

/** The time as an IMF-fixdate (RFC 9110 §5.6.7), made once a second. */
function dateLine(now: number, lowerCase: boolean): FieldLine {
  const second = Math.floor(now / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    const text = new Date(second * 1000).toUTCString();
    dateLower = ['date', text];
    dateUpper = ['Date', text];
  }
  return lowerCase ? dateLower : dateUpper;
}
