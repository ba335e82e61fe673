// A queue for each origin, and slots that take from it: each slot is a loop with at most one connection of its own.
import type { Connection, Outgoing } from 'contract';

type Job = { request: Outgoing; done: (answer: Response | Promise<never>) => void };
type Queue = { jobs: Job[]; sleepers: ((job: Job) => void)[]; slots: number };

export function pool(
  dial: (origin: string) => Promise<Connection>,
  limit = 6,
): (request: Outgoing) => Promise<Response> {
  const queues: Record<string, Queue> = {};

  async function slot(queue: Queue, first: Job): Promise<void> {
    let wire: Wire | undefined;
    for (let job: Job = first; ; job = queue.jobs.shift() ?? (await new Promise((wake) => queue.sleepers.push(wake)))) {
      try {
        wire ??= new Wire(await dial(job.request.origin));
        const stays = await exchange(wire, job);
        if (stays) continue;
      } catch (error) {
        job.done(Promise.reject(error));
      }
      wire?.drop();
      wire = undefined;
      // Only slots with a connection may sleep: the others would take a turn from one that is idle.
      if (queue.jobs.length === 0) break;
    }
    queue.slots -= 1;
  }

  return (request) =>
    new Promise((done) => {
      queues[request.origin] ??= { jobs: [], sleepers: [], slots: 0 };
      const queue = queues[request.origin] as Queue;
      const sleeper = queue.sleepers.shift();
      if (sleeper !== undefined) return sleeper({ request, done });
      if (queue.slots === limit) return queue.jobs.push({ request, done });
      queue.slots += 1;
      slot(queue, { request, done });
    });
}

/** Resolves when the exchange is over: true when the connection can carry another one. */
async function exchange(wire: Wire, { request, done }: Job): Promise<boolean> {
  wire.send(request);
  let status = 0;
  let version = '';
  let headers = new Headers();
  while (status < 200) {
    const words = (await wire.line()).split(' ');
    version = words[0] ?? '';
    status = Number(words[1]);
    if (!(status >= 100)) throw new Error('What came is no reply');
    headers = new Headers();
    for (let field = await wire.line(); field !== ''; field = await wire.line()) {
      const [name = '', ...value] = field.split(':');
      headers.append(name, value.join(':').trim());
    }
  }
  const closes = /\bclose\b/i.test(headers.get('connection') ?? '') || version === 'HTTP/1.0';
  if (request.method === 'HEAD' || [204, 304].includes(status)) {
    done(new Response(null, { status, headers }));
    return !closes && wire.clean;
  }
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const out = writable.getWriter();
  done(new Response(readable, { status, headers }));
  try {
    const length = headers.get('content-length');
    if (headers.has('transfer-encoding')) {
      for (;;) {
        const size = Number.parseInt(await wire.line(), 16);
        await wire.copy(size, out);
        if (size === 0) break;
        await wire.line();
      }
      while ((await wire.line()) !== '');
    } else await wire.copy(length === null ? null : Number(length), out);
    // What stands behind the reply is looked at before anybody learns that it is over.
    const stays = !closes && wire.clean && (length !== null || headers.has('transfer-encoding'));
    await out.close();
    return stays;
  } catch (error) {
    out.abort(error).catch(() => {});
    return false;
  }
}

class Wire {
  #in: ReadableStreamDefaultReader<Uint8Array>;
  #out: WritableStreamDefaultWriter<Uint8Array>;
  #chunk = new Uint8Array(0);
  #at = 0;

  constructor({ readable, writable }: Connection) {
    this.#in = readable.getReader();
    this.#out = writable.getWriter();
  }

  get clean(): boolean {
    return this.#at === this.#chunk.length;
  }

  send({ origin, method, target, headers, body }: Outgoing): void {
    const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
    const parts = [encode(`${method} ${target} HTTP/1.1\r\nhost: ${origin.split('/')[2]}\r\n`)];
    for (const [name, value] of headers) parts.push(encode(`${name}: ${value}\r\n`));
    if (body === undefined) parts.push(encode('\r\n'));
    else {
      // Chunks are as good as a length.
      parts.push(encode('transfer-encoding: chunked\r\n\r\n'));
      if (body.length > 0) parts.push(encode(`${body.length.toString(16)}\r\n`), body, encode('\r\n'));
      parts.push(encode('0\r\n\r\n'));
    }
    for (const part of parts) this.#out.write(part).catch(() => {});
  }

  async line(): Promise<string> {
    for (let text = ''; ; ) {
      if (this.clean && !(await this.#next())) throw new Error('The connection ended too early');
      text += String.fromCharCode(this.#chunk[this.#at++] ?? 0);
      if (text.endsWith('\r\n')) return text.slice(0, -2);
      if (text.length > 65_536) throw new Error('A line of the reply is too long');
    }
  }

  /** The next `size` bytes, or all to the end. */
  async copy(size: number | null, out: WritableStreamDefaultWriter<Uint8Array>): Promise<void> {
    for (let left = size ?? Number.POSITIVE_INFINITY; left > 0; ) {
      if (this.clean && !(await this.#next())) {
        if (size === null) return;
        throw new Error('The connection ended inside the body');
      }
      const piece = this.#chunk.slice(this.#at, this.#at + left);
      this.#at += piece.length;
      left -= piece.length;
      await out.write(piece);
    }
  }

  drop(): void {
    this.#in.cancel().catch(() => {});
    this.#out.abort().catch(() => {});
  }

  async #next(): Promise<boolean> {
    const { done, value } = await this.#in.read();
    if (done) return false;
    this.#chunk = value as Uint8Array<ArrayBuffer>;
    this.#at = 0;
    return true;
  }
}
