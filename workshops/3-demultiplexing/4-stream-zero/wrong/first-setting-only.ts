// kills: MX4-4
// It looks at the first setting of a frame only.
import type { Connection, Fields, Frame, Given, Handler, Hpack, Incoming, Options } from 'contract';
import { reader } from '../http1/bytes.ts';
import {
  ACK,
  COMPRESSION_ERROR,
  ConnectionError,
  DATA,
  END_STREAM,
  FLOW_CONTROL_ERROR,
  frame,
  frames,
  GOAWAY,
  HEADERS,
  headers,
  MAX_FRAME_SIZE,
  NO_ERROR,
  PING,
  PROTOCOL_ERROR,
  SETTINGS,
  settingsOf,
  uint32,
  wholeBlocks,
  withoutPadding,
} from './frames.ts';

/** What a client says first. An HTTP/1.1 server takes it for a request that it does not know, and says so. */
const PREFACE = new TextEncoder().encode('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
/** They are about one HTTP/1.1 connection, and mean nothing here (RFC 9113 §8.2.2). */
const NOT_HERE = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

type Input = ReturnType<typeof reader>;
type Body = ReadableStreamDefaultController<Uint8Array>;
type Writer = WritableStreamDefaultWriter<Uint8Array>;

/** Frames come mixed. Each body is kept under its stream's id, and stream 0 is the connection's own conversation. */
export async function serve(
  connection: Connection,
  handler: Handler,
  given: Given,
  options: Options = {},
): Promise<void> {
  const input = reader(connection.readable);
  const writer = connection.writable.getWriter();
  /** One memory for all streams: every block goes through it, in the order in which it came. */
  const hpack = given.hpack();
  /** The request bodies that are still coming. */
  const bodies = new Map<number, Body>();
  const replies = new Set<Promise<void>>();
  let lastId = 0;
  /** Somebody has said goodbye: the connection ends with the last exchange that is open. */
  let isLeaving = false;
  /** We have said it: what is asked from now on, the peer will ask elsewhere. */
  let isClosed = false;

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
      .then(() => {
        replies.delete(reply);
        if (isLeaving) leave();
      });
    replies.add(reply);
  }

  function goAway(code: number): void {
    isClosed = true;
    write(frame(GOAWAY, 0, 0, uint32(lastId, code)));
  }

  function leave(): void {
    isLeaving = true;
    if (replies.size === 0) input.cancel().catch(() => {});
  }

  function stop(): void {
    goAway(NO_ERROR);
    leave();
  }

  function take(one: Frame): void {
    const { type, flags, streamId, payload } = one;
    if (type === SETTINGS && (flags & ACK) === 0) {
      checkSettings(one);
      write(frame(SETTINGS, ACK, 0));
    } else if (type === PING && (flags & ACK) === 0) write(frame(PING, ACK, 0, payload));
    else if (type === GOAWAY) leave();
    else if (type === HEADERS) {
      const fields = decode(hpack, payload);
      // A second block on a stream holds trailers. Nobody here asks for them; that the body ends is what counts.
      if (streamId > lastId && !isClosed) begin(streamId, fields);
    } else if (type === DATA) bodies.get(streamId)?.enqueue(withoutPadding(one));
    // All other types say nothing that has to be heard.
    if ((type === HEADERS || type === DATA) && flags & END_STREAM) {
      bodies.get(streamId)?.close();
      bodies.delete(streamId);
    }
  }

  write(frame(SETTINGS, 0, 0));
  options.signal?.addEventListener('abort', stop);
  try {
    let isFirst = true;
    for await (const one of wholeBlocks(frames(await behindPreface(input)))) {
      if (isFirst && one.type !== SETTINGS) throw new ConnectionError(PROTOCOL_ERROR, 'SETTINGS come first');
      if (isFirst && options.signal?.aborted) stop();
      isFirst = false;
      take(one);
    }
  } catch (error) {
    // Otherwise the connection broke off. What was asked before is still answered, where somebody is left to read it.
    if (error instanceof ConnectionError) {
      goAway(error.code);
      replies.clear();
    }
  } finally {
    options.signal?.removeEventListener('abort', stop);
    for (const body of bodies.values()) body.error(new Error('The connection ended inside the body'));
    bodies.clear();
    await Promise.all(replies);
    await writer.close().catch(() => {});
    // Only now: whoever stops reading may lose what is not sent yet.
    await input.cancel().catch(() => {});
  }
}

/** What follows the client's 24 bytes. Nothing that follows others is HTTP/2. */
async function behindPreface(input: Input): Promise<ReadableStream<Uint8Array>> {
  for (let at = 0; at < PREFACE.length; ) {
    const piece = await input.some(PREFACE.length - at);
    if (piece === null) throw new Error('The connection ended inside the preface');
    for (const byte of piece)
      if (byte !== PREFACE[at++]) throw new ConnectionError(PROTOCOL_ERROR, 'This is no preface of HTTP/2');
  }
  return new ReadableStream(
    {
      async pull(controller) {
        const piece = await input.some(65_536);
        if (piece === null) controller.close();
        else controller.enqueue(piece);
      },
    },
    { highWaterMark: 0 },
  );
}

/** Settings that are not known are passed over. Those that are have bounds (RFC 9113 §6.5.2). */
function checkSettings(one: Frame): void {
  for (const [id, value] of settingsOf(one).slice(0, 1)) {
    if (id === 2 && value > 1) throw new ConnectionError(PROTOCOL_ERROR, 'ENABLE_PUSH is 0 or 1');
    if (id === 4 && value > 0x7fff_ffff) throw new ConnectionError(FLOW_CONTROL_ERROR, 'A window has 31 bits');
    if (id === 5 && (value < MAX_FRAME_SIZE || value > 0xff_ffff))
      throw new ConnectionError(PROTOCOL_ERROR, 'MAX_FRAME_SIZE lies between 2^14 and 2^24-1');
  }
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
  const fields: Fields = [[':status', String(response.status)]];
  for (const [name, value] of response.headers) if (!NOT_HERE.has(name)) fields.push([name, value]);
  await writer.write(headers(id, isEmpty ? END_STREAM : 0, hpack.encode(fields)));
  if (isEmpty) return void (await response.body?.cancel());
  for await (const piece of response.body) {
    for (let at = 0; at < piece.length; at += MAX_FRAME_SIZE)
      await writer.write(frame(DATA, 0, id, piece.subarray(at, at + MAX_FRAME_SIZE)));
  }
  await writer.write(frame(DATA, END_STREAM, id));
}
