// kills: KA3-2 KA3-4 KA3-C
// Writes the size of a chunk as a decimal number.
import type { Connection, Handler, Incoming } from 'contract';

type Writer = WritableStreamDefaultWriter<Uint8Array>;

const encoder = new TextEncoder();
const CRLF = encoder.encode('\r\n');
const END_OF_HEAD = encoder.encode('\r\n\r\n');
const LAST_CHUNK = encoder.encode('0\r\n\r\n');
const HEAD_LIMIT = 64 * 1024;
const LINE_LIMIT = 8 * 1024;

/** Answers requests one after another until the peer ends, or asks for the end. */
export async function serve(connection: Connection, handler: Handler): Promise<void> {
  const input = reader(connection.readable);
  const writer = connection.writable.getWriter();
  try {
    for (;;) {
      // A head that breaks off was never asked: no head, no call.
      const head = await input.until(END_OF_HEAD, HEAD_LIMIT).catch(() => null);
      if (head === null) return;
      const request = parseHead(head);
      const { headers } = request;
      if (headers.has('transfer-encoding') && headers.has('content-length')) {
        // Two answers to where the body ends: whoever believes the other one reads other requests. Nobody gets past this point.
        await reply(writer, new Response(null, { status: 400, headers: { connection: 'close' } }));
        return;
      }
      // The body is read before the handler runs, so the next head begins where this message ends.
      const body = headers.has('transfer-encoding')
        ? await readChunks(input, headers)
        : await input.exactly(lengthOf(headers));
      const whole = await reply(writer, await handler({ ...request, body: streamOf(body) }));
      // A reply that broke off has no end but the end of the connection.
      if (!whole) return;
      if (asksForEnd(request.headers)) return;
    }
  } finally {
    // Either side may be gone already. Then there is nothing left to end.
    await Promise.allSettled([input.cancel(), writer.close()]);
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

/** Size, data, size, data, until a size of 0; then trailers, until an empty line. */
async function readChunks(input: Input, headers: Headers): Promise<Uint8Array> {
  const coding = headers.get('transfer-encoding') ?? '';
  if (coding.toLowerCase() !== 'chunked') throw new Error(`Transfer-Encoding is not chunked: ${coding}`);
  let body: Uint8Array = new Uint8Array();
  for (let size = await readSize(input); size > 0; size = await readSize(input)) {
    body = join(body, await input.exactly(size));
    if ((await readLine(input)) !== '') throw new Error('A chunk is longer than its size');
  }
  while ((await readLine(input)) !== '');
  return body;
}

/** The size is hexadecimal. What stands behind a semicolon is an extension, and means nothing here. */
async function readSize(input: Input): Promise<number> {
  const line = await readLine(input);
  const size = /^([0-9a-f]+)[ \t]*(;.*)?$/i.exec(line)?.[1];
  if (size === undefined) throw new Error(`No size of a chunk: ${line}`);
  return Number.parseInt(size, 16);
}

async function readLine(input: Input): Promise<string> {
  const line = await input.until(CRLF, LINE_LIMIT);
  if (line === null) throw new Error('The stream ended inside a message');
  return new TextDecoder().decode(line);
}

/** Each piece leaves when it is there. False when the body broke off: then the last chunk is never sent. */
async function reply(writer: Writer, response: Response): Promise<boolean> {
  const { body, headers } = response;
  if (body === null) headers.set('content-length', '0');
  const chunked = !headers.has('content-length');
  if (chunked) headers.set('transfer-encoding', 'chunked');
  let head = `HTTP/1.1 ${response.status} ${response.statusText}\r\n`;
  for (const [name, value] of headers) head += `${name}: ${value}\r\n`;
  await writer.write(encoder.encode(`${head}\r\n`));
  try {
    for await (const piece of body ?? []) {
      // A chunk of size 0 would be the last one.
      if (piece.length > 0) await writer.write(chunked ? chunkOf(piece) : piece);
    }
  } catch {
    return false;
  }
  if (chunked) await writer.write(LAST_CHUNK);
  return true;
}

function chunkOf(piece: Uint8Array): Uint8Array {
  return join(join(encoder.encode(`${piece.length}\r\n`), piece), CRLF);
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

type Input = ReturnType<typeof reader>;

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
