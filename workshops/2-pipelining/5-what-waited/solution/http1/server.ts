import type { Connection, Handler, Incoming } from 'contract';

type Writer = WritableStreamDefaultWriter<Uint8Array>;

const encoder = new TextEncoder();
const END_OF_HEAD = encoder.encode('\r\n\r\n');
const HEAD_LIMIT = 64 * 1024;

/** Lets handlers run side by side; their replies leave in the order of the requests. */
export async function serve(connection: Connection, handler: Handler): Promise<void> {
  const input = reader(connection.readable);
  const writer = connection.writable.getWriter();
  /** Resolves when all replies so far are written: the end of the line. */
  let line: Promise<void> = Promise.resolve();
  try {
    for (;;) {
      // A head that breaks off was never asked: no head, no call.
      const head = await input.until(END_OF_HEAD, HEAD_LIMIT).catch(() => null);
      if (head === null) return;
      const request = parseHead(head);
      const body = await input.exactly(lengthOf(request.headers));
      const response = answer(handler, { ...request, body: streamOf(body) });
      line = line.then(async () => reply(writer, await response));
      // Told again by the `finally` below; here nobody waits for it.
      line.catch(() => {});
      // What changes something runs alone.
      if (request.method !== 'GET' && request.method !== 'HEAD') await line;
      if (asksForEnd(request.headers)) return;
    }
  } finally {
    await Promise.allSettled([line]);
    // Either side may be gone already. Then there is nothing left to end.
    await Promise.allSettled([input.cancel(), writer.close()]);
  }
}

async function answer(handler: Handler, request: Incoming): Promise<Response> {
  try {
    return await handler(request);
  } catch {
    // Its place in the line is taken all the same.
    return new Response(null, { status: 500 });
  }
}

function parseHead(bytes: Uint8Array): Omit<Incoming, 'body'> {
  const [requestLine = '', ...lines] = new TextDecoder().decode(bytes).split('\r\n');
  const [method = '', target = '', version] = requestLine.split(' ');
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return { method, target, version: version === 'HTTP/1.0' ? '1.0' : '1.1', headers };
}

/** How many bytes of body follow the head. `Headers` finds a field in any case of its name. */
function lengthOf(headers: Headers): number {
  const length = headers.get('content-length') ?? '0';
  if (!/^\d+$/.test(length)) throw new Error(`Content-Length is no number of bytes: ${length}`);
  return Number(length);
}

/** `Connection` is a list of words, in any case: `x, Close` asks for the end too. */
function asksForEnd(headers: Headers): boolean {
  const options = headers.get('connection')?.toLowerCase().split(',') ?? [];
  return options.some((option) => option.trim() === 'close');
}

/** Head at once, then the body in chunks as it comes: it has no length of its own. */
async function reply(writer: Writer, response: Response): Promise<void> {
  response.headers.set(
    response.body === null ? 'content-length' : 'transfer-encoding',
    response.body === null ? '0' : 'chunked',
  );
  let head = `HTTP/1.1 ${response.status} ${response.statusText}\r\n`;
  for (const [name, value] of response.headers) head += `${name}: ${value}\r\n`;
  await writer.write(encoder.encode(`${head}\r\n`));
  if (response.body === null) return;
  const pieces = response.body.getReader();
  for (;;) {
    const { done, value } = await pieces.read();
    if (done) break;
    if (value.length > 0)
      await writer.write(join(join(encoder.encode(`${value.length.toString(16)}\r\n`), value), encoder.encode('\r\n')));
  }
  await writer.write(encoder.encode('0\r\n\r\n'));
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
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
    /** The next `n` bytes, whatever they are. */
    async exactly(n: number): Promise<Uint8Array> {
      while (rest.length < n) if (!(await more())) throw new Error('The stream ended inside a message');
      return take(n);
    },
    cancel: () => source.cancel(),
  };
}

function indexOf(bytes: Uint8Array, mark: Uint8Array, from: number): number {
  for (let at = from; at + mark.length <= bytes.length; at++) {
    if (mark.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
