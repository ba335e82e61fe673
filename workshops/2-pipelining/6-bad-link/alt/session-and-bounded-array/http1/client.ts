// Another design that is right: a session for each connection reads its replies, and hands back what it has not answered.
import type { Connection, Outgoing } from 'contract';

type Waiting = { request: Outgoing; answer: (response: Response) => void; fail: (error: unknown) => void };
/** What a session leaves behind. `said`: its last reply announced the end. */
type Rest = { said: boolean; replies: number; unanswered: Waiting[] };

const SAFE = /^(GET|HEAD|OPTIONS|TRACE)$/;
const AGAIN = /^(GET|HEAD|OPTIONS|TRACE|PUT|DELETE)$/;

export function pipeline(dial: () => Promise<Connection>): (request: Outgoing) => Promise<Response> {
  const waiting: Waiting[] = [];
  let session: Session | undefined;
  let isBusy = false;

  async function keepGoing(): Promise<void> {
    isBusy = true;
    let width = Number.POSITIVE_INFINITY;
    let dead = 0;
    while (waiting.length > 0) {
      let connection: Connection;
      try {
        connection = await dial();
      } catch (error) {
        for (const { fail } of waiting.splice(0)) fail(error);
        break;
      }
      session = new Session(connection, waiting.splice(0), width);
      const { said, replies, unanswered } = await session.over;
      const since = session.later;
      session = undefined;
      dead = replies > 0 || said ? 0 : dead + 1;
      width = said ? Number.POSITIVE_INFINITY : 1;
      const error = new Error('No reply came');
      for (const one of unanswered) {
        if (dead < 3 && AGAIN.test(one.request.method)) waiting.push(one);
        else one.fail(error);
      }
      waiting.push(...since);
      if (dead < 3) continue;
      for (const { fail } of waiting.splice(0)) fail(error);
    }
    isBusy = false;
  }

  return (request) =>
    new Promise((answer, fail) => {
      const one = { request, answer, fail };
      if (session !== undefined) return session.add(one);
      waiting.push(one);
      if (!isBusy) void keepGoing();
    });
}

class Session {
  readonly over: Promise<Rest>;
  /** Not sent yet. */
  later: Waiting[];
  #sent: Waiting[] = [];
  /** How many may be under way. */
  #width: number;
  #out: WritableStreamDefaultWriter<Uint8Array>;
  #in: ReadableStreamDefaultReader<Uint8Array>;
  #buffer: number[] = [];

  constructor({ readable, writable }: Connection, later: Waiting[], width: number) {
    this.#in = readable.getReader();
    this.#out = writable.getWriter();
    this.later = later;
    this.#width = width;
    this.#flush();
    this.over = this.#read();
  }

  add(one: Waiting): void {
    this.later.push(one);
    this.#flush();
  }

  #flush(): void {
    for (let [next] = this.later; next !== undefined; [next] = this.later) {
      const alone = [...this.#sent, next].some(({ request }) => !SAFE.test(request.method));
      if (this.#sent.length >= (alone ? 1 : this.#width)) return;
      this.later.shift();
      this.#sent.push(next);
      const { origin, method, target, headers, body } = next.request;
      const fields = [['Host', new URL(origin).host], ...headers];
      if (body !== undefined) fields.push(['Content-Length', String(body.length)]);
      const head = [`${method} ${target} HTTP/1.1`, ...fields.map((field) => field.join(': ')), '', ''].join('\r\n');
      this.#out.write(new TextEncoder().encode(head)).catch(() => {});
      if (body !== undefined) this.#out.write(body).catch(() => {});
    }
  }

  async #read(): Promise<Rest> {
    let said = false;
    let replies = 0;
    try {
      while (!said) {
        const first = await this.#byte();
        if (first === null || this.#sent.length === 0) break;
        this.#buffer.unshift(first);
        const [line = '', ...fields] = (
          await this.#until('\r\n\r\n').catch((error) => {
            // Half a head: this one has been answered, and badly.
            this.#sent.shift()?.fail(error);
            throw error;
          })
        ).split('\r\n');
        const status = Number(line.split(' ')[1]);
        if (status < 200) continue;
        const headers = new Headers(fields.map((field) => field.split(/: */, 2) as [string, string]));
        const one = this.#sent.shift() as Waiting;
        replies += 1;
        this.#width = Number.POSITIVE_INFINITY;
        this.#flush();
        said = /\bclose\b/i.test(headers.get('connection') ?? '');
        if (one.request.method === 'HEAD' || status === 204 || status === 304) {
          one.answer(new Response(null, { status, headers }));
          continue;
        }
        const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
        const body = writable.getWriter();
        one.answer(new Response(readable, { status, headers }));
        try {
          await this.#copy(headers, body);
          await body.close();
        } catch (error) {
          said = false;
          body.abort(error).catch(() => {});
          break;
        }
      }
    } catch {
      said = false;
    }
    this.#in.cancel().catch(() => {});
    this.#out.abort().catch(() => {});
    return { said, replies, unanswered: this.#sent };
  }

  async #copy(headers: Headers, body: WritableStreamDefaultWriter<Uint8Array>): Promise<void> {
    const count = async (size: number): Promise<void> => {
      for (let left = size; left > 0; ) {
        const next = await this.#byte();
        if (next === null) throw new Error('The body broke off');
        this.#buffer.unshift(next);
        const piece = Uint8Array.from(this.#buffer.splice(0, left));
        left -= piece.length;
        await body.write(piece);
      }
    };
    if (!headers.has('transfer-encoding')) return count(Number(headers.get('content-length')));
    for (let size = -1; size !== 0; ) {
      size = Number.parseInt(await this.#until('\r\n'), 16);
      if (size === 0) break;
      await count(size);
      await this.#until('\r\n');
    }
    while ((await this.#until('\r\n')) !== '');
  }

  async #until(mark: string): Promise<string> {
    let text = '';
    while (!text.endsWith(mark)) {
      const byte = await this.#byte();
      if (byte === null) throw new Error('The connection ended inside a reply');
      text += String.fromCharCode(byte);
    }
    return text.slice(0, -mark.length);
  }

  async #byte(): Promise<number | null> {
    while (this.#buffer.length === 0) {
      const { value } = await this.#in.read().catch(() => ({ value: undefined }));
      if (value === undefined) return null;
      this.#buffer.push(...value);
    }
    return this.#buffer.shift() ?? null;
  }
}
