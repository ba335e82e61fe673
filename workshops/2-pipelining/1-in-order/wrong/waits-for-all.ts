// kills: PL1-2 PL1-7
// No reply leaves before all handlers that were begun have ended.
import type { Connection, Handler, Incoming } from 'contract';

type Writer = WritableStreamDefaultWriter<Uint8Array>;
type Asked = Pick<Incoming, 'method' | 'version'>;

const END_OF_HEAD = new TextEncoder().encode('\r\n\r\n');
const HEAD_LIMIT = 64 * 1024;
/** Methods that only ask (RFC 9110 §9.2.1): their handlers may run side by side. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** One loop reads and begins handlers; one line of replies writes what they answer, in the order in which it was asked. */
export async function serve(connection: Connection, handler: Handler): Promise<void> {
  const input = reader(connection.readable);
  const replies = inOrder(connection.writable, () => input.cancel());
  let running: Promise<unknown> = Promise.resolve();
  try {
    for (;;) {
      // A request that breaks off was never asked: no call.
      const head = await input.until(END_OF_HEAD, HEAD_LIMIT).catch(() => null);
      if (head === null) return;
      const request = parseHead(head);
      const body = await input.exactly(lengthOf(request.headers)).catch(() => null);
      if (body === null) return;
      const isSafe = SAFE.has(request.method);
      if (!isSafe) await running;
      const response = answer(handler, { ...request, body: streamOf(body) });
      running = Promise.all([running, response]);
      replies.add(request, response);
      if (!isSafe) await response;
      if (asksForEnd(request.headers)) return;
    }
  } finally {
    await replies.end();
    await input.cancel();
  }
}

/** Never rejects: a handler that throws still owes an answer, in its place. */
async function answer(handler: Handler, request: Incoming): Promise<Response> {
  try {
    return await handler(request);
  } catch {
    return new Response(null, { status: 500 });
  }
}

/** Each reply waits for the end of the one before it. After a failed write none can follow; `lost` is told then. */
function inOrder(writable: WritableStream<Uint8Array>, lost: () => Promise<void>) {
  const writer = writable.getWriter();
  let last: Promise<void> = Promise.resolve();
  const all: Promise<Response>[] = [];
  return {
    add(request: Asked, response: Promise<Response>): void {
      all.push(response);
      last = last.then(async () => {
        await response;
        await Promise.all(all);
        await send(writer, request, await response);
      });
      last.catch(lost);
    },
    /** When all replies have left, ends the direction. */
    async end(): Promise<void> {
      // The peer may be gone already. Then there is nothing left to end.
      await last.catch(() => {});
      await writer.close().catch(() => {});
    },
  };
}

/** One message, one length, counted in bytes. */
async function send(writer: Writer, _asked: Asked, response: Response): Promise<void> {
  const body = new Uint8Array(await response.arrayBuffer());
  response.headers.set('content-length', String(body.length));
  let head = `HTTP/1.1 ${response.status} ${response.statusText}\r\n`;
  for (const [name, value] of response.headers) head += `${name}: ${value}\r\n`;
  await writer.write(join(new TextEncoder().encode(`${head}\r\n`), body));
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
    const taken = rest.subarray(0, n);
    rest = rest.subarray(n);
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
    cancel: () => source.cancel().catch(() => {}),
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
