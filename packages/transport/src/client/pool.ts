import { DeadlineWheel, type Timed } from '../timers.ts';
import type { ClientConnection } from './connection.ts';
import type { ClientExchange } from './exchange.ts';
import { type Outgoing, outgoing, RequestFailed, respondTo } from './fetch.ts';

/** Scheme, host and port: what a connection leads to. */
export interface Origin {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
}

export interface PoolOptions {
  /** Opens a connection. What it rejects with is what a request rejects with that had no other. */
  readonly dial: (origin: Origin) => Promise<ClientConnection>;
  /** HTTP/1.1 connections to one origin. Default: 6, as browsers have it. HTTP/2 and HTTP/3 need one. */
  readonly perHost?: number;
  /** Milliseconds that a connection is kept with nothing under way; less where the server says less. Default: 30,000. */
  readonly idleTimeout?: number;
  /** How often one request may be sent again when that is safe (RFC 9110 §9.2.2, RFC 9113 §8.7). Default: 2. */
  readonly retries?: number;
}

/** A connection that the server may be about to close is left alone for this long before the time that it named. */
const KEEP_ALIVE_MARGIN = 500;
/** Methods that may be repeated without a further effect (RFC 9110 §9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
const wheel = new DeadlineWheel();

/**
 * Decides which exchange goes on which connection: an open one that has room, else a new one up to the limit, else it
 * waits its turn, first come, first served.
 */
export class Pool {
  readonly #options: Required<PoolOptions>;
  readonly #hosts = new Map<string, HostPool>();
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = { perHost: 6, idleTimeout: 30_000, retries: 2, ...options };
  }

  /** Open connections, of one origin or of all. */
  connections(origin?: string | URL): readonly ClientConnection[] {
    const key = origin === undefined ? null : new URL(origin).origin;
    const hosts = key === null ? [...this.#hosts.values()] : [this.#hosts.get(key)];
    return hosts.flatMap((host) => (host === undefined ? [] : [...host.connections].map((one) => one.connection)));
  }

  /**
   * Sends a request in the shape of the Fetch standard: no redirects, cookies, caches or content codings.
   *
   * It is sent again when its connection fails and that is safe: the server says that it did not act on it; or the
   * connection had carried exchanges before, no byte of the response came, and the method is idempotent. Rejects with
   * `RequestFailed`, with what `dial` rejects with, or with the signal's reason.
   */
  async fetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    if (this.#closed) throw new TypeError('Cannot fetch: the pool is closed.');
    const request = await outgoing(input, init);
    const host = this.#host(request.url);
    for (let attempt = 0; ; attempt++) {
      const { exchange, connection } = await host.take(request);
      try {
        return await respondTo(exchange, request);
      } catch (error) {
        if (attempt >= this.#options.retries || !mayRepeat(request, exchange, connection, error)) throw error;
      }
    }
  }

  /** Takes no more requests; those under way finish, those that wait are refused. Resolves when all connections are over. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#hosts.values()].map((host) => host.close()));
    this.#hosts.clear();
  }

  #host(url: URL): HostPool {
    let host = this.#hosts.get(url.origin);
    if (host === undefined) {
      host = new HostPool(originOf(url), this.#options);
      this.#hosts.set(url.origin, host);
    }
    return host;
  }
}

interface Taken {
  readonly exchange: ClientExchange;
  readonly connection: ClientConnection;
}

interface Waiter {
  readonly request: Outgoing;
  readonly resolve: (taken: Taken) => void;
  readonly reject: (error: unknown) => void;
}

/** The connections to one origin, and who waits for them. */
class HostPool {
  readonly connections = new Set<PooledConnection>();
  readonly #origin: Origin;
  readonly #options: Required<PoolOptions>;
  #waiting: Waiter[] = [];
  #dialing = 0;
  /** What the last connection spoke; null before the first. One connection is enough where it is not HTTP/1.1. */
  #multiplexed: boolean | null = null;
  #closed = false;

  constructor(origin: Origin, options: Required<PoolOptions>) {
    this.#origin = origin;
    this.#options = options;
  }

  /** Sends the head of a request on the first connection that has room. */
  take(request: Outgoing): Promise<Taken> {
    return new Promise((resolve, reject) => {
      const { signal } = request;
      if (signal?.aborted) return reject(signal.reason);
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((one) => one !== waiter);
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        request,
        resolve: (taken) => {
          signal?.removeEventListener('abort', leave);
          resolve(taken);
        },
        reject: (error) => {
          signal?.removeEventListener('abort', leave);
          reject(error);
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiter);
      this.#run();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const waiter of this.#waiting.splice(0)) waiter.reject(new TypeError('Cannot fetch: the pool is closed.'));
    await Promise.all(
      [...this.connections].map(({ connection }) => {
        connection.shutdown();
        return connection.closed;
      }),
    );
  }

  #run(): void {
    while (this.#waiting.length > 0) {
      const pooled = this.#withRoom();
      if (pooled === null) break;
      const waiter = this.#waiting.shift() as Waiter;
      const { connection } = pooled;
      const { head, content } = waiter.request;
      try {
        waiter.resolve({ exchange: connection.request(head, content === null), connection });
      } catch (error) {
        waiter.reject(error);
      }
    }
    while (!this.#closed && this.#dialing < this.#waiting.length && this.#mayDial()) this.#dial();
  }

  /** Of those with room, the one that was busy last: it is the least likely to be closed by the server just now. */
  #withRoom(): PooledConnection | null {
    const now = performance.now();
    let best: PooledConnection | null = null;
    for (const pooled of this.connections) {
      if (pooled.connection.capacity === 0 || pooled.stale(now)) continue;
      if (best === null || pooled.idleSince >= best.idleSince) best = pooled;
    }
    return best;
  }

  #mayDial(): boolean {
    let usable = this.#dialing;
    for (const { connection } of this.connections) if (connection.usable) usable++;
    // Until it is known what the server speaks, one connection is enough to find out.
    return usable < (this.#multiplexed === false ? this.#options.perHost : 1);
  }

  #dial(): void {
    this.#dialing++;
    this.#options.dial(this.#origin).then(
      (connection) => {
        this.#dialing--;
        this.#multiplexed = connection.facts.protocol !== 'http/1.1';
        if (this.#closed) connection.shutdown();
        this.#add(connection);
      },
      (error: unknown) => {
        this.#dialing--;
        // Whoever can still be served waits on; without any connection, the oldest hears why.
        const others = [...this.connections].some(({ connection }) => connection.usable);
        if (!others) this.#waiting.shift()?.reject(error);
        this.#run();
      },
    );
  }

  #add(connection: ClientConnection): void {
    const pooled = new PooledConnection(connection, this.#options.idleTimeout);
    this.connections.add(pooled);
    connection.onChange = () => {
      pooled.changed();
      this.#run();
    };
    void connection.closed.then(() => {
      this.connections.delete(pooled);
      this.#run();
    });
    pooled.changed();
    this.#run();
  }
}

/** A connection and how long it has been idle. */
class PooledConnection implements Timed {
  readonly connection: ClientConnection;
  idleSince: number = performance.now();
  filedAt: number = Number.POSITIVE_INFINITY;
  readonly #idleTimeout: number;

  constructor(connection: ClientConnection, idleTimeout: number) {
    this.connection = connection;
    this.#idleTimeout = idleTimeout;
  }

  changed(): void {
    this.idleSince = performance.now();
    wheel.file(this, this.deadline());
  }

  /** True when it has been idle for so long that it is not to be used again. */
  stale(now: number): boolean {
    return this.connection.open === 0 && now >= this.idleSince + this.#limit;
  }

  deadline(): number | null {
    return this.connection.open === 0 && this.connection.usable ? this.idleSince + this.#limit : null;
  }

  expire(): void {
    this.connection.shutdown();
  }

  get #limit(): number {
    const { keepAlive } = this.connection;
    return keepAlive === null
      ? this.#idleTimeout
      : Math.min(this.#idleTimeout, Math.max(0, keepAlive - KEEP_ALIVE_MARGIN));
  }
}

/** True when a request that failed may be sent once more without the server acting on it twice in a way that matters. */
function mayRepeat(
  { head, content, signal }: Outgoing,
  exchange: ClientExchange,
  connection: ClientConnection,
  error: unknown,
): boolean {
  if (!(error instanceof RequestFailed) || signal?.aborted) return false;
  if (content instanceof ReadableStream || exchange.response !== null) return false;
  if (error.reason.unprocessed === true) return true;
  // The server ended a connection that it had kept open: most likely it did not see the request (RFC 9112 §9.3.1).
  return error.reason.initiator === 'peer' && exchange.nth > 1 && !connection.usable && IDEMPOTENT.has(head.method);
}

function originOf(url: URL): Origin {
  const scheme = url.protocol === 'https:' ? 'https' : 'http';
  const host = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  return { scheme, host, port: url.port === '' ? (scheme === 'https' ? 443 : 80) : Number(url.port) };
}
