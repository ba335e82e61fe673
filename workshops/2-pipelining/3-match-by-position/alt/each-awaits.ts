// Another design that is right: there is no queue at all. Each request keeps the promise that the reply before it has ended.
import type { Connection, Outgoing } from 'contract';

type Wire = { out: WritableStreamDefaultWriter<Uint8Array>; in: Bytes };

export function pipeline(dial: () => Promise<Connection>): (request: Outgoing) => Promise<Response> {
  let wire: Promise<Wire> | undefined;
  let written: Promise<unknown> = Promise.resolve();
  let read: Promise<unknown> = Promise.resolve();

  return async (request) => {
    wire ??= dial().then(({ readable, writable }) => ({ out: writable.getWriter(), in: new Bytes(readable) }));
    const { promise: head, resolve: headIsThere } = Promise.withResolvers<void>();
    const { promise: end, resolve: isRead } = Promise.withResolvers<void>();
    const before = { written, read };
    const mine = before.written.then(async () => send((await wire)?.out, request));
    // What comes next is written behind this one; behind a POST, when its reply has begun.
    written = /^(GET|HEAD|PUT|DELETE|OPTIONS|TRACE)$/.test(request.method) ? mine : Promise.all([mine, head]);
    written.catch(() => {});
    read = end;
    await mine;
    await before.read;
    const bytes = (await wire).in;
    for (;;) {
      const [first = '', ...lines] = (await bytes.through('\r\n\r\n')).trim().split('\r\n');
      const status = Number(first.split(' ')[1]);
      if (status < 200) continue;
      const headers = new Headers(lines.map((line) => line.split(/:(.*)/, 2).map((s) => s.trim()) as [string, string]));
      headIsThere();
      const pieces = bodyOf(bytes, request.method, status, headers);
      if (pieces === null) {
        isRead();
        return new Response(null, { status, headers });
      }
      const body = new ReadableStream({
        type: 'bytes',
        async pull(controller) {
          const { done, value } = await pieces.next();
          if (!done) return controller.enqueue(new Uint8Array(value));
          controller.close();
          controller.byobRequest?.respond(0);
          isRead();
        },
      });
      return new Response(body, { status, headers });
    }
  };
}

async function send(out: WritableStreamDefaultWriter<Uint8Array> | undefined, request: Outgoing): Promise<void> {
  const { origin, method, target, headers, body } = request;
  const fields = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const length = body === undefined ? '' : `content-length: ${body.length}\r\n`;
  const head = `${method} ${target} HTTP/1.1\r\nhost: ${new URL(origin).host}\r\n${length}${fields}\r\n`;
  await out?.write(new TextEncoder().encode(head));
  if (body !== undefined) await out?.write(body);
}

function bodyOf(
  bytes: Bytes,
  method: string,
  status: number,
  headers: Headers,
): AsyncGenerator<Uint8Array, void> | null {
  if (method === 'HEAD' || status === 204 || status === 304) return null;
  if (headers.get('transfer-encoding')?.endsWith('chunked')) return inChunks(bytes);
  return headers.get('content-length') === '0' ? null : bytes.count(Number(headers.get('content-length')));
}

async function* inChunks(bytes: Bytes): AsyncGenerator<Uint8Array, void> {
  for (;;) {
    const size = Number.parseInt(await bytes.through('\r\n'), 16);
    if (size > 0) yield* bytes.count(size);
    else {
      while ((await bytes.through('\r\n')) !== '\r\n');
      return;
    }
    await bytes.through('\r\n');
  }
}

class Bytes {
  #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(readable: ReadableStream<Uint8Array>) {
    this.#chunks = chunksOf(readable);
  }

  /** Text up to and with a mark. */
  async through(mark: string): Promise<string> {
    let text = '';
    while (!text.endsWith(mark)) {
      if (this.#chunk.length === 0) this.#chunk = await this.#take(65_536);
      text += String.fromCharCode(this.#chunk[0] ?? 0);
      this.#chunk = this.#chunk.subarray(1);
    }
    return text;
  }

  async *count(size: number): AsyncGenerator<Uint8Array, void> {
    for (let left = size; left > 0; ) {
      const piece = await this.#take(left);
      left -= piece.length;
      yield piece;
    }
  }

  async #take(most: number): Promise<Uint8Array> {
    while (this.#chunk.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done === true) throw new Error('The connection ended inside a reply');
      this.#chunk = value;
    }
    const piece = this.#chunk.slice(0, most);
    this.#chunk = this.#chunk.subarray(piece.length);
    return piece;
  }
}

async function* chunksOf(readable: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const reader = readable.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}
