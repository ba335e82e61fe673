// kills: KA4-3 KA4-C
// Ends a reply without a body by a last chunk.
import type { Connection, Handler, Incoming } from 'contract';

type Writer = WritableStreamDefaultWriter<Uint8Array>;
type Head = Omit<Incoming, 'body'>;
type Framing = {
  /** Where the reader finds the end of the reply. */
  ends: 'with its head' | 'at its length' | 'with a last chunk' | 'with the connection';
  /** Whether another exchange may follow on this connection. */
  stays: boolean;
};

const encoder = new TextEncoder();
const CRLF = encoder.encode('\r\n');
const END_OF_HEAD = encoder.encode('\r\n\r\n');
const LAST_CHUNK = encoder.encode('0\r\n\r\n');
const HEAD_LIMIT = 64 * 1024;
const LINE_LIMIT = 8 * 1024;

/** Answers requests one after another until the peer ends, or a reply says that it was the last one. */
export async function serve(connection: Connection, handler: Handler): Promise<void> {
  const input = reader(connection.readable);
  const writer = connection.writable.getWriter();
  try {
    while (await exchange(input, writer, handler));
  } catch {
    // The peer is gone, or a reply broke off. Such a reply has no end but the end of the connection.
  } finally {
    // Either side may be gone already. Then there is nothing left to end.
    await Promise.allSettled([input.cancel(), writer.close()]);
  }
}

/** One request and its reply. True when another may follow. */
async function exchange(input: Input, writer: Writer, handler: Handler): Promise<boolean> {
  // A head that breaks off was never asked: no head, no call.
  const head = await input.until(END_OF_HEAD, HEAD_LIMIT).catch(() => null);
  if (head === null) return false;
  const request = parseHead(head);
  const length = request === null ? null : bodyLength(request.headers);
  if (request === null || length === null) {
    // Nobody knows where such a message ends, so nothing can follow it.
    await writer.write(encoder.encode('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'));
    return false;
  }
  // The body is read before the handler runs, so the next head begins where this message ends.
  const body = length === 'chunked' ? await readChunks(input) : await input.exactly(length);
  const response = await answer(handler, { ...request, body: streamOf(body) });
  const framing = framingOf(request, response);
  await reply(writer, response, framing);
  return framing.stays;
}

/** A handler that throws still owes an answer. */
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
  const match = /^(\S+) (\S+) HTTP\/1\.([01])$/.exec(requestLine);
  if (match === null) return null;
  const [, method = '', target = '', minor] = match;
  const headers = new Headers();
  for (const line of lines) {
    const field = /^([!#$%&'*+.^_`|~\w-]+):(.*)$/.exec(line);
    if (field === null) return null;
    headers.append(field[1] ?? '', (field[2] ?? '').trim());
  }
  if (minor === '1' && !headers.has('host')) return null;
  return { method, target, version: minor === '1' ? '1.1' : '1.0', headers };
}

/** How a request's body says where it ends. Null when it says both, or neither clearly. */
function bodyLength(headers: Headers): number | 'chunked' | null {
  const coding = headers.get('transfer-encoding');
  const length = headers.get('content-length');
  // Two answers to where the body ends: whoever believes the other one reads other requests.
  if (coding !== null) return length === null && coding.toLowerCase() === 'chunked' ? 'chunked' : null;
  if (length === null) return 0;
  return /^\d{1,15}$/.test(length) ? Number(length) : null;
}

/** `Connection` is a list of words, in any case. */
function says(headers: Headers, word: string): boolean {
  const words = headers.get('connection')?.toLowerCase().split(',') ?? [];
  return words.some((one) => one.trim() === word);
}

/** The table: who asked, in which version, and what was answered decide where the reply ends, and whether anything follows. */
function framingOf({ method, version, headers }: Head, response: Response): Framing {
  const asked = version === '1.1' || says(headers, 'keep-alive');
  const stays = asked && !says(headers, 'close') && !says(response.headers, 'close');
  const { status, body } = response;
  if (method === 'HEAD') return { ends: 'with its head', stays };
  if (response.headers.has('content-length') || (body === null && status === 200)) return { ends: 'at its length', stays };
  if (version === '1.1') return { ends: 'with a last chunk', stays };
  return { ends: 'with the connection', stays: false };
}

/** Size, data, size, data, until a size of 0; then trailers, until an empty line. */
async function readChunks(input: Input): Promise<Uint8Array> {
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

/** Each piece leaves when it is there. Throws when the body breaks off: then the last chunk is never sent. */
async function reply(writer: Writer, response: Response, { ends, stays }: Framing): Promise<void> {
  const { status, statusText, body } = response;
  const headers = new Headers(response.headers);
  headers.delete('transfer-encoding');
  if (status === 204) headers.delete('content-length');
  if (ends === 'at its length' && body === null) headers.set('content-length', '0');
  if (ends === 'with a last chunk') headers.set('transfer-encoding', 'chunked');
  // A client of 1.0 has asked for it and looks for the word; to one of 1.1 it says nothing new.
  headers.set('connection', stays ? 'keep-alive' : 'close');
  let head = `HTTP/1.1 ${status} ${statusText}\r\n`;
  for (const [name, value] of headers) head += `${name}: ${value}\r\n`;
  await writer.write(encoder.encode(`${head}\r\n`));
  if (ends === 'with its head') return body?.cancel();
  const isChunked = ends === 'with a last chunk';
  for (const pieces = body?.getReader(); pieces !== undefined; ) {
    const { done, value } = await pieces.read();
    if (done) break;
    // A chunk of size 0 would be the last one.
    if (value.length > 0) await writer.write(isChunked ? chunkOf(value) : value);
  }
  if (isChunked) await writer.write(LAST_CHUNK);
}

function chunkOf(piece: Uint8Array): Uint8Array {
  return join(join(encoder.encode(`${piece.length.toString(16)}\r\n`), piece), CRLF);
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
