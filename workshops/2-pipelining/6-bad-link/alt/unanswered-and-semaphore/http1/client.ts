// Another design that is right: one list of all that is unanswered. Each says itself on which connection it was sent, if it was.
import type { Connection, Outgoing } from 'contract';

type Entry = { request: Outgoing; on: number; failures: number; settle: PromiseWithResolvers<Response> };
type Wire = { number: number; out: WritableStreamDefaultWriter<Uint8Array>; in: AsyncGenerator<Uint8Array, void> };

const MAY_REPEAT = new Set('GET HEAD OPTIONS TRACE PUT DELETE'.split(' '));

export function pipeline(dial: () => Promise<Connection>): (request: Outgoing) => Promise<Response> {
  const list: Entry[] = [];
  let wire: Wire | null = null;
  let dialled = 0;
  let oneByOne = false;
  let running = false;

  function send(): void {
    if (wire === null) return;
    for (const [at, entry] of list.entries()) {
      if (at > 0 && (oneByOne || !MAY_REPEAT.has(list[at - 1]?.request.method ?? ''))) return;
      if (entry.on === wire.number) continue;
      entry.on = wire.number;
      wire.out.write(bytesOf(entry.request)).catch(() => {});
    }
  }

  async function run(): Promise<void> {
    running = true;
    while (list.length > 0) {
      let told = false;
      try {
        const { readable, writable } = await dial();
        wire = { number: ++dialled, out: writable.getWriter(), in: chunksOf(readable) };
      } catch (error) {
        for (const { settle } of list.splice(0)) settle.reject(error);
        break;
      }
      send();
      const { number, out } = wire;
      const bytes = new Bytes(wire.in);
      try {
        while (!told && (await bytes.any()) && list.length > 0) told = await reply(bytes);
      } catch {
        // Who was hit knows; the others are looked at below.
      }
      wire = null;
      void bytes.end();
      out.abort().catch(() => {});
      oneByOne = !told;
      for (const entry of [...list]) {
        if (entry.on !== number) continue;
        entry.failures += told ? 0 : 1;
        if (MAY_REPEAT.has(entry.request.method) && entry.failures < 3) continue;
        list.splice(list.indexOf(entry), 1);
        entry.settle.reject(new Error(`No reply to ${entry.request.method} ${entry.request.target}`));
      }
    }
    running = false;
  }

  /** One reply, to its end. True when it was the last one. */
  async function reply(bytes: Bytes): Promise<boolean> {
    let lines: string[] = [];
    let status = 100;
    try {
      while (status < 200) {
        lines = (await bytes.line('\r\n\r\n')).split('\r\n');
        status = Number(lines.shift()?.slice(9, 12));
      }
    } catch (error) {
      list.shift()?.settle.reject(error);
      throw error;
    }
    const headers = new Headers();
    for (const line of lines) headers.append(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1));
    const entry = list.shift();
    if (entry === undefined) throw new Error('Nobody asked');
    oneByOne = false;
    send();
    const isLast = (headers.get('connection') ?? '').toLowerCase().split(/[ ,]+/).includes('close');
    if (entry.request.method === 'HEAD' || [204, 205, 304].includes(status)) {
      entry.settle.resolve(new Response(null, { status, headers }));
      return isLast;
    }
    const over = Promise.withResolvers<void>();
    const pieces = headers.has('transfer-encoding')
      ? bytes.chunked()
      : bytes.counted(Number(headers.get('content-length')));
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        try {
          const { done, value } = await pieces.next();
          if (!done) return controller.enqueue(value);
          controller.close();
          over.resolve();
        } catch (error) {
          controller.error(error);
          over.reject(error);
        }
      },
      cancel: (reason) => over.reject(reason ?? new Error('Nobody wants the body')),
    });
    entry.settle.resolve(new Response(body, { status, headers }));
    await over.promise;
    return isLast;
  }

  return (request) => {
    const settle = Promise.withResolvers<Response>();
    list.push({ request, on: 0, failures: 0, settle });
    send();
    if (!running) void run();
    return settle.promise;
  };
}

function bytesOf({ origin, method, target, headers, body }: Outgoing): Uint8Array {
  let text = `${method} ${target} HTTP/1.1\r\nHost: ${origin.replace(/^.*\/\//, '')}\r\n`;
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  if (body !== undefined) text += `Content-Length: ${body.length}\r\n`;
  return Uint8Array.from([...new TextEncoder().encode(`${text}\r\n`), ...(body ?? [])]);
}

async function* chunksOf(readable: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const reader = readable.getReader();
  try {
    for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read())
      yield value as Uint8Array;
  } finally {
    reader.cancel().catch(() => {});
  }
}

class Bytes {
  #source: AsyncGenerator<Uint8Array, void>;
  #chunk: Uint8Array = new Uint8Array(0);

  constructor(source: AsyncGenerator<Uint8Array, void>) {
    this.#source = source;
  }

  async any(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const { done, value } = await this.#source.next();
      if (done === true) return false;
      this.#chunk = value;
    }
    return true;
  }

  async #take(most: number): Promise<Uint8Array> {
    if (!(await this.any())) throw new Error('The connection ended too early');
    const piece = this.#chunk.slice(0, most);
    this.#chunk = this.#chunk.subarray(piece.length);
    return piece;
  }

  async line(mark = '\r\n'): Promise<string> {
    let text = '';
    while (!text.endsWith(mark)) text += String.fromCharCode(...(await this.#take(1)));
    return text.slice(0, -mark.length);
  }

  async *counted(size: number): AsyncGenerator<Uint8Array, void> {
    for (let left = size; left > 0; ) {
      const piece = await this.#take(left);
      left -= piece.length;
      yield piece;
    }
  }

  async *chunked(): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      const size = Number.parseInt(await this.line(), 16);
      yield* this.counted(size);
      if (size > 0) await this.line();
      else break;
    }
    while ((await this.line()) !== '');
  }

  async end(): Promise<void> {
    await this.#source.return().catch(() => {});
  }
}
