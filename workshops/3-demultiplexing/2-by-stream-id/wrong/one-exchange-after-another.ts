// kills: MX2-2 MX2-3 MX2-4 MX2-C
// Takes a request whole, answers it, and only then reads on.
import type { Connection, Fields, Frame, Given, Handler, Incoming } from 'contract';
import { frames } from './frames.ts';

const DATA = 0x0;
const HEADERS = 0x1;
const END_STREAM = 0x1;
const MAX_FRAME_SIZE = 16_384;

/** One exchange after another: a request is read to its end and answered, and only then the next frame is looked at. */
export async function serve(connection: Connection, handler: Handler, given: Given): Promise<void> {
  const writer = connection.writable.getWriter();
  let head: Omit<Incoming, 'body'> | null = null;
  let parts: Uint8Array[] = [];

  await writer.write(given.hello);
  for await (const frame of frames(behindPreface(connection.readable))) {
    const due = given.chores(frame);
    if (due !== null) await writer.write(due);
    if (frame.type === HEADERS) {
      head = headOf(given.fields(frame));
      parts = [];
    }
    if (frame.type === DATA) parts.push(withoutPadding(frame));
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

/** The first byte says how many of the last are only there to hide the length. */
function withoutPadding({ flags, payload }: Frame): Uint8Array {
  return (flags & 0x8) === 0 ? payload : payload.subarray(1, payload.length - (payload[0] ?? 0));
}

/** A client begins with 24 bytes that are no frame. You look at them in "Stream 0"; until then they are passed over. */
function behindPreface(readable: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  let left = 24;
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

/** At most 16,384 bytes of payload: nobody takes more before having said so. */
function dataFrame(id: number, flags: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(9 + payload.length);
  const head = new DataView(bytes.buffer);
  head.setUint32(0, (payload.length << 8) | DATA);
  head.setUint8(4, flags);
  head.setUint32(5, id);
  bytes.set(payload, 9);
  return bytes;
}
