import type { FieldSection, RequestInit, ResponseHead } from '@interleave/wire';
import { type BodySink, type ContentOwner, IncomingContent } from '../content.ts';
import type { ConnectionFacts, ExchangeFacts } from '../facts.ts';
import type { AbortReason, UpgradedChannel } from '../host.ts';
import type { ClientSession } from './session.ts';

/** What has been sent of the request's content. `ending`: its end was handed over, some of it waits for room. */
type RequestState = 'open' | 'ending' | 'ended';

/**
 * One request and its response, from the side that asks. The request's head has been sent; content follows with `write` and
 * `end`. The response is told by callbacks, its content is read with `read` and `pull`.
 */
export class ClientExchange implements ExchangeFacts, ContentOwner {
  readonly request: RequestInit;
  /** The name of this exchange in `wire`'s events. */
  readonly id: number;
  readonly nth: number;
  readonly streamId: number | null;
  /** When the request's head was handed over. */
  readonly at: number;
  /** An interim (1xx) response. */
  onInformational: ((head: ResponseHead) => void) | null = null;
  /** The final response's head. `endStream`: it has no content. */
  onResponse: ((head: ResponseHead, endStream: boolean) => void) | null = null;
  /** HTTP/1.1: the server has agreed to leave HTTP (101, or 2xx to CONNECT); what asked for it must take the channel. */
  onUpgrade: ((channel: UpgradedChannel) => void) | null = null;
  /** `write` would take more, after it answered false. */
  onWritable: (() => void) | null = null;
  /** The rest will not come. Called at most once, never after the response was complete. */
  onAbort: ((reason: AbortReason) => void) | null = null;
  /** The connection has nothing more to do with it. Called once, whatever became of it. */
  onSettled: (() => void) | null = null;

  readonly #session: ClientSession;
  readonly #content: IncomingContent;
  #sent: RequestState;
  #response: ResponseHead | null = null;
  #aborted: AbortReason | null = null;
  #told = false;
  #pending: Uint8Array[] | null = null;
  #trailers: FieldSection | null = null;

  constructor(session: ClientSession, id: number, request: RequestInit, nth: number, ended: boolean) {
    this.#session = session;
    this.id = id;
    this.request = request;
    this.nth = nth;
    this.streamId = session.multiplexed ? id : null;
    this.at = Date.now();
    this.#sent = ended ? 'ended' : 'open';
    this.#content = new IncomingContent(this, false);
  }

  get connection(): ConnectionFacts {
    return this.#session.facts;
  }

  /** The final response's head, once it has come. */
  get response(): ResponseHead | null {
    return this.#response;
  }

  get aborted(): AbortReason | null {
    return this.#aborted;
  }

  /** True when nothing more will happen on the connection for this exchange. What has come can still be read. */
  get settled(): boolean {
    return this.#aborted !== null || (this.#content.settled && this.#response !== null && this.#sent === 'ended');
  }

  /** Sends content. False means: enough for now, go on at `onWritable`. What was given is kept and sent either way. */
  write(data: Uint8Array): boolean {
    if (this.#aborted !== null) return false;
    if (this.#sent !== 'open') throw new Error(`Exchange ${this.id}: the request has ended, write() came too late`);
    this.#offer(data, false);
    this.#session.touch();
    return this.#pending === null;
  }

  /** Sends the last content, if there is any, and ends the request. */
  end(data: Uint8Array = EMPTY): void {
    if (this.#aborted !== null || this.#sent !== 'open') return;
    this.#sent = 'ending';
    this.#offer(data, true);
    this.#session.touch();
  }

  /** Ends the request with trailer fields (RFC 9110 §6.5). */
  endWithTrailers(fields: FieldSection): void {
    if (this.#aborted !== null || this.#sent !== 'open') return;
    this.#sent = 'ending';
    if (this.#pending === null) this.#sendTrailers(fields);
    else this.#trailers = fields;
    this.#session.touch();
  }

  /** Gives the exchange up: the stream is reset or, in HTTP/1.1, the connection ends. `code` is for HTTP/2 and HTTP/3. */
  abort(message: string, code: number = this.#session.codes.cancel): void {
    if (this.settled) return;
    this.#session.giveUp(this, code);
    this.lost({ initiator: 'local', code: this.#session.multiplexed ? code : null, message });
    this.#session.touch();
  }

  /** Names the taker of the response's content. Call once; then `pull` for each piece. */
  read(sink: BodySink): void {
    this.#content.read(sink);
  }

  /** Asks for one more piece of content, or for its end. It may come at once, from inside this call. */
  pull(): void {
    this.#content.pull();
  }

  /** Drops what is left of the response. What has not come yet is stopped, which ends an HTTP/1.1 connection. */
  cancel(): void {
    this.#content.cancel();
  }

  // What follows is for the session and the content.

  /** @internal */
  onHead(head: ResponseHead, endStream: boolean): void {
    this.#response = head;
    if (endStream) this.#content.onData(EMPTY, 0, true);
    this.onResponse?.(head, endStream);
  }

  /** @internal */
  onData(data: Uint8Array, credit: number, endStream: boolean): void {
    this.#content.onData(data, credit, endStream);
  }

  /** @internal */
  onTrailers(fields: FieldSection): void {
    this.#content.onTrailers(fields);
  }

  /** There is room again. @internal */
  writable(): void {
    if (this.#aborted !== null) return;
    const pending = this.#pending;
    if (pending !== null) {
      this.#pending = null;
      const last = this.#sent === 'ending' && this.#trailers === null ? pending.length - 1 : -1;
      for (let index = 0; index < pending.length; index++) this.#offer(pending[index] as Uint8Array, index === last);
      if (this.#pending !== null) return;
      if (this.#trailers !== null) this.#sendTrailers(this.#trailers);
    }
    if (this.#sent === 'open') this.onWritable?.();
  }

  /** The exchange is over before its time, for a reason that the session knows. @internal */
  lost(reason: AbortReason): void {
    if (this.#aborted !== null || this.#told) return;
    // A whole response is whole, whatever became of the request's content.
    const whole = this.#response !== null && this.#content.settled;
    this.#aborted = reason;
    this.#pending = null;
    if (!whole) this.#content.giveUp(reason);
    this.#session.settle(this);
    if (!whole) this.onAbort?.(reason);
  }

  /** True the first time that it is asked after the exchange has settled. @internal */
  tellSettled(): boolean {
    if (this.#told || !this.settled) return false;
    this.#told = true;
    return true;
  }

  /** @internal */
  credit(bytes: number): void {
    this.#session.protocol.consume(this.id, bytes);
    this.#session.touch();
  }

  /** @internal */
  contentSettled(): void {
    this.#session.settle(this);
  }

  /** @internal */
  contentAwaited(): void {}

  /** @internal */
  stopContent(): boolean {
    if (this.#aborted !== null) return true;
    this.abort('The response was not wanted any more.');
    return false;
  }

  #offer(data: Uint8Array, last: boolean): void {
    if (this.#pending !== null) {
      this.#pending.push(data);
      return;
    }
    const taken = this.#session.protocol.sendData(this.id, data, last ? END : OPEN);
    if (taken < data.length) this.#pending = [taken === 0 ? data : data.subarray(taken)];
    else if (last) this.#finish();
  }

  #sendTrailers(fields: FieldSection): void {
    this.#trailers = null;
    this.#session.protocol.sendTrailers(this.id, fields);
    this.#finish();
  }

  #finish(): void {
    this.#sent = 'ended';
    this.#session.settle(this);
  }
}

const EMPTY = new Uint8Array(0);
const END = Object.freeze({ endStream: true });
const OPEN = Object.freeze({ endStream: false });
