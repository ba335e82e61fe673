// kills: PL4-3
// After close, what is unanswered rejects.
import type { Connection, Outgoing } from 'contract';

type Dial = (origin: string) => Promise<Connection>;
/** One connection, as the client uses it. */
type Line = { input: Input; writer: WritableStreamDefaultWriter<Uint8Array> };
type Job = { request: Outgoing; resolve(response: Response): void; reject(error: unknown): void };
/** `open` counts every connection to the origin: idle, busy, or still being dialled. */
type Origin = { jobs: Job[]; idle: Line[]; open: number };
/** How an exchange left its connection: another may follow, it was the last one, or it broke off. */
type End = 'stays' | 'closes' | 'breaks';
type Head = { version: string; status: number; headers: Headers };

/** So many connections in a row without a reply, and nobody is asked again. */
const FRUITLESS = 3;
const HEAD_LIMIT = 65_536;
/** Asked twice, these do no more than asked once. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
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

  /** Nothing is owed on an idle connection: bytes or an end mean that it is over. */
  function keep(origin: Origin, line: Line): void {
    origin.idle.push(line);
    const over = (): void => {
      const at = origin.idle.indexOf(line);
      if (at < 0) return;
      origin.idle.splice(at, 1);
      origin.open -= 1;
      giveUp(line);
      next(origin);
    };
    line.input.ahead().then(over, over);
  }

  async function run(origin: Origin, job: Job, idle: Line | null): Promise<void> {
    const { request, resolve, reject } = job;
    let line = idle;
    const free = (end: End): void => {
      // Bytes behind the reply are nobody's.
      if (end === 'stays' && line?.input.isEmpty) keep(origin, line);
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
      if (!(await line.input.begins())) {
        if (idle === null || !IDEMPOTENT.has(request.method)) throw new Error('The connection ended without a reply');
        // It had been idle, and its end may have crossed the request: once more, on a connection that is new.
        giveUp(line);
        return run(origin, job, null);
      }
      const head = await readHead(line.input);
      resolve(responseOf(request, head, line.input, free));
    } catch (error) {
      free('breaks');
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

/** Everything on one connection at a time. What it leaves unanswered goes out again on the next one, where that may be. */
export function pipeline(dial: () => Promise<Connection>): (request: Outgoing) => Promise<Response> {
  /** Both in the order asked: not written yet; written, and without a final status. */
  const unsent: Job[] = [];
  const asked: Job[] = [];
  let line: Line | null = null;
  let isDialling = false;
  /** The connection before this one broke: until this one has brought a reply, one request at a time. */
  let isCareful = false;
  /** How many connections in a row have brought no reply at all. */
  let fruitless = 0;
  let hasReplied = false;

  function write({ writer }: Line): void {
    // Behind a POST nothing is sent before its final status: whether it was done decides what comes next.
    while (asked.every(({ request }) => !isCareful && IDEMPOTENT.has(request.method))) {
      const job = unsent.shift();
      if (job === undefined) return;
      asked.push(job);
      // Not awaited: replies come while requests still leave. If writing fails, reading does too.
      writer.write(bytesOf(job.request)).catch(() => {});
    }
  }

  /** Reads reply after reply, until the connection carries no other one. */
  async function answer(line: Line): Promise<End> {
    for (;;) {
      // Nothing is owed while nobody has asked: bytes are nobody's then.
      if (!(await line.input.begins()) || asked.length === 0) return 'breaks';
      const head = await readHead(line.input).catch((error: unknown) => {
        // From its first byte on, a reply belongs to whoever is first in line, broken or not.
        asked.shift()?.reject(error);
      });
      const job = head && asked.shift();
      if (!head || !job) return 'breaks';
      isCareful = false;
      fruitless = 0;
      hasReplied = true;
      write(line);
      // The next reply begins where this body ends, and that is known when somebody has read it.
      const over = new Promise<End>((free) => job.resolve(responseOf(job.request, head, line.input, free)));
      const end = await over.catch((error: unknown): End => {
        job.reject(error);
        return 'breaks';
      });
      if (end !== 'stays') return end;
    }
  }

  /** What the connection has left unanswered: first in line again, or rejected. */
  function recover(end: End): void {
    const left = asked.splice(0);
    isCareful = end === 'breaks' && left.length > 0;
    if (end === 'breaks' && !hasReplied) fruitless += 1;
    hasReplied = false;
    const isHopeless = fruitless === FRUITLESS;
    if (isHopeless) fruitless = 0;
    const again = left.filter(({ request }) => IDEMPOTENT.has(request.method) && !isHopeless && end === 'breaks');
    const lost = left.filter((job) => !again.includes(job));
    if (isHopeless) lost.push(...unsent.splice(0));
    unsent.unshift(...again);
    for (const job of lost) job.reject(new Error('The connection ended before the reply'));
  }

  async function run(): Promise<void> {
    isDialling = true;
    try {
      line = open(await dial());
    } catch (error) {
      for (const job of unsent.splice(0)) job.reject(error);
      return;
    } finally {
      isDialling = false;
    }
    write(line);
    const end = await answer(line);
    giveUp(line);
    line = null;
    recover(end);
    if (unsent.length > 0) void run();
  }

  return (request) =>
    new Promise((resolve, reject) => {
      unsent.push({ request, resolve, reject });
      if (line !== null) write(line);
      else if (!isDialling) void run();
    });
}

function open({ readable, writable }: Connection): Line {
  return { input: new Input(readable), writer: writable.getWriter() };
}

function giveUp({ input, writer }: Line): void {
  input.cancel();
  writer.close().catch(() => {});
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

function responseOf(request: Outgoing, head: Head, input: Input, free: (end: End) => void): Response {
  const { status, headers } = head;
  const words = (headers.get('connection') ?? '').toLowerCase().split(',');
  const stays = head.version === '1.1' && !words.some((word) => word.trim() === 'close');
  const chunked = /(^|,)\s*chunked\s*$/i.test(headers.get('transfer-encoding') ?? '');
  const length = headers.get('content-length');
  const none = request.method === 'HEAD' || status === 204 || status === 304;
  if (none || (!chunked && length === '0')) {
    free(stays ? 'stays' : 'closes');
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
          free(!ends ? 'breaks' : stays ? 'stays' : 'closes');
        } catch (error) {
          controller.error(error);
          free('breaks');
        }
      },
      cancel: () => free('breaks'),
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
  /** A read that was begun while the connection was idle. */
  #ahead: Promise<boolean> | null = null;

  constructor(readable: ReadableStream<Uint8Array>) {
    this.#reader = readable.getReader();
  }

  get isEmpty(): boolean {
    return this.#kept.length === 0;
  }

  /** Reads while nobody waits for anything; what comes serves whoever asks next. */
  ahead(): Promise<boolean> {
    this.#ahead ??= this.#read();
    return this.#ahead;
  }

  /** Waits for the first byte: false when the connection ended or broke off without one. */
  async begins(): Promise<boolean> {
    return !this.isEmpty || this.#more().catch(() => false);
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

  #more(): Promise<boolean> {
    const read = this.#ahead ?? this.#read();
    this.#ahead = null;
    return read;
  }

  async #read(): Promise<boolean> {
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
