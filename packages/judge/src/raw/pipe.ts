/**
 * One connection in memory. The learner holds two web streams; the judge holds the other end and counts: bytes offered, bytes
 * taken, bytes written, and the line of code behind each write, read, close and cancel.
 */
import { Grown } from './grown.ts';
import { PeerReading } from './peer.ts';

export type Connection = { readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> };

/** Bytes in one direction `[from, to)`, and the trace of the code that wrote them, where the engine could catch it. */
export type Stretch = { readonly from: number; readonly to: number; readonly trace: Error | null };

export type PipeEvents = {
  /** Something moved: whoever waits for quiet starts anew. */
  activity(): void;
  wrote(bytes: Uint8Array, stretch: Stretch): void;
  /** Bytes that were offered (`offer`) have been taken. */
  took?(bytes: Uint8Array, from: number): void;
  /** `close` ends the learner's direction; `abort` breaks the connection off. */
  ended(how: 'end' | 'reset', trace: Error | null): void;
  stoppedReading(trace: Error | null): void;
  /** The learner handed over something that is no `Uint8Array`. The return value is what its promise rejects with. */
  wrongType(value: unknown, trace: Error | null): Error;
  /** More was written than the check allows. */
  flooded(trace: Error | null): Error;
};

/** What one read of an upload is given, as from a socket. */
const PIECE = 16 * 1024;
/** What one read of an offer is given. Small, so that a design that holds a few chunks at a time stays far from any bound. */
const OFFERED_PIECE = 4 * 1024;
/** Uploads consist of this byte, `u`. */
const UPLOADED = 0x75;

export class Pipe {
  readonly id: string;
  readonly connection: Connection;
  /** Everything the judge has sent, and where each delivery begins. */
  readonly deliveries: Stretch[] = [];
  readonly writes: Stretch[] = [];
  offered = 0;
  /** Bytes taken of bodies that are made as they are taken (`upload`); they count in nothing else. */
  uploaded = 0;
  taken = 0;
  written = 0;
  /** The learner's end of its own direction. */
  ended: null | { how: 'end' | 'reset'; trace: Error | null } = null;
  /** The judge's end of its direction. */
  inputEnded: null | 'end' | 'reset' = null;
  stoppedReading: null | { trace: Error | null } = null;
  /** The reads that are under way now. */
  readonly reading: Set<Error> = new Set<Error>();
  /** Where the stream was piped away: the reads of a pipe have no line of their own. */
  piped: Error | null = null;
  /** How much of the learner's bytes the judge takes. */
  readonly peer: PeerReading = new PeerReading();
  /** For carriers that put the learner's bytes on another wire: called after each write, and at the learner's end. */
  onOutput: ((bytes: Uint8Array) => void) | null = null;
  onEnded: ((how: 'end' | 'reset') => void) | null = null;
  /** For carriers that mind how much is taken: called when some was, and when nothing will be any more. */
  onAppetite: (() => void) | null = null;

  #events: PipeEvents;
  #limit: number;
  #queue: (Uint8Array<ArrayBuffer> | { left: number } | { offer: Uint8Array; from: number })[] = [];
  #sent: Grown = new Grown();
  #received: Grown = new Grown();
  #controller: ReadableByteStreamController | null = null;
  #writable: WritableStreamDefaultController | null = null;
  #wake: (() => void) | null = null;
  #traces: (Error | null)[] = [];
  #queued = 0;
  #abortTrace: Error | null = null;

  constructor(id: string, limit: number, events: PipeEvents) {
    this.id = id;
    this.#limit = limit;
    this.#events = events;
    // A byte stream, as on Deno and in Workers: both kinds of reader work on it. Nothing is taken before it is asked for.
    const readable = new ReadableStream(
      {
        type: 'bytes',
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#pull(),
        cancel: () => this.#stopReading(null),
      },
      { highWaterMark: 0 },
    );
    const writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#writable = controller;
        // An abort must not wait for a peer that reads nothing.
        controller.signal?.addEventListener('abort', () => this.peer.fail(new Error('The write was broken off')));
      },
      write: (chunk) => this.#accept(chunk),
      close: () => this.#end('end', this.#traces.shift() ?? null),
      abort: () => this.#end('reset', this.#abortTrace),
    });
    this.connection = { readable: readable as ReadableStream<Uint8Array>, writable };
    this.#watchReads(readable as ReadableStream<Uint8Array>);
    this.#watchWrites(writable);
  }

  get sent(): Uint8Array {
    return this.#sent.all;
  }

  get received(): Uint8Array {
    return this.#received.all;
  }

  /** Offers bytes as one chunk. After the learner has stopped reading they go nowhere, as on a socket. */
  deliver(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    // The stream takes the buffer away with the chunk, so it gets its own copy.
    this.#queue.push(bytes.slice());
    this.#sent.add(bytes);
    this.deliveries.push({ from: this.offered, to: this.offered + bytes.length, trace: null });
    this.offered += bytes.length;
    this.#events.activity();
    this.#feed();
  }

  /** Offers bytes piece by piece, each as it is read, so that what is taken tells how far somebody reads ahead. */
  offer(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += OFFERED_PIECE)
      this.#queue.push({ offer: bytes.subarray(at, at + OFFERED_PIECE), from: this.offered + at });
    this.#sent.add(bytes);
    this.deliveries.push({ from: this.offered, to: this.offered + bytes.length, trace: null });
    this.offered += bytes.length;
    this.#events.activity();
    this.#feed();
  }

  /** Offers `size` bytes that do not exist until they are read. What is delivered later stands behind them. */
  upload(size: number): void {
    this.#queue.push({ left: size });
    this.#events.activity();
    this.#feed();
  }

  endInput(): void {
    if (this.inputEnded !== null) return;
    this.inputEnded = 'end';
    this.#events.activity();
    this.#feed();
  }

  /** The peer is gone: reads and writes fail from now on. */
  reset(): void {
    if (this.inputEnded === 'reset') return;
    this.inputEnded = 'reset';
    this.#queue = [];
    const gone = new Error('The connection was reset by the peer');
    resets.add(gone);
    this.#events.activity();
    if (this.stoppedReading === null) quietly(() => this.#controller?.error(gone));
    quietly(() => this.#writable?.error(gone));
    this.peer.fail(gone);
    this.#wake?.();
  }

  /** Bytes offered and not yet taken. */
  get untaken(): number {
    return this.offered - this.taken;
  }

  #pull(): Promise<void> | undefined {
    this.#events.activity();
    if (this.#give()) return undefined;
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #feed(): void {
    if (this.#wake === null || !this.#give()) return;
    const wake = this.#wake;
    this.#wake = null;
    wake();
  }

  /** Hands over one chunk, or the end. False when there is neither. */
  #give(): boolean {
    const controller = this.#controller;
    if (controller === null || this.stoppedReading !== null || this.inputEnded === 'reset') return true;
    const chunk = this.#queue[0];
    if (chunk !== undefined && 'left' in chunk) {
      const n = Math.min(PIECE, chunk.left);
      chunk.left -= n;
      if (chunk.left === 0) this.#queue.shift();
      this.uploaded += n;
      controller.enqueue(new Uint8Array(n).fill(UPLOADED));
      return true;
    }
    if (chunk !== undefined && 'offer' in chunk) {
      this.#queue.shift();
      this.taken += chunk.offer.length;
      this.#events.took?.(chunk.offer, chunk.from);
      controller.enqueue(chunk.offer.slice());
      return true;
    }
    if (chunk !== undefined) {
      this.#queue.shift();
      this.taken += chunk.length;
      controller.enqueue(chunk);
      this.onAppetite?.();
      return true;
    }
    if (this.inputEnded === null) return false;
    const request = controller.byobRequest;
    controller.close();
    // A reader that brought its own buffer waits until this request is answered, at the end too.
    request?.respond(0);
    return true;
  }

  #stopReading(trace: Error | null): void {
    if (this.stoppedReading !== null) return;
    this.stoppedReading = { trace };
    this.#queue = [];
    this.#events.stoppedReading(trace);
    this.#events.activity();
    this.onAppetite?.();
  }

  #accept(chunk: unknown): Promise<void> | undefined {
    const trace = this.#traces.shift() ?? null;
    if (!(chunk instanceof Uint8Array)) throw this.#events.wrongType(chunk, trace);
    if (this.written + chunk.length > this.#limit) throw this.#events.flooded(trace);
    if (chunk.length === 0) return undefined;
    // A copy, because the learner may fill the same buffer again.
    const bytes = chunk.slice();
    return this.peer.accept(bytes.length, () => this.#take(bytes, trace));
  }

  #take(bytes: Uint8Array, trace: Error | null): void {
    const stretch = { from: this.written, to: this.written + bytes.length, trace };
    this.#received.add(bytes);
    this.writes.push(stretch);
    this.written = stretch.to;
    this.#queued = Math.max(0, this.#queued - bytes.length);
    this.#events.wrote(bytes, stretch);
    this.#events.activity();
    this.onOutput?.(bytes);
  }

  #end(how: 'end' | 'reset', trace: Error | null): void {
    if (this.ended !== null) return;
    this.ended = { how, trace };
    this.#events.ended(how, trace);
    this.#events.activity();
    this.onEnded?.(how);
  }

  /** Own `getReader` and `cancel` on this one object, only to remember which line called. */
  #watchReads(readable: ReadableStream<Uint8Array>): void {
    const getReader = readable.getReader.bind(readable) as (options?: {
      mode?: 'byob';
    }) => ReadableStreamDefaultReader<Uint8Array>;
    const watched = (options?: { mode?: 'byob' }): ReadableStreamDefaultReader<Uint8Array> => {
      const reader = getReader(options);
      const read = reader.read.bind(reader) as (...args: unknown[]) => Promise<ReadableStreamReadResult<Uint8Array>>;
      const cancel = reader.cancel.bind(reader);
      own(reader, 'read', (...args: unknown[]) => {
        const trace = new Error('read');
        this.reading.add(trace);
        const result = read(...args);
        const done = (): void => {
          this.reading.delete(trace);
        };
        result.then(done, done);
        return result;
      });
      own(reader, 'cancel', (reason?: unknown) => {
        const result = cancel(reason);
        this.#noteStop(new Error('cancel'));
        return result;
      });
      return reader;
    };
    own(readable, 'getReader', watched);
    for (const name of ['pipeThrough', 'pipeTo'] as const) {
      const pipe = readable[name].bind(readable) as (...args: unknown[]) => unknown;
      own(readable, name, (...args: unknown[]) => {
        this.piped = new Error(name);
        return pipe(...args);
      });
    }
    const cancel = readable.cancel.bind(readable);
    own(readable, 'cancel', (reason?: unknown) => {
      const result = cancel(reason);
      this.#noteStop(new Error('cancel'));
      return result;
    });
  }

  #noteStop(trace: Error): void {
    if (this.stoppedReading !== null) this.stoppedReading.trace ??= trace;
  }

  #watchWrites(writable: WritableStream<Uint8Array>): void {
    const getWriter = writable.getWriter.bind(writable);
    own(writable, 'getWriter', () => {
      const writer = getWriter();
      const write = writer.write.bind(writer);
      const close = writer.close.bind(writer);
      const abort = writer.abort.bind(writer);
      own(writer, 'write', (chunk: Uint8Array) => {
        const trace = new Error('write');
        // Counted here as well: a loop that never waits fills the stream's queue before the sink sees one byte.
        this.#queued += chunk instanceof Uint8Array ? chunk.length : 0;
        if (this.written + this.#queued > this.#limit) throw this.#events.flooded(trace);
        this.#traces.push(trace);
        return write(chunk);
      });
      own(writer, 'close', () => {
        this.#traces.push(new Error('close'));
        return close();
      });
      own(writer, 'abort', (reason?: unknown) => {
        this.#abortTrace = new Error('abort');
        return abort(reason);
      });
      return writer;
    });
    const close = writable.close.bind(writable);
    own(writable, 'close', () => {
      this.#traces.push(new Error('close'));
      return close();
    });
  }
}

const resets = new WeakSet<object>();

/** Whether this error stands for a peer that broke off. */
export function isReset(error: unknown): boolean {
  return typeof error === 'object' && error !== null && resets.has(error);
}

function own(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
}

function quietly(run: () => void): void {
  try {
    run();
  } catch {
    // The stream was closed or errored already: then there is nothing to break off.
  }
}
