// kills: KA6-4
// Ends the connection at the signal, whatever is on its way.
import type { Connection, Handler, Incoming, Options } from 'contract';

type Writer = WritableStreamDefaultWriter<Uint8Array>;
type Input = ReturnType<typeof reader>;
type Head = Omit<Incoming, 'body'>;

const text = new TextEncoder();
const END_OF_HEAD = text.encode('\r\n\r\n');
const END_OF_LINE = text.encode('\r\n');
const HEAD_LIMIT = 64 * 1024;
/** What is dropped of a body that nobody reads. Beyond it a new connection is cheaper than this one. */
const DROP_LIMIT = 256 * 1024;

/** Answers requests one after another until the peer ends, somebody asks for the end, or nobody uses the connection any more. */
export async function serve(connection: Connection, handler: Handler, options: Options = {}): Promise<void> {
  const input = reader(connection.readable);
  const writer = connection.writable.getWriter();
  options.signal?.addEventListener('abort', () => writer.close().catch(() => {}));
  try {
    while (await exchange(input, writer, handler, options));
  } catch {
    // The peer is gone, or a reply failed half-way. The end of the connection says so.
  } finally {
    await Promise.allSettled([writer.close(), input.cancel()]);
    writer.releaseLock();
    input.release();
  }
}

/** One request and its reply. True when another may follow. */
async function exchange(input: Input, writer: Writer, handler: Handler, options: Options): Promise<boolean> {
  const bytes = await nextHead(input, options);
  if (bytes === null) return false;
  const request = parseHead(bytes);
  const length = request === null ? null : bodyLength(request);
  if (request === null || length === null) {
    await writer.write(text.encode('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'));
    return false;
  }
  const body = incomingBody(input, length);
  const response = await answer(handler, { ...request, body: body.stream });
  const framing = framingOf(request, response);
  // The next head stands behind this body. When that is too far, this reply is the last one, and says so.
  if (body.left() > DROP_LIMIT || options.signal?.aborted) framing.stays = false;
  await send(writer, request, response, framing);
  if (!framing.stays) return false;
  // The exchange is over. What the peer still sends of it must come as soon as anything else.
  return patiently(input, options, body.drop(DROP_LIMIT)).catch(() => false);
}

/** Null when no other request is to be answered: the end came, or the signal, or nothing for too long. */
async function nextHead(input: Input, options: Options): Promise<Uint8Array | null> {
  if (!(await patiently(input, options, input.begins()))) return null;
  // A clock of its own, however slowly the bytes come. A head that breaks off was never asked: no head, no call.
  const head = await patiently(input, options, input.until(END_OF_HEAD, HEAD_LIMIT)).catch(() => null);
  return options.signal?.aborted ? null : head;
}

/** Waits as long as a connection may be unused. Then, or at the signal, the reading is given up: what waits for bytes sees the end. */
async function patiently<T>(input: Input, { idle, signal }: Options, wait: Promise<T>): Promise<T> {
  const giveUp = (): Promise<void> => input.cancel();
  const timer = idle === undefined ? undefined : setTimeout(giveUp, idle);
  signal?.addEventListener('abort', giveUp);
  if (signal?.aborted) giveUp();
  try {
    return await wait;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}

async function answer(handler: Handler, request: Incoming): Promise<Response> {
  try {
    return await handler(request);
  } catch {
    return new Response(null, { status: 500 });
  }
}

/** Null when this is no request that can be answered. */
function parseHead(bytes: Uint8Array): Head | null {
  const [requestLine = '', ...lines] = new TextDecoder().decode(bytes).split('\r\n');
  const match = /^([!#$%&'*+.^_`|~\w-]+) (\S+) HTTP\/1\.([01])$/.exec(requestLine);
  if (match === null) return null;
  const [, method = '', target = '', minor] = match;
  const headers = new Headers();
  for (const line of lines) {
    const field = /^([!#$%&'*+.^_`|~\w-]+):(.*)$/.exec(line);
    if (field === null) return null;
    headers.append(field[1] ?? '', (field[2] ?? '').trim());
  }
  if (minor === '1' && !headers.has('host')) return null;
  return { method, target, version: minor === '0' ? '1.0' : '1.1', headers };
}

/** How the body says where it ends: a number of bytes, or chunks. Null when it says both, or neither clearly. */
function bodyLength({ headers }: Head): number | 'chunked' | null {
  const coding = headers.get('transfer-encoding');
  const length = headers.get('content-length');
  if (coding !== null) return length === null && coding.toLowerCase() === 'chunked' ? 'chunked' : null;
  if (length === null) return 0;
  return /^\d{1,15}$/.test(length) ? Number(length) : null;
}

/** `Connection` is a list of words, in any case. */
function says(headers: Headers, word: string): boolean {
  const words = headers.get('connection')?.toLowerCase().split(',') ?? [];
  return words.some((one) => one.trim() === word);
}

type Framing = { kind: 'none' | 'length' | 'chunked' | 'until the end'; length: number; stays: boolean };

/** Version, fields and method decide, and nothing else: where the reply ends, and whether the connection goes on. */
function framingOf(request: Head, response: Response): Framing {
  const { version, method, headers } = request;
  const asked = version === '1.1' ? !says(headers, 'close') : says(headers, 'keep-alive');
  const stays = asked && !says(response.headers, 'close');
  const given = response.headers.get('content-length') ?? (response.body === null && method !== 'HEAD' ? '0' : null);
  const length = Number(given);
  if (response.status === 204 || response.status === 304) return { kind: 'none', length: 0, stays };
  if (given !== null) return { kind: 'length', length, stays };
  if (version === '1.1') return { kind: 'chunked', length, stays };
  return { kind: 'until the end', length, stays: stays && method === 'HEAD' };
}

async function send(writer: Writer, request: Head, response: Response, framing: Framing): Promise<void> {
  const headers = new Headers(response.headers);
  headers.delete('transfer-encoding');
  if (response.status === 204) headers.delete('content-length');
  if (framing.kind === 'length') headers.set('content-length', String(framing.length));
  if (framing.kind === 'chunked') headers.set('transfer-encoding', 'chunked');
  if (!framing.stays) headers.set('connection', 'close');
  else if (request.version === '1.0') headers.set('connection', 'keep-alive');
  let head = `HTTP/1.1 ${response.status} ${response.statusText}\r\n`;
  for (const [name, value] of headers) head += `${name}: ${value}\r\n`;
  await writer.write(text.encode(`${head}\r\n`));
  if (request.method === 'HEAD' || framing.kind === 'none') return void (await response.body?.cancel());
  const pieces = response.body?.getReader();
  let left = framing.kind === 'length' ? framing.length : Number.POSITIVE_INFINITY;
  for (let next = await pieces?.read(); next?.value !== undefined; next = await pieces?.read()) {
    const piece = next.value;
    left -= piece.length;
    if (left < 0) throw new Error('The body is longer than its Content-Length');
    // A piece of size 0 would be the end of the body.
    if (piece.length === 0) continue;
    if (framing.kind !== 'chunked') await writer.write(piece);
    else await writer.write(join(text.encode(`${piece.length.toString(16)}\r\n`), piece, END_OF_LINE));
  }
  if (framing.kind === 'length' && left > 0) throw new Error('The body is shorter than its Content-Length');
  if (framing.kind === 'chunked') await writer.write(text.encode('0\r\n\r\n'));
}

/** A request's body. It is taken from the connection only when somebody asks for it. */
function incomingBody(input: Input, length: number | 'chunked') {
  const next = length === 'chunked' ? chunked(input) : counted(input, length);
  let left = length === 'chunked' ? 0 : length;
  let dropped = false;
  let turn: Promise<unknown> = Promise.resolve();
  /** One after another: the handler may still wait for a piece when the rest is dropped. */
  function piece(): Promise<Uint8Array | null> {
    const mine = turn.then(next);
    turn = mine.catch(() => null);
    return mine.then((bytes) => {
      left -= bytes?.length ?? 0;
      return bytes;
    });
  }
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (dropped) throw new Error('The rest of the body was dropped after the reply');
        const bytes = await piece();
        if (bytes === null) controller.close();
        else controller.enqueue(bytes);
      },
      // No `cancel`: a handler gives up its body, not the connection. What is left of it is dropped later.
    },
    { highWaterMark: 0 },
  );
  return {
    stream,
    left: () => left,
    /** Reads to the end of the body and keeps nothing. False when that is farther than `limit`. */
    async drop(limit: number): Promise<boolean> {
      dropped = true;
      for (let room = limit; room >= left; ) {
        const bytes = await piece();
        if (bytes === null) return true;
        room -= bytes.length;
        if (room < 0) return false;
      }
      return false;
    },
  };
}

function counted(input: Input, length: number): () => Promise<Uint8Array | null> {
  let left = length;
  return async () => {
    if (left === 0) return null;
    const bytes = await input.some(left);
    if (bytes === null) throw new Error('The peer ended inside a body');
    left -= bytes.length;
    return bytes;
  };
}

/** Each chunk says its size; one of size 0 is the last. Trailers behind it are read, and dropped. */
function chunked(input: Input): () => Promise<Uint8Array | null> {
  let left = 0;
  let done = false;
  async function line(): Promise<string> {
    const bytes = await input.until(END_OF_LINE, HEAD_LIMIT);
    if (bytes === null) throw new Error('The peer ended inside a body');
    return new TextDecoder().decode(bytes);
  }
  return async () => {
    if (done) return null;
    if (left === 0) {
      const size = /^([0-9a-f]+)[ \t]*(;.*)?$/i.exec(await line())?.[1];
      left = size === undefined ? Number.NaN : Number.parseInt(size, 16);
      if (!Number.isSafeInteger(left)) throw new Error('This is no size of a chunk');
      if (left === 0) {
        while ((await line()) !== '');
        done = true;
        return null;
      }
    }
    const bytes = await input.some(left);
    if (bytes === null) throw new Error('The peer ended inside a body');
    left -= bytes.length;
    if (left === 0 && (await line()) !== '') throw new Error('A chunk is longer than its size');
    return bytes;
  };
}

/** Cuts a stream of chunks where messages end. What was not used stays in `rest` for the next call. */
function reader(readable: ReadableStream<Uint8Array>) {
  const source = readable.getReader();
  let rest: Uint8Array = new Uint8Array();

  /** Adds the next chunk to `rest`. False at the end of the stream. */
  async function more(): Promise<boolean> {
    const { done, value } = await source.read();
    if (!done) rest = join(rest, value);
    return !done;
  }

  function take(n: number): Uint8Array {
    const taken = rest.slice(0, n);
    rest = rest.slice(n);
    return taken;
  }

  return {
    /** Waits for a byte, and leaves it where it is. False at the end of the stream. */
    async begins(): Promise<boolean> {
      while (rest.length === 0) if (!(await more())) return false;
      return true;
    },
    /** What stands before `mark`; the mark is consumed. Null at a clean end. */
    async until(mark: Uint8Array, limit: number): Promise<Uint8Array | null> {
      for (let from = 0; ; ) {
        const at = indexOf(rest, mark, from);
        if (at >= 0) {
          const before = take(at);
          take(mark.length);
          return before;
        }
        if (rest.length > limit) throw new Error(`No end within ${limit} bytes`);
        // The mark may have begun at the end of what is here.
        from = Math.max(0, rest.length - mark.length + 1);
        if (await more()) continue;
        if (rest.length === 0) return null;
        throw new Error('The stream ended inside a message');
      }
    },
    /** At least one byte and at most `max`, as soon as there are some. Null at a clean end. */
    async some(max: number): Promise<Uint8Array | null> {
      while (rest.length === 0) if (!(await more())) return null;
      return take(max);
    },
    /** Whoever waits for bytes sees the end, and nobody gets any more. */
    cancel: () => source.cancel().catch(() => {}),
    release: () => source.releaseLock(),
  };
}

function indexOf(bytes: Uint8Array, mark: Uint8Array, from: number): number {
  for (let at = from; at + mark.length <= bytes.length; at++) {
    if (mark.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

function join(...parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
