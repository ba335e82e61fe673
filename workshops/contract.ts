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
