import type { FieldSection } from '@interleave/wire';
import type { AbortReason } from './host.ts';

/** Takes the content of a message. Nothing arrives unless it was asked for with `pull()`. */
export interface BodySink {
  /** One piece. The memory is not reused: it may be kept. */
  data(chunk: Uint8Array): void;
  /** The content is complete, with its trailers if there were any. */
  end(trailers: FieldSection | null): void;
  /** The rest will never come. */
  abort(reason: AbortReason): void;
}

/** The exchange whose content it is. */
export interface ContentOwner {
  readonly id: number;
  /** Bytes were used or dropped: the peer may send as many more. */
  credit(bytes: number): void;
  /** Nothing more comes, or nobody wants it any more. */
  contentSettled(): void;
  /** Somebody waits for content that is not here. */
  contentAwaited(): void;
  /** Nobody wants what still comes. True: the owner has stopped it; false: it has to be read and dropped. */
  stopContent(): boolean;
}

interface QueuedChunk {
  readonly data: Uint8Array;
  readonly credit: number;
}

/** Where the content is. `arrived`: all of it is here, perhaps unread. `over`: nobody will read any more. */
type ContentState = 'arriving' | 'arrived' | 'over';

/** Content on its way to its reader: what nobody asked for waits here, and holds the peer back. */
export class IncomingContent {
  readonly #owner: ContentOwner;
  #state: ContentState;
  #sink: BodySink | null = null;
  #queue: QueuedChunk[] = [];
  #trailers: FieldSection | null = null;
  /** A pull waits for its piece. */
  #wanted = false;
  #delivering = false;
  #dropping = false;
  /** Why the rest will never come. */
  #lost: AbortReason | null = null;

  constructor(owner: ContentOwner, complete: boolean) {
    this.#owner = owner;
    this.#state = complete ? 'arrived' : 'arriving';
  }

  /** True once the connection has nothing more to bring. */
  get settled(): boolean {
    return this.#state !== 'arriving';
  }

  /** True while somebody reads, or still may. */
  get hasReader(): boolean {
    return this.#sink !== null && !this.#dropping;
  }

  read(sink: BodySink): void {
    if (this.#sink !== null) throw new Error(`The content of exchange ${this.#owner.id} has a reader already.`);
    this.#sink = sink;
    if (this.#state === 'over' && !this.#dropping) sink.abort(this.#lost ?? NOT_KEPT);
  }

  pull(): void {
    if (this.#sink === null) {
      throw new Error(`The content of exchange ${this.#owner.id} has no reader yet: call read() first.`);
    }
    if (this.#state === 'over' || this.#dropping) return;
    this.#wanted = true;
    if (this.#delivering) return;
    this.#deliver();
    if (this.#wanted) this.#owner.contentAwaited();
  }

  cancel(): void {
    if (this.#state === 'over' || this.#dropping) return;
    this.#dropping = true;
    this.#releaseQueue();
    if (this.#state === 'arrived') this.#finish();
    else if (this.#owner.stopContent()) this.giveUp(null);
  }

  onData(data: Uint8Array, credit: number, endStream: boolean): void {
    if (this.#state !== 'arriving') return;
    if (endStream) this.#state = 'arrived';
    if (data.length > 0 && !this.#dropping) this.#queue.push({ data, credit });
    else if (credit > 0) this.#owner.credit(credit);
    if (this.#dropping) {
      if (endStream) this.#finish();
      return;
    }
    if (this.#wanted && !this.#delivering) this.#deliver();
    if (endStream) this.#owner.contentSettled();
  }

  onTrailers(fields: FieldSection): void {
    this.#trailers = fields;
    this.onData(NOTHING, 0, true);
  }

  /** What has not been read is dropped; with a reason, the reader is told. */
  giveUp(reason: AbortReason | null): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#lost = reason;
    this.#releaseQueue();
    if (reason !== null && !this.#dropping) this.#sink?.abort(reason);
    this.#owner.contentSettled();
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
          this.#owner.credit(chunk.credit);
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
    this.#owner.contentSettled();
  }

  #releaseQueue(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const chunk of queue) this.#owner.credit(chunk.credit);
  }
}

const NOT_KEPT: AbortReason = {
  initiator: 'local',
  code: null,
  message: 'The content was dropped before anybody read it.',
};
const NOTHING = new Uint8Array(0);
