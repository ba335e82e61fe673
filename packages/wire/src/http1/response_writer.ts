import { OutputQueue } from '../bytes/output_queue.ts';
import type { FieldFault } from '../fields/fault.ts';
import type { FieldSection } from '../fields/field.ts';
import type { ResponseInit } from '../head.ts';
import type { Core } from './core.ts';
import { type OutgoingContent, readOwnFields } from './outgoing.ts';
import { faultResponse, OMIT_FRAMING, type ResponsePlan, writeResponseHead } from './response.ts';
import type { ServerExchange } from './server_exchange.ts';
import { type CreatedUnit, writtenHead } from './tap.ts';

const NO_FIELDS: FieldSection = [];

/**
 * Writes responses where they belong: the front exchange straight into the output, the others into queues of their own until
 * their turn comes. Tells the observer, if there is one, in the order of the output.
 */
export class ResponseWriter {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Each exchange has a buffer of its own, or one that waits its turn could starve the one whose turn it is. */
  room(exchange: ServerExchange): number {
    return Math.max(0, this.#core.limits.outputHighWater - this.#queued(exchange));
  }

  interim(exchange: ServerExchange, init: ResponseInit): void {
    readOwnFields(init.fields ?? NO_FIELDS, 'response');
    const length = writeResponseHead(this.#out(exchange), init, '', OMIT_FRAMING);
    if (this.#core.tap !== null) this.#observeHead(exchange, 'informational', length, false);
  }

  head(exchange: ServerExchange, init: ResponseInit, plan: ResponsePlan): void {
    const length = writeResponseHead(this.#out(exchange), init, plan.extra, plan.omit);
    if (this.#core.tap !== null) this.#observeHead(exchange, 'response', length, plan.whole);
  }

  data(exchange: ServerExchange, content: OutgoingContent, data: Uint8Array, end: boolean): void {
    const length = content.write(this.#out(exchange), data, end);
    if (length === 0 || this.#core.tap === null) return;
    for (const unit of content.units(length, data.length, end)) {
      this.#observe(exchange, unit.kind, unit.length, unit.payloadLength, unit.end, null, null);
    }
  }

  /** Trailers have a place behind chunks only; elsewhere the message just ends (RFC 9112 §7.1.2). */
  trailers(exchange: ServerExchange, content: OutgoingContent, fields: FieldSection): void {
    if (content.framing !== 'chunked' || content.discard) return;
    const length = content.writeTrailers(this.#out(exchange), fields);
    if (this.#core.tap !== null) this.#observe(exchange, 'last-chunk', length, 0, true, null, fields);
  }

  /** Answers what could not be read. */
  fault(fault: FieldFault, method: string, streamId: number): void {
    const { output, tap } = this.#core;
    const { head, extra, body } = faultResponse(fault, method);
    const length = writeResponseHead(output, head, extra, null);
    if (tap !== null) {
      const { startLine, fields } = writtenHead(output.committed(length));
      tap.created(unit('response', streamId, length, 0, body.length === 0, startLine, fields));
    }
    if (body.length === 0) return;
    output.add(body);
    tap?.created(unit('content', streamId, body.length, body.length, true, null, null));
  }

  /** The exchange has its turn: what it has queued goes out, and what it writes from now on goes straight there. */
  promote(exchange: ServerExchange): void {
    if (exchange.queue !== null) this.#core.output.appendQueue(exchange.queue);
    exchange.queue = null;
    exchange.front = true;
    if (exchange.units === null) return;
    for (const created of exchange.units) this.#core.tap?.created(created);
    exchange.units = null;
  }

  #queued(exchange: ServerExchange): number {
    return exchange.front ? this.#core.output.length : (exchange.queue?.length ?? 0);
  }

  #out(exchange: ServerExchange): OutputQueue {
    if (exchange.front) return this.#core.output;
    exchange.queue ??= new OutputQueue();
    return exchange.queue;
  }

  #observeHead(exchange: ServerExchange, kind: string, length: number, whole: boolean): void {
    const { startLine, fields } = writtenHead(this.#out(exchange).committed(length));
    this.#observe(exchange, kind, length, 0, whole, startLine, fields);
  }

  #observe(
    exchange: ServerExchange,
    kind: string,
    length: number,
    payloadLength: number,
    endStream: boolean,
    startLine: string | null,
    fields: FieldSection | null,
  ): void {
    const created = unit(kind, exchange.id, length, payloadLength, endStream, startLine, fields);
    if (exchange.front) {
      this.#core.tap?.created(created);
      return;
    }
    exchange.units ??= [];
    exchange.units.push(created);
  }
}

function unit(
  kind: string,
  streamId: number,
  length: number,
  payloadLength: number,
  endStream: boolean,
  startLine: string | null,
  fields: FieldSection | null,
): CreatedUnit {
  const framed = { kind, streamId, length, payloadLength, flags: 0, endStream, startLine, fields };
  return { ...framed, value: null, about: null, settings: null };
}
