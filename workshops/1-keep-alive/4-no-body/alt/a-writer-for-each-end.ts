import type { Connection, Handler, Incoming } from 'contract';

type Writer = WritableStreamDefaultWriter<Uint8Array>;
type Head = Omit<Incoming, 'body'>;

const encoder = new TextEncoder();
const CRLF = encoder.encode('\r\n');
const END_OF_HEAD = encoder.encode('\r\n\r\n');
const LAST_CHUNK = encoder.encode('0\r\n\r\n');
const HEAD_LIMIT = 64 * 1024;
const LINE_LIMIT = 8 * 1024;

/** What is no request: said once, and then the connection is over. */
class BadRequest extends Error {}

/** Collects what a client of HTTP/1.0 gets, so that its length is always known; speaks the version that it was asked in. */
export async function serve(connection: Connection, handler: Handler): Promise<void> {
  const input = reader(connection.readable);
  const writer = connection.writable.getWriter();
  const refuse = (status: number): Promise<void> =>
    writer.write(encoder.encode(`HTTP/1.1 ${status} \r\ncontent-length: 0\r\nconnection: close\r\n\r\n`));
  try {
    for (;;) {
      const head = await input.until(END_OF_HEAD, HEAD_LIMIT);
      if (head === null) return;
      const request = parseHead(head);
      const body = await readBody(input, request.headers);
      let response: Response;
      try {
        response = await handler({ ...request, body: streamOf(body) });
      } catch {
        // This client may ask again, elsewhere.
        return await refuse(500);
      }
      const isLast =
        optionsOf(request.headers).has('close') ||
        optionsOf(response.headers).has('close') ||
        (request.version === '1.0' && !optionsOf(request.headers).has('keep-alive'));
      const fields = new Map(response.headers);
      fields.delete('transfer-encoding');
      fields.set('connection', isLast ? 'close' : request.version === '1.0' ? 'Keep-Alive' : 'x-nothing');
      const isBare = request.method === 'HEAD' || response.status === 204 || response.status === 304;
      const write = isBare
        ? bare
        : request.version === '1.0'
          ? collected
          : fields.has('content-length')
            ? counted
            : chunks;
      if (response.status === 204) fields.delete('content-length');
      await write(writer, `HTTP/${request.version} ${response.status} ${response.statusText}`, fields, response.body);
      if (isLast) return;
    }
  } catch (error) {
    if (error instanceof BadRequest) await refuse(400);
  } finally {
    await Promise.allSettled([input.cancel(), writer.close()]);
  }
}

type Write = (writer: Writer, line: string, fields: Map<string, string>, body: Response['body']) => Promise<void>;

function headOf(line: string, fields: Map<string, string>): Uint8Array {
  return encoder.encode(`${line}\r\n${[...fields].map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
}

const bare: Write = async (writer, line, fields, body) => {
  await body?.cancel();
  await writer.write(headOf(line, fields));
};

const collected: Write = async (writer, line, fields, body) => {
  const whole = new Uint8Array(await new Response(body).arrayBuffer());
  fields.set('content-length', String(whole.length));
  await writer.write(join(headOf(line, fields), whole));
};

const counted: Write = async (writer, line, fields, body) => {
  await writer.write(headOf(line, fields));
  for await (const piece of piecesOf(body)) await writer.write(piece);
};

const chunks: Write = async (writer, line, fields, body) => {
  fields.set('transfer-encoding', 'chunked');
  await writer.write(headOf(line, fields));
  for await (const piece of piecesOf(body)) await writer.write(chunkOf(piece));
  await writer.write(LAST_CHUNK);
};

async function* piecesOf(body: Response['body']): AsyncGenerator<Uint8Array> {
  const pieces = body?.getReader();
  for (let next = await pieces?.read(); next?.value !== undefined; next = await pieces?.read())
    if (next.value.length > 0) yield next.value;
}

function parseHead(bytes: Uint8Array): Head {
  const lines = new TextDecoder().decode(bytes).split('\r\n');
  const [method, target, version, ...rest] = (lines.shift() ?? '').split(' ');
  if (!method || !target || rest.length > 0 || (version !== 'HTTP/1.1' && version !== 'HTTP/1.0'))
    throw new BadRequest();
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) throw new BadRequest();
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  if (version === 'HTTP/1.1' && headers.get('host') === null) throw new BadRequest();
  return { method, target, version: version === 'HTTP/1.1' ? '1.1' : '1.0', headers };
}

async function readBody(input: Input, headers: Headers): Promise<Uint8Array> {
  const coding = headers.get('transfer-encoding');
  const length = headers.get('content-length');
  if (coding !== null && (length !== null || coding.toLowerCase() !== 'chunked')) throw new BadRequest();
  if (coding !== null) return readChunks(input);
  if (length !== null && !/^\d+$/.test(length)) throw new BadRequest();
  return input.exactly(Number(length ?? 0));
}

function optionsOf(headers: Headers): Set<string> {
  return new Set((headers.get('connection') ?? '').split(',').map((option) => option.trim().toLowerCase()));
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
