import type { FieldLine, ResponseHead, RequestInit as WireRequest } from '@interleave/wire';
import { contentStream } from '../content-stream.ts';
import type { AbortReason } from '../host.ts';
import type { ClientExchange } from './exchange.ts';

/** A request that got no whole response head. `reason` says which side gave up, and whether the server acted on it. */
export class RequestFailed extends TypeError {
  override readonly name = 'RequestFailed';
  readonly reason: AbortReason;
  constructor(reason: AbortReason) {
    super(reason.message);
    this.reason = reason;
  }
}

/** A request taken apart, ready to go on any connection, as often as its content can be said again. */
export interface Outgoing {
  readonly url: URL;
  readonly head: WireRequest;
  readonly content: Uint8Array | ReadableStream<Uint8Array> | null;
  readonly signal: AbortSignal | null;
}

/** What a connection says for itself, whatever the application has said. */
const OWN = new Set([
  'host',
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'te',
  'expect',
]);

/**
 * Takes a request apart. Content that is given as text or bytes is kept and can be sent again; a stream can be sent once.
 *
 * @throws {TypeError} for what the Fetch standard refuses, and for a URL that is not http: or https:.
 */
export async function outgoing(input: string | URL | Request, init: RequestInit = {}): Promise<Outgoing> {
  const { body, ...rest } = init;
  // A body that is a stream needs `duplex`; any other is read here, once.
  const streamed = body instanceof ReadableStream;
  const request = new Request(input, streamed ? ({ ...init, duplex: 'half' } as RequestInit) : init);
  const url = new URL(request.url);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`Cannot fetch ${url.protocol}//…: this client speaks http: and https:.`);
  }
  const ownStream = streamed || (body === undefined && input instanceof Request);
  const content = request.body === null ? null : ownStream ? request.body : new Uint8Array(await request.arrayBuffer());
  const fields: FieldLine[] = [];
  for (const [name, value] of request.headers) {
    if (OWN.has(name) || (name === 'content-length' && content instanceof Uint8Array)) continue;
    fields.push([name, value]);
  }
  if (content instanceof Uint8Array) fields.push(['content-length', String(content.length)]);
  const head: WireRequest = {
    method: request.method,
    target: url.pathname + url.search,
    scheme: url.protocol.slice(0, -1),
    authority: url.host,
    fields,
  };
  return { url, head, content, signal: rest.signal ?? (input instanceof Request ? input.signal : null) };
}

/** Sends on an exchange what `outgoing` describes, and resolves to the response once its head is there. */
export function respondTo(exchange: ClientExchange, { content, signal, head }: Outgoing): Promise<Response> {
  return new Promise((resolve, reject) => {
    const stop = (): void => exchange.abort(messageOf(signal?.reason));
    // A signal may outlive thousands of requests: none of them stays behind on it.
    exchange.onSettled = () => signal?.removeEventListener('abort', stop);
    exchange.onAbort = (reason) => {
      reject(signal?.aborted ? (signal.reason as Error) : new RequestFailed(reason));
    };
    exchange.onResponse = (response, endStream) => {
      try {
        resolve(responseOf(exchange, response, endStream || head.method === 'HEAD'));
      } catch (error) {
        exchange.abort(messageOf(error));
        reject(error);
      }
    };
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
    if (content instanceof Uint8Array) exchange.end(content);
    else if (content !== null) void send(exchange, content);
  });
}

/** Statuses for which the Fetch standard knows no body. */
const BODILESS = new Set([204, 205, 304]);

function responseOf(exchange: ClientExchange, head: ResponseHead, empty: boolean): Response {
  const headers = new Headers();
  for (const [name, value] of head.fields) headers.append(name, value);
  const bodiless = empty || BODILESS.has(head.status);
  if (bodiless && !empty) exchange.cancel();
  const body = bodiless ? null : contentStream(exchange, (reason) => new RequestFailed(reason));
  return new Response(body, { status: head.status, headers });
}

/** Copies a stream into the request, at the pace of the server. */
async function send(exchange: ClientExchange, content: ReadableStream<Uint8Array>): Promise<void> {
  const reader = content.getReader();
  let resume: (() => void) | null = null;
  exchange.onWritable = () => resume?.();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (exchange.aborted !== null) break;
      if (done) return exchange.end();
      if (exchange.write(value)) continue;
      if (exchange.aborted !== null) break;
      await new Promise<void>((resolve) => {
        resume = resolve;
      });
    }
    await reader.cancel(exchange.aborted?.message);
  } catch (error) {
    exchange.abort(`The request's content failed: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'The request was given up.';
}
