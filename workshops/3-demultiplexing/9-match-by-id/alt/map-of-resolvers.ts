// Another design that is right: one function, a map from id to whoever waits, and tickets for what may be sent. Never asks twice.
import type { Connection, Fields, Frame, Given, Outgoing } from 'contract';
import {
  frame,
  frames,
  headers,
  join,
  numberAt,
  PREFACE,
  settingsOf,
  uint32,
  wholeBlocks,
  withoutPadding,
} from './frames.ts';

const WINDOW = 65_535;
const MORE = 1 << 20;

type Waiting = {
  resolve(response: Response): void;
  reject(error: Error): void;
  method: string;
  queue: ReadableStreamDefaultController<Uint8Array> | null;
  /** What may still be sent, and who waits for more of it. */
  window: number;
  isOpen: boolean;
};

export async function connect(
  { readable, writable }: Connection,
  { hpack: makeHpack }: Pick<Given, 'hpack'>,
): Promise<(request: Outgoing) => Promise<Response>> {
  const hpack = makeHpack();
  const writer = writable.getWriter();
  const waiting = new Map<number, Waiting>();
  const begin: (() => void)[] = [];
  let woken: (() => void)[] = [];
  let nextId = 1;
  let most = Number.POSITIVE_INFINITY;
  let window = WINDOW;
  let initial = WINDOW;
  let gone: Error | null = null;
  let greeted = (): void => {};
  const greeting = new Promise<void>((resolve) => {
    greeted = resolve;
  });

  const write = (bytes: Uint8Array): void => void writer.write(bytes).catch(() => {});
  const wake = (): void => {
    const all = woken;
    woken = [];
    for (const one of all) one();
  };
  const credit = (id: number, bytes: number): void => {
    if (bytes > 0) write(frame(8, 0, id, uint32(bytes)));
  };
  const admit = (): void => {
    while (gone === null && waiting.size < most && begin.length > 0) begin.shift()?.();
  };
  const over = (id: number, error?: Error): void => {
    const one = waiting.get(id);
    if (one === undefined) return;
    waiting.delete(id);
    one.isOpen = false;
    one.reject(error ?? new Error('It is over'));
    if (error !== undefined) one.queue?.error(error);
    wake();
    admit();
  };
  const leave = (error: Error, above = 0): void => {
    gone ??= error;
    for (const one of begin.splice(0)) one();
    for (const id of [...waiting.keys()]) if (id > above) over(id, error);
  };

  write(join(PREFACE, frame(4, 0, 0, new Uint8Array([0, 2, 0, 0, 0, 0])), frame(8, 0, 0, uint32(MORE))));

  async function body(id: number, one: Waiting, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && one.isOpen; ) {
      const n = Math.min(bytes.length - at, 16_384, window, one.window);
      if (n <= 0) {
        await new Promise<void>((resolve) => woken.push(resolve));
        continue;
      }
      window -= n;
      one.window -= n;
      write(frame(0, at + n === bytes.length ? 1 : 0, id, bytes.subarray(at, at + n)));
      at += n;
      await writer.ready.catch(() => {});
    }
  }

  function bodyOf(id: number): ReadableStream<Uint8Array> {
    const one = waiting.get(id);
    // What stands in the queue has not been read. It may fill, and is given back when all that was in it is gone.
    return new ReadableStream<Uint8Array>(
      {
        start(controller) {
          if (one !== undefined) one.queue = controller;
        },
        pull: () => {
          const bytes = owed.get(id) ?? 0;
          owed.delete(id);
          if (waiting.has(id)) credit(id, bytes);
        },
        cancel: () => {
          if (!waiting.has(id)) return;
          if (one !== undefined) one.queue = null;
          write(frame(3, 0, id, uint32(8)));
          over(id);
        },
      },
      { highWaterMark: 1 },
    );
  }
  const owed = new Map<number, number>();

  function block(id: number, isLast: boolean, payload: Uint8Array): void {
    const fields = hpack.decode(payload);
    const one = waiting.get(id);
    if (one === undefined) return;
    const status = Number(fields.find(([name]) => name === ':status')?.[1] ?? 0);
    if (status >= 200) {
      const isEmpty = isLast || status === 204 || status === 304 || one.method === 'HEAD';
      const names = new Headers(fields.filter(([name]) => name[0] !== ':'));
      one.resolve(new Response(isEmpty ? null : bodyOf(id), { status, headers: names }));
    }
    if (isLast) end(id);
  }

  function end(id: number): void {
    waiting.get(id)?.queue?.close();
    over(id);
  }

  function onFrame(one: Frame): void {
    const { type, flags, streamId: id, payload } = one;
    const stream = waiting.get(id);
    if (type === 0) {
      const bytes = withoutPadding(one);
      credit(0, payload.length);
      if (stream === undefined) return;
      const padding = payload.length - bytes.length;
      if (bytes.length > 0 && stream.queue !== null) {
        owed.set(id, (owed.get(id) ?? 0) + bytes.length);
        stream.queue.enqueue(bytes);
      }
      if (flags & 1) end(id);
      else credit(id, padding);
    } else if (type === 1) block(id, (flags & 1) !== 0, payload);
    else if (type === 3) over(id, new Error(`The server has reset it, with ${numberAt(payload, 0)}`));
    else if (type === 4 && (flags & 1) === 0) {
      for (const [key, value] of settingsOf(one)) {
        if (key === 3) most = value;
        if (key !== 4) continue;
        for (const open of waiting.values()) open.window += value - initial;
        initial = value;
      }
      write(frame(4, 1, 0));
      greeted();
      wake();
      admit();
    } else if (type === 6 && (flags & 1) === 0) write(frame(6, 1, 0, payload));
    else if (type === 7) leave(new Error('Not handled: the server goes'), numberAt(payload, 0));
    else if (type === 8) {
      const more = numberAt(payload, 0);
      if (id === 0) window += more;
      else if (stream !== undefined) stream.window += more;
      wake();
    }
  }

  void (async () => {
    try {
      for await (const one of wholeBlocks(frames(readable))) onFrame(one);
      leave(new Error('The connection has ended'));
    } catch (error) {
      leave(error as Error);
    }
    greeted();
    writer.close().catch(() => {});
  })();

  await greeting;
  return (request) =>
    new Promise((resolve, reject) => {
      begin.push(() => {
        if (gone !== null) return reject(gone);
        const id = nextId;
        nextId += 2;
        const { method, body: bytes = new Uint8Array() } = request;
        const one: Waiting = { resolve, reject, method, queue: null, window: initial, isOpen: true };
        waiting.set(id, one);
        write(headers(id, bytes.length === 0 ? 1 : 0, hpack.encode(fieldsOf(request))));
        void body(id, one, bytes);
      });
      if (gone !== null) begin.pop()?.();
      else admit();
    });
}

function fieldsOf({ origin, method, target, headers: names }: Outgoing): Fields {
  const { protocol, host } = new URL(origin);
  return [
    [':method', method],
    [':path', target],
    [':scheme', protocol.replace(':', '')],
    [':authority', host],
    ...names,
  ];
}
