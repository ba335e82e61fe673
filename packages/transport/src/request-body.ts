import type { FieldSection } from '@interleave/wire';
import type { AbortReason, BodySink, Exchange } from './exchange.ts';
import type { ServerSession } from './session.ts';

interface QueuedChunk {
  readonly data: Uint8Array;
  readonly credit: number;
}

/** Where the content of a request is. `arrived`: all of it is here, perhaps unread. `over`: nobody will read any more. */
type BodyState = 'arriving' | 'arrived' | 'over';

const TOO_LATE: AbortReason = {
  initiator: 'local',
  code: null,
  message: 'The response ended before the content was read.',
};

/** The content of one request on its way to its reader: what nobody asked for waits here, and holds the peer back. */
export class RequestBody {
  readonly #session: ServerSession;
  readonly #exchange: Exchange;
  #state: BodyState = 'arriving';
  #sink: BodySink | null = null;
  #queue: QueuedChunk[] = [];
  #trailers: FieldSection | null = null;
  /** A pull waits for its piece. */
  #wanted = false;
  #delivering = false;
  #dropping = false;
  #continued = false;

  constructor(session: ServerSession, exchange: Exchange) {
    this.#session = session;
    this.#exchange = exchange;
    if (!exchange.hasBody) this.#state = 'arrived';
  }

  /** True once the connection has nothing more to bring. */
  get settled(): boolean {
    return this.#state !== 'arriving';
  }

  read(sink: BodySink): void {
    if (this.#sink !== null) throw new Error(`The content of exchange ${this.#exchange.id} has a reader already.`);
    this.#sink = sink;
    const { aborted } = this.#exchange;
    if (aborted !== null && this.#state !== 'over') sink.abort(aborted);
  }

  pull(): void {
    if (this.#sink === null) {
      throw new Error(`The content of exchange ${this.#exchange.id} has no reader yet: call read() first.`);
    }
    if (this.#state === 'over' || this.#dropping) return;
    this.#wanted = true;
    if (this.#delivering) return;
    this.#deliver();
    if (this.#wanted && !this.#continued && !this.#exchange.responded) this.#continue();
  }

  cancel(): void {
    if (this.#state === 'over' || this.#dropping) return;
    this.#dropping = true;
    this.#releaseQueue();
    if (this.#state === 'arrived') this.#finish();
    else if (this.#exchange.ended && this.#session.multiplexed) this.#giveUp();
  }

  onData(data: Uint8Array, credit: number, endStream: boolean): void {
    if (this.#state !== 'arriving') return;
    if (endStream) this.#state = 'arrived';
    if (data.length > 0 && !this.#dropping) this.#queue.push({ data, credit });
    else if (credit > 0) this.#session.protocol.consume(this.#exchange.id, credit);
    if (this.#dropping) {
      if (endStream) this.#finish();
      return;
    }
    if (this.#wanted && !this.#delivering) this.#deliver();
    if (endStream) this.#session.settle(this.#exchange);
  }

  onTrailers(fields: FieldSection): void {
    this.#trailers = fields;
    this.onData(NOTHING, 0, true);
  }

  /** The response is complete. What the client still sends is read only if somebody reads it, and if HTTP/2 lets us. */
  responseEnded(): void {
    if (this.#state !== 'arriving') return;
    if (!this.#session.multiplexed) {
      // `wire` passes over what is left: no event brings it any more.
      this.#releaseQueue();
      this.#state = 'over';
      if (!this.#dropping) this.#sink?.abort(TOO_LATE);
    } else if (this.#sink === null || this.#dropping) {
      this.#giveUp();
    }
  }

  /** The exchange was given up, by either side. */
  lost(reason: AbortReason): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#releaseQueue();
    if (!this.#dropping) this.#sink?.abort(reason);
  }

  /** Gives the sink what it asked for, as far as it is here. A loop, since a sink usually pulls from inside `data`. */
  #deliver(): void {
    const sink = this.#sink;
    if (sink === null) return;
    this.#delivering = true;
    try {
      while (this.#wanted && this.#state !== 'over') {
        const chunk = this.#queue.shift();
        if (chunk !== undefined) {
          this.#wanted = false;
          this.#session.protocol.consume(this.#exchange.id, chunk.credit);
          this.#session.touch();
          sink.data(chunk.data);
        } else if (this.#state === 'arrived') {
          this.#wanted = false;
          this.#finish();
          sink.end(this.#trailers);
        } else {
          break;
        }
      }
    } finally {
      this.#delivering = false;
    }
  }

  #finish(): void {
    this.#state = 'over';
    this.#session.settle(this.#exchange);
  }

  /** The answer is complete and nobody wants what the client still sends (RFC 9113 §8.1). */
  #giveUp(): void {
    this.#releaseQueue();
    this.#exchange.resetBody();
    this.#finish();
  }

  #releaseQueue(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const chunk of queue) this.#session.protocol.consume(this.#exchange.id, chunk.credit);
    if (queue.length > 0) this.#session.touch();
  }

  /** The first pull of content that the client holds back until it hears 100 (RFC 9110 §10.1.1). */
  #continue(): void {
    this.#continued = true;
    const { head } = this.#exchange;
    if (head.version === '1.0') return;
    for (const [name, value] of head.fields) {
      if (name.length === 6 && name.toLowerCase() === 'expect' && value.toLowerCase() === '100-continue') {
        this.#exchange.respond({ status: 100 });
        return;
      }
    }
  }
}

const NOTHING = new Uint8Array(0);
