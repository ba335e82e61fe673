// kills: MX10-1
// One initial window for the whole server: what one client asks for holds for the streams of all.
import type { Connection, Fields, Frame, Given, Handler, Hpack, Incoming, Options } from 'contract';
import { reader } from '../http1/bytes.ts';
import {
  ACK,
  behindPreface,
  COMPRESSION_ERROR,
  ConnectionError,
  checkSettings,
  DATA,
  END_STREAM,
  FLOW_CONTROL_ERROR,
  FRAME_SIZE_ERROR,
  frame,
  frames,
  GOAWAY,
  HEADERS,
  headers,
  headOf,
  INITIAL_WINDOW,
  INITIAL_WINDOW_SIZE,
  INTERNAL_ERROR,
  incrementOf,
  MAX_CONCURRENT_STREAMS,
  NO_ERROR,
  PING,
  PRIORITY,
  PROTOCOL_ERROR,
  REFUSED_STREAM,
  RST_STREAM,
  replyFields,
  SETTINGS,
  STREAM_CLOSED,
  StreamError,
  settings,
  settingsOf,
  uint32,
  WINDOW_UPDATE,
  wholeBlocks,
  withoutPadding,
} from './frames.ts';
import { priorityOf, Sender, type Sending } from './sender.ts';

/** So many streams that we have reset are remembered: the peer may have sent more for them before it knew. */
const REMEMBERED = 200;

/** An exchange that is open. It is over when both sides have ended, or when one has reset it. */
type Stream = Sending & {
  /** Where the request body goes, until the peer ends it or the handler gives it up. */
  body: ReadableStreamDefaultController<Uint8Array> | null;
  /** What Content-Length says, and what has come. */
  length: number | null;
  received: number;
  /** How many bytes of DATA the peer may still send here, and how many of those that came it has not been given back. */
  room: number;
  owed: number;
  /** The reply's body, once there is one. */
  reply: ReadableStreamDefaultReader<Uint8Array> | null;
  peerEnded: boolean;
  weEnded: boolean;
};

/** Frames come mixed. What a frame means depends on the state of its stream; stream 0 is the connection itself. */
export function serve(connection: Connection, handler: Handler, given: Given, options: Options = {}): Promise<void> {
  return new Session(connection, handler, given.hpack(), options).run();
}

/** What a peer gives each stream to begin with. */
let initialWindow = INITIAL_WINDOW;

class Session {
  readonly #input: ReturnType<typeof reader>;
  readonly #sender: Sender;
  readonly #handler: Handler;
  /** One memory for all streams: every block goes through it, in the order in which it came. */
  readonly #hpack: Hpack;
  readonly #options: Options;
  readonly #maxStreams: number;
  /** The streams that are open. Above `#lastId` they are idle, all others are closed. */
  readonly #streams = new Map<number, Stream>();
  readonly #wasReset = new Set<number>();
  #lastId = 0;
  /** What GOAWAY names. */
  #lastHandled = 0;
  /** Somebody has said goodbye: the connection ends with the last stream. */
  #isLeaving = false;
  /** We have said it: what is asked from now on, the peer will ask elsewhere. */
  #isClosed = false;

  constructor({ readable, writable }: Connection, handler: Handler, hpack: Hpack, options: Options) {
    this.#input = reader(readable);
    this.#sender = new Sender(writable, () => this.#input.cancel().catch(() => {}));
    this.#handler = handler;
    this.#hpack = hpack;
    this.#options = options;
    this.#maxStreams = options.maxStreams ?? 100;
  }

  async run(): Promise<void> {
    const { signal } = this.#options;
    const stop = (): void => {
      this.#goAway(NO_ERROR);
      this.#leave();
    };
    this.#sender.now(settings([MAX_CONCURRENT_STREAMS, this.#maxStreams]));
    signal?.addEventListener('abort', stop);
    try {
      let isFirst = true;
      for await (const one of wholeBlocks(frames(await behindPreface(this.#input)))) {
        if (isFirst && one.type !== SETTINGS) throw new ConnectionError(PROTOCOL_ERROR, 'SETTINGS come first');
        if (isFirst && signal?.aborted) stop();
        isFirst = false;
        this.#take(one);
      }
    } catch (error) {
      // Otherwise the connection broke off, and there is nobody to tell.
      if (error instanceof ConnectionError) this.#goAway(error.code);
    } finally {
      signal?.removeEventListener('abort', stop);
      for (const stream of this.#streams.values()) this.#drop(stream, new Error('The connection is over'));
      this.#streams.clear();
      await this.#sender.close();
      // Only now: whoever stops reading may lose what is not sent yet.
      await this.#input.cancel().catch(() => {});
    }
  }

  #goAway(code: number): void {
    this.#isClosed = true;
    this.#sender.now(frame(GOAWAY, 0, 0, uint32(this.#lastHandled, code)));
  }

  #leave(): void {
    this.#isLeaving = true;
    if (this.#streams.size === 0) this.#input.cancel().catch(() => {});
  }

  /** A fault costs its stream, or the connection. */
  #take(one: Frame): void {
    try {
      if (one.streamId === 0) this.#takeOfConnection(one);
      else this.#takeOfStream(one);
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      this.#reset(error.streamId, error.code, error);
    }
  }

  #takeOfConnection(one: Frame): void {
    const { type, flags, payload } = one;
    if (type === SETTINGS && (flags & ACK) === 0) {
      checkSettings(one);
      for (const [id, value] of settingsOf(one)) if (id === INITIAL_WINDOW_SIZE) this.#setInitialWindow(value);
      this.#sender.now(frame(SETTINGS, ACK, 0));
    } else if (type === PING && (flags & ACK) === 0) this.#sender.now(frame(PING, ACK, 0, payload));
    else if (type === GOAWAY) this.#leave();
    else if (type === WINDOW_UPDATE) {
      const increment = incrementOf(one);
      if (increment === 0) throw new ConnectionError(PROTOCOL_ERROR, 'A credit of nothing');
      if (!this.#sender.credit(increment)) throw new ConnectionError(FLOW_CONTROL_ERROR, 'A window has 31 bits');
    }
  }

  /** Streams that are open get the difference, and it may be less than nothing (RFC 9113 §6.9.2). */
  #setInitialWindow(value: number): void {
    const difference = value - initialWindow;
    initialWindow = value;
    for (const stream of this.#streams.values()) {
      if (!this.#sender.credit(difference, stream))
        throw new ConnectionError(FLOW_CONTROL_ERROR, 'A window has 31 bits');
    }
  }

  #takeCredit(stream: Stream, one: Frame): void {
    const increment = incrementOf(one);
    if (increment === 0) throw new StreamError(stream.id, PROTOCOL_ERROR, 'A credit of nothing');
    if (!this.#sender.credit(increment, stream))
      throw new StreamError(stream.id, FLOW_CONTROL_ERROR, 'A window has 31 bits');
  }

  #takeOfStream(one: Frame): void {
    const { type, streamId } = one;
    const stream = this.#streams.get(streamId);
    const isIdle = streamId > this.#lastId || streamId % 2 === 0;
    if (type === HEADERS) {
      // Wanted or not: the block has a place in the memory that all of them share.
      const fields = decode(this.#hpack, one.payload);
      if (stream !== undefined) this.#takeTrailers(stream, one, fields);
      else if (isIdle) this.#open(one, fields);
      else if (!this.#wasReset.has(streamId))
        throw new ConnectionError(PROTOCOL_ERROR, `Stream ${streamId} is over, or was passed over`);
    } else if (type === PRIORITY && one.payload.length !== 5)
      throw new StreamError(streamId, FRAME_SIZE_ERROR, 'Priority has five bytes');
    else if (type === DATA || type === RST_STREAM || type === WINDOW_UPDATE) {
      if (isIdle) throw new ConnectionError(PROTOCOL_ERROR, `Stream ${streamId} was never opened`);
      if (type === DATA) this.#takeData(stream, one);
      if (type === WINDOW_UPDATE && stream !== undefined) this.#takeCredit(stream, one);
      if (type === RST_STREAM && stream !== undefined) this.#forget(stream, new Error('The peer has reset the stream'));
    }
  }

  #open(one: Frame, fields: Fields): void {
    const id = one.streamId;
    if (id % 2 === 0) throw new ConnectionError(PROTOCOL_ERROR, 'Clients have odd ids');
    this.#lastId = id;
    if (this.#isClosed) {
      this.#remember(id);
      return;
    }
    if (this.#streams.size >= this.#maxStreams) throw new StreamError(id, REFUSED_STREAM, 'Too many streams are open');
    const head = headOf(id, fields);
    const length = head.headers.get('content-length');
    const stream: Stream = {
      id,
      priority: priorityOf(head.headers),
      turn: 0,
      window: initialWindow,
      body: null,
      length: length === null ? null : Number(length),
      received: 0,
      room: INITIAL_WINDOW,
      owed: 0,
      reply: null,
      peerEnded: false,
      weEnded: false,
    };
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          stream.body = controller;
        },
        // Called after each read, as long as the queue is not full: it holds what came and was not read yet.
        pull: () => this.#giveBack(stream),
        cancel: () => {
          stream.body = null;
          this.#giveBack(stream);
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: INITIAL_WINDOW }),
    );
    this.#streams.set(id, stream);
    this.#lastHandled = id;
    if (one.flags & END_STREAM) this.#peerEnds(stream);
    // Not awaited: the next frame may belong to another stream.
    void this.#answer(stream, { ...head, body });
  }

  /** A second block ends the body. Nobody here asks for what is in it. */
  #takeTrailers(stream: Stream, { streamId, flags }: Frame, fields: Fields): void {
    if (stream.peerEnded) throw new StreamError(streamId, STREAM_CLOSED, 'The peer has ended this stream');
    if ((flags & END_STREAM) === 0) throw new StreamError(streamId, PROTOCOL_ERROR, 'Trailers end the stream');
    if (fields.some(([name]) => name.startsWith(':')))
      throw new StreamError(streamId, PROTOCOL_ERROR, 'Pseudo-fields stand in a head only');
    this.#peerEnds(stream);
  }

  #takeData(stream: Stream | undefined, one: Frame): void {
    const cost = one.payload.length;
    // Wanted or not, they no longer fill the connection: a stream that nobody reads holds back its own purse, and no other.
    if (cost > 0) this.#sender.now(frame(WINDOW_UPDATE, 0, 0, uint32(cost)));
    const data = withoutPadding(one);
    if (stream === undefined) {
      if (this.#wasReset.has(one.streamId)) return;
      throw new ConnectionError(STREAM_CLOSED, `Stream ${one.streamId} is over`);
    }
    if (stream.peerEnded) throw new StreamError(stream.id, STREAM_CLOSED, 'The peer has ended this stream');
    stream.room -= cost;
    if (stream.room < 0) throw new StreamError(stream.id, FLOW_CONTROL_ERROR, 'The peer sends more than it was given');
    stream.owed += cost;
    stream.received += data.length;
    if (stream.length !== null && stream.received > stream.length)
      throw new StreamError(stream.id, PROTOCOL_ERROR, 'The body is longer than its Content-Length');
    if (data.length > 0) stream.body?.enqueue(data);
    if (one.flags & END_STREAM) this.#peerEnds(stream);
    else this.#giveBack(stream);
  }

  /** What was read, padding, and what nobody will read. A stream that the peer has ended needs no more. */
  #giveBack(stream: Stream): void {
    const unread = stream.body === null ? 0 : INITIAL_WINDOW - (stream.body.desiredSize ?? INITIAL_WINDOW);
    const bytes = stream.owed - unread;
    if (bytes <= 0 || stream.peerEnded || !this.#isOpen(stream)) return;
    stream.owed -= bytes;
    stream.room += bytes;
    this.#sender.now(frame(WINDOW_UPDATE, 0, stream.id, uint32(bytes)));
  }

  #peerEnds(stream: Stream): void {
    if (stream.length !== null && stream.received !== stream.length)
      throw new StreamError(stream.id, PROTOCOL_ERROR, 'The body is shorter than its Content-Length');
    stream.peerEnded = true;
    stream.body?.close();
    stream.body = null;
    if (stream.weEnded) this.#close(stream);
  }

  #weEnd(stream: Stream): void {
    stream.weEnded = true;
    if (stream.peerEnded) this.#close(stream);
    // The answer is complete, and what the peer still sends changes nothing: that is no error.
    else this.#reset(stream.id, NO_ERROR, new Error('The reply is complete'));
  }

  #close(stream: Stream): void {
    this.#streams.delete(stream.id);
    if (this.#isLeaving) this.#leave();
  }

  /** Ends a stream for both sides at once. */
  #reset(id: number, code: number, reason: Error): void {
    this.#sender.now(frame(RST_STREAM, 0, id, uint32(code)));
    const stream = this.#streams.get(id);
    if (stream === undefined) this.#remember(id);
    else this.#forget(stream, reason);
  }

  #forget(stream: Stream, reason: Error): void {
    this.#remember(stream.id);
    this.#drop(stream, reason);
    this.#close(stream);
  }

  #remember(id: number): void {
    this.#wasReset.add(id);
    const [oldest] = this.#wasReset;
    if (this.#wasReset.size > REMEMBERED && oldest !== undefined) this.#wasReset.delete(oldest);
  }

  /** Tells the handler, on both of its sides. */
  #drop(stream: Stream, reason: Error): void {
    stream.body?.error(reason);
    stream.body = null;
    stream.reply?.cancel(reason).catch(() => {});
    this.#sender.drop(stream);
  }

  async #answer(stream: Stream, request: Incoming): Promise<void> {
    const response = await answer(this.#handler, request);
    if (!this.#isOpen(stream)) return void response.body?.cancel().catch(() => {});
    try {
      await this.#send(stream, request.method, response);
      if (this.#isOpen(stream)) this.#weEnd(stream);
    } catch (error) {
      // Half a reply must not look like a whole one.
      if (this.#isOpen(stream)) this.#reset(stream.id, INTERNAL_ERROR, error as Error);
    }
  }

  #isOpen(stream: Stream): boolean {
    return this.#streams.get(stream.id) === stream;
  }

  /** The next piece is made when the last byte of the one before has left, so no more than one waits here. */
  async #send(stream: Stream, method: string, response: Response): Promise<void> {
    const isEmpty = response.body === null || method === 'HEAD';
    this.#sender.now(headers(stream.id, isEmpty ? END_STREAM : 0, this.#hpack.encode(replyFields(response))));
    if (isEmpty) return void response.body?.cancel().catch(() => {});
    stream.reply = response.body.getReader();
    for (;;) {
      const { done, value = new Uint8Array(0) } = await stream.reply.read();
      if (!this.#isOpen(stream)) return;
      if (done || value.length > 0) await this.#sender.data(stream, value, done ? END_STREAM : 0);
      if (done || !this.#isOpen(stream)) return;
    }
  }
}

function decode(hpack: Hpack, block: Uint8Array): Fields {
  try {
    return hpack.decode(block);
  } catch {
    throw new ConnectionError(COMPRESSION_ERROR, 'A header block cannot be read, and neither can any after it');
  }
}

/** Never rejects: a handler that throws still owes an answer. */
async function answer(handler: Handler, request: Incoming): Promise<Response> {
  try {
    return await handler(request);
  } catch {
    return new Response(null, { status: 500 });
  }
}
