import type { FieldSection, RequestHead, ResponseInit } from '@interleave/wire';
import type { ConnectionFacts, ExchangeFacts } from './facts.ts';
import type { ServerSession } from './session.ts';

/** Why an exchange ended before its time. `initiator` is the side that gave it up. */
export interface AbortReason {
  readonly initiator: 'peer' | 'local';
  /** HTTP/2 or HTTP/3 error code where one was sent, else null. */
  readonly code: number | null;
  readonly message: string;
}

/** Takes a request's content. Nothing arrives unless it was asked for with `exchange.pull()`. */
export interface BodySink {
  /** One piece. The memory is not reused: it may be kept. */
  data(chunk: Uint8Array): void;
  /** The content is complete, with its trailers if there were any. */
  end(trailers: FieldSection | null): void;
  /** The rest will never come. */
  abort(reason: AbortReason): void;
}

/** The bare transport of an exchange that has left HTTP. */
export interface UpgradedChannel {
  /** What the entry works on: `./node` gives a `Duplex`, which `socketOf` returns as such. */
  readonly socket: unknown;
  /** What was read beyond the head: it comes before everything that the socket gives. */
  readonly rest: Uint8Array;
}

interface QueuedChunk {
  readonly data: Uint8Array;
  readonly credit: number;
}

const H2_NO_ERROR = 0;
const H2_INTERNAL_ERROR = 2;

/**
 * One request and its response, as callbacks: no promise, stream or URL is made for it unless somebody asks.
 *
 * Answer with `respond` (or `reply` for a whole response at once), `write` and `end`. Read content with `read` and
 * `pull`. Several exchanges of one connection may be open at the same time.
 */
export class Exchange implements ExchangeFacts {
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

  readonly #session: ServerSession;
  #sink: BodySink | null = null;
  #queue: QueuedChunk[] | null = null;
  #trailers: FieldSection | null = null;
  #wanted = false;
  #delivering = false;
  #sinkEnded = false;
  #continued = false;
  #bodyEnded: boolean;
  #bodyDone: boolean;
  #dropping = false;
  #status: number | null = null;
  #contentless = false;
  #last = false;
  #ending = false;
  #ended = false;
  #aborted: AbortReason | null = null;
  #pending: Uint8Array[] | null = null;
  #pendingTrailers: FieldSection | null = null;

  constructor(session: ServerSession, id: number, head: RequestHead, nth: number, endStream: boolean) {
    this.#session = session;
    this.id = id;
    this.head = head;
    this.nth = nth;
    this.streamId = session.multiplexed ? id : null;
    this.at = Date.now();
    this.hasBody = !endStream;
    this.#bodyEnded = endStream;
    this.#bodyDone = endStream;
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
    return this.#ended || this.#aborted !== null;
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
    return this.#aborted !== null || (this.#ended && (this.#bodyDone || this.#bodyEnded));
  }

  /** Sends an interim (1xx) head any number of times, then the final one. `endStream` ends the response with its head. */
  respond(init: ResponseInit, endStream = false): void {
    if (this.#over) return;
    if (this.#status !== null)
      throw new Error(`Exchange ${this.id} has its response already: there is one for each request.`);
    if (init.status < 200) {
      this.#session.protocol.sendResponse(this.id, init, OPEN);
      this.#session.touch();
      return;
    }
    this.#contentless = this.head.method === 'HEAD' || init.status === 204 || init.status === 304;
    const last = endStream || this.#contentless;
    this.#session.protocol.sendResponse(this.id, this.#session.completeHead(init, -1, this.#last), last ? END : OPEN);
    this.#status = init.status;
    if (last) this.#finish();
    this.#session.touch();
  }

  /** A whole response: head and, if there is one, content. Content-Length is added where it is missing. */
  reply(init: ResponseInit, content: Uint8Array = EMPTY): void {
    if (this.#over) return;
    if (this.#status !== null)
      throw new Error(`Exchange ${this.id} has its response already: there is one for each request.`);
    const status = init.status;
    const head = this.#session.completeHead(init, status === 204 || status === 304 ? -1 : content.length, this.#last);
    const last = content.length === 0 || this.head.method === 'HEAD' || status === 204 || status === 304;
    this.#session.protocol.sendResponse(this.id, head, last ? END : OPEN);
    this.#status = status;
    if (last) {
      this.#contentless = true;
      this.#finish();
    } else {
      this.#ending = true;
      this.#offer(content, true);
    }
    this.#session.touch();
  }

  /** Sends content. False means: enough for now, go on at `onWritable`. What was given is kept and sent either way. */
  write(data: Uint8Array): boolean {
    if (this.#over) return false;
    if (this.#contentless) return true;
    if (this.#status === null)
      throw new Error(`Exchange ${this.id} has no response head yet: call respond() before write().`);
    if (this.#ending) throw new Error(`Exchange ${this.id} has ended: nothing can be written after end().`);
    this.#offer(data, false);
    this.#session.touch();
    return this.#pending === null;
  }

  /** Sends the last content, if there is any, and ends the response. */
  end(data: Uint8Array = EMPTY): void {
    if (this.#ending || this.#over) return;
    if (this.#status === null)
      throw new Error(`Exchange ${this.id} has no response head yet: call respond() or reply().`);
    this.#ending = true;
    this.#offer(data, true);
    this.#session.touch();
  }

  /** Ends the response with trailer fields (RFC 9110 §6.5). */
  endWithTrailers(fields: FieldSection): void {
    if (this.#ending || this.#over) return;
    if (this.#status === null) throw new Error(`Exchange ${this.id} has no response head yet: call respond() first.`);
    this.#ending = true;
    if (this.#pending === null) this.#sendTrailers(fields);
    else this.#pendingTrailers = fields;
    this.#session.touch();
  }

  /**
   * Gives the exchange up. Before the final head it is answered with 500; after it, the stream is reset or, in HTTP/1.1,
   * the connection is cut, so that the client can tell that the content is not whole.
   */
  fail(message = 'The application failed.'): void {
    if (this.#ended || this.#over) return;
    if (this.#status === null) {
      this.reply({ status: 500, fields: PLAIN_TEXT }, INTERNAL_ERROR);
      return;
    }
    this.abort(message);
  }

  /** Gives the exchange up at once, whatever state it is in. `code` is for HTTP/2 and HTTP/3. */
  abort(message: string, code: number = H2_INTERNAL_ERROR): void {
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

  /** Leaves HTTP with 101, or with 2xx to CONNECT: `take` gets the bare transport once the head has been sent. */
  upgrade(init: ResponseInit, take: (channel: UpgradedChannel) => void): void {
    if (this.#over) return;
    this.#session.expectUpgrade(this.id, take);
    this.#session.protocol.sendResponse(this.id, init, OPEN);
    this.#status = init.status;
    this.#ended = true;
    this.#bodyDone = true;
    this.#session.touch();
  }

  /** Names the taker of the content. Call once; then `pull` for each piece. */
  read(sink: BodySink): void {
    if (this.#sink !== null) throw new Error(`The content of exchange ${this.id} has a reader already.`);
    this.#sink = sink;
    if (this.#aborted !== null && !this.#bodyDone) sink.abort(this.#aborted);
  }

  /** Asks for one more piece of content, or for its end. It may come at once, from inside this call. */
  pull(): void {
    if (this.#sink === null)
      throw new Error(`The content of exchange ${this.id} has no reader yet: call read() first.`);
    if (this.#aborted !== null || this.#dropping || this.#sinkEnded) return;
    this.#wanted = true;
    if (this.#delivering) return;
    this.#deliver();
    if (this.#wanted && this.#status === null && !this.#continued) this.#continue();
  }

  /** Drops what is left of the content. */
  cancel(): void {
    if (this.#bodyDone || this.#dropping) return;
    this.#dropping = true;
    this.#releaseQueue();
    if (this.#bodyEnded) {
      this.#bodyDone = true;
      this.#session.settle(this);
    } else if (this.#ended && this.#session.multiplexed) {
      this.#giveUpBody();
    }
    this.#session.touch();
  }

  // What follows is for the session.

  /** @internal */
  onData(data: Uint8Array, credit: number, endStream: boolean): void {
    if (endStream) this.#bodyEnded = true;
    if (this.#dropping) {
      if (credit > 0) this.#session.protocol.consume(this.id, credit);
      if (endStream) {
        this.#bodyDone = true;
        this.#session.settle(this);
      }
      return;
    }
    if (data.length > 0) {
      if (this.#queue === null) this.#queue = [{ data, credit }];
      else this.#queue.push({ data, credit });
    } else if (credit > 0) {
      this.#session.protocol.consume(this.id, credit);
    }
    if (this.#wanted && !this.#delivering) this.#deliver();
  }

  /** @internal */
  onTrailers(fields: FieldSection): void {
    this.#trailers = fields;
    this.onData(EMPTY, 0, true);
  }

  /** @internal */
  writable(): void {
    if (this.#over) return;
    const pending = this.#pending;
    if (pending !== null) {
      this.#pending = null;
      for (const [index, data] of pending.entries()) {
        const last = index === pending.length - 1;
        this.#offer(data, last && this.#ending && this.#pendingTrailers === null);
      }
      if (this.#pending !== null) return;
      if (this.#pendingTrailers !== null && !this.#ended) this.#sendTrailers(this.#pendingTrailers);
    }
    if (!this.#ending && this.#aborted === null) this.onWritable?.();
  }

  /** The exchange is over before its time, for a reason that the session knows. @internal */
  lost(reason: AbortReason): void {
    if (this.#aborted !== null) return;
    const bodyWasOpen = !this.#bodyDone;
    const responseWasOpen = !this.#ended;
    this.#aborted = reason;
    this.#releaseQueue();
    this.#pending = null;
    this.#bodyDone = true;
    this.#session.settle(this);
    if (bodyWasOpen && !this.#dropping) this.#sink?.abort(reason);
    if (responseWasOpen) this.onAbort?.(reason);
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
    this.#pendingTrailers = null;
    this.#session.protocol.sendTrailers(this.id, fields);
    this.#finish();
  }

  #finish(): void {
    this.#ending = true;
    this.#ended = true;
    if (!this.#bodyEnded) {
      if (!this.#session.multiplexed) this.#loseBody();
      else if (this.#sink === null || this.#dropping) this.#giveUpBody();
    }
    this.#session.settle(this);
  }

  /** After an HTTP/1.1 response, what the client still sends of its request is passed over by `wire`. */
  #loseBody(): void {
    this.#releaseQueue();
    this.#bodyDone = true;
    if (!this.#dropping) this.#sink?.abort(TOO_LATE);
  }

  /** The answer is complete and nobody wants what the client still sends (RFC 9113 §8.1). */
  #giveUpBody(): void {
    this.#releaseQueue();
    if (!this.#over) this.#session.protocol.reset(this.id, H2_NO_ERROR);
    this.#bodyDone = true;
    this.#session.settle(this);
  }

  #releaseQueue(): void {
    const queue = this.#queue;
    this.#queue = null;
    if (queue !== null) for (const chunk of queue) this.#session.protocol.consume(this.id, chunk.credit);
  }

  /** True when the connection has nothing to do with this exchange any more, whether its end was told yet or not. */
  get #over(): boolean {
    return this.#aborted !== null || this.#session.isOver(this.id);
  }

  /** Gives the sink what it asked for, as far as it is here. A loop, since a sink usually pulls from inside `data`. */
  #deliver(): void {
    const sink = this.#sink;
    if (sink === null) return;
    this.#delivering = true;
    try {
      while (this.#wanted && this.#aborted === null) {
        const chunk = this.#queue?.shift();
        if (chunk !== undefined) {
          this.#wanted = false;
          this.#session.protocol.consume(this.id, chunk.credit);
          this.#session.touch();
          sink.data(chunk.data);
        } else if (this.#bodyEnded) {
          this.#wanted = false;
          this.#sinkEnded = true;
          this.#bodyDone = true;
          sink.end(this.#trailers);
          this.#session.settle(this);
        } else {
          break;
        }
      }
    } finally {
      this.#delivering = false;
    }
  }

  /** The first pull of content that the client holds back until it hears 100 (RFC 9110 §10.1.1). */
  #continue(): void {
    this.#continued = true;
    if (this.head.version === '1.0') return;
    for (const [name, value] of this.head.fields) {
      if (name.length === 6 && name.toLowerCase() === 'expect' && value.toLowerCase() === '100-continue') {
        this.respond(CONTINUE);
        return;
      }
    }
  }
}

const EMPTY = new Uint8Array(0);
const END = Object.freeze({ endStream: true });
const OPEN = Object.freeze({ endStream: false });
const TOO_LATE: AbortReason = {
  initiator: 'local',
  code: null,
  message: 'The response ended before the content was read.',
};
const CONTINUE: ResponseInit = { status: 100 };
const PLAIN_TEXT: FieldSection = [['content-type', 'text/plain; charset=utf-8']];
const INTERNAL_ERROR = new TextEncoder().encode('Internal Server Error\n');
