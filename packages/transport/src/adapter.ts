import type { FieldLine, ResponseInit as HeadInit } from '@interleave/wire';
import type { Exchange } from './exchange.ts';
import type { ConnectionFacts, ExchangeFacts } from './facts.ts';
import { LeanResponse, responseParts } from './lean-response.ts';
import { requestOf } from './request.ts';
import type { ExchangeHandler } from './session.ts';

/** What stands beside a request: which connection carried it, and its place there. */
export interface RequestInfo {
  readonly connection: ConnectionFacts;
  readonly exchange: ExchangeFacts;
}

/** Answers a request, in the shape that Deno, Workers and service workers share. */
export type RequestHandler = (request: Request, info: RequestInfo) => Response | Promise<Response>;

/** Puts `Request → Response` on top of exchanges. */
export function toExchangeHandler(handler: RequestHandler, scheme: 'http' | 'https'): ExchangeHandler {
  return (exchange) => {
    const request = requestOf(exchange, scheme);
    const result = handler(request, new LazyInfo(exchange));
    // A response that is ready is sent before the next request is looked at, and costs no promise.
    if (result instanceof LeanResponse && sendLean(exchange, result, request)) return;
    return result instanceof Promise
      ? result.then((response) => sendResponse(exchange, response, request))
      : sendResponse(exchange, result, request);
  };
}

class LazyInfo implements RequestInfo {
  readonly exchange: Exchange;
  constructor(exchange: Exchange) {
    this.exchange = exchange;
  }
  get connection(): ConnectionFacts {
    return this.exchange.connection;
  }
}

/** Turns of the job queue in which a short body may show that it is complete, so that it gets a Content-Length. */
const PATIENCE = 4;

/**
 * Sends a `Response` as the answer to an exchange, at the pace of the client. When the body fails half-way, the stream is
 * reset (HTTP/1.1: the connection is cut). Resolves when the last byte was handed over, never rejects because of the client.
 */
export async function sendResponse(
  exchange: Exchange,
  response: Response,
  request: Request | null = null,
): Promise<void> {
  if (!(response instanceof Response)) {
    throw new TypeError(`The handler must answer with a Response; it answered with ${describe(response)}.`);
  }
  if (sendLean(exchange, response, request)) return;
  const init = headOf(response);
  const { body } = response;
  if (body === null) {
    exchange.reply(init);
    finishRequest(exchange, request);
    return;
  }
  if (body.locked) throw new TypeError('The handler answered with a Response whose body has been read already.');
  const reader = body.getReader();
  if (exchange.aborted !== null || exchange.head.method === 'HEAD') {
    exchange.respond(init, true);
    await reader.cancel(exchange.aborted?.message).catch(ignore);
    return;
  }
  const gate: Gate = { open: null };
  const signal = exchange.onAbort;
  exchange.onAbort = (reason) => {
    signal?.(reason);
    reader.cancel(reason.message).catch(ignore);
    gate.open?.();
  };
  try {
    const short = hasField(init, 'content-length') ? null : await shortBody(reader);
    if (short !== null && 'whole' in short) {
      exchange.reply(init, short.whole);
    } else {
      exchange.respond(init);
      await pump(exchange, reader, short === null ? [] : short.begun, gate);
    }
  } catch (error) {
    exchange.fail();
    reader.cancel(error).catch(ignore);
    throw error;
  }
  finishRequest(exchange, request);
}

/** Sends a response that still is text or bytes; false when it has to be read as a stream. */
function sendLean(exchange: Exchange, response: Response, request: Request | null): boolean {
  const parts = responseParts(response);
  if (parts === null) return false;
  exchange.reply(parts, parts.content);
  finishRequest(exchange, request);
  return true;
}

/** Where a writer waits for room. */
interface Gate {
  open: (() => void) | null;
}

type Read = Promise<ReadableStreamReadResult<Uint8Array>>;

/** Copies the rest of a body, waiting whenever the client does not keep up. */
async function pump(
  exchange: Exchange,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  begun: Read[],
  gate: Gate,
): Promise<void> {
  exchange.onWritable = () => gate.open?.();
  for (;;) {
    const { done, value } = await (begun.shift() ?? reader.read());
    if (exchange.aborted !== null) return;
    if (done) break;
    if (!(value instanceof Uint8Array)) {
      throw new TypeError(`A response body must give Uint8Array chunks; it gave ${describe(value)}.`);
    }
    if (value.length > 0 && !exchange.write(value)) {
      await new Promise<void>((resolve) => {
        gate.open = resolve;
      });
      gate.open = null;
      if (exchange.aborted !== null) return;
    }
  }
  exchange.end();
}

/** The whole body if it is there at once in one piece, else the reads that were begun to find out. */
async function shortBody(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<{ whole: Uint8Array } | { begun: Read[] }> {
  const first = reader.read();
  const one = await soon(first);
  if (one === null) return { begun: [first] };
  if (one.done) return { whole: new Uint8Array(0) };
  const second = reader.read();
  const two = await soon(second);
  if (two?.done && one.value instanceof Uint8Array) return { whole: one.value };
  return { begun: [first, second] };
}

/** What the promise resolves to, if it does so within a few turns; a rejection is left for whoever awaits it. */
async function soon<T>(promise: Promise<T>): Promise<T | null> {
  let settled: T | null = null;
  promise.then((value) => {
    settled = value;
  }, ignore);
  for (let turn = 0; turn < PATIENCE && settled === null; turn++) await null;
  return settled;
}

/** The response is complete: content of the request that nobody is reading is not waited for. */
function finishRequest(exchange: Exchange, request: Request | null): void {
  if (request === null || !request.bodyUsed) exchange.cancel();
}

function headOf(response: Response): HeadInit {
  const fields: FieldLine[] = [];
  for (const line of response.headers) fields.push(line);
  return { status: response.status, fields };
}

function hasField(init: HeadInit, name: string): boolean {
  return init.fields?.some((line) => line[0] === name) ?? false;
}

function describe(value: unknown): string {
  return value === null || typeof value !== 'object' ? String(value) : (value.constructor?.name ?? 'an object');
}

function ignore(): void {}
