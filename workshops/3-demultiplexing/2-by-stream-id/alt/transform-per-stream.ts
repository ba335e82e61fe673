import type { Connection, Fields, Given, Handler } from 'contract';
import { frames } from './frames.ts';

type Pipe = TransformStream<Uint8Array, Uint8Array>;
const [DATA, HEADERS] = [0, 1];
const FLAG = { endStream: 1, padded: 8 };

/** Each stream has a TransformStream of its own: the loop writes into one end, the handler reads at the other. */
export async function serve({ readable, writable }: Connection, handler: Handler, given: Given): Promise<void> {
  const out = writable.getWriter();
  const uploads: Record<number, WritableStreamDefaultWriter<Uint8Array>> = {};
  const answers: Promise<unknown>[] = [];
  const send = (bytes: Uint8Array): Promise<void> => out.write(bytes).catch(() => {});

  async function answer(id: number, fields: Fields, body: ReadableStream<Uint8Array>): Promise<void> {
    const pseudo = new Map(fields.filter(([name]) => name.startsWith(':')));
    const headers = new Headers(fields.filter(([name]) => !name.startsWith(':')));
    const host = pseudo.get(':authority');
    if (host !== undefined) headers.set('host', host);
    const request = {
      method: pseudo.get(':method') ?? '',
      target: pseudo.get(':path') ?? '',
      version: '2' as const,
      headers,
      body,
    };
    const response = await Promise.resolve()
      .then(() => handler(request))
      .catch(() => new Response('', { status: 500 }));
    send(given.head(id, response.status, response.headers));
    await response.body?.pipeTo(
      new WritableStream<Uint8Array>({
        async write(piece) {
          for (let rest = piece; rest.length > 0; rest = rest.subarray(8192))
            await send(data(id, 0, rest.subarray(0, 8192)));
        },
      }),
    );
    await send(data(id, FLAG.endStream));
  }

  send(given.hello);
  const dropped = new Uint8Array(24);
  let skipped = 0;
  const behind: Pipe = new TransformStream({
    transform(chunk, controller) {
      const n = Math.min(chunk.length, dropped.length - skipped);
      skipped += n;
      if (n < chunk.length) controller.enqueue(chunk.slice(n));
    },
  });
  try {
    for await (const frame of frames(readable.pipeThrough(behind))) {
      const id = frame.streamId;
      const chore = given.chores(frame);
      if (chore) send(chore);
      if (frame.type === HEADERS) {
        const pipe: Pipe = new TransformStream({}, undefined, { highWaterMark: 1 });
        uploads[id] = pipe.writable.getWriter();
        uploads[id].closed.catch(() => {});
        answers.push(answer(id, given.fields(frame), pipe.readable).catch(() => {}));
      } else if (frame.type === DATA) {
        const [pad = 0] = frame.flags & FLAG.padded ? frame.payload : [];
        const from = frame.flags & FLAG.padded ? 1 : 0;
        const bytes = frame.payload.slice(from, frame.payload.length - pad);
        if (bytes.length > 0) uploads[id]?.write(bytes).catch(() => {});
      } else continue;
      if (frame.flags & FLAG.endStream) {
        uploads[id]?.close().catch(() => {});
        delete uploads[id];
      }
    }
  } catch {
    // Broken off.
  }
  for (const upload of Object.values(uploads)) upload.abort(new Error('The connection is over')).catch(() => {});
  await Promise.all(answers);
  await out.close().catch(() => {});
}

function data(id: number, flags: number, payload: Uint8Array = new Uint8Array()): Uint8Array {
  const { length } = payload;
  return Uint8Array.of(
    0,
    length >> 8,
    length & 255,
    DATA ?? 0,
    flags,
    id >>> 24,
    (id >> 16) & 255,
    (id >> 8) & 255,
    id & 255,
    ...payload,
  );
}
