import type { RequestInit as WireRequest } from '@interleave/wire';
import type { ConnectionFacts } from '../facts.ts';
import type { CloseReason } from '../host.ts';
import type { ClientExchange } from './exchange.ts';
import { outgoing, respondTo } from './fetch.ts';
import type { ClientSession } from './session.ts';

/** What moves the bytes of a client's connection. */
export interface ClientTransport {
  readonly session: ClientSession;
  shutdown(): void;
  destroy(message: string): void;
}

/** A connection to a server, open and ready to carry exchanges. */
export class ClientConnection {
  /** Resolves when it is over; never rejects. */
  readonly closed: Promise<CloseReason>;
  /** There may be room for a request again, or no use for the connection any more. */
  onChange: (() => void) | null = null;
  readonly #transport: ClientTransport;

  constructor(transport: ClientTransport, closed: Promise<CloseReason>) {
    this.#transport = transport;
    this.closed = closed;
    transport.session.onChange = () => this.onChange?.();
  }

  get facts(): ConnectionFacts {
    return this.#transport.session.facts;
  }

  /** Requests that can be sent now: bounded by the pipeline in HTTP/1.1, by the server's setting in HTTP/2 and HTTP/3. */
  get capacity(): number {
    return this.#transport.session.capacity;
  }

  /** False once no request will ever be taken again. */
  get usable(): boolean {
    return this.#transport.session.usable;
  }

  /** Exchanges under way. */
  get open(): number {
    return this.#transport.session.open;
  }

  /** Exchanges so far. */
  get exchanges(): number {
    return this.#transport.session.exchanges;
  }

  /** Milliseconds that the server keeps the connection when it is idle, where it says so. */
  get keepAlive(): number | null {
    return this.#transport.session.keepAlive;
  }

  /**
   * Sends a request's head; content follows with `write` and `end` unless `endStream` is true.
   *
   * @throws {LocalProtocolError} when there is no `capacity`, or the head is not one that a server would accept.
   */
  request(head: WireRequest, endStream = true): ClientExchange {
    return this.#transport.session.request(head, endStream);
  }

  /**
   * Sends a request in the shape of the Fetch standard, on this very connection: no redirects, cookies, caches or content
   * codings. Rejects with `RequestFailed` when the connection fails before the response.
   */
  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const request = await outgoing(input, init);
    return respondTo(this.request(request.head, request.content === null), request);
  }

  /** No new exchanges; those under way finish; then the connection ends. */
  shutdown(): void {
    this.#transport.shutdown();
  }

  /** Ends at once, whatever is under way. */
  destroy(message = 'The connection was closed by its owner.'): void {
    this.#transport.destroy(message);
  }
}
