import type { Role as ConnectionRole, ProtocolConnection } from '../connection.ts';
import { LocalProtocolError } from '../errors.ts';
import type { Event } from '../events.ts';
import { FieldFault } from '../fields/fault.ts';
import type { FieldSection } from '../fields/field.ts';
import type { RequestInit, ResponseInit } from '../head.ts';
import { DEFAULT_LIMITS, type Limits } from '../limits.ts';
import type { Observer } from '../observer.ts';
import { ClientRole } from './client.ts';
import { Core } from './core.ts';
import { type Activity, Deadlines, type Timeout } from './deadlines.ts';
import { MessageReader } from './message_reader.ts';
import type { Role } from './role.ts';
import { ServerRole } from './server.ts';
import { Tap } from './tap.ts';

/** How an HTTP/1.1 connection is set up. */
export interface Http1Options {
  readonly role: ConnectionRole;
  /** Defaults to `DEFAULT_LIMITS`; `withLimits` makes others. */
  readonly limits?: Limits;
  /** Called for every head, piece of content and chunk that is read or queued, with its place in the connection's bytes. */
  readonly observe?: Observer;
  /** When the connection was opened, on the clock that `receive` goes by. Defaults to the time of the first call. */
  readonly now?: number;
  /**
   * Server: answer `Expect: 100-continue` with 100 (Continue) as soon as the head has come. Defaults to true; when false, the
   * application sends it with `sendResponse(streamId, { status: 100 })`, or a final status instead.
   */
  readonly autoContinue?: boolean;
}

/**
 * One HTTP/1.1 connection (RFC 9112) of a server or a client, HTTP/1.0 peers included. Exchanges are numbered 1, 2, 3 … and
 * share the connection one after another; several requests may be under way at once (pipelining, RFC 9112 §9.3.2).
 *
 * A server answers what it cannot read with a 4xx or 5xx and ends the connection; the `connection-error` comes when every
 * request before it has been answered. A client is told with `goaway` that a response was the last, and with `reset` which
 * requests stay without an answer, and whether the server can have seen them.
 */
export class Http1Connection implements ProtocolConnection {
  readonly role: ConnectionRole;
  readonly protocol = 'http/1.1' as const;
  readonly #core: Core;
  readonly #role: Role;
  readonly #reader: MessageReader;
  readonly #deadlines: Deadlines;

  constructor(options: Http1Options) {
    this.role = options.role;
    const limits = options.limits ?? DEFAULT_LIMITS;
    const tap = options.observe === undefined ? null : new Tap(options.observe);
    this.#core = new Core(limits, tap, options.now ?? 0);
    this.#role =
      options.role === 'server' ? new ServerRole(this.#core, options.autoContinue ?? true) : new ClientRole(this.#core);
    this.#reader = new MessageReader(limits, this.#role, tap);
    this.#role.reader = this.#reader;
    this.#deadlines = new Deadlines(limits);
    if (options.now !== undefined) this.#settle(true);
  }

  receive(bytes: Uint8Array, now: number): Event[] {
    const core = this.#core;
    core.now = now;
    if (core.state === 'switched') return this.#receiveSwitched(bytes);
    if (core.live && !this.#role.finished) {
      this.#deadlines.received(now);
      this.#reader.receive(bytes);
      this.#settle(true);
    }
    return core.takeEvents();
  }

  receiveEnd(now: number): Event[] {
    const core = this.#core;
    core.now = now;
    if (this.#role.finished) core.close();
    else if (core.live) this.#reader.end();
    this.#settle(true);
    return core.takeEvents();
  }

  get wantsRead(): boolean {
    return this.#core.live && this.#role.wantsRead;
  }

  poll(now: number): Event[] {
    const core = this.#core;
    core.now = now;
    if (core.live) {
      if (this.#reader.blocked && !this.#role.finished) this.#reader.run();
      this.#role.wake();
      this.#settle(true);
    }
    return core.takeEvents();
  }

  get openable(): number {
    return this.#core.live ? this.#role.openable : 0;
  }

  sendRequest(head: RequestInit, options?: { endStream?: boolean }): number {
    return this.#role.sendRequest(head, options?.endStream === true);
  }

  sendResponse(streamId: number, head: ResponseInit, options?: { endStream?: boolean }): void {
    this.#role.sendResponse(streamId, head, options?.endStream === true);
  }

  sendData(streamId: number, data: Uint8Array, options?: { endStream?: boolean }): number {
    return this.#role.sendData(streamId, data, options?.endStream === true);
  }

  sendTrailers(streamId: number, fields: FieldSection): void {
    this.#role.sendTrailers(streamId, fields);
  }

  capacity(streamId: number): number {
    return this.#core.live ? this.#role.capacity(streamId) : 0;
  }

  reset(streamId: number, _code: number): void {
    this.#role.reset(streamId);
  }

  consume(streamId: number, bytes: number): void {
    this.#role.consume(streamId, bytes);
  }

  takeOutput(max?: number): Uint8Array[] {
    this.#deadlines.taken();
    return this.#core.output.take(max);
  }

  get pendingOutput(): number {
    return this.#core.output.length;
  }

  get wantsClose(): boolean {
    return this.#role.finished || this.#core.state === 'closed' || this.#core.state === 'failed';
  }

  nextDeadline(): number | null {
    this.#settle(false);
    return this.#deadlines.next();
  }

  handleTimeout(now: number): Event[] {
    const core = this.#core;
    core.now = now;
    this.#settle(true);
    const timeout = core.live ? this.#deadlines.expired(now) : null;
    if (timeout !== null) this.#expire(timeout);
    this.#settle(true);
    return core.takeEvents();
  }

  shutdown(now: number): void {
    this.#core.now = now;
    if (this.#core.live) this.#role.shutdown();
  }

  /** Bytes that come before the caller has heard of the switch go with its event; later ones are not for us. */
  #receiveSwitched(bytes: Uint8Array): Event[] {
    const events = this.#core.takeEvents();
    const at = events.findIndex((event) => event.type === 'upgrade');
    const event = events[at];
    if (event?.type !== 'upgrade') {
      throw new LocalProtocolError('Cannot read these bytes as HTTP: they belong to the protocol of the upgrade');
    }
    const rest = new Uint8Array(event.rest.length + bytes.length);
    rest.set(event.rest);
    rest.set(bytes, event.rest.length);
    events[at] = { ...event, rest };
    return events;
  }

  #expire(timeout: Timeout): void {
    switch (timeout) {
      case 'sendTimeout':
        this.#role.abandon();
        this.#core.output.clear();
        this.#core.fail(late(timeout, 'The peer has taken no bytes'), null);
        return;
      case 'idleTimeout':
        this.#role.abandon();
        this.#core.close();
        return;
      default:
        this.#reader.stop();
        this.#role.onFault(
          late(timeout, timeout === 'headTimeout' ? 'The head did not end' : 'The content stopped coming'),
        );
    }
  }

  /** Notes what is waited for now; `told` when the caller has just said what time it is. */
  #settle(told: boolean): void {
    const core = this.#core;
    const pending = core.output.length > 0 && core.state !== 'switched';
    this.#deadlines.update(this.#activity(), this.#reader.heads, pending, core.now, told);
  }

  #activity(): Activity {
    const role = this.#role;
    if (!this.#core.live || role.finished) return 'none';
    if (this.#reader.inContent) return role.timesContent ? 'content' : 'none';
    if (this.#reader.inMessage) return 'head';
    return role.busy || !role.timesIdle ? 'none' : 'idle';
  }
}

function late(limit: keyof Limits, reason: string): FieldFault {
  return new FieldFault(limit, `${reason}: over the limit ${limit}`, 408, limit);
}
