import type { Connection, Fields, Frame, Given, Handler, Incoming } from 'contract';
import { frames } from './frames.ts';

const DATA = 0x0;
const HEADERS = 0x1;
const END_STREAM = 0x1;
/** A frame may carry this much until the peer says that it takes more. */
const MAX_FRAME_SIZE = 16_384;

/** One exchange after another: a request is read to its end and answered, and only then the next frame is looked at. */
export async function serve(connection: Connection, handler: Handler, given: Given): Promise<void> {
  const writer = connection.writable.getWriter();
  let head: Omit<Incoming, 'body'> | null = null;
  let parts: Uint8Array[] = [];

  await writer.write(given.hello);
  for await (const frame of frames(await behindPreface(connection.readable))) {
    const due = given.chores(frame);
    if (due !== null) await writer.write(due);
    if (frame.type === HEADERS) {
      head = headOf(given.fields(frame));
      parts = [];
    }
    if (frame.type === DATA) parts.push(frame.payload);
    if (head === null || !endsStream(frame)) continue;
    const response = await handler({ ...head, body: streamOf(parts) });
    await writer.write(given.head(frame.streamId, response.status, response.headers));
    const body = new Uint8Array(await response.arrayBuffer());
    for (let at = 0; at < body.length; at += MAX_FRAME_SIZE)
      await writer.write(dataFrame(frame.streamId, 0, body.subarray(at, at + MAX_FRAME_SIZE)));
    await writer.write(dataFrame(frame.streamId, END_STREAM, new Uint8Array()));
  }
  await writer.close();
}

/** A client begins with 24 bytes that are no frame. You look at them in "Stream 0"; until then they are passed over. */
async function behindPreface(readable: ReadableStream<Uint8Array>): Promise<ReadableStream<Uint8Array>> {
  // What is read into a buffer of one's own is cut where the buffer ends: all that follows is still in the stream.
  const source = readable.getReader({ mode: 'byob' });
  for (let left = 24; left > 0; ) {
    const { done, value } = await source.read(new Uint8Array(left));
    if (done) break;
    left -= value.length;
  }
  source.releaseLock();
  return readable;
}

function endsStream({ type, flags }: Frame): boolean {
  return (type === HEADERS || type === DATA) && (flags & END_STREAM) !== 0;
}

/** The names that begin with a colon say what stands in an HTTP/1.1 request line, and whom it is for. */
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

function streamOf(parts: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) if (part.length > 0) controller.enqueue(part);
      controller.close();
    },
  });
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
