import type { Connection, Fields, Frame, Given, Handler, Options } from 'contract';
import { reader } from '../http1/bytes.ts';
import {
  ConnectionError,
  frame,
  frames,
  headers,
  join,
  settingsOf,
  uint32,
  wholeBlocks,
  withoutPadding,
} from './frames.ts';

// What a frame does is looked up by its type. Everything that leaves goes through one chain of promises.

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

type Exchange = { body: WritableStreamDefaultWriter<Uint8Array>; over: Promise<void> };

export async function serve(
  connection: Connection,
  handler: Handler,
  given: Given,
  { signal }: Options = {},
): Promise<void> {
  const source = reader(connection.readable);
  const sink = connection.writable.getWriter();
  const hpack = given.hpack();
  const exchanges = new Map<number, Exchange>();
  let highest = 0;
  let lastHandled = 0;
  let closing = false;
  let mayLeave = false;
  let chain: Promise<void> = Promise.resolve();

  function say(bytes: Uint8Array): Promise<void> {
    chain = chain.then(() => sink.write(bytes)).catch(() => {});
    return chain;
  }

  function leave(): void {
    mayLeave = true;
    if (exchanges.size === 0) source.cancel().catch(() => {});
  }

  async function exchange(id: number, fields: Fields, incoming: ReadableStream<Uint8Array>): Promise<void> {
    const named = (name: string): string => fields.find((field) => field[0] === name)?.[1] ?? '';
    const plain = fields.filter(([name]) => !name.startsWith(':'));
    const request = {
      method: named(':method'),
      target: named(':path'),
      version: '2' as const,
      headers: new Headers([['host', named(':authority')], ...plain]),
      body: incoming,
    };
    const response = await Promise.resolve(request)
      .then(handler)
      .catch(() => new Response(null, { status: 500 }));
    const lines: Fields = [[':status', String(response.status)], ...response.headers];
    const block = hpack.encode(lines.filter(([name]) => name !== 'connection' && name !== 'transfer-encoding'));
    const body = request.method === 'HEAD' ? null : response.body;
    await say(headers(id, body === null ? 1 : 0, block));
    if (body === null) return;
    for await (const piece of body) {
      for (let at = 0; at < piece.length; at += 16_384) await say(frame(0, 0, id, piece.subarray(at, at + 16_384)));
    }
    await say(frame(0, 1, id));
  }

  function begin({ streamId: id, payload, flags }: Frame): void {
    let fields: Fields;
    try {
      fields = hpack.decode(payload);
    } catch {
      throw new ConnectionError(9, 'the block is broken');
    }
    if (id > highest && !closing) {
      const pipe = new TransformStream<Uint8Array, Uint8Array>(undefined, { highWaterMark: Number.MAX_SAFE_INTEGER });
      const body = pipe.writable.getWriter();
      body.closed.catch(() => {});
      const over = exchange(id, fields, pipe.readable)
        .catch(() => {})
        .then(() => {
          exchanges.delete(id);
          if (mayLeave) leave();
        });
      exchanges.set(id, { body, over });
      lastHandled = id;
    }
    highest = Math.max(highest, id);
    if (flags & 1)
      exchanges
        .get(id)
        ?.body.close()
        .catch(() => {});
  }

  const BY_TYPE: Record<number, (it: Frame) => void> = {
    0: (it) => {
      const bytes = withoutPadding(it);
      const body = exchanges.get(it.streamId)?.body;
      if (bytes.length > 0) body?.write(bytes).catch(() => {});
      if (it.flags & 1) body?.close().catch(() => {});
    },
    1: begin,
    4: (it) => {
      if (it.flags & 1) return;
      for (const [id, value] of settingsOf(it)) {
        if (id === 2 && value > 1) throw new ConnectionError(1, 'push');
        if (id === 4 && value > 0x7fff_ffff) throw new ConnectionError(3, 'window');
        if (id === 5 && (value < 16_384 || value > 16_777_215)) throw new ConnectionError(1, 'frame size');
      }
      void say(frame(4, 1, 0));
    },
    6: (it) => {
      if ((it.flags & 1) === 0) void say(frame(6, 1, 0, it.payload));
    },
    7: leave,
  };

  const goodbye = (code: number): void => {
    closing = true;
    void say(frame(7, 0, 0, join(uint32(lastHandled), uint32(code))));
  };
  const stop = (): void => {
    goodbye(0);
    leave();
  };

  void say(frame(4, 0, 0));
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  try {
    const greeting = await source.exactly(PREFACE.length);
    if (new TextDecoder().decode(greeting) !== PREFACE) throw new ConnectionError(1, 'no preface');
    const rest = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const piece = await source.some(16_384);
        if (piece === null) controller.close();
        else controller.enqueue(piece);
      },
    });
    for await (const it of wholeBlocks(frames(rest))) BY_TYPE[it.type]?.(it);
    await Promise.all([...exchanges.values()].map(({ over }) => over));
  } catch (error) {
    if (error instanceof ConnectionError) goodbye(error.code);
    for (const { body } of exchanges.values()) body.abort(error).catch(() => {});
  }
  signal?.removeEventListener('abort', stop);
  await chain;
  await sink.close().catch(() => {});
  await source.cancel().catch(() => {});
}
