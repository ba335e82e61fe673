import type { QuicStreams, StreamRead } from '../quic/connection.ts';
import type { DenoQuicConn, DenoReceive, DenoSend } from './api.ts';

/** Bytes of one stream that may wait in Deno: its streams tell how many pieces wait, not how many bytes. */
const MOST_PENDING = 64 * 1024;
/** Deno tells that a stream was reset, not why: RFC 9114 §8.1, H3_REQUEST_CANCELLED. */
const REASON_UNKNOWN = 0x10c;

interface Receiving {
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  /** What has come and was not read yet; one piece at most, so that the peer is held back. */
  ready: StreamRead | null;
  over: boolean;
}

interface Sending {
  writer: WritableStreamDefaultWriter<Uint8Array> | null;
  /** What is written before the stream is there. */
  queue: (() => void)[];
  pending: number;
  ended: boolean;
  wrote: boolean;
  stopped: boolean;
}

/** QUIC's streams as Deno gives them, web streams, behind the interface that asks and never waits. */
export class DenoQuicStreams implements QuicStreams {
  readonly #conn: DenoQuicConn;
  readonly #client: boolean;
  readonly #wake: () => void;
  readonly #receiving = new Map<number, Receiving>();
  readonly #sending = new Map<number, Sending>();
  readonly #stopped: { streamId: number; code: number }[] = [];
  #pending = 0;
  /** Our own streams open in the order of their ids. */
  #opening: Promise<unknown> = Promise.resolve();

  constructor(conn: DenoQuicConn, client: boolean, wake: () => void) {
    this.#conn = conn;
    this.#client = client;
    this.#wake = wake;
    void this.#accept(conn.incomingUnidirectionalStreams, (stream) => this.#receive(stream));
    void this.#accept(conn.incomingBidirectionalStreams, (stream) => {
      this.#sendOn(Number(stream.writable.id), stream.writable);
      this.#receive(stream.readable);
    });
  }

  readable(): number[] {
    const ids: number[] = [];
    for (const [id, stream] of this.#receiving) if (stream.ready !== null) ids.push(id);
    return ids;
  }

  read(streamId: number): StreamRead | null {
    const stream = this.#receiving.get(streamId);
    const ready = stream?.ready ?? null;
    if (stream === undefined || ready === null) return null;
    stream.ready = null;
    if (stream.over) this.#receiving.delete(streamId);
    else void this.#pull(streamId, stream);
    return ready;
  }

  stopped(): { streamId: number; code: number }[] {
    return this.#stopped.splice(0);
  }

  room(streamId: number): number {
    const stream = this.#sending.get(streamId);
    return stream === undefined ? MOST_PENDING : Math.max(0, MOST_PENDING - stream.pending);
  }

  write(streamId: number, bytes: Uint8Array, fin: boolean): void {
    const stream = this.#sending.get(streamId) ?? this.#open(streamId);
    if (stream.ended || stream.stopped) return;
    if (bytes.length > 0) {
      stream.wrote = true;
      stream.pending += bytes.length;
      this.#pending += bytes.length;
    }
    if (fin) stream.ended = true;
    this.#whenOpen(stream, () => void this.#send(streamId, stream, bytes, fin));
  }

  /**
   * Deno has no RESET_STREAM: an aborted stream reaches the peer as a clean end. Where half a message would look whole, the
   * connection ends with the code instead.
   */
  reset(streamId: number, code: number): void {
    const stream = this.#sending.get(streamId);
    if (stream === undefined || stream.stopped || stream.ended) return;
    if (stream.wrote) {
      this.#conn.close({
        closeCode: code,
        reason: `Stream ${streamId} had to be given up, and this runtime cannot say so.`,
      });
      return;
    }
    stream.ended = true;
    this.#whenOpen(stream, () => void stream.writer?.abort().catch(ignore));
  }

  stopSending(streamId: number): void {
    const stream = this.#receiving.get(streamId);
    if (stream === undefined) return;
    this.#receiving.delete(streamId);
    stream.reader.cancel().catch(ignore);
  }

  /** Taken by Deno; whether the peer has it, Deno does not tell. */
  get delivered(): boolean {
    return this.#pending === 0;
  }

  get openable(): number {
    return this.#client ? 100 : 0;
  }

  async #accept<T>(streams: ReadableStream<T>, take: (stream: T) => void): Promise<void> {
    const reader = streams.getReader();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        take(value);
      }
    } catch {
      // The connection is over: `closed` tells why.
    }
  }

  #receive(stream: DenoReceive): void {
    const id = Number(stream.id);
    const receiving: Receiving = { reader: stream.getReader(), ready: null, over: false };
    this.#receiving.set(id, receiving);
    void this.#pull(id, receiving);
  }

  async #pull(id: number, stream: Receiving): Promise<void> {
    try {
      const { done, value } = await stream.reader.read();
      stream.over = done;
      stream.ready = { bytes: value ?? NOTHING, fin: done, reset: null };
    } catch {
      stream.over = true;
      stream.ready = { bytes: null, fin: false, reset: REASON_UNKNOWN };
    }
    if (this.#receiving.get(id) === stream) this.#wake();
  }

  #sendOn(id: number, writable: DenoSend): Sending {
    const writer = writable.getWriter();
    const stream = this.#sending.get(id) ?? this.#newSending(id);
    stream.writer = writer;
    // Without a word of ours, it fails when the peer wants no more of it, or the connection is over.
    writer.closed.then(ignore, () => {
      if (stream.ended || stream.stopped) return;
      stream.stopped = true;
      this.#stopped.push({ streamId: id, code: REASON_UNKNOWN });
      this.#wake();
    });
    for (const act of stream.queue.splice(0)) act();
    return stream;
  }

  #newSending(id: number): Sending {
    const stream: Sending = { writer: null, queue: [], pending: 0, ended: false, wrote: false, stopped: false };
    this.#sending.set(id, stream);
    return stream;
  }

  /** A stream of ours: the second lowest bit of its id says whether it goes one way (RFC 9000 §2.1). */
  #open(id: number): Sending {
    const stream = this.#newSending(id);
    const oneWay = (id & 2) !== 0;
    this.#opening = this.#opening
      .then(async () => {
        if (oneWay) {
          this.#sendOn(id, await this.#conn.createUnidirectionalStream({ waitUntilAvailable: true }));
          return;
        }
        const both = await this.#conn.createBidirectionalStream({ waitUntilAvailable: true });
        this.#sendOn(id, both.writable);
        this.#receive(both.readable);
      })
      .catch(ignore);
    return stream;
  }

  #whenOpen(stream: Sending, act: () => void): void {
    if (stream.writer !== null) act();
    else stream.queue.push(act);
  }

  async #send(id: number, stream: Sending, bytes: Uint8Array, fin: boolean): Promise<void> {
    const writer = stream.writer as WritableStreamDefaultWriter<Uint8Array>;
    try {
      if (bytes.length > 0) await writer.write(bytes);
      if (fin) await writer.close();
    } catch {
      // `closed` tells.
    }
    stream.pending -= bytes.length;
    this.#pending -= bytes.length;
    if (fin) this.#sending.delete(id);
    this.#wake();
  }
}

const NOTHING = new Uint8Array(0);

function ignore(): void {}
