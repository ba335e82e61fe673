import {
  type Event,
  LocalProtocolError,
  type Observer,
  type ProtocolConnection,
  type RequestHead,
  withLimits,
} from '@interleave/wire';
import { Http1Connection } from '@interleave/wire/http1';
import { type Asked, LARGEST_BODY, type Reply, type Service } from './service.ts';

/** Where a server's bytes go. */
export interface Outlet {
  send(bytes: Uint8Array): void;
  /** Everything was sent; this side ends. */
  close(): void;
}

export interface PipeServerOptions {
  readonly service: Service;
  readonly outlet: Outlet;
  /** The server's side of the connection; by default HTTP/1.1. */
  readonly connection?: ProtocolConnection;
  readonly observe?: Observer;
  /** The value of Date; a server without a clock sends none (RFC 9110 §6.6.1). */
  readonly date?: () => string;
  readonly now?: () => number;
}

interface Arriving {
  readonly head: RequestHead;
  readonly chunks: Uint8Array[];
  size: number;
}

/**
 * The server's end of a pipe: whatever carries bytes in order on one side, `wire` and a service on the other. It knows neither
 * TCP nor WebSocket, which is the point of it: HTTP asks for reliable ordered bytes and nothing more (RFC 9110 §7.7).
 */
export class PipeServer {
  readonly #connection: ProtocolConnection;
  readonly #options: PipeServerOptions;
  readonly #now: () => number;
  readonly #arriving = new Map<number, Arriving>();
  /** Bodies that did not fit into the peer's window yet. */
  readonly #rest = new Map<number, Uint8Array>();
  #working = 0;
  #over = false;
  #told: () => void = () => {};
  /** Resolves when the last byte was handed over, or the peer has gone. */
  readonly closed: Promise<void> = new Promise((resolve) => {
    this.#told = resolve;
  });

  constructor(options: PipeServerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#connection =
      options.connection ??
      new Http1Connection({
        role: 'server',
        now: this.#now(),
        limits: withLimits({ idleTimeout: 30_000 }),
        ...(options.observe === undefined ? {} : { observe: options.observe }),
      });
    this.#flush();
  }

  /** Handlers that have not finished. */
  get working(): number {
    return this.#working;
  }

  receive(bytes: Uint8Array): void {
    if (this.#over) return;
    this.#take(this.#connection.receive(bytes, this.#now()));
    this.#flush();
  }

  /** The peer's bytes have ended. */
  receiveEnd(): void {
    if (this.#over) return;
    this.#take(this.#connection.receiveEnd(this.#now()));
    this.#flush();
  }

  /** When `tick` is to be called, on the clock of `now`; null for never. */
  nextDeadline(): number | null {
    return this.#over ? null : this.#connection.nextDeadline();
  }

  tick(): void {
    if (this.#over) return;
    this.#take(this.#connection.handleTimeout(this.#now()));
    this.#flush();
  }

  /** The carrier is gone: nothing can be sent any more. */
  lost(): void {
    this.#over = true;
    this.#told();
  }

  #take(events: readonly Event[]): void {
    for (const event of events) {
      switch (event.type) {
        case 'request':
          this.#arriving.set(event.streamId, { head: event.head, chunks: [], size: 0 });
          if (event.endStream) this.#answer(event.streamId);
          break;
        case 'data':
          this.#data(event.streamId, event.data, event.flowControlledLength);
          if (event.endStream) this.#answer(event.streamId);
          break;
        case 'trailers':
          this.#answer(event.streamId);
          break;
        case 'connection-error':
        case 'closed':
          this.#arriving.clear();
          this.#rest.clear();
          break;
        case 'reset':
          this.#arriving.delete(event.streamId);
          this.#rest.delete(event.streamId);
          break;
        case 'writable': {
          const rest = this.#rest.get(event.streamId);
          if (rest !== undefined) this.#send(event.streamId, rest);
          break;
        }
      }
    }
  }

  #data(streamId: number, data: Uint8Array, credit: number): void {
    this.#connection.consume(streamId, credit);
    const arriving = this.#arriving.get(streamId);
    if (arriving === undefined) return;
    arriving.size += data.length;
    // What is too much is counted and not kept; it is answered when it has come whole.
    if (arriving.size <= LARGEST_BODY) arriving.chunks.push(data.slice());
  }

  #answer(streamId: number): void {
    const arriving = this.#arriving.get(streamId);
    if (arriving === undefined) return;
    if (arriving.size > LARGEST_BODY) {
      this.#reply(streamId, { status: 413, fields: [['content-length', '0']], body: new Uint8Array() });
      return;
    }
    const asked: Asked = { head: arriving.head, body: concat(arriving.chunks) };
    const reply = this.#options.service(asked);
    if (!(reply instanceof Promise)) {
      this.#reply(streamId, reply);
      return;
    }
    this.#working += 1;
    void reply.then((made) => {
      this.#working -= 1;
      if (this.#over || !this.#arriving.has(streamId)) return;
      this.#reply(streamId, made);
      this.#flush();
    });
  }

  #reply(streamId: number, { status, fields, body }: Reply): void {
    this.#arriving.delete(streamId);
    const date = this.#options.date === undefined ? [] : ([['date', this.#options.date()]] as const);
    const empty = body.length === 0;
    try {
      this.#connection.sendResponse(streamId, { status, fields: [...date, ...fields] }, { endStream: empty });
      if (!empty) this.#send(streamId, body);
    } catch (error) {
      // The exchange was given up while its events were still on the way to us.
      if (!(error instanceof LocalProtocolError)) throw error;
    }
  }

  #send(streamId: number, body: Uint8Array): void {
    const taken = this.#connection.sendData(streamId, body, { endStream: true });
    if (taken < body.length) this.#rest.set(streamId, body.subarray(taken));
    else this.#rest.delete(streamId);
  }

  #flush(): void {
    for (;;) {
      this.#take(this.#connection.poll(this.#now()));
      const output = this.#connection.takeOutput();
      if (output.length === 0) break;
      // One write for what is ready at one time: what travels together is seen together.
      this.#options.outlet.send(concat(output));
    }
    if (this.#connection.wantsClose && !this.#over) {
      this.#over = true;
      this.#options.outlet.close();
      this.#told();
    }
  }
}

/** Pieces as one array of its own. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
