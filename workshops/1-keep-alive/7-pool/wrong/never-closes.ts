// kills: KA7-3 KA7-4 KA7-5
// Reads no more of a connection that is over, and never ends its own side.
import type { Connection, Outgoing } from 'contract';

type Dial = (origin: string) => Promise<Connection>;
/** One connection, as the client uses it. */
type Line = { input: Input; writer: WritableStreamDefaultWriter<Uint8Array> };
type Job = { request: Outgoing; resolve(response: Response): void; reject(error: unknown): void };
/** `open` counts every connection to the origin: idle, busy, or still being dialled. */
type Origin = { jobs: Job[]; idle: Line[]; open: number };
type Head = { version: string; status: number; headers: Headers };

const HEAD_LIMIT = 65_536;
const encoder = new TextEncoder();

/** Each request goes on an idle connection to its origin, else on a new one, up to `limit`; else it waits its turn. */
export function pool(dial: Dial, limit = 6): (request: Outgoing) => Promise<Response> {
  const origins = new Map<string, Origin>();

  function next(origin: Origin): void {
    while (origin.idle.length > 0 || origin.open < limit) {
      const job = origin.jobs.shift();
      if (job === undefined) return;
      const line = origin.idle.pop();
      if (line === undefined) origin.open += 1;
      void run(origin, job, line ?? null);
    }
  }

  async function run(origin: Origin, { request, resolve, reject }: Job, idle: Line | null): Promise<void> {
    let line = idle;
    const free = (reusable: boolean): void => {
      if (reusable && line !== null) origin.idle.push(line);
      else {
        origin.open -= 1;
        if (line !== null) giveUp(line);
      }
      next(origin);
    };
    try {
      line ??= open(await dial(request.origin));
      // Not awaited: a reply may come before the whole request is sent. If writing fails, reading does too.
      line.writer.write(bytesOf(request)).catch(() => {});
      const head = await readHead(line.input);
      resolve(responseOf(request, head, line.input, free));
    } catch (error) {
      free(false);
      reject(error);
    }
  }

  return (request) =>
    new Promise((resolve, reject) => {
      const origin = origins.get(request.origin) ?? { jobs: [], idle: [], open: 0 };
      origins.set(request.origin, origin);
      origin.jobs.push({ request, resolve, reject });
      next(origin);
    });
}

function open({ readable, writable }: Connection): Line {
  return { input: new Input(readable), writer: writable.getWriter() };
}

function giveUp({ input }: Line): void {
  input.cancel();
}

function bytesOf({ origin, method, target, headers, body }: Outgoing): Uint8Array {
  const fields = new Headers(headers);
  fields.delete('host');
  fields.delete('transfer-encoding');
  if (body !== undefined) fields.set('content-length', String(body.length));
  const lines = [`${method} ${target} HTTP/1.1`, `Host: ${new URL(origin).host}`];
  for (const [name, value] of fields) lines.push(`${name}: ${value}`);
  return join(encoder.encode(`${lines.join('\r\n')}\r\n\r\n`), body ?? new Uint8Array(0));
}

/** The final head; interim ones (1xx) before it are passed over. */
async function readHead(input: Input): Promise<Head> {
  for (;;) {
    const [line = '', ...fields] = (await input.until('\r\n\r\n')).split('\r\n');
    const [, version = '', digits = ''] = /^HTTP\/(1\.\d) (\d{3})(?: |$)/.exec(line) ?? [];
    if (version === '') throw new Error(`No status line: ${line.slice(0, 40)}`);
    const headers = new Headers();
    for (const field of fields) {
      const colon = field.indexOf(':');
      headers.append(field.slice(0, colon), field.slice(colon + 1).trim());
    }
    const status = Number(digits);
    if (status >= 200) return { version, status, headers };
  }
}

function responseOf(request: Outgoing, head: Head, input: Input, free: (reusable: boolean) => void): Response {
  const { status, headers } = head;
  const words = (headers.get('connection') ?? '').toLowerCase().split(',');
  const stays = head.version === '1.1' && !words.some((word) => word.trim() === 'close');
  const chunked = /(^|,)\s*chunked\s*$/i.test(headers.get('transfer-encoding') ?? '');
  const length = headers.get('content-length');
  const none = request.method === 'HEAD' || status === 204 || status === 304;
  if (none || (!chunked && length === '0')) {
    free(stays && input.isEmpty);
    return new Response(null, { status, headers });
  }
  const pieces = chunked ? chunks(input) : length === null ? rest(input) : counted(input, Number(length));
  const ends = chunked || length !== null;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await pieces.next();
          if (!done) return controller.enqueue(value);
          controller.close();
          free(stays && ends && input.isEmpty);
        } catch (error) {
          controller.error(error);
          free(false);
        }
      },
      cancel: () => free(false),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { status, headers });
}

async function* counted(input: Input, length: number): AsyncGenerator<Uint8Array, void> {
  for (let left = length; left > 0; ) {
    const piece = await input.some(left);
    if (piece === null) throw new Error(`The connection ended ${left} bytes before the end of the body`);
    left -= piece.length;
    yield piece;
  }
}

async function* chunks(input: Input): AsyncGenerator<Uint8Array, void> {
  for (;;) {
    const line = await input.until('\r\n');
    const size = /^[0-9a-f]+(?=[\s;]|$)/i.exec(line)?.[0];
    if (size === undefined) throw new Error(`No chunk size: ${line.slice(0, 40)}`);
    const length = Number.parseInt(size, 16);
    if (length === 0) break;
    yield* counted(input, length);
    if ((await input.until('\r\n')) !== '') throw new Error('The chunk is longer than its size');
  }
  // Trailers, and the empty line behind them.
  while ((await input.until('\r\n')) !== '');
}

async function* rest(input: Input): AsyncGenerator<Uint8Array, void> {
  for (let piece = await input.some(65_536); piece !== null; piece = await input.some(65_536)) yield piece;
}

/** The bytes of a connection that nobody has used yet. */
class Input {
  #reader: ReadableStreamDefaultReader<Uint8Array>;
  #kept: Uint8Array = new Uint8Array(0);

  constructor(readable: ReadableStream<Uint8Array>) {
    this.#reader = readable.getReader();
  }

  get isEmpty(): boolean {
    return this.#kept.length === 0;
  }

  /** The text before `mark`, which is used up with it. */
  async until(mark: string): Promise<string> {
    for (;;) {
      let text = '';
      for (const byte of this.#kept) text += String.fromCharCode(byte);
      const at = text.indexOf(mark);
      if (at >= 0) {
        this.#kept = this.#kept.subarray(at + mark.length);
        return text.slice(0, at);
      }
      if (text.length > HEAD_LIMIT) throw new Error('The head is too long');
      if (!(await this.#more())) throw new Error('The connection ended inside a reply');
    }
  }

  /** At least one byte and at most `max`; null at the end. */
  async some(max: number): Promise<Uint8Array | null> {
    if (this.isEmpty && !(await this.#more())) return null;
    const piece = this.#kept.slice(0, max);
    this.#kept = this.#kept.subarray(piece.length);
    return piece;
  }

  cancel(): void {
    this.#reader.cancel().catch(() => {});
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#reader.read();
    if (done) return false;
    this.#kept = join(this.#kept, value);
    return true;
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
