// Idle connections lie on a stack, each with a read that was begun; whoever takes one asks whether that read has come back.
import type { Connection, Outgoing } from 'contract';

type Read = Promise<ReadableStreamReadResult<Uint8Array>>;
type Idle = { connection: Connection; reader: ReadableStreamDefaultReader<Uint8Array>; begun: Read };

const TWICE = ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'];

/** Nothing has come of the read that was begun, though all that was there has had its turn. */
async function isQuiet({ begun }: Idle): Promise<boolean> {
  const settled = begun.then(
    () => false,
    () => false,
  );
  return Promise.race([settled, new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 0))]);
}

function begin(reader: ReadableStreamDefaultReader<Uint8Array>): Read {
  const read = reader.read();
  read.catch(() => {});
  return read;
}

function semaphore(places: number): { take(): Promise<void>; give(): void } {
  const waiting: (() => void)[] = [];
  return {
    take: async () => {
      if (places > 0) places -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
    },
    give: () => {
      const next = waiting.shift();
      if (next === undefined) places += 1;
      else next();
    },
  };
}

export function pool(
  dial: (origin: string) => Promise<Connection>,
  limit = 6,
): (request: Outgoing) => Promise<Response> {
  const places = new Map<string, ReturnType<typeof semaphore>>();
  const stacks = new Map<string, Idle[]>();

  const client = async (request: Outgoing, isLast = false): Promise<Response> => {
    const { origin } = request;
    if (!places.has(origin)) places.set(origin, semaphore(limit));
    if (!stacks.has(origin)) stacks.set(origin, []);
    const place = places.get(origin);
    const stack = stacks.get(origin);
    await place?.take();
    let isOver = false;
    const over = (idle: Idle | null, stays: boolean): void => {
      if (isOver) return;
      isOver = true;
      if (stays && idle !== null) stack?.push({ ...idle, begun: begin(idle.reader) });
      else {
        idle?.reader.cancel().catch(() => {});
        idle?.connection.writable.close().catch(() => {});
      }
      place?.give();
    };
    let idle = isLast ? null : (stack?.pop() ?? null);
    while (idle !== null && !(await isQuiet(idle))) {
      idle.connection.writable.close().catch(() => {});
      idle = stack?.pop() ?? null;
    }
    const isNew = idle === null;
    try {
      if (idle === null) {
        const connection = await dial(origin);
        const reader = connection.readable.getReader();
        idle = { connection, reader, begun: begin(reader) };
      }
      await write(idle.connection, request).catch(() => {});
      const first = await idle.begun.catch(() => null);
      if (first === null || first.done) {
        over(idle, false);
        if (isNew || !TWICE.includes(request.method)) throw new Error('The server went away');
        return client(request, true);
      }
      return await answer(request, idle, [...first.value], over);
    } catch (error) {
      over(idle, false);
      throw error;
    }
  };
  return (request) => client(request);
}

/** Field by field; a reader of the wire sees no difference. */
async function write({ writable }: Connection, { origin, method, target, headers, body }: Outgoing): Promise<void> {
  const writer = writable.getWriter();
  const say = (text: string): Promise<void> => writer.write(new TextEncoder().encode(text));
  await say(`${method} ${target} HTTP/1.1\r\n`);
  for (const [name, value] of headers) await say(`${name}: ${value}\r\n`);
  if (body !== undefined) await say(`CONTENT-LENGTH: ${body.byteLength}\r\n`);
  await say(`HOST: ${new URL(origin).host}\r\n\r\n`);
  if (body !== undefined && body.byteLength > 0) await writer.write(body);
  writer.releaseLock();
}

async function answer(
  request: Outgoing,
  idle: Idle,
  rest: number[],
  over: (idle: Idle, stays: boolean) => void,
): Promise<Response> {
  let text = '';
  const fill = async (): Promise<boolean> => {
    const { done, value } = await idle.reader.read();
    if (!done) rest.push(...value);
    return !done;
  };
  const head = async (): Promise<string> => {
    for (text = ''; !text.endsWith('\r\n\r\n'); ) {
      const byte = rest.shift();
      if (byte !== undefined) text += String.fromCharCode(byte);
      else if (!(await fill())) throw new Error('No whole head came');
    }
    return text;
  };
  let [first = '', ...lines] = (await head()).trimEnd().split('\r\n');
  while (/^HTTP\/1.1 1/.test(first)) [first = '', ...lines] = (await head()).trimEnd().split('\r\n');
  const status = Number(first.slice(9, 12));
  if (!first.startsWith('HTTP/1.') || Number.isNaN(status)) throw new Error(`No status line: ${first.slice(0, 30)}`);
  const headers = new Headers(
    lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
  const options = (headers.get('connection') ?? '').split(',').map((option) => option.trim().toLowerCase());
  const stays = first.startsWith('HTTP/1.1') && !options.includes('close');

  const length = headers.get('content-length');
  const chunked = headers.get('transfer-encoding') !== null;
  if (request.method === 'HEAD' || status === 204 || status === 304 || length === '0') {
    over(idle, stays && rest.length === 0);
    return new Response(null, { status, headers });
  }
  // What the next byte is: part of a size line, of data, of the line end behind data, or of a trailer.
  let state: 'size' | 'data' | 'gap' | 'trailer' = chunked ? 'size' : 'data';
  let left = chunked ? 0 : length === null ? Number.POSITIVE_INFINITY : Number(length);
  let line = '';
  let whole = false;
  const step = (controller: ReadableStreamDefaultController<Uint8Array>): boolean => {
    if (state === 'data') {
      const piece = Uint8Array.from(rest.slice(0, left));
      rest = rest.slice(piece.length);
      left -= piece.length;
      if (left === 0 && chunked) state = 'gap';
      else if (left === 0) whole = true;
      controller.enqueue(piece);
      return true;
    }
    line += String.fromCharCode(rest.shift() ?? 0);
    if (!line.endsWith('\r\n')) return false;
    const said = line.slice(0, -2);
    line = '';
    if (state === 'gap') state = 'size';
    else if (state === 'trailer') whole = said === '';
    else {
      left = Number.parseInt(said, 16);
      state = left === 0 ? 'trailer' : 'data';
    }
    return false;
  };
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          for (let given = false; !given && !whole; ) {
            if (rest.length > 0) given = step(controller);
            else if (!(await fill())) {
              if (chunked || length !== null) throw new Error('The body broke off');
              over(idle, false);
              return controller.close();
            }
          }
          if (!whole) return;
          over(idle, stays && rest.length === 0);
          controller.close();
        } catch (error) {
          over(idle, false);
          controller.error(error);
        }
      },
      cancel: () => over(idle, false),
    },
    new CountQueuingStrategy({ highWaterMark: 0 }),
  );
  return new Response(body, { status, headers });
}
