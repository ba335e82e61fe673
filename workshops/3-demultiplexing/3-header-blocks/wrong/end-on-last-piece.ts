// kills: MX3-6
// Puts END_STREAM on the last piece of a head, where it means nothing.
import type { Connection, Fields, Frame, Given, Handler, Hpack, Incoming } from 'contract';
import {
  COMPRESSION_ERROR,
  CONTINUATION,
  ConnectionError,
  DATA,
  END_HEADERS,
  END_STREAM,
  ENHANCE_YOUR_CALM,
  frame,
  frames,
  GOAWAY,
  HEADERS,
  join,
  MAX_FRAME_SIZE,
  PADDED,
  PRIORITY_FLAG,
  PROTOCOL_ERROR,
  uint32,
} from './frames.ts';

/** A header block takes no more memory than this, in however many pieces it comes. */
const BLOCK_LIMIT = 64 * 1024;
/** They are about one HTTP/1.1 connection, and mean nothing here (RFC 9113 §8.2.2). */
const NOT_HERE = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

const PREFACE_LENGTH = 24;

type Body = ReadableStreamDefaultController<Uint8Array>;
type Writer = WritableStreamDefaultWriter<Uint8Array>;

/** Frames come mixed. Each body is kept under its stream's id, and each reply goes out under the id of its request. */
export async function serve(connection: Connection, handler: Handler, given: Given): Promise<void> {
  const writer = connection.writable.getWriter();
  /** One memory for all streams: every block goes through it, in the order in which it came. */
  const hpack = given.hpack();
  /** The request bodies that are still coming. */
  const bodies = new Map<number, Body>();
  const replies = new Set<Promise<void>>();
  let lastId = 0;

  /** Does not wait: whoever reads must go on reading. When the peer is gone, reading ends too. */
  const write = (bytes: Uint8Array): void => void writer.write(bytes).catch(() => {});

  /** Starts an exchange and does not wait for it: the next frame may belong to another one. */
  function begin(id: number, fields: Fields): void {
    lastId = id;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void bodies.set(id, controller),
      // A handler that reads no more gives up its body. What still comes of it is dropped.
      cancel: () => void bodies.delete(id),
    });
    const request = { ...headOf(fields), body };
    const reply = answer(handler, request)
      .then((response) => send(writer, hpack, id, request.method, response))
      .catch(() => {})
      .then(() => void replies.delete(reply));
    replies.add(reply);
  }

  function end(id: number): void {
    bodies.get(id)?.close();
    bodies.delete(id);
  }

  write(given.hello);
  try {
    for await (const { type, flags, streamId, payload } of wholeBlocks(
      frames(behindPreface(connection.readable)),
      given,
      write,
    )) {
      if (type === HEADERS) {
        const fields = decode(hpack, payload);
        // A second block on a stream holds trailers. Nobody here asks for them; that the body ends is what counts.
        if (streamId > lastId) begin(streamId, fields);
      } else bodies.get(streamId)?.enqueue(withoutPadding(flags, payload));
      if (flags & END_STREAM) end(streamId);
    }
  } catch (error) {
    // Otherwise the connection broke off. What was asked before is still answered, where somebody is left to read it.
    if (error instanceof ConnectionError) {
      write(frame(GOAWAY, 0, 0, uint32(lastId, error.code)));
      replies.clear();
    }
  } finally {
    for (const body of bodies.values()) body.error(new Error('The connection ended inside the body'));
    bodies.clear();
    await Promise.all(replies);
    await writer.close().catch(() => {});
  }
}

/** A client begins with 24 bytes that are always the same. What follows them are frames. */
function behindPreface(readable: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  let left = PREFACE_LENGTH;
  return readable.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        const skipped = Math.min(left, chunk.length);
        left -= skipped;
        if (skipped < chunk.length) controller.enqueue(chunk.subarray(skipped));
      },
    }),
  );
}

/** HEADERS and DATA. A block in pieces comes out as one HEADERS frame: its payload is the block, and no more than that. */
async function* wholeBlocks(
  all: AsyncGenerator<Frame>,
  given: Given,
  write: (bytes: Uint8Array) => void,
): AsyncGenerator<Frame> {
  for await (const one of all) {
    const due = given.chores(one);
    if (due !== null) write(due);
    if (one.type === CONTINUATION) throw new ConnectionError(PROTOCOL_ERROR, 'A CONTINUATION continues nothing');
    // Types that are not known are passed over, and so is what belongs to the connection.
    if (one.type === DATA) yield one;
    if (one.type !== HEADERS) continue;
    let block = firstPiece(one);
    for (let { flags } = one; (flags & END_HEADERS) === 0; ) {
      const { value: next } = await all.next();
      if (next === undefined) throw new Error('The connection ended inside a header block');
      if (next.type !== CONTINUATION || next.streamId !== one.streamId)
        throw new ConnectionError(PROTOCOL_ERROR, 'A frame stands inside a header block');
      block = join(block, next.payload);
      if (block.length > BLOCK_LIMIT) throw new ConnectionError(ENHANCE_YOUR_CALM, 'A header block is too long');
      flags = next.flags;
    }
    yield { ...one, payload: block };
  }
}

/** In front of the block there may be the length of the padding, and five bytes of priority that no one uses any more. */
function firstPiece({ flags, payload }: Frame): Uint8Array {
  const piece = withoutPadding(flags, payload);
  if ((flags & PRIORITY_FLAG) === 0) return piece;
  if (piece.length < 5) throw new ConnectionError(PROTOCOL_ERROR, 'A HEADERS frame has no room for its priority');
  return piece.subarray(5);
}

/** The first byte says how many of the last are only there to hide the length. */
function withoutPadding(flags: number, payload: Uint8Array): Uint8Array {
  if ((flags & PADDED) === 0) return payload;
  const [padding = 0] = payload;
  if (padding >= payload.length) throw new ConnectionError(PROTOCOL_ERROR, 'There is more padding than payload');
  return payload.subarray(1, payload.length - padding);
}

function decode(hpack: Hpack, block: Uint8Array): Fields {
  try {
    return hpack.decode(block);
  } catch {
    throw new ConnectionError(COMPRESSION_ERROR, 'A header block cannot be read, and neither can any after it');
  }
}

function headOf(fields: Fields): Omit<Incoming, 'body'> {
  const head = { method: '', target: '', version: '2' as const, headers: new Headers() };
  for (const [name, value] of fields) {
    if (name === ':method') head.method = value;
    else if (name === ':path') head.target = value;
    else if (name === ':authority') head.headers.set('host', value);
    // A cookie may come in crumbs, so that those that stay the same are compressed (RFC 9113 §8.2.3).
    else if (name === 'cookie' && head.headers.has(name)) head.headers.set(name, `${head.headers.get(name)}; ${value}`);
    else if (!name.startsWith(':')) head.headers.append(name, value);
  }
  return head;
}

/** Never rejects: a handler that throws still owes an answer. */
async function answer(handler: Handler, request: Incoming): Promise<Response> {
  try {
    return await handler(request);
  } catch {
    return new Response(null, { status: 500 });
  }
}

/** Each frame of a reply is one write, so frames of several replies mix and never cut each other. */
async function send(writer: Writer, hpack: Hpack, id: number, method: string, response: Response): Promise<void> {
  const isEmpty = response.body === null || method === 'HEAD';
  await writer.write(head(hpack, id, response, isEmpty));
  if (isEmpty) return void (await response.body?.cancel());
  for await (const piece of response.body) {
    for (let at = 0; at < piece.length; at += MAX_FRAME_SIZE)
      await writer.write(frame(DATA, 0, id, piece.subarray(at, at + MAX_FRAME_SIZE)));
  }
  await writer.write(frame(DATA, END_STREAM, id));
}

/** HEADERS and as many CONTINUATIONs as it takes, in one write: nothing may come between them. */
function head(hpack: Hpack, id: number, { status, headers }: Response, isEmpty: boolean): Uint8Array {
  const fields: Fields = [[':status', String(status)]];
  for (const [name, value] of headers) if (!NOT_HERE.has(name)) fields.push([name, value]);
  const block = hpack.encode(fields);
  const parts: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < block.length; at += MAX_FRAME_SIZE) {
    const last = at + MAX_FRAME_SIZE >= block.length ? END_HEADERS : 0;
    const first = last && isEmpty ? END_STREAM : 0;
    parts.push(frame(at === 0 ? HEADERS : CONTINUATION, last | first, id, block.subarray(at, at + MAX_FRAME_SIZE)));
  }
  return join(...parts);
}
