/** The types that learner files share with the judge, the page and every host. Types only: at run time there is nothing here. */

/** One connection: an ordered stream of bytes each way. It knows nothing of messages. */
export type Connection = { readable: ReadableStream<Uint8Array>; writable: WritableStream<Uint8Array> };

/** A request as the handler sees it. `target` is what stands in the request line; `headers` keeps every name. */
export type Incoming = {
  method: string;
  target: string;
  version: '1.0' | '1.1' | '2';
  headers: Headers;
  body: ReadableStream<Uint8Array>;
};

/** Answers a request. A `Response` has no length of its own: whoever sends it says where its body ends. */
export type Handler = (request: Incoming) => Response | Promise<Response>;

/** A request as a client sends it. */
export type Outgoing = { origin: string; method: string; target: string; headers: Headers; body?: Uint8Array };

/** `idle` in milliseconds. */
export type Options = { idle?: number; signal?: AbortSignal; maxInFlight?: number; maxStreams?: number };

/** One HTTP/2 frame. `streamId` 0 is the connection itself. The payload is yours to keep. */
export type Frame = { type: number; flags: number; streamId: number; payload: Uint8Array };

/** The lines of a header block, in their order: `:method` and its like first. */
export type Fields = [name: string, value: string][];

/**
 * Header compression for one connection. Each direction has a memory: blocks are decoded in the order in which they came and
 * sent in the order in which they were encoded. `decode` throws when the block is broken; then nothing after it can be read.
 */
export type Hpack = { decode(block: Uint8Array): Fields; encode(fields: Fields): Uint8Array };

/**
 * What an HTTP/2 server need not write yet; each connection is given its own. HPACK stays. The rest is taken away step by step:
 * then it is still there, and gives nothing. The client's 24 bytes stand before its first frame on every connection.
 */
export type Given = {
  hpack(): Hpack;
  /** What a server writes first. Empty from "Stream 0" on. */
  hello: Uint8Array;
  /** What is to be written for this frame, if it belongs to the connection and not to an exchange. Null from "Stream 0" on. */
  chores(frame: Frame): Uint8Array | null;
  /** The lines of a whole HEADERS frame: padding and priority are taken off. None from "Header blocks" on. */
  fields(frame: Frame): Fields;
  /** A HEADERS frame that begins a reply and does not end it. Empty from "Header blocks" on. */
  head(streamId: number, status: number, headers: Headers): Uint8Array;
};

/** A stretch of one stream of bytes, as the network delivers it: in any order, cut anywhere, perhaps again. `last`: the stream ends behind it. */
export type Segment = { offset: number; bytes: Uint8Array; last?: boolean };

/** What one packet carries. Each stream counts its own offsets; a packet that was sent again has another number. */
export type Packet = {
  number: number;
  frames: { streamId: number; offset: number; bytes: Uint8Array; last?: boolean }[];
};
