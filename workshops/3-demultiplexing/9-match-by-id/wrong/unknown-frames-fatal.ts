// kills: MX9-1
// Ends the connection at a frame of a type that it does not know.
import type { Connection, Fields, Frame, Given, Hpack, Outgoing } from 'contract';
import { reader } from '../http1/bytes.ts';
import {
  ACK,
  CANCEL,
  COMPRESSION_ERROR,
  ConnectionError,
  checkSettings,
  CONTINUATION,
  DATA,
  ENABLE_PUSH,
  END_STREAM,
  FLOW_CONTROL_ERROR,
  frame,
  frames,
  GOAWAY,
  HEADERS,
  headers,
  INITIAL_WINDOW,
  INITIAL_WINDOW_SIZE,
  incrementOf,
  isOfHttp1,
  join,
  MAX_CONCURRENT_STREAMS,
  NO_ERROR,
  numberAt,
  PING,
  PREFACE,
  PROTOCOL_ERROR,
  REFUSED_STREAM,
  RST_STREAM,
  SETTINGS,
  StreamError,
  settings,
  settingsOf,
  uint32,
  WINDOW_UPDATE,
  wholeBlocks,
  withoutPadding,
} from './frames.ts';
import { Sender, type Sending } from './sender.ts';

type Job = {
  readonly request: Outgoing;
  /** It was sent once, and the peer had no room for it. */
  wasRefused: boolean;
  resolve(response: Response): void;
  reject(error: Error): void;
};

/** A request on its way. Its id alone says which reply is its own. */
type Exchange = Sending &
  Job & {
    isAnswered: boolean;
    /** Where the reply's body goes, from its head to its end, or until whoever asked gives it up. */
    body: ReadableStreamDefaultController<Uint8Array> | null;
    /** How many bytes of DATA the peer may still send here, and how many of those that came it has not been given back. */
    room: number;
    owed: number;
    isSent: boolean;
  };

/** The peer has not done anything about the request: it may be sent again, whatever its method. */
const notHandled = (why: string): Error => new Error(`The request was not handled: ${why}`);

/** Resolves as soon as there is something to ask with: nobody has to wait for the peer's SETTINGS. */
export async function connect(
  connection: Connection,
  given: Pick<Given, 'hpack'>,
): Promise<(request: Outgoing) => Promise<Response>> {
  const client = new Client(connection, given.hpack());
  void client.run();
  return (request) => new Promise((resolve, reject) => client.ask({ request, wasRefused: false, resolve, reject }));
}

class Client {
  readonly #input: ReturnType<typeof reader>;
  readonly #sender: Sender;
  readonly #hpack: Hpack;
  readonly #exchanges = new Map<number, Exchange>();
  /** Those for which the peer has no room yet. */
  readonly #waiting: Job[] = [];
  #nextId = 1;
  /** Until the peer says what it has room for: nobody should have less than this (RFC 9113 §6.5.2). */
  #maxStreams = 100;
  #initialWindow = INITIAL_WINDOW;
  /** Why nothing more can be asked here. */
  #closed: Error | null = null;

  constructor({ readable, writable }: Connection, hpack: Hpack) {
    this.#input = reader(readable);
    this.#sender = new Sender(writable, () => this.#input.cancel().catch(() => {}));
    this.#hpack = hpack;
    this.#sender.now(join(PREFACE, settings([ENABLE_PUSH, 0])));
  }

  async run(): Promise<void> {
    try {
      let isFirst = true;
      for await (const one of wholeBlocks(frames(this.#bytes()))) {
        if (isFirst) this.#greeted(one);
        isFirst = false;
        this.#take(one);
      }
      this.#end(new Error('The connection ended'));
    } catch (error) {
      if (error instanceof ConnectionError) this.#sender.now(frame(GOAWAY, 0, 0, uint32(0, error.code)));
      this.#end(error as Error);
    } finally {
      await this.#sender.close();
      await this.#input.cancel().catch(() => {});
    }
  }

  #greeted({ type }: Frame): void {
    if (type !== SETTINGS) throw new ConnectionError(PROTOCOL_ERROR, 'SETTINGS come first');
    // There is no limit unless these settings name one.
    this.#maxStreams = Number.POSITIVE_INFINITY;
  }

  ask(job: Job): void {
    if (this.#closed !== null) job.reject(notHandled(this.#closed.message));
    else {
      this.#waiting.push(job);
      this.#begin();
    }
  }

  /** Ids go up, and none is used twice. Blocks are encoded in the order in which they leave. */
  #begin(): void {
    while (this.#exchanges.size < this.#maxStreams) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      const id = this.#nextId;
      this.#nextId += 2;
      const window = this.#initialWindow;
      const mine = { id, window, turn: 0, priority: { urgency: 3, shares: true }, isSent: false };
      const exchange: Exchange = { ...job, ...mine, isAnswered: false, body: null, room: INITIAL_WINDOW, owed: 0 };
      this.#exchanges.set(id, exchange);
      const { body } = job.request;
      const isWhole = body === undefined || body.length === 0;
      this.#sender.now(headers(id, isWhole ? END_STREAM : 0, this.#hpack.encode(requestFields(job.request))));
      if (isWhole) exchange.isSent = true;
      else
        void this.#sender.data(exchange, body, END_STREAM).then(() => {
          exchange.isSent = true;
        });
    }
  }

  #take(one: Frame): void {
    try {
      if (one.streamId === 0) this.#takeOfConnection(one);
      else this.#takeOfStream(one);
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      const exchange = this.#exchanges.get(error.streamId);
      if (exchange !== undefined) this.#reset(exchange, error.code, error);
    }
  }

  #takeOfConnection(one: Frame): void {
    const { type, flags, payload } = one;
    if (type === SETTINGS && (flags & ACK) === 0) {
      checkSettings(one);
      for (const [id, value] of settingsOf(one)) {
        if (id === MAX_CONCURRENT_STREAMS) this.#maxStreams = value;
        if (id === INITIAL_WINDOW_SIZE) this.#setInitialWindow(value);
      }
      this.#sender.now(frame(SETTINGS, ACK, 0));
      this.#begin();
    } else if (type === PING && (flags & ACK) === 0) this.#sender.now(frame(PING, ACK, 0, payload));
    else if (type === GOAWAY) this.#takeGoodbye(numberAt(payload, 0) & 0x7fff_ffff);
    else if (type === WINDOW_UPDATE) {
      const increment = incrementOf(one);
      if (increment === 0) throw new ConnectionError(PROTOCOL_ERROR, 'A credit of nothing');
      if (!this.#sender.credit(increment)) throw new ConnectionError(FLOW_CONTROL_ERROR, 'A window has 31 bits');
    }
  }

  #setInitialWindow(value: number): void {
    const difference = value - this.#initialWindow;
    this.#initialWindow = value;
    for (const exchange of this.#exchanges.values()) {
      if (!this.#sender.credit(difference, exchange))
        throw new ConnectionError(FLOW_CONTROL_ERROR, 'A window has 31 bits');
    }
  }

  /** Up to `lastId` the peer goes on. What is above, and what was not sent yet, has to go elsewhere. */
  #takeGoodbye(lastId: number): void {
    this.#closed = new Error('the peer has said goodbye');
    for (const job of this.#waiting.splice(0)) job.reject(notHandled(this.#closed.message));
    for (const exchange of [...this.#exchanges.values()])
      if (exchange.id > lastId) this.#close(exchange, notHandled(this.#closed.message));
    this.#leaveIfDone();
  }

  #takeOfStream(one: Frame): void {
    const { type, streamId, payload } = one;
    if (streamId >= this.#nextId || streamId % 2 === 0)
      throw new ConnectionError(PROTOCOL_ERROR, `Stream ${streamId} was never opened`);
    if (type > CONTINUATION) throw new ConnectionError(PROTOCOL_ERROR, `There are no frames of type ${type}`);
    const exchange = this.#exchanges.get(streamId);
    // Wanted or not, these bytes no longer fill the connection, and a block has a place in the memory that all of them share.
    if (type === DATA && payload.length > 0) this.#sender.now(frame(WINDOW_UPDATE, 0, 0, uint32(payload.length)));
    const fields = type === HEADERS ? decode(this.#hpack, payload) : [];
    if (exchange === undefined) return;
    if (type === HEADERS) this.#takeHead(exchange, one, fields);
    else if (type === DATA) this.#takeData(exchange, one);
    else if (type === RST_STREAM) this.#takeReset(exchange, numberAt(payload, 0));
    else if (type === WINDOW_UPDATE) {
      const increment = incrementOf(one);
      if (increment === 0) throw new StreamError(streamId, PROTOCOL_ERROR, 'A credit of nothing');
      if (!this.#sender.credit(increment, exchange))
        throw new StreamError(streamId, FLOW_CONTROL_ERROR, 'A window has 31 bits');
    }
  }

  #takeHead(exchange: Exchange, { flags }: Frame, fields: Fields): void {
    const isLast = (flags & END_STREAM) !== 0;
    if (!exchange.isAnswered) {
      const { status, headers } = headOf(exchange.id, fields);
      // An interim reply: the final one is still to come.
      if (status < 200) return;
      exchange.isAnswered = true;
      const isEmpty = isLast || exchange.request.method === 'HEAD' || status === 204 || status === 304;
      exchange.resolve(new Response(isEmpty ? null : this.#bodyOf(exchange), { status, headers }));
    } else if (!isLast) throw new StreamError(exchange.id, PROTOCOL_ERROR, 'Trailers end the stream');
    if (isLast) this.#peerEnds(exchange);
  }

  #bodyOf(exchange: Exchange): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          exchange.body = controller;
        },
        pull: () => this.#giveBack(exchange),
        cancel: () => {
          exchange.body = null;
          if (this.#exchanges.has(exchange.id)) this.#reset(exchange, CANCEL, new Error('Nobody wants the reply'));
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: INITIAL_WINDOW }),
    );
  }

  #takeData(exchange: Exchange, one: Frame): void {
    if (!exchange.isAnswered) throw new StreamError(exchange.id, PROTOCOL_ERROR, 'A body comes behind a head');
    const data = withoutPadding(one);
    exchange.room -= one.payload.length;
    exchange.owed += one.payload.length;
    if (exchange.room < 0)
      throw new StreamError(exchange.id, FLOW_CONTROL_ERROR, 'The peer sends more than it was given');
    if (data.length > 0) exchange.body?.enqueue(data);
    if (one.flags & END_STREAM) this.#peerEnds(exchange);
    else this.#giveBack(exchange);
  }

  /** What was read, and padding. One that nobody reads is given nothing, and holds nobody but itself. */
  #giveBack(exchange: Exchange): void {
    const unread = exchange.body === null ? 0 : INITIAL_WINDOW - (exchange.body.desiredSize ?? INITIAL_WINDOW);
    const bytes = exchange.owed - unread;
    if (bytes <= 0 || !this.#exchanges.has(exchange.id)) return;
    exchange.owed -= bytes;
    exchange.room += bytes;
    this.#sender.now(frame(WINDOW_UPDATE, 0, exchange.id, uint32(bytes)));
  }

  #peerEnds(exchange: Exchange): void {
    exchange.body?.close();
    exchange.body = null;
    // The answer is there. What is left of the request would change nothing.
    if (!exchange.isSent) this.#sender.now(frame(RST_STREAM, 0, exchange.id, uint32(NO_ERROR)));
    this.#close(exchange, new Error('The exchange is over'));
  }

  #takeReset(exchange: Exchange, code: number): void {
    const { request, wasRefused, resolve, reject } = exchange;
    if (code !== REFUSED_STREAM) this.#close(exchange, new Error(`The peer has reset it (${code})`));
    else if (wasRefused || exchange.isAnswered) this.#close(exchange, notHandled('the peer has refused it'));
    else {
      // The first ones may leave before the peer has said how many it takes. It did nothing about them: once more.
      this.#waiting.push({ request, wasRefused: true, resolve, reject });
      this.#exchanges.delete(exchange.id);
      this.#sender.drop(exchange);
      this.#begin();
    }
  }

  #reset(exchange: Exchange, code: number, reason: Error): void {
    this.#sender.now(frame(RST_STREAM, 0, exchange.id, uint32(code)));
    this.#close(exchange, reason);
  }

  /** Whoever still waits for this exchange is told. Another one may begin in its place. */
  #close(exchange: Exchange, reason: Error): void {
    this.#exchanges.delete(exchange.id);
    this.#sender.drop(exchange);
    exchange.reject(reason);
    exchange.body?.error(reason);
    exchange.body = null;
    this.#begin();
    this.#leaveIfDone();
  }

  #leaveIfDone(): void {
    if (this.#closed !== null && this.#exchanges.size === 0) this.#input.cancel().catch(() => {});
  }

  #end(reason: Error): void {
    this.#closed ??= reason;
    for (const job of this.#waiting.splice(0)) job.reject(notHandled(reason.message));
    for (const exchange of [...this.#exchanges.values()]) this.#close(exchange, reason);
  }

  /** The same bytes. The lock on the connection stays here, so that nobody else can end it. */
  #bytes(): ReadableStream<Uint8Array> {
    return new ReadableStream(
      {
        pull: async (controller) => {
          const piece = await this.#input.some(65_536);
          if (piece === null) controller.close();
          else controller.enqueue(piece);
        },
      },
      { highWaterMark: 0 },
    );
  }
}

function requestFields({ origin, method, target, headers }: Outgoing): Fields {
  const { protocol, host } = new URL(origin);
  const fields: Fields = [
    [':method', method],
    [':scheme', protocol.slice(0, -1)],
    [':authority', host],
    [':path', target],
  ];
  for (const [name, value] of headers) if (name !== 'host' && !isOfHttp1(name)) fields.push([name, value]);
  return fields;
}

function headOf(id: number, fields: Fields): { status: number; headers: Headers } {
  const headers = new Headers();
  let status = Number.NaN;
  for (const [name, value] of fields) {
    if (name === ':status' && /^[1-5]\d\d$/.test(value)) status = Number(value);
    else if (name.startsWith(':') || /[A-Z]/.test(name))
      throw new StreamError(id, PROTOCOL_ERROR, `${name} is wrong here`);
    else headers.append(name, value);
  }
  if (Number.isNaN(status)) throw new StreamError(id, PROTOCOL_ERROR, 'A reply has a status');
  return { status, headers };
}

function decode(hpack: Hpack, block: Uint8Array): Fields {
  try {
    return hpack.decode(block);
  } catch {
    throw new ConnectionError(COMPRESSION_ERROR, 'A header block cannot be read, and neither can any after it');
  }
}
