// Another design that is right: a permit is taken before a request is read, and given back when its reply has left.
import type { Connection, Handler, Incoming, Options } from 'contract';

const text = new TextEncoder();

export async function serve({ readable, writable }: Connection, handler: Handler, options?: Options): Promise<void> {
  const permits = semaphore(options?.maxInFlight ?? 10);
  const gone = new AbortController();
  // Whoever waits for a permit then must wake up to see it.
  gone.signal.addEventListener('abort', permits.give);
  const requests = incoming(readable, gone.signal);
  let turn: Promise<void> = Promise.resolve();
  const running = new Set<Promise<Response>>();
  try {
    for (;;) {
      await permits.take();
      const { value: request } = await requests.next();
      if (request === undefined) break;
      const changes = !/^(GET|HEAD|OPTIONS|TRACE)$/.test(request.method);
      if (changes) await Promise.all(running);
      if (gone.signal.aborted) break;
      const working = (async () => handler(request))().catch(() => new Response(null, { status: 500 }));
      running.add(working);
      working.then(() => running.delete(working));
      const before = turn;
      turn = (async () => {
        const response = await working;
        await before;
        if (gone.signal.aborted) return void response.body?.cancel().catch(() => {});
        await reply(writable, request, response).catch((reason) => gone.abort(reason));
        permits.give();
      })();
      if (changes) await working;
      if (/(^|,)\s*close\s*(,|$)/i.test(request.headers.get('connection') ?? '')) break;
    }
  } finally {
    await turn;
    await writable.close().catch(() => {});
    await requests.return(undefined);
  }
}

function semaphore(free: number) {
  const waiting: (() => void)[] = [];
  return {
    take: async (): Promise<void> => {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
    },
    give: (): void => {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    },
  };
}

/** A body is a stream that is piped, through a frame of chunks, into the connection; a failed pipe gives the body up by itself. */
async function reply(writable: WritableStream<Uint8Array>, { method }: Incoming, response: Response): Promise<void> {
  const { status, headers, body } = response;
  const bare = method === 'HEAD' || status === 204 || status === 304;
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`);
  if (!bare) lines.push(body === null ? 'Content-Length: 0\r\n' : 'Transfer-Encoding: chunked\r\n');
  const writer = writable.getWriter();
  try {
    await writer.write(text.encode(`HTTP/1.1 ${status} \r\n${lines.join('')}\r\n`));
  } catch (error) {
    await body?.cancel().catch(() => {});
    throw error;
  } finally {
    writer.releaseLock();
  }
  if (bare || body === null) return body?.cancel();
  await body.pipeThrough(inChunks()).pipeTo(writable, { preventClose: true });
}

function inChunks(): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(piece, controller) {
      if (piece.length === 0) return;
      const size = text.encode(`${piece.length.toString(16)}\r\n`);
      const framed = new Uint8Array(size.length + piece.length + 2);
      framed.set(size);
      framed.set(piece, size.length);
      framed.set([13, 10], size.length + piece.length);
      controller.enqueue(framed);
    },
    flush: (controller) => controller.enqueue(text.encode('0\r\n\r\n')),
  });
}

/** Whole requests, one at a time; nothing is read before somebody asks for the next. */
async function* incoming(readable: ReadableStream<Uint8Array>, gone: AbortSignal): AsyncGenerator<Incoming, void> {
  const source = readable.getReader();
  let have = new Uint8Array(0);
  let at = 0;
  const fill = async (): Promise<boolean> => {
    const { value } = await source.read().catch(() => ({ value: undefined }));
    if (value === undefined) return false;
    const rest = have.subarray(at);
    have = new Uint8Array(rest.length + value.length);
    have.set(rest);
    have.set(value, rest.length);
    at = 0;
    return true;
  };
  try {
    while (!gone.aborted) {
      let end = endOfHead(have, at);
      for (; end < 0; end = endOfHead(have, at)) if (!(await fill())) return;
      const [first = '', ...lines] = new TextDecoder('latin1').decode(have.subarray(at, end - 4)).split('\r\n');
      at = end;
      const headers = new Headers();
      for (const line of lines) headers.append(line.split(':', 1)[0] ?? '', line.slice(line.indexOf(':') + 1).trim());
      const length = Number(headers.get('content-length') ?? 0);
      while (have.length - at < length) if (!(await fill())) return;
      const body = new Blob([have.slice(at, at + length)]).stream();
      at += length;
      const [method = '', target = ''] = first.split(' ');
      yield { method, target, version: '1.1', headers, body };
    }
  } finally {
    await source.cancel().catch(() => {});
  }
}

/** Where the body begins, or -1. */
function endOfHead(bytes: Uint8Array, from: number): number {
  for (let i = from + 3; i < bytes.length; i++)
    if (bytes[i] === 10 && bytes[i - 1] === 13 && bytes[i - 2] === 10 && bytes[i - 3] === 13) return i + 1;
  return -1;
}
