import type { FieldSection, RequestHead, ResponseInit } from '@interleave/wire';
import type { ResetCodes } from './codes.ts';
import { type BodySink, type ContentOwner, IncomingContent } from './content.ts';
import type { ConnectionFacts, ExchangeFacts } from './facts.ts';
import type { AbortReason, UpgradedChannel } from './host.ts';
import type { ServerSession } from './session.ts';

/** What has been sent of the response. `ending`: the end was handed over, some content before it waits for room. */
type ResponseState = 'idle' | 'open' | 'ending' | 'ended';

/**
 * One request and its response, as callbacks: no promise, stream or URL is made for it unless somebody asks.
 *
 * Answer with `reply` (a whole response at once), or with `respond`, `write` and `end`. Read content with `read` and
 * `pull`. Several exchanges of one connection may be open at the same time.
 */
export class Exchange implements ExchangeFacts, ContentOwner {
  readonly head: RequestHead;
  /** The name of this exchange in `wire`'s events. */
  readonly id: number;
  readonly nth: number;
  readonly streamId: number | null;
  readonly at: number;
  /** False when the request ended with its head. */
  readonly hasBody: boolean;
  /** `write` would take more, after it answered false. */
  onWritable: (() => void) | null = null;
  /** The client has gone, or the exchange was given up. Called at most once, never after the response's end was sent. */
  onAbort: ((reason: AbortReason) => void) | null = null;
  /** Its handler has not returned yet. @internal */
  working = false;

  readonly #session: ServerSession;
  #body: IncomingContent | null = null;
  #response: ResponseState = 'idle';
  #status: number | null = null;
  /** Content is taken and not sent: HEAD, 204, 304. */
  #contentless = false;
  #last = false;
  #told = false;
  #aborted: AbortReason | null = null;
  /** Content that waits for room. */
  #pending: Uint8Array[] | null = null;
  #trailers: FieldSection | null = null;
  #continued = false;

  constructor(session: ServerSession, id: number, head: RequestHead, nth: number, endStream: boolean, at: number) {
    this.#session = session;
    this.id = id;
    this.head = head;
    this.nth = nth;
    this.streamId = session.multiplexed ? id : null;
    this.at = at;
    this.hasBody = !endStream;
    if (!endStream) this.#body = new IncomingContent(this, false);
  }

  get connection(): ConnectionFacts {
    return this.#session.facts;
  }

  /** True once the final response's head has been handed over. */
  get responded(): boolean {
    return this.#status !== null;
  }

  /** True once the response is complete, or the exchange was given up. */
  get ended(): boolean {
    return this.#response === 'ended' || this.#aborted !== null;
  }

  /** Status of the final response, once its head has been handed over. */
  get status(): number | null {
    return this.#status;
  }

  get aborted(): AbortReason | null {
    return this.#aborted;
  }

  /** True when nothing more will happen on the connection for this exchange. What has come can still be read. */
  get settled(): boolean {
    return this.#aborted !== null || (this.#response === 'ended' && (this.#body === null || this.#body.settled));
  }

  /** Sends an interim (1xx) head any number of times, then the final one. `endStream` ends the response with its head. */
  respond(init: ResponseInit, endStream = false): void {
    if (this.#over) return;
    this.#refuseSecondHead();
    if (init.status < 200) {
      this.#session.protocol.sendResponse(this.id, init, OPEN);
      this.#session.touch();
      return;
    }
    this.#sendHead(init, endStream, -1);
    this.#session.touch();
  }

  /** A whole response: head and, if there is one, content. Content-Length is added where it is missing. */
  reply(init: ResponseInit, content: Uint8Array = EMPTY): void {
    if (this.#over) return;
    this.#refuseSecondHead();
    this.#sendHead(init, content.length === 0, content.length);
    if (this.#response === 'open') {
      this.#response = 'ending';
      this.#offer(content, true);
    }
    this.#session.touch();
  }

  /** Sends content. False means: enough for now, go on at `onWritable`. What was given is kept and sent either way. */
  write(data: Uint8Array): boolean {
    if (this.#over) return false;
    if (this.#contentless) return true;
    if (this.#response !== 'open') throw new Error(`Exchange ${this.id}: ${this.#whyNot('write()')}`);
    this.#offer(data, false);
    this.#session.touch();
    return this.#pending === null;
  }

  /** Sends the last content, if there is any, and ends the response. */
  end(data: Uint8Array = EMPTY): void {
    if (this.#response === 'ending' || this.#response === 'ended' || this.#over) return;
    if (this.#response !== 'open') throw new Error(`Exchange ${this.id}: ${this.#whyNot('end()')}`);
    this.#response = 'ending';
    this.#offer(data, true);
    this.#session.touch();
  }

  /** Ends the response with trailer fields (RFC 9110 §6.5). */
  endWithTrailers(fields: FieldSection): void {
    if (this.#response === 'ending' || this.#response === 'ended' || this.#over) return;
    if (this.#response !== 'open') throw new Error(`Exchange ${this.id}: ${this.#whyNot('endWithTrailers()')}`);
    this.#response = 'ending';
    if (this.#pending === null) this.#sendTrailers(fields);
    else this.#trailers = fields;
    this.#session.touch();
  }

  /**
   * Gives the exchange up. Before the final head it is answered with 500; after it, the stream is reset or, in HTTP/1.1,
   * the connection is cut, so that the client can tell that the content is not whole.
   */
  fail(message = 'The application failed.'): void {
    if (this.#response === 'ended' || this.#over) return;
    if (this.#status === null) this.reply({ status: 500, fields: PLAIN_TEXT }, INTERNAL_ERROR);
    else this.abort(message);
  }

  /** Gives the exchange up at once, whatever state it is in. `code` is for HTTP/2 and HTTP/3. */
  abort(message: string, code: number = this.#session.codes.internalError): void {
    if (this.settled || this.#over) return;
    this.#session.protocol.reset(this.id, code);
    if (!this.#session.multiplexed) this.#session.cut();
    this.lost({ initiator: 'local', code: this.#session.multiplexed ? code : null, message });
    this.#session.touch();
  }

  /** Makes this the last exchange of its connection: `Connection: close`, or GOAWAY. Call it before `respond`. */
  endConnection(): void {
    this.#last = true;
    if (this.#session.multiplexed) this.#session.shutdown(performance.now());
    this.#session.touch();
  }

  /**
   * Leaves HTTP: with 101 or 2xx to CONNECT in HTTP/1.1, where `take` gets the whole transport, and with 2xx to CONNECT in
   * HTTP/2 and HTTP/3, where it gets this one stream (RFC 8441 §4). `take` runs once the head has been sent.
   */
  upgrade(init: ResponseInit, take: (channel: UpgradedChannel) => void): void {
    if (this.#over) return;
    this.#refuseSecondHead();
    if (this.#session.multiplexed) {
      this.respond(init);
      take({ socket: this, rest: EMPTY });
      return;
    }
    this.#session.expectUpgrade(this, take);
    this.#session.protocol.sendResponse(this.id, init, OPEN);
    this.#status = init.status;
    this.#response = 'ended';
    this.#session.touch();
  }

  /** Names the taker of the content. Call once; then `pull` for each piece. */
  read(sink: BodySink): void {
    this.#body ??= new IncomingContent(this, true);
    this.#body.read(sink);
  }

  /** Asks for one more piece of content, or for its end. It may come at once, from inside this call. */
  pull(): void {
    if (this.#body === null)
      throw new Error(`The content of exchange ${this.id} has no reader yet: call read() first.`);
    this.#body.pull();
  }

  /** Drops what is left of the content. */
  cancel(): void {
    this.#body?.cancel();
  }

  // What follows is for the session and the body.

  /** @internal */
  onData(data: Uint8Array, credit: number, endStream: boolean): void {
    this.#body?.onData(data, credit, endStream);
  }

  /** @internal */
  onTrailers(fields: FieldSection): void {
    this.#body?.onTrailers(fields);
  }

  /** There is room again. @internal */
  writable(): void {
    if (this.#over) return;
    const pending = this.#pending;
    if (pending !== null) {
      this.#pending = null;
      const last = this.#response === 'ending' && this.#trailers === null ? pending.length - 1 : -1;
      for (let index = 0; index < pending.length; index++) this.#offer(pending[index] as Uint8Array, index === last);
      if (this.#pending !== null) return;
      if (this.#trailers !== null) this.#sendTrailers(this.#trailers);
    }
    if (this.#response === 'open') this.onWritable?.();
  }

  /** The exchange is over before its time, for a reason that the session knows. @internal */
  lost(reason: AbortReason): void {
    if (this.#aborted !== null) return;
    const responseWasOpen = this.#response !== 'ended';
    this.#aborted = reason;
    this.#pending = null;
    this.#body?.giveUp(reason);
    this.#session.settle(this);
    if (responseWasOpen) this.onAbort?.(reason);
  }

  /** What streams of this exchange's connection are reset with. */
  get codes(): ResetCodes {
    return this.#session.codes;
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

  /** The first pull of content that the client holds back until it hears 100 (RFC 9110 §10.1.1). @internal */
  contentAwaited(): void {
    if (this.#continued || this.responded) return;
    this.#continued = true;
    if (this.head.version !== '1.0' && expectsContinue(this.head.fields)) this.respond({ status: 100 });
  }

  /** Once the answer is complete, HTTP/2 can tell the client to keep the rest (RFC 9113 §8.1). @internal */
  stopContent(): boolean {
    if (!this.ended || !this.#session.multiplexed) return false;
    if (!this.#over) this.#session.protocol.reset(this.id, this.#session.codes.noError);
    return true;
  }

  /** True the first time that it is asked after the exchange has settled. @internal */
  tellSettled(): boolean {
    if (this.#told || !this.settled) return false;
    this.#told = true;
    return true;
  }

  /** True when the connection has nothing to do with this exchange any more, whether its end was told yet or not. */
  get #over(): boolean {
    return this.#aborted !== null || this.#session.isOver(this.id);
  }

  #refuseSecondHead(): void {
    if (this.#status === null) return;
    throw new Error(`Exchange ${this.id} has its response already: there is one for each request.`);
  }

  #whyNot(call: string): string {
    return this.#response === 'idle'
      ? `there is no response head yet: call respond() before ${call}`
      : `the response has ended: nothing can follow, ${call} came too late`;
  }

  #sendHead(init: ResponseInit, endStream: boolean, contentLength: number): void {
    const { status } = init;
    const isHead = this.head.method === 'HEAD';
    this.#contentless = status === 204 || status === 304 || isHead;
    const last = endStream || this.#contentless;
    // A length here would be that of GET's content; nothing was measured where none was given.
    const isKnown = status !== 204 && status !== 304 && !(isHead && contentLength === 0);
    const length = isKnown ? contentLength : -1;
    const head = this.#session.completeHead(init, length, this.#last);
    this.#session.protocol.sendResponse(this.id, head, last ? END : OPEN);
    this.#status = status;
    if (last) this.#finish();
    else this.#response = 'open';
  }

  /** Sends what the connection takes, keeps the rest. */
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
    this.#response = 'ended';
    const body = this.#body;
    if (body !== null && !body.settled) {
      // HTTP/1.1: `wire` passes over what is left, and no event brings it any more.
      if (!this.#session.multiplexed) body.giveUp(TOO_LATE);
      else if (!body.hasReader && this.stopContent()) body.giveUp(null);
    }
    this.#session.settle(this);
  }
}

function expectsContinue(fields: FieldSection): boolean {
  for (const [name, value] of fields) {
    if (name.length === 6 && name.toLowerCase() === 'expect' && value.toLowerCase() === '100-continue') return true;
  }
  return false;
}

const TOO_LATE: AbortReason = {
  initiator: 'local',
  code: null,
  message: 'The response ended before the content was read.',
};
const EMPTY = new Uint8Array(0);
const END = Object.freeze({ endStream: true });
const OPEN = Object.freeze({ endStream: false });
const PLAIN_TEXT: FieldSection = [['content-type', 'text/plain; charset=utf-8']];
const INTERNAL_ERROR = new TextEncoder().encode('Internal Server Error\n');
