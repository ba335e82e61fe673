import type { FieldSection, RequestHead } from '@interleave/wire';
import { contentStream } from './content-stream.ts';
import type { Exchange } from './exchange.ts';
import type { AbortReason } from './host.ts';

/**
 * A `Request` over an exchange whose URL, headers, body and signal are made only when somebody asks: a `Request` of the
 * platform costs about as much as a whole exchange.
 *
 * It is a `Request` for `instanceof`, and for everything that reads it through its members. Where the platform looks
 * behind the members (`new Request(request, …)`, `fetch(request)`), pass `platformRequest(request)` instead.
 */
class LazyRequest {
  readonly #exchange: Exchange;
  readonly #scheme: string;
  #url: string | null = null;
  #headers: Headers | null = null;
  #controller: AbortController | null = null;
  #aborted: AbortReason | null = null;
  #body: ReadableStream<Uint8Array<ArrayBuffer>> | null = null;
  #used = false;
  #platform: Request | null = null;

  constructor(exchange: Exchange, scheme: string) {
    this.#exchange = exchange;
    this.#scheme = scheme;
    exchange.onAbort = (reason) => {
      this.#aborted = reason;
      this.#controller?.abort(abortError(reason));
    };
  }

  get method(): string {
    return this.#exchange.head.method;
  }

  get url(): string {
    this.#url ??= requestUrl(this.#exchange.head, this.#scheme);
    return this.#url;
  }

  get headers(): Headers {
    this.#headers ??= headersOf(this.#exchange.head.fields);
    return this.#headers;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#aborted !== null) this.#controller.abort(abortError(this.#aborted));
    }
    return this.#controller.signal;
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    if (!this.#exchange.hasBody) return null;
    if (this.#platform !== null) return this.#platform.body as ReadableStream<Uint8Array<ArrayBuffer>> | null;
    this.#body ??= contentStream(this.#exchange, abortError);
    return this.#body;
  }

  get bodyUsed(): boolean {
    if (this.#platform !== null) return this.#platform.bodyUsed;
    return this.#used || (this.#body?.locked ?? false);
  }

  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    if (!this.#exchange.hasBody) return Promise.resolve(new Uint8Array(0));
    if (this.#platform !== null) return this.#platform.bytes() as Promise<Uint8Array<ArrayBuffer>>;
    if (this.bodyUsed)
      return Promise.reject(new TypeError('Cannot read the content of this request: it has been read.'));
    this.#used = true;
    return this.#body === null ? collect(this.#exchange) : new Response(this.#body).bytes();
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer;
  }

  async text(): Promise<string> {
    return utf8.decode(await this.bytes());
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async blob(): Promise<Blob> {
    return new Blob([await this.bytes()], { type: this.headers.get('content-type') ?? '' });
  }

  async formData(): Promise<FormData> {
    const type = this.headers.get('content-type');
    return new Response(await this.bytes(), type === null ? {} : { headers: { 'content-type': type } }).formData();
  }

  clone(): Request {
    return this.platform().clone();
  }

  /** The same request as the platform's own object; from then on both share one body. */
  platform(): Request {
    if (this.#platform === null) {
      const body = this.body;
      this.#platform = new Request(this.url, {
        method: this.method,
        headers: this.headers,
        signal: this.signal,
        ...(body === null || this.method === 'GET' || this.method === 'HEAD' ? {} : { body, duplex: 'half' }),
      });
    }
    return this.#platform;
  }

  get cache(): RequestCache {
    return 'default';
  }
  get credentials(): RequestCredentials {
    return 'same-origin';
  }
  get destination(): RequestDestination {
    return '';
  }
  get integrity(): string {
    return '';
  }
  get keepalive(): boolean {
    return false;
  }
  get mode(): RequestMode {
    return 'cors';
  }
  get redirect(): RequestRedirect {
    return 'follow';
  }
  get referrer(): string {
    return 'about:client';
  }
  get referrerPolicy(): ReferrerPolicy {
    return '';
  }
  get duplex(): 'half' {
    return 'half';
  }
}
Object.setPrototypeOf(LazyRequest.prototype, Request.prototype);

/** The request of an exchange, in the shape of the Fetch standard. `scheme` is for versions that do not send one. */
export function requestOf(exchange: Exchange, scheme: 'http' | 'https'): Request {
  return new LazyRequest(exchange, scheme) as unknown as Request;
}

/** The platform's own `Request` for one that `serve` made; any other is returned as it is. */
export function platformRequest(request: Request): Request {
  return (request as unknown) instanceof LazyRequest ? (request as unknown as LazyRequest).platform() : request;
}

const utf8 = new TextDecoder();
/** What needs no URL parser: no dot segment, no character that it would change. */
const PLAIN_TARGET = /^(?![^?]*(?:\/\.|%2[eE]))\/[!$%&(-;=@-Z_a-z~]*(?:\?[!$%&(-;=?-Z_a-z~]*)?$/;
const PLAIN_AUTHORITY = /^[a-z0-9-]+(?:\.[a-z0-9-]*[a-z][a-z0-9-]*)*(?::[1-9][0-9]{0,4})?$/;

/** The effective URL of a request (RFC 9110 §7.1), as the URL standard spells it. */
export function requestUrl(head: RequestHead, scheme: string): string {
  const { target } = head;
  const authority = head.authority ?? 'localhost';
  const base = `${head.scheme ?? scheme}://${authority}`;
  if (PLAIN_TARGET.test(target) && PLAIN_AUTHORITY.test(authority) && !/:(?:80|443)$/.test(authority))
    return base + target;
  if (target.startsWith('/')) return new URL(base + target).href;
  if (target === '*' || head.method === 'CONNECT') return new URL(base).href;
  return new URL(target).href;
}

function headersOf(fields: FieldSection): Headers {
  const headers = new Headers();
  for (const [name, value] of fields) headers.append(name, value);
  return headers;
}

function abortError(reason: AbortReason): DOMException {
  return new DOMException(reason.message || 'The client has gone.', 'AbortError');
}

/** All content in one array, without a stream in between. */
function collect(exchange: Exchange): Promise<Uint8Array<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    exchange.read({
      data(chunk) {
        chunks.push(chunk);
        size += chunk.length;
        exchange.pull();
      },
      end() {
        const all = new Uint8Array(size);
        let at = 0;
        for (const chunk of chunks) {
          all.set(chunk, at);
          at += chunk.length;
        }
        resolve(all);
      },
      abort: (reason) => reject(abortError(reason)),
    });
    exchange.pull();
  });
}
