// Another design that is right: the first one of KA2, carried to the end. A generator yields messages, another one what is to be written.
import type { Connection, Handler, Incoming, Options } from 'contract';

/** `rest`: what is left of its body when the reply has been sent; false when the connection cannot go on behind it. */
type Message = { request: Incoming; rest(): Promise<boolean> };
type Head = Omit<Incoming, 'body'>;
type Take = () => Promise<Uint8Array | null>;

const LIMIT = 65_536;
const DROPPED = 524_288;

export async function serve(connection: Connection, handler: Handler, options: Options = {}): Promise<void> {
  const { signal } = options;
  const out = connection.writable.getWriter();
  const bytes = new Bytes(connection.readable.getReader());
  const stop = (): void => bytes.stop();
  const isStopped = (): boolean => signal?.aborted === true;
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for await (const { request, rest } of messages(bytes, options)) {
      bytes.busy = true;
      const response = await answer(request, handler);
      const ends = isStopped() || wantsEnd(request) || has(response.headers, 'close');
      for await (const piece of encode(request, response, ends)) await out.write(piece);
      if (ends || !(await rest()) || (request.version === '1.0' && !isFramed(request, response))) break;
      bytes.busy = false;
      if (isStopped()) break;
    }
  } catch (error) {
    if (error instanceof Refused)
      await out.write(latin1('HTTP/1.1 400 \r\ncontent-length: 0\r\nconnection: close\r\n\r\n')).catch(() => {});
  }
  signal?.removeEventListener('abort', stop);
  await Promise.allSettled([out.close(), bytes.end()]);
}

class Refused extends Error {}

async function* messages(bytes: Bytes, { idle, signal }: Options): AsyncGenerator<Message, void> {
  while (signal?.aborted !== true) {
    const text = await bytes.until('\r\n\r\n', idle);
    if (text === null) return;
    const [line = '', ...lines] = text.split('\r\n');
    const [, method, target, minor] = /^([^\s()<>@,;:\\"/[\]?={}]+) (\S+) HTTP\/1\.([01])$/.exec(line) ?? [];
    if (method === undefined || target === undefined) throw new Refused();
    const headers = new Headers();
    for (const each of lines) {
      const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*(.*?)[ \t]*$/.exec(each) ?? [];
      if (name === undefined || value === undefined) throw new Refused();
      headers.append(name, value);
    }
    if (minor === '1' && !headers.has('host')) throw new Refused();
    const pieces = bodyOf(headers, bytes);
    const body = oneByOne(() => pieces.next().then(({ value }) => value ?? null));
    const version = minor === '0' ? '1.0' : '1.1';
    const stream = streamOf(body);
    yield { request: { method, target, version, headers, body: stream }, rest: () => drop(body) };
  }
}

async function* bodyOf(headers: Headers, bytes: Bytes): AsyncGenerator<Uint8Array, void> {
  const coding = headers.get('transfer-encoding');
  const length = headers.get('content-length') ?? '0';
  if (coding === null) return yield* counted(Number(length), bytes);
  for (;;) {
    const [, digits] = /^([0-9a-f]{1,13})[ \t]*(;.*)?$/i.exec((await bytes.until('\r\n')) ?? '') ?? [];
    if (digits === undefined) throw new Error('no chunk begins here');
    const size = Number.parseInt(digits, 16);
    if (size === 0) break;
    yield* counted(size, bytes);
    if ((await bytes.until('\r\n')) !== '') throw new Error('the chunk goes on behind its size');
  }
  for (let trailer = await bytes.until('\r\n'); trailer !== ''; trailer = await bytes.until('\r\n'))
    if (trailer === null) throw new Error('no end of the trailers');
}

async function* counted(size: number, bytes: Bytes): AsyncGenerator<Uint8Array, void> {
  for (let left = size; left > 0; ) {
    const piece = await bytes.some(left);
    if (piece === null) throw new Error('the body breaks off');
    left -= piece.length;
    yield piece;
  }
}

/** Two who ask get two pieces, one after the other. */
function oneByOne(take: Take): Take {
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const mine = last.then(take);
    last = mine.catch(() => {});
    return mine;
  };
}

function streamOf(take: Take): ReadableStream<Uint8Array> {
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const piece = await take();
    if (piece === null) controller.close();
    else controller.enqueue(piece);
  };
  return new ReadableStream({ pull }, { highWaterMark: 0 });
}

async function drop(take: Take): Promise<boolean> {
  for (let dropped = 0; dropped <= DROPPED; ) {
    const piece = await take();
    if (piece === null) return true;
    dropped += piece.length;
  }
  return false;
}

function answer(request: Incoming, handler: Handler): Promise<Response> {
  return Promise.resolve()
    .then(() => {
      const { headers } = request;
      const both = headers.has('transfer-encoding') && headers.has('content-length');
      const isKnown = (headers.get('transfer-encoding') ?? 'chunked').toLowerCase() === 'chunked';
      if (both || !isKnown || !/^\d{0,15}$/.test(headers.get('content-length') ?? ''))
        return new Response(null, { status: 400, headers: { connection: 'close' } });
      return handler(request);
    })
    .catch(() => new Response(null, { status: 500 }));
}

function has(headers: Headers, word: string): boolean {
  return new RegExp(`(^|,)\\s*${word}\\s*(,|$)`, 'i').test(headers.get('connection') ?? '');
}

function wantsEnd({ version, headers }: Head): boolean {
  return version === '1.0' ? !has(headers, 'keep-alive') : has(headers, 'close');
}

function isBodiless({ method }: Head, { status }: Response): boolean {
  return method === 'HEAD' || status === 204 || status === 304;
}

function isFramed(request: Head, response: Response): boolean {
  return isBodiless(request, response) || response.body === null || response.headers.has('content-length');
}

async function* encode(request: Head, response: Response, ends: boolean): AsyncGenerator<Uint8Array, void> {
  const { status, body } = response;
  const headers = new Headers(response.headers);
  const bodiless = isBodiless(request, response);
  const framed = isFramed(request, response);
  headers.delete('connection');
  headers.delete('transfer-encoding');
  if (status === 204) headers.delete('content-length');
  else if (body === null && !bodiless && !headers.has('content-length')) headers.set('content-length', '0');
  const chunked = request.version === '1.1' && !framed;
  if (
    chunked ||
    (request.version === '1.1' &&
      body !== null &&
      bodiless &&
      request.method === 'HEAD' &&
      !headers.has('content-length'))
  )
    headers.set('transfer-encoding', 'chunked');
  if (ends || (request.version === '1.0' && !framed)) headers.set('connection', 'close');
  else if (request.version === '1.0') headers.set('connection', 'keep-alive');
  yield latin1(`HTTP/1.1 ${status} \r\n${[...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
  if (bodiless) return void (await body?.cancel());
  const length = headers.get('content-length');
  let sent = 0;
  for (const reader = body?.getReader(); reader !== undefined; ) {
    const { done, value } = await reader.read();
    if (done) break;
    sent += value.length;
    if (length !== null && sent > Number(length)) throw new Error('more than the length says');
    if (chunked && value.length > 0) yield latin1(`${value.length.toString(16)}\r\n`);
    yield value;
    if (chunked && value.length > 0) yield latin1('\r\n');
  }
  if (length !== null && sent < Number(length)) throw new Error('less than the length says');
  if (chunked) yield latin1('0\r\n\r\n');
}

/** One growing buffer. */
class Bytes {
  /** An exchange is under way: then a signal only says that it is the last one. */
  busy = false;
  #buffer: Uint8Array = new Uint8Array(0);
  #source: ReadableStreamDefaultReader<Uint8Array>;

  constructor(source: ReadableStreamDefaultReader<Uint8Array>) {
    this.#source = source;
  }

  stop(): void {
    if (!this.busy) void this.end();
  }

  end(): Promise<void> {
    return this.#source.cancel().catch(() => {});
  }

  /** Null at the end of the connection, and when `within` milliseconds did not bring the mark. */
  async until(mark: string, within?: number): Promise<string | null> {
    const timer = within === undefined ? undefined : setTimeout(() => this.end(), within);
    try {
      for (let text = ''; ; ) {
        text = Array.from(this.#buffer, (byte) => String.fromCharCode(byte)).join('');
        const at = text.indexOf(mark);
        if (at >= 0) {
          this.#buffer = this.#buffer.slice(at + mark.length);
          return text.slice(0, at);
        }
        if (text.length > LIMIT || !(await this.#more())) return null;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async some(most: number): Promise<Uint8Array | null> {
    if (this.#buffer.length === 0 && !(await this.#more())) return null;
    const piece = this.#buffer.slice(0, most);
    this.#buffer = this.#buffer.slice(most);
    return piece;
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#source.read();
    if (done) return false;
    const grown = new Uint8Array(this.#buffer.length + value.length);
    grown.set(this.#buffer);
    grown.set(value, this.#buffer.length);
    this.#buffer = grown;
    return true;
  }
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
