import type { Connection, Frame, Given, Handler, Incoming } from 'contract';
import { frames } from './frames.ts';

/** What has come of one request. */
class Exchange {
  readonly id: number;
  readonly head: Omit<Incoming, 'body'>;
  readonly parts: Uint8Array[] = [];

  constructor(frame: Frame, given: Given) {
    this.id = frame.streamId;
    const fields = given.fields(frame);
    const take = (name: string): string => fields.find(([own]) => own === name)?.[1] ?? '';
    const rest = fields.filter(([name]) => !name.startsWith(':'));
    const headers = new Headers([['host', take(':authority')], ...rest]);
    this.head = { method: take(':method'), target: take(':path'), version: '2', headers };
  }

  request(): Incoming {
    return { ...this.head, body: new Blob(this.parts as BlobPart[]).stream() };
  }
}

/** An object a stream keeps what has come; the handler is called when a request is whole. Nothing waits for a handler. */
export function serve(connection: Connection, handler: Handler, given: Given): Promise<void> {
  const source = connection.readable.getReader();
  let seen = 0;
  const behindPreface = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await source.read();
      if (done) return controller.close();
      controller.enqueue(value.subarray(Math.min(value.length, Math.max(0, 24 - seen))));
      seen += value.length;
    },
    cancel: (reason) => source.cancel(reason),
  });

  // A chain of writes: each frame has its place in it, whoever it belongs to.
  const writer = connection.writable.getWriter();
  let written: Promise<unknown> = writer.write(given.hello);
  const write = (...parts: Uint8Array[]): void => {
    const whole = Uint8Array.from(parts.flatMap((part) => [...part]));
    written = written.then(() => writer.write(whole)).catch(() => {});
  };
  const open = new Map<number, Exchange>();
  const running = new Set<Promise<void>>();

  async function answer({ id, ...exchange }: { id: number; request: Incoming }): Promise<void> {
    let response: Response;
    try {
      response = await handler(exchange.request);
    } catch {
      response = new Response(null, { status: 500 });
    }
    const head = given.head(id, response.status, response.headers);
    const body = new Uint8Array(await response.arrayBuffer());
    let at = 0;
    write(head);
    do {
      const payload = body.subarray(at, at + 10_000);
      at += payload.length;
      const flags = at >= body.length ? 1 : 0;
      const nine = new DataView(new ArrayBuffer(9));
      nine.setUint16(1, payload.length);
      nine.setUint8(4, flags);
      nine.setUint32(5, id);
      write(new Uint8Array(nine.buffer), payload);
    } while (at < body.length);
  }

  async function run(): Promise<void> {
    for await (const frame of frames(behindPreface)) {
      const chore = given.chores(frame);
      if (chore !== null) write(chore);
      if (frame.type > 1) continue;
      if (frame.type === 1) open.set(frame.streamId, new Exchange(frame, given));
      const exchange = open.get(frame.streamId);
      if (exchange === undefined) continue;
      if (frame.type === 0) {
        const isPadded = (frame.flags & 8) !== 0;
        const end = isPadded ? frame.payload.length - (frame.payload[0] as number) : undefined;
        exchange.parts.push(frame.payload.slice(isPadded ? 1 : 0, end));
      }
      if ((frame.flags & 1) === 0) continue;
      open.delete(frame.streamId);
      const done: Promise<void> = answer({ id: exchange.id, request: exchange.request() }).then(() => {
        running.delete(done);
      });
      running.add(done);
    }
  }

  return run()
    .catch(() => {})
    .then(() => Promise.all(running))
    .then(() => written)
    .then(() => writer.close())
    .catch(() => {});
}
