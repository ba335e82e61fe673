import { LocalProtocolError } from '../errors.ts';
import type { FieldFault } from '../fields/fault.ts';
import type { FieldSection } from '../fields/field.ts';
import { validateTrailers } from '../fields/validate.ts';
import type { RequestHead, ResponseInit } from '../head.ts';
import { type Framing, requestFraming, switches } from './body_framing.ts';
import type { Core } from './core.ts';
import { ExchangeQueue } from './exchange_queue.ts';
import type { HeadParser } from './message_head.ts';
import type { MessageReader } from './message_reader.ts';
import { OutgoingContent } from './outgoing.ts';
import { persists } from './persistence.ts';
import { planResponse } from './response.ts';
import { ResponseWriter } from './response_writer.ts';
import type { Role } from './role.ts';
import { ServerExchange } from './server_exchange.ts';
import type { MessageInput, MessageStep } from './state.ts';

/** What one piece of content counts for when the application is slow to consume many small ones. */
const PIECE = 32;

/**
 * The server of a connection: requests come in order, may be answered in any order, and the responses leave in the order of
 * the requests (RFC 9112 §9.3.2).
 */
export class ServerRole implements Role {
  declare reader: MessageReader;
  readonly #core: Core;
  readonly #writer: ResponseWriter;
  readonly #autoContinue: boolean;
  /** Oldest first; the first one writes straight into the output. */
  readonly #exchanges: ExchangeQueue = new ExchangeQueue();
  #lastId = 0;
  /** No request follows: the client said so, or we did. */
  #noMore = false;
  /** `shutdown` was called. */
  #stopping = false;
  /** What was wrong with what came after the exchanges that are still under way. */
  #fault: FieldFault | null = null;
  #peerEnded = false;
  #finished = false;
  #unconsumed = 0;
  #pieces = 0;

  constructor(core: Core, autoContinue: boolean) {
    this.#core = core;
    this.#writer = new ResponseWriter(core);
    this.#autoContinue = autoContinue;
  }

  get busy(): boolean {
    return this.#exchanges.length > 0;
  }

  get finished(): boolean {
    return this.#finished;
  }

  get timesContent(): boolean {
    return this.wantsRead;
  }

  get timesIdle(): boolean {
    return true;
  }

  get ready(): boolean {
    if (this.#noMore || !this.#core.live || this.#fault !== null) return false;
    if (this.#stopping && !this.reader.inMessage) return false;
    const open = this.#exchanges.length;
    if (open === 0) return true;
    if (open >= this.#core.limits.maxPipelinedRequests) return false;
    return !this.#exchanges.last?.maySwitch;
  }

  get wantsRead(): boolean {
    const { limits, output } = this.#core;
    if (this.#finished || this.#peerEnded || this.#fault !== null || this.reader.blocked) return false;
    if (this.#unconsumed >= limits.maxUnconsumedBytes || this.#pieces * PIECE >= limits.maxUnconsumedBytes)
      return false;
    return output.length <= limits.outputHighWater;
  }

  parseHead(parser: HeadParser, bytes: Uint8Array, from: number, to: number): number {
    return parser.parseRequest(bytes, from, to);
  }

  onHead(parser: HeadParser): Framing {
    const head = parser.request as RequestHead;
    const facts = parser.facts;
    const framing = requestFraming(facts);
    const modern = head.version === '1.1';
    const persistent = persists(head.version, facts);
    const exchange = new ServerExchange(
      ++this.#lastId,
      head.method,
      head.version,
      persistent,
      modern && facts.connectionUpgrade ? facts.upgrade : null,
      modern && facts.expectContinue && framing !== 'none',
      this.#exchanges.length === 0,
    );
    this.#exchanges.push(exchange);
    const whole = framing === 'none';
    const { request } = exchange;
    exchange.request = (whole ? request.whole : request.head) ?? request;
    if (!persistent || this.#stopping) this.#noMore = true;
    if (this.#core.tap !== null) this.reader.observeHead(this.#core.tap, exchange.id, whole);
    this.#core.emit({ type: 'request', streamId: exchange.id, head, endStream: whole });
    if (exchange.awaitsContinue && this.#autoContinue) this.sendResponse(exchange.id, { status: 100 }, false);
    return framing;
  }

  onData(data: Uint8Array, end: boolean): void {
    const exchange = this.#exchanges.last;
    if (exchange === null) return;
    if (data.length > 0) exchange.awaitsContinue = false;
    if (end) exchange.request = exchange.request.end ?? exchange.request;
    if (exchange.response.name === 'done') {
      this.#drop(exchange, data.length);
      return;
    }
    exchange.unconsumed += data.length;
    this.#unconsumed += data.length;
    this.#pieces++;
    const streamId = exchange.id;
    this.#core.emit({ type: 'data', streamId, data, flowControlledLength: data.length, endStream: end });
  }

  onTrailers(fields: FieldSection): void {
    const exchange = this.#exchanges.last;
    if (exchange === null) return;
    exchange.request = exchange.request.trailers ?? exchange.request;
    if (exchange.response.name === 'done') this.#drop(exchange, 0);
    else this.#core.emit({ type: 'trailers', streamId: exchange.id, fields });
  }

  onFault(fault: FieldFault): void {
    this.#fault = fault;
    this.#raise();
  }

  onEnd(): void {
    this.#peerEnded = true;
    if (this.#exchanges.length === 0) this.#finish();
  }

  get openable(): number {
    return 0;
  }

  sendRequest(): number {
    throw new LocalProtocolError('Cannot send a request: this end is the server');
  }

  sendResponse(streamId: number, init: ResponseInit, endStream: boolean): void {
    const exchange = this.#find(streamId, 'respond on');
    const { status } = init;
    const leaves = switches(exchange.method, status);
    if (leaves && exchange.request.name !== 'done') {
      throw new LocalProtocolError(`Cannot switch protocols on stream ${streamId}: its request has not ended`);
    }
    if (status === 101 && exchange.upgrade === null) {
      throw new LocalProtocolError(
        `Cannot answer stream ${streamId} with 101: its request offers no upgrade (RFC 9110 §7.8)`,
      );
    }
    const input: MessageInput = leaves ? 'switch' : status < 200 ? 'interim' : 'head';
    const { response } = exchange;
    const next = this.#allow(
      exchange,
      leaves ? response.switch : status < 200 ? response.interim : response.head,
      input,
    );
    if (input === 'interim') {
      // HTTP/1.0 does not know interim responses, and nobody misses them (RFC 9110 §15.2).
      if (exchange.version !== '1.0') this.#writer.interim(exchange, init);
      if (status === 100) exchange.awaitsContinue = false;
      return;
    }
    const plan = planResponse(exchange, init, endStream, this.#closes(exchange));
    const content = leaves ? null : new OutgoingContent(plan.framing, plan.length, plan.discard);
    exchange.last = plan.last;
    this.#writer.head(exchange, init, plan);
    if (exchange.last) this.#core.move('last');
    exchange.response = next;
    if (leaves) {
      this.#noMore = true;
      if (exchange.front) this.#switch(exchange);
      return;
    }
    exchange.content = content;
    if (endStream) this.#endResponse(exchange, next.end);
  }

  sendData(streamId: number, data: Uint8Array, endStream: boolean): number {
    const exchange = this.#find(streamId, 'send data on');
    this.#allow(exchange, exchange.response.data, 'data');
    const content = exchange.content as OutgoingContent;
    content.check(data.length, endStream);
    const room = content.discard ? data.length : this.#writer.room(exchange);
    const taken = Math.min(room, data.length);
    const whole = taken === data.length;
    if (!whole) exchange.starved = true;
    if (taken > 0 || (endStream && whole)) {
      this.#writer.data(exchange, content, whole ? data : data.subarray(0, taken), endStream && whole);
    }
    if (endStream && whole) this.#endResponse(exchange, exchange.response.end);
    return taken;
  }

  sendTrailers(streamId: number, fields: FieldSection): void {
    const exchange = this.#find(streamId, 'send trailers on');
    this.#allow(exchange, exchange.response.trailers, 'trailers');
    const fault = validateTrailers(fields, '1.1');
    if (fault !== null) throw new LocalProtocolError(`Cannot send these trailers: ${fault.reason}`);
    const content = exchange.content as OutgoingContent;
    content.check(0, true);
    this.#writer.trailers(exchange, content, fields);
    this.#endResponse(exchange, exchange.response.trailers);
  }

  capacity(streamId: number): number {
    const exchange = this.#exchanges.get(streamId);
    if (exchange === null || exchange.response.name !== 'content') return 0;
    return this.#writer.room(exchange);
  }

  /**
   * HTTP/1.1 has no way to give up one exchange: the connection ends where the exchange has come to, and what was asked after
   * it is not answered.
   */
  reset(streamId: number): void {
    const exchange = this.#find(streamId, 'reset');
    this.#refuseAfter(exchange);
    this.reader.stop();
    exchange.response = exchange.response.abort ?? exchange.response;
    this.#noMore = true;
    this.#core.move('last');
    this.#advance();
  }

  consume(streamId: number, bytes: number): void {
    const exchange = this.#exchanges.get(streamId);
    if (exchange === null) return;
    const given = Math.min(bytes, exchange.unconsumed);
    exchange.unconsumed -= given;
    this.#unconsumed -= given;
    if (this.#unconsumed === 0) this.#pieces = 0;
  }

  wake(): void {
    for (let exchange = this.#exchanges.first; exchange !== null; exchange = exchange.next) {
      if (!exchange.starved) continue;
      const capacity = this.#writer.room(exchange);
      // Half a buffer at a time: waking for every byte would turn one write into many.
      if (2 * capacity < this.#core.limits.outputHighWater) continue;
      exchange.starved = false;
      this.#core.emit({ type: 'writable', streamId: exchange.id, capacity });
    }
  }

  shutdown(): void {
    this.#stopping = true;
    this.#core.move('last');
    if (this.#exchanges.length === 0 && !this.reader.inMessage) this.#finish();
  }

  abandon(): void {
    this.#exchanges.clear();
    this.#finished = true;
    this.reader.stop();
  }

  #find(streamId: number, verb: string): ServerExchange {
    const exchange = this.#exchanges.get(streamId);
    if (exchange === null || !this.#core.live) {
      throw new LocalProtocolError(`Cannot ${verb} stream ${streamId}: it is answered, given up, or was never opened`);
    }
    return exchange;
  }

  /** The step itself, unless there is none for what is to be sent. */
  #allow(exchange: ServerExchange, next: MessageStep | null, input: MessageInput): MessageStep {
    if (next !== null) return next;
    throw new LocalProtocolError(
      `Cannot send ${input} on stream ${exchange.id}: its response is at "${exchange.response.name}" (see RESPONSE_STATES)`,
    );
  }

  /** Whether the connection ends with this response, whatever the response says. */
  #closes(exchange: ServerExchange): boolean {
    if (!exchange.persists) return true;
    // The client may or may not send the content that it announced: what comes next cannot be told apart (RFC 9110 §10.1.1).
    if (exchange.awaitsContinue) return true;
    const latest = exchange.id === this.#lastId;
    return latest && (this.#peerEnded || (this.#stopping && !this.#expectsMore(exchange)));
  }

  #expectsMore(exchange: ServerExchange): boolean {
    return exchange.request.name === 'done' && this.reader.inMessage;
  }

  #endResponse(exchange: ServerExchange, next: MessageStep | null): void {
    exchange.response = next ?? exchange.response;
    if (exchange.front) this.#advance();
  }

  /** Throws away what a client still sends of a request that is answered: some, so that the connection can go on. */
  #drop(exchange: ServerExchange, bytes: number): void {
    exchange.dropped += bytes;
    if (exchange.dropped > this.#core.limits.maxUnconsumedBytes) exchange.last = true;
    this.#advance();
  }

  /** Lets the next exchanges have their turn while the first is done. */
  #advance(): void {
    for (;;) {
      const front = this.#exchanges.first;
      if (front === null) break;
      if (!front.front) this.#writer.promote(front);
      if (front.response.name === 'switched') {
        this.#switch(front);
        return;
      }
      if (front.response.name === 'aborted' || (front.response.name === 'done' && front.last)) {
        this.#end(front);
        return;
      }
      if (!front.done) break;
      this.#exchanges.shift();
      this.#unconsumed -= front.unconsumed;
      if (this.#unconsumed === 0) this.#pieces = 0;
    }
    this.#raise();
    if (this.#exchanges.length > 0 || !this.#core.live) return;
    if (this.#peerEnded || this.#noMore || (this.#stopping && !this.reader.inMessage)) this.#finish();
  }

  #switch(exchange: ServerExchange): void {
    this.#core.move('switch');
    this.#exchanges.clear();
    const protocol = exchange.method === 'CONNECT' ? 'connect' : (exchange.upgrade as string);
    this.#core.emit({ type: 'upgrade', streamId: exchange.id, protocol, rest: this.reader.leave() });
  }

  /** The connection ends after what is in the output; whatever else the client sent is not answered. */
  #end(front: ServerExchange): void {
    this.#refuseAfter(front);
    this.#exchanges.clear();
    this.#finished = true;
    this.#core.move('last');
    if (this.#peerEnded) this.#core.close();
  }

  /** Lets go of the exchanges after `exchange`: the connection ends before their turn. */
  #refuseAfter(exchange: ServerExchange): void {
    const reason = 'The connection ends with an earlier exchange';
    for (const { id } of this.#exchanges.cutAfter(exchange)) {
      this.#core.emit({ type: 'reset', streamId: id, code: 0, initiator: 'local', reason, unprocessed: true });
    }
  }

  #finish(): void {
    this.#finished = true;
    if (this.#peerEnded) this.#core.close();
    else this.#core.move('last');
  }

  /**
   * Reports a fault once every request before it is answered, and answers it with its status where the response has not
   * begun: an error is a response like any other, and has its place in the order.
   */
  #raise(): void {
    const fault = this.#fault;
    if (fault === null || !this.#core.live) return;
    const front = this.#exchanges.first;
    if (front !== null && front.request.name === 'done') return;
    this.#finished = true;
    if (front === null || front.response.name === 'idle') {
      this.#writer.fault(fault, front?.method ?? '', front?.id ?? this.#lastId + 1);
    }
    this.#exchanges.clear();
    this.#core.fail(fault, fault.status);
  }
}
