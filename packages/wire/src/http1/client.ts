import { LocalProtocolError } from '../errors.ts';
import { FieldFault } from '../fields/fault.ts';
import type { FieldSection } from '../fields/field.ts';
import { validateTrailers } from '../fields/validate.ts';
import type { RequestInit, ResponseHead } from '../head.ts';
import type { Limits } from '../limits.ts';
import { type Framing, responseFraming, switches } from './body_framing.ts';
import type { Core } from './core.ts';
import type { HeadParser } from './message_head.ts';
import type { MessageReader } from './message_reader.ts';
import type { OutgoingContent } from './outgoing.ts';
import { persists } from './persistence.ts';
import { writeRequestHead } from './request.ts';
import type { Role } from './role.ts';
import { type MessageInput, type MessageState, REQUEST_STATES, RESPONSE_STATES, step } from './state.ts';
import { writtenHead } from './tap.ts';

/** One request and its response, as a client sees them. */
class ClientExchange {
  readonly id: number;
  readonly method: string;
  /** What the request offers to switch to, or null. */
  readonly upgrade: string | null;
  readonly content: OutgoingContent;
  request: MessageState = 'content';
  response: MessageState = 'idle';
  interim = 0;
  starved = false;
  unconsumed = 0;

  constructor(id: number, method: string, upgrade: string | null, content: OutgoingContent) {
    this.id = id;
    this.method = method;
    this.upgrade = upgrade;
    this.content = content;
  }
}

/**
 * The client of a connection: requests leave one behind the other, and responses belong to them in the same order
 * (RFC 9112 §9.2).
 */
export class ClientRole implements Role {
  declare reader: MessageReader;
  readonly #core: Core;
  /** Requests whose response is not complete, oldest first. */
  readonly #exchanges: ClientExchange[] = [];
  /** The request that is being written. */
  #writing: ClientExchange | null = null;
  #lastId = 0;
  /** The server has said that its current response is the last. */
  #serverCloses = false;
  /** `shutdown` was called. */
  #stopping = false;
  /** The last response has been read, or we end for reasons of our own. */
  #finished = false;
  #peerEnded = false;
  #unconsumed = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  get busy(): boolean {
    return this.#exchanges.length > 0;
  }

  get finished(): boolean {
    return this.#finished;
  }

  /** Long silences inside a response are normal (server-sent events): how long is too long is the application's to say. */
  get timesContent(): boolean {
    return false;
  }

  /** When an idle connection is let go is the pool's to say. */
  get timesIdle(): boolean {
    return false;
  }

  get ready(): boolean {
    return this.#core.live && !this.#finished;
  }

  get wantsRead(): boolean {
    if (this.#finished || this.#peerEnded || this.reader.blocked) return false;
    return this.#unconsumed < this.#core.limits.maxUnconsumedBytes;
  }

  parseHead(parser: HeadParser, bytes: Uint8Array, from: number, to: number): number {
    return parser.parseResponse(bytes, from, to);
  }

  onHead(parser: HeadParser): Framing | 'switch' {
    const head = parser.response as ResponseHead;
    const exchange = this.#exchanges[0];
    if (exchange === undefined) {
      this.#fail(`A response (${head.status}) came without a request (RFC 9112 §9.2)`, null);
      return 'none';
    }
    const streamId = exchange.id;
    const leaves = switches(exchange.method, head.status);
    const interim = head.status < 200 && !leaves;
    const framing = leaves ? 'switch' : responseFraming(exchange.method, head.status, parser.facts);
    const whole = framing === 'none' || leaves;
    if (this.#core.tap !== null) this.reader.observeHead(this.#core.tap, streamId, whole && !interim);
    if (head.status === 101 && exchange.upgrade === null) {
      this.#fail('101 came in answer to a request that offers no upgrade (RFC 9110 §7.8)', null);
      return 'none';
    }
    if (interim) {
      if (++exchange.interim > this.#core.limits.maxInterimResponses) {
        this.#fail('Too many interim responses: over the limit maxInterimResponses', 'maxInterimResponses');
      } else this.#core.emit({ type: 'informational', streamId, head });
      return 'none';
    }
    const input: MessageInput = leaves ? 'switch' : whole ? 'whole' : 'head';
    exchange.response = step(RESPONSE_STATES, exchange.response, input) ?? exchange.response;
    this.#core.emit({ type: 'response', streamId, head, endStream: whole });
    if (leaves) {
      this.#leave(exchange);
      return 'switch';
    }
    if (framing === 'close' || !persists(head.version, parser.facts)) {
      this.#serverCloses = true;
      this.#core.move('last');
      this.#core.emit({ type: 'goaway', lastStreamId: streamId, code: 0, debugData: new Uint8Array(0) });
    }
    if (whole) this.#complete(exchange);
    return framing;
  }

  onData(data: Uint8Array, end: boolean): void {
    const exchange = this.#exchanges[0];
    if (exchange === undefined) return;
    if (end) exchange.response = step(RESPONSE_STATES, exchange.response, 'end') ?? exchange.response;
    exchange.unconsumed += data.length;
    this.#unconsumed += data.length;
    const streamId = exchange.id;
    this.#core.emit({ type: 'data', streamId, data, flowControlledLength: data.length, endStream: end });
    if (end) this.#complete(exchange);
  }

  onTrailers(fields: FieldSection): void {
    const exchange = this.#exchanges[0];
    if (exchange === undefined) return;
    exchange.response = step(RESPONSE_STATES, exchange.response, 'trailers') ?? exchange.response;
    this.#core.emit({ type: 'trailers', streamId: exchange.id, fields });
    this.#complete(exchange);
  }

  onFault(fault: FieldFault): void {
    this.#resetAll(fault.reason, false);
    this.#finished = true;
    this.#core.fail(fault, null);
  }

  onEnd(): void {
    this.#peerEnded = true;
    if (this.#exchanges.length === 0) {
      this.#finished = true;
      this.#core.close();
      return;
    }
    this.#fail('The connection ended before the response (RFC 9112 §9.5)', null);
  }

  get openable(): number {
    if (this.#serverCloses || this.#stopping || this.#finished || this.#writing !== null) return 0;
    const last = this.#exchanges.at(-1);
    if (last !== undefined && (last.method === 'CONNECT' || last.upgrade !== null)) return 0;
    return Math.max(0, this.#core.limits.maxPipelinedRequests - this.#exchanges.length);
  }

  sendRequest(init: RequestInit, endStream: boolean): number {
    if (this.#serverCloses || this.#stopping || this.#finished || !this.#core.live) {
      throw new LocalProtocolError('Cannot send a request: the connection takes no more. Open another one');
    }
    if (this.#writing !== null) {
      throw new LocalProtocolError(
        `Cannot send a request: that of stream ${this.#writing.id} has not ended. End it first`,
      );
    }
    if (this.#exchanges.length >= this.#core.limits.maxPipelinedRequests) {
      throw new LocalProtocolError(
        `Cannot send a request: ${this.#exchanges.length} are without a response (limit maxPipelinedRequests)`,
      );
    }
    if (this.#exchanges.at(-1)?.method === 'CONNECT' || (this.#exchanges.at(-1)?.upgrade ?? null) !== null) {
      throw new LocalProtocolError(
        'Cannot send a request: the one before may end HTTP on this connection (RFC 9110 §7.8)',
      );
    }
    const streamId = this.#lastId + 1;
    const { content, length, upgrade } = writeRequestHead(this.#core.output, init, endStream);
    this.#lastId = streamId;
    const exchange = new ClientExchange(streamId, init.method, upgrade, content);
    this.#exchanges.push(exchange);
    this.#writing = exchange;
    if (this.#core.tap !== null) {
      const { startLine, fields } = writtenHead(this.#core.output.committed(length));
      this.#observe(streamId, 'request', length, 0, endStream || content.framing === 'none', startLine, fields);
    }
    if (endStream) this.#endRequest(exchange, 'end');
    return streamId;
  }

  sendResponse(): void {
    throw new LocalProtocolError('Cannot send a response: this end is the client');
  }

  sendData(streamId: number, data: Uint8Array, endStream: boolean): number {
    // A server may answer, or end, before it has read everything: what was still to be said no longer matters.
    if (this.#answeredEarly(streamId)) return data.length;
    const exchange = this.#find(streamId, 'send data on', 'data');
    exchange.content.check(data.length, endStream);
    const taken = Math.min(this.#room(), data.length);
    const end = endStream && taken === data.length;
    if (taken < data.length) exchange.starved = true;
    if (taken > 0 || end) {
      const part = taken === data.length ? data : data.subarray(0, taken);
      const length = exchange.content.write(this.#core.output, part, end);
      if (length > 0 && this.#core.tap !== null) {
        for (const unit of exchange.content.units(length, taken, end)) {
          this.#observe(streamId, unit.kind, unit.length, unit.payloadLength, unit.end, null, null);
        }
      }
    }
    if (end) this.#endRequest(exchange, 'end');
    return taken;
  }

  sendTrailers(streamId: number, fields: FieldSection): void {
    if (this.#answeredEarly(streamId)) return;
    const exchange = this.#find(streamId, 'send trailers on', 'trailers');
    const fault = validateTrailers(fields, '1.1');
    if (fault !== null) throw new LocalProtocolError(`Cannot send these trailers: ${fault.reason}`);
    exchange.content.check(0, true);
    if (exchange.content.framing === 'chunked') {
      const length = exchange.content.writeTrailers(this.#core.output, fields);
      this.#observe(streamId, 'last-chunk', length, 0, true, null, fields);
    }
    this.#endRequest(exchange, 'trailers');
  }

  capacity(streamId: number): number {
    return this.#writing?.id === streamId ? this.#room() : 0;
  }

  /** HTTP/1.1 has no way to give up one exchange: the connection ends, and the requests behind it stay unanswered. */
  reset(streamId: number): void {
    const index = this.#exchanges.findIndex((exchange) => exchange.id === streamId);
    if (index < 0) throw new LocalProtocolError(`Cannot reset stream ${streamId}: it is answered or was never opened`);
    this.#exchanges.splice(index, 1);
    this.#resetAll('Another exchange of the connection was given up', false);
    this.#core.output.clear();
    this.#core.move('last');
    this.#end();
  }

  consume(streamId: number, bytes: number): void {
    const exchange = this.#exchanges[0];
    if (exchange === undefined || exchange.id !== streamId) return;
    const given = Math.min(bytes, exchange.unconsumed);
    exchange.unconsumed -= given;
    this.#unconsumed -= given;
  }

  wake(): void {
    const exchange = this.#writing;
    if (exchange === null || !exchange.starved) return;
    const capacity = this.#room();
    if (2 * capacity < this.#core.limits.outputHighWater) return;
    exchange.starved = false;
    this.#core.emit({ type: 'writable', streamId: exchange.id, capacity });
  }

  shutdown(): void {
    this.#stopping = true;
    this.#core.move('last');
    if (this.#exchanges.length === 0) this.#end();
  }

  abandon(): void {
    this.#resetAll('The server takes no bytes', false);
    this.#end();
  }

  #find(streamId: number, verb: string, input: MessageInput): ClientExchange {
    const exchange = this.#writing;
    if (exchange === null || exchange.id !== streamId || !this.#core.live) {
      throw new LocalProtocolError(`Cannot ${verb} stream ${streamId}: its request has ended, or was never opened`);
    }
    if (step(REQUEST_STATES, exchange.request, input) === null) {
      throw new LocalProtocolError(`Cannot ${verb} stream ${streamId}: its request is at "${exchange.request}"`);
    }
    return exchange;
  }

  /** The request is still being written, and its response is complete on a connection that ends. */
  #answeredEarly(streamId: number): boolean {
    return this.#writing?.id === streamId && this.#writing.response === 'done' && this.#finished;
  }

  #room(): number {
    return Math.max(0, this.#core.limits.outputHighWater - this.#core.output.length);
  }

  #endRequest(exchange: ClientExchange, input: 'end' | 'trailers'): void {
    exchange.request = step(REQUEST_STATES, exchange.request, input) ?? exchange.request;
    this.#writing = null;
  }

  /** The response of the oldest request is complete. */
  #complete(exchange: ClientExchange): void {
    this.#exchanges.shift();
    this.#unconsumed -= exchange.unconsumed;
    if (this.#serverCloses) {
      // Whoever says `close` acts on nothing behind it: what was pipelined there may be sent again (RFC 9112 §9.6).
      this.#resetAll('The server ended the connection with an earlier response', true);
      this.#end();
    } else if (this.#stopping && this.#exchanges.length === 0) this.#end();
  }

  /** HTTP ends on this connection. */
  #leave(exchange: ClientExchange): void {
    this.#exchanges.length = 0;
    this.#core.move('switch');
    const protocol =
      exchange.method === 'CONNECT' ? 'connect' : (this.reader.parser.facts.upgrade ?? exchange.upgrade ?? '');
    this.#core.emit({ type: 'upgrade', streamId: exchange.id, protocol, rest: this.reader.leave() });
  }

  #fail(reason: string, limit: keyof Limits | null): void {
    this.reader.stop();
    this.onFault(new FieldFault(limit ?? 'response', reason, 400, limit));
  }

  #resetAll(reason: string, unprocessed: boolean): void {
    for (const { id } of this.#exchanges.splice(0)) {
      this.#core.emit({ type: 'reset', streamId: id, code: 0, initiator: 'peer', reason, unprocessed });
    }
  }

  #observe(
    streamId: number,
    kind: string,
    length: number,
    payloadLength: number,
    endStream: boolean,
    startLine: string | null,
    fields: FieldSection | null,
  ): void {
    const unit = { kind, streamId, length, payloadLength, flags: 0, endStream, startLine, fields };
    this.#core.tap?.created({ ...unit, value: null, about: null, settings: null });
  }

  #end(): void {
    this.#finished = true;
    if (this.#peerEnded) this.#core.close();
  }
}
