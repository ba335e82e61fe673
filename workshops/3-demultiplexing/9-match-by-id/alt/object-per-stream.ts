// Another design that is right: an object for each stream, which knows what a frame means to it; its body is a TransformStream.
import type { Connection, Fields, Frame, Given, Hpack, Outgoing } from 'contract';
import {
  ACK,
  CANCEL,
  DATA,
  END_STREAM,
  frame,
  frames,
  GOAWAY,
  HEADERS,
  headers,
  INITIAL_WINDOW_SIZE,
  incrementOf,
  MAX_CONCURRENT_STREAMS,
  NO_ERROR,
  numberAt,
  PING,
  PREFACE,
  REFUSED_STREAM,
  RST_STREAM,
  SETTINGS,
  settings,
  settingsOf,
  uint32,
  WINDOW_UPDATE,
  wholeBlocks,
  withoutPadding,
} from './frames.ts';

const ROOM = 65_535;

/** What all streams of a connection share. */
class Shared {
  readonly streams = new Map<number, Stream>();
  readonly queue: Stream[] = [];
  readonly hpack: Hpack;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  window = ROOM;
  initial = ROOM;
  most = Number.POSITIVE_INFINITY;
  nextId = 1;
  over: Error | null = null;

  constructor(writable: WritableStream<Uint8Array>, hpack: Hpack) {
    this.#writer = writable.getWriter();
    this.hpack = hpack;
  }

  write(bytes: Uint8Array): void {
    this.#writer.write(bytes).catch(() => {});
  }

  close(): void {
    this.#writer.close().catch(() => {});
  }

  next(): void {
    while (this.over === null && this.streams.size < this.most && this.queue.length > 0) this.queue.shift()?.begin();
  }

  /** Each stream says whether it has anything to send; the shared window goes to whoever was first. */
  flush(): void {
    for (const stream of this.streams.values()) stream.flush();
  }
}

class Stream {
  readonly #shared: Shared;
  readonly #request: Outgoing;
  readonly #resolve: (response: Response) => void;
  readonly #reject: (error: Error) => void;
  #id = 0;
  #rest: Uint8Array;
  #window = 0;
  #isSent = false;
  #tries = 0;
  #isAnswered = false;
  #into: WritableStreamDefaultWriter<Uint8Array> | null = null;
  /** Writes into the body that nobody has taken yet, in their order. */
  #tail: Promise<void> = Promise.resolve();

  constructor(
    shared: Shared,
    request: Outgoing,
    resolve: (response: Response) => void,
    reject: (error: Error) => void,
  ) {
    this.#shared = shared;
    this.#request = request;
    this.#rest = request.body ?? new Uint8Array();
    this.#resolve = resolve;
    this.#reject = reject;
  }

  begin(): void {
    const shared = this.#shared;
    this.#id = shared.nextId;
    shared.nextId += 2;
    this.#tries++;
    this.#rest = this.#request.body ?? new Uint8Array();
    this.#window = shared.initial;
    shared.streams.set(this.#id, this);
    this.#isSent = this.#rest.length === 0;
    shared.write(headers(this.#id, this.#isSent ? END_STREAM : 0, shared.hpack.encode(fieldsOf(this.#request))));
    this.flush();
  }

  grow(by: number): void {
    this.#window += by;
  }

  flush(): void {
    const shared = this.#shared;
    while (!this.#isSent) {
      const n = Math.min(this.#rest.length, shared.window, this.#window, 16_000);
      if (n <= 0) return;
      const piece = this.#rest.subarray(0, n);
      this.#rest = this.#rest.subarray(n);
      shared.window -= n;
      this.#window -= n;
      this.#isSent = this.#rest.length === 0;
      shared.write(frame(DATA, this.#isSent ? END_STREAM : 0, this.#id, piece));
    }
  }

  take(one: Frame, fields: Fields): void {
    const { type, flags, payload } = one;
    const ends = (type === DATA || type === HEADERS) && (flags & END_STREAM) !== 0;
    if (type === HEADERS && !this.#isAnswered) this.#head(fields, ends);
    else if (type === DATA) this.#data(withoutPadding(one), payload.length, ends);
    else if (type === WINDOW_UPDATE) {
      this.grow(incrementOf(one));
      this.flush();
    } else if (type === RST_STREAM) {
      const code = numberAt(payload, 0);
      if (code === REFUSED_STREAM && this.#tries < 2 && !this.#isAnswered && this.#shared.over === null) {
        this.#shared.streams.delete(this.#id);
        this.#shared.queue.unshift(this);
        this.#shared.next();
      } else this.fail(new Error(`Reset with ${code}`));
    }
    if (ends && this.#isAnswered) this.#end();
  }

  #head(fields: Fields, ends: boolean): void {
    const status = Number(fields.find(([name]) => name === ':status')?.[1]);
    if (status < 200) return;
    this.#isAnswered = true;
    const init = { status, headers: new Headers(fields.filter(([name]) => !name.startsWith(':'))) };
    if (ends || this.#request.method === 'HEAD') {
      this.#resolve(new Response(null, init));
      return;
    }
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const into = writable.getWriter();
    this.#into = into;
    into.closed.catch(() => {
      // Whoever read it has given it up; when it has come to its end, nobody need be told.
      if (this.#shared.streams.get(this.#id) !== this || this.#into !== into) return;
      this.#into = null;
      this.#shared.write(frame(RST_STREAM, 0, this.#id, uint32(CANCEL)));
      this.#leave();
    });
    this.#resolve(new Response(readable as ReadableStream<Uint8Array<ArrayBuffer>>, init));
  }

  #data(bytes: Uint8Array, size: number, ends: boolean): void {
    const { streams, write } = { streams: this.#shared.streams, write: (b: Uint8Array) => this.#shared.write(b) };
    const into = this.#into;
    if (into === null) return;
    const give = (): void => {
      if (!ends && size > 0 && streams.get(this.#id) === this) write(frame(WINDOW_UPDATE, 0, this.#id, uint32(size)));
    };
    // A write resolves when the piece has been taken on the other side.
    this.#tail = bytes.length === 0 ? this.#tail.then(give) : into.write(bytes).then(give, () => {});
  }

  #end(): void {
    const into = this.#into;
    this.#into = null;
    into?.close().catch(() => {});
    if (!this.#isSent) this.#shared.write(frame(RST_STREAM, 0, this.#id, uint32(NO_ERROR)));
    this.#leave();
  }

  fail(error: Error): void {
    const into = this.#into;
    this.#into = null;
    into?.abort(error).catch(() => {});
    this.#reject(error);
    this.#leave();
  }

  #leave(): void {
    this.#isSent = true;
    if (this.#shared.streams.get(this.#id) === this) this.#shared.streams.delete(this.#id);
    this.#shared.next();
  }
}

export function connect(
  { readable, writable }: Connection,
  given: Pick<Given, 'hpack'>,
): Promise<(request: Outgoing) => Promise<Response>> {
  const shared = new Shared(writable, given.hpack());
  shared.write(PREFACE);
  shared.write(settings());
  void run(readable, shared);
  return Promise.resolve(
    (request: Outgoing) =>
      new Promise<Response>((resolve, reject) => {
        if (shared.over !== null) return reject(shared.over);
        shared.queue.push(new Stream(shared, request, resolve, reject));
        shared.next();
      }),
  );
}

async function run(readable: ReadableStream<Uint8Array>, shared: Shared): Promise<void> {
  const end = (error: Error, last: number): void => {
    shared.over ??= error;
    for (const stream of shared.queue.splice(0)) stream.fail(error);
    for (const [id, stream] of [...shared.streams]) if (id > last) stream.fail(error);
  };
  try {
    for await (const one of wholeBlocks(frames(readable))) {
      const { type, flags, streamId, payload } = one;
      if (type === SETTINGS && (flags & ACK) === 0) {
        for (const [id, value] of settingsOf(one)) {
          if (id === MAX_CONCURRENT_STREAMS) shared.most = value;
          if (id === INITIAL_WINDOW_SIZE) {
            for (const stream of shared.streams.values()) stream.grow(value - shared.initial);
            shared.initial = value;
          }
        }
        shared.write(frame(SETTINGS, ACK, 0));
        shared.flush();
        shared.next();
      } else if (type === PING && (flags & ACK) === 0) shared.write(frame(PING, ACK, 0, payload));
      else if (type === GOAWAY) end(new Error('It was not handled'), numberAt(payload, 0));
      else if (type === WINDOW_UPDATE && streamId === 0) {
        shared.window += incrementOf(one);
        shared.flush();
      } else if (streamId > 0) {
        // The memory of the blocks, and the window of the connection, belong to all.
        const fields = type === HEADERS ? shared.hpack.decode(payload) : [];
        if (type === DATA && payload.length > 0) shared.write(frame(WINDOW_UPDATE, 0, 0, uint32(payload.length)));
        shared.streams.get(streamId)?.take(one, fields);
      }
    }
    end(new Error('The connection ended'), 0);
  } catch (error) {
    end(error as Error, 0);
  }
  shared.close();
}

function fieldsOf({ origin, method, target, headers: more }: Outgoing): Fields {
  const url = new URL(target, origin);
  return [
    [':method', method],
    [':authority', url.host],
    [':scheme', url.protocol.slice(0, -1)],
    [':path', target],
    ...more,
  ];
}
