// kills: MX2-1
// Whatever the handler says, the reply says 200.
import type { Connection, Fields, Frame, Given, Handler, Incoming } from 'contract';
import { frames } from './frames.ts';

const DATA = 0x0;
const HEADERS = 0x1;
const END_STREAM = 0x1;
const PADDED = 0x8;
/** A frame may carry this much until the peer says more. */
const MAX_FRAME_SIZE = 16_384;

const PREFACE_LENGTH = 24;

type Body = ReadableStreamDefaultController<Uint8Array>;

/** Frames come mixed. Each body is kept under its stream's id, and each reply goes out under the id of its request. */
export async function serve(connection: Connection, handler: Handler, given: Given): Promise<void> {
  const writer = connection.writable.getWriter();
  /** The request bodies that are still coming. */
  const bodies = new Map<number, Body>();
  const replies = new Set<Promise<void>>();

  /** Does not wait: whoever reads must go on reading. When the peer is gone, reading ends too. */
  const write = (bytes: Uint8Array): void => void writer.write(bytes).catch(() => {});

  /** Starts an exchange and does not wait for it: the next frame may belong to another one. */
  function begin(frame: Frame): void {
    const id = frame.streamId;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => void bodies.set(id, controller),
      // A handler that reads no more gives up its body. What still comes of it is dropped.
      cancel: () => void bodies.delete(id),
    });
    const request = { ...headOf(given.fields(frame)), body };
    const reply = answer(handler, request)
      .then((response) => send(writer, given, id, request.method, response))
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
    for await (const frame of frames(behindPreface(connection.readable))) {
      const due = given.chores(frame);
      if (due !== null) write(due);
      // Types that are not known are passed over, and so is what belongs to the connection.
      if (frame.type !== HEADERS && frame.type !== DATA) continue;
      if (frame.type === HEADERS) begin(frame);
      else bodies.get(frame.streamId)?.enqueue(withoutPadding(frame));
      if (frame.flags & END_STREAM) end(frame.streamId);
    }
  } catch {
    // The connection broke off. What was asked before is still answered, where somebody is left to read it.
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

/** The first byte says how many of the last are only there to hide the length. */
function withoutPadding({ flags, payload }: Frame): Uint8Array {
  if ((flags & PADDED) === 0) return payload;
  return payload.subarray(1, payload.length - (payload[0] ?? 0));
}

function headOf(fields: Fields): Omit<Incoming, 'body'> {
  const head = { method: '', target: '', version: '2' as const, headers: new Headers() };
  for (const [name, value] of fields) {
    if (name === ':method') head.method = value;
    else if (name === ':path') head.target = value;
    else if (name === ':authority') head.headers.set('host', value);
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

type Writer = WritableStreamDefaultWriter<Uint8Array>;

/** One write is one frame, so frames of several replies mix and never cut each other. */
async function send(writer: Writer, given: Given, id: number, method: string, response: Response): Promise<void> {
  await writer.write(given.head(id, 200, response.headers));
  if (method === 'HEAD') await response.body?.cancel();
  else {
    for await (const piece of response.body ?? []) {
      for (let at = 0; at < piece.length; at += MAX_FRAME_SIZE)
        await writer.write(dataFrame(id, 0, piece.subarray(at, at + MAX_FRAME_SIZE)));
    }
  }
  await writer.write(dataFrame(id, END_STREAM, new Uint8Array(0)));
}

function dataFrame(id: number, flags: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(9 + payload.length);
  const head = new DataView(bytes.buffer);
  head.setUint32(0, (payload.length << 8) | DATA);
  head.setUint8(4, flags);
  head.setUint32(5, id);
  bytes.set(payload, 9);
  return bytes;
}
