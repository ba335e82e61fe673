import type { Event, ProtocolConnection, RequestInit, WireUnit } from '@interleave/wire';
import { concat } from './server.ts';

/** One request that our own client made, and what has come of it; times on the client's clock. */
export interface PipeExchange {
  readonly id: number;
  readonly target: string;
  readonly sentAt: number;
  /** Status and fields, from the first byte of the response on. */
  status: number | null;
  fields: readonly (readonly [string, string])[];
  firstAt: number | null;
  endedAt: number | null;
  body: Uint8Array;
  /** Given up by the server, or by the end of the connection. */
  failed: string | null;
}

export interface PipeClientOptions {
  /** The client's side; its observer is to be `note`. */
  readonly connection: (note: (unit: WireUnit) => void) => ProtocolConnection;
  readonly send: (bytes: Uint8Array) => void;
  readonly now: () => number;
  /** Called after each piece that came. */
  readonly changed?: () => void;
}

/** The client's end of a pipe. It keeps every byte of both directions, and where the pieces of protocol in them begin and end. */
export class PipeClient {
  readonly exchanges: PipeExchange[] = [];
  /** In order; `direction` tells which bytes the offsets count in. */
  readonly units: WireUnit[] = [];
  /** The connection is over because of this, else null. */
  problem: string | null = null;
  readonly #connection: ProtocolConnection;
  readonly #options: PipeClientOptions;
  readonly #sent: Uint8Array[] = [];
  readonly #received: Uint8Array[] = [];
  #waiting: { resolve: () => void } | null = null;

  constructor(options: PipeClientOptions) {
    this.#options = options;
    this.#connection = options.connection((unit) => this.units.push(unit));
  }

  /** Everything that was sent, and everything that came. */
  get sent(): Uint8Array {
    return concat(this.#sent);
  }
  get received(): Uint8Array {
    return concat(this.#received);
  }

  /** Sends these requests, without content, in one write. */
  ask(requests: readonly RequestInit[]): void {
    for (const request of requests) {
      const id = this.#connection.sendRequest(request, { endStream: true });
      this.exchanges.push({
        id,
        target: request.target,
        sentAt: this.#options.now(),
        status: null,
        fields: [],
        firstAt: null,
        endedAt: null,
        body: new Uint8Array(),
        failed: null,
      });
    }
    this.#flush();
  }

  receive(bytes: Uint8Array): void {
    const copy = bytes.slice();
    this.#received.push(copy);
    this.#take(this.#connection.receive(copy, this.#options.now()));
    this.#flush();
    this.#tell();
  }

  receiveEnd(): void {
    this.#take(this.#connection.receiveEnd(this.#options.now()));
    for (const exchange of this.exchanges)
      if (exchange.endedAt === null) exchange.failed ??= 'the connection has ended';
    this.problem ??= 'the connection has ended';
    this.#tell();
  }

  /** Resolves when every exchange has ended, well or not. */
  async done(): Promise<void> {
    while (this.exchanges.some(({ endedAt, failed }) => endedAt === null && failed === null)) {
      await new Promise<void>((resolve) => {
        this.#waiting = { resolve };
      });
    }
  }

  #take(events: readonly Event[]): void {
    const now = this.#options.now();
    for (const event of events) {
      if (event.type === 'connection-error') this.problem = event.reason;
      const exchange = 'streamId' in event ? this.exchanges.find(({ id }) => id === event.streamId) : undefined;
      if (!exchange) continue;
      switch (event.type) {
        case 'response':
          exchange.firstAt = now;
          exchange.status = event.head.status;
          exchange.fields = event.head.fields;
          if (event.endStream) exchange.endedAt = now;
          break;
        case 'data':
          exchange.body = concat([exchange.body, event.data]);
          this.#connection.consume(event.streamId, event.flowControlledLength);
          if (event.endStream) exchange.endedAt = now;
          break;
        case 'trailers':
          exchange.endedAt = now;
          break;
        case 'reset':
          exchange.failed = event.reason || `given up with code ${event.code}`;
          break;
      }
    }
  }

  #flush(): void {
    const output = this.#connection.takeOutput();
    if (output.length === 0) return;
    const bytes = concat(output);
    this.#sent.push(bytes);
    this.#options.send(bytes);
  }

  #tell(): void {
    this.#options.changed?.();
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve();
  }
}
