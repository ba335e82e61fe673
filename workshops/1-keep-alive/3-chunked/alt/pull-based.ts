// Another design that is right: bodies are pulled. The request's body reads from the connection only as the handler does, and
// the reply's body is a stream of frames that is pulled by the writing.
import type { Connection, Handler } from 'contract';

type Bytes = Uint8Array;

export async function serve({ readable, writable }: Connection, handler: Handler): Promise<void> {
  const input = new Input(readable);
  const out = writable.getWriter();
  try {
    for (;;) {
      const lines = await input.head();
      if (lines === null) break;
      const [method = '', target = ''] = (lines[0] ?? '').split(' ');
      const headers = new Headers(
        lines.slice(1).map((l): [string, string] => [l.slice(0, l.indexOf(':')), l.slice(l.indexOf(':') + 1).trim()]),
      );
      const chunked = /\bchunked$/i.test(headers.get('transfer-encoding') ?? '');
      // Chunked wins over a length; then nobody knows what the sender believes, so this is the last exchange.
      const isLast = (chunked && headers.has('content-length')) || /\bclose\b/i.test(headers.get('connection') ?? '');
      const source = chunked ? chunks(input) : counted(input, Number(headers.get('content-length') ?? 0));
      const body = new ReadableStream<Bytes>(
        {
          async pull(controller) {
            const { done, value } = await source.next();
            if (done) controller.close();
            else controller.enqueue(value);
          },
        },
        { highWaterMark: 0 },
      );
      const response = await handler({ method, target, version: '1.1', headers, body });
      // What the handler has left is still in the way of the next head.
      for await (const _ of source);
      for await (const frame of frames(response, isLast)) await out.write(frame);
      if (isLast) break;
    }
    await out.close();
  } catch (error) {
    // Broken off, where there is still somebody who can hear it.
    await out.abort(error).catch(() => {});
  }
}

async function* counted(input: Input, n: number): AsyncGenerator<Bytes> {
  for (let left = n; left > 0; ) {
    const part = await input.some(left);
    left -= part.length;
    yield part;
  }
}

async function* chunks(input: Input): AsyncGenerator<Bytes> {
  for (;;) {
    const size = Number.parseInt(await input.line(), 16);
    if (!(size >= 0)) throw new Error('no size');
    if (size === 0) break;
    yield* counted(input, size);
    await input.line();
  }
  while ((await input.line()) !== '');
}

async function* frames({ status, headers, body }: Response, isLast: boolean): AsyncGenerator<Bytes> {
  const text = new TextEncoder();
  const fields = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  yield text.encode(
    `HTTP/1.1 ${status} \r\n${fields}${isLast ? 'connection: close\r\n' : ''}transfer-encoding: chunked\r\n\r\n`,
  );
  const source = body?.getReader();
  for (;;) {
    const next = await source?.read();
    if (next === undefined || next.done) break;
    if (next.value.length === 0) continue;
    yield text.encode(`${next.value.length.toString(16).toUpperCase()};made=here\r\n`);
    yield next.value;
    yield text.encode('\r\n');
  }
  yield text.encode('0\r\nmade-by: frames\r\n\r\n');
}

class Input {
  #source: ReadableStreamDefaultReader<Bytes>;
  #rest: Bytes = new Uint8Array(0);

  constructor(readable: ReadableStream<Bytes>) {
    this.#source = readable.getReader();
  }

  /** The lines of the next head; null when none comes whole. */
  async head(): Promise<string[] | null> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.line().catch(() => null);
      if (line === null) return null;
      if (line === '' && lines.length > 0) return lines;
      if (line !== '') lines.push(line);
    }
  }

  async line(): Promise<string> {
    let text = '';
    while (!text.endsWith('\r\n')) text += String.fromCharCode(...(await this.some(1)));
    return text.slice(0, -2);
  }

  async some(most: number): Promise<Bytes> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#source.read();
      if (done) throw new Error('the connection ended');
      this.#rest = value;
    }
    const part = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(part.length);
    return part.slice();
  }
}
