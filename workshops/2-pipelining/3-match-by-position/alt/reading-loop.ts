// Another design that is right: one loop takes the stream apart byte by byte, and a queue of resolvers says who is next.
import type { Connection, Outgoing } from 'contract';

type Waiting = { request: Outgoing; answer: (response: Response) => void; fail: (error: unknown) => void };

export function pipeline(dial: () => Promise<Connection>): (request: Outgoing) => Promise<Response> {
  const queue: Waiting[] = [];
  const held: Waiting[] = [];
  let out: WritableStreamDefaultWriter<Uint8Array> | null = null;
  let connecting: Promise<void> | null = null;

  async function connect(): Promise<void> {
    const { readable, writable } = await dial();
    out = writable.getWriter();
    read(readable).then(
      () => lose(new Error('The connection is over')),
      (error) => lose(error),
    );
  }

  function lose(error: unknown): void {
    out?.abort().catch(() => {});
    out = null;
    connecting = null;
    for (const { fail } of [...queue.splice(0), ...held.splice(0)]) fail(error);
  }

  /** Sends what may go: nothing overtakes an unsafe request, and it goes alone. */
  function flush(): void {
    for (let next = held[0]; next !== undefined && out !== null; next = held[0]) {
      if (queue.some(({ request }) => !/^(GET|HEAD|OPTIONS|TRACE)$/.test(request.method))) return;
      if (queue.length > 0 && !/^(GET|HEAD|OPTIONS|TRACE)$/.test(next.request.method)) return;
      queue.push(next);
      held.shift();
      const { origin, method, target, headers, body = new Uint8Array(0) } = next.request;
      let head = `${method} ${target} HTTP/1.1\r\nHost: ${origin.split('//')[1]}\r\n`;
      for (const [name, value] of headers) head += `${name}: ${value}\r\n`;
      if (body.length > 0) head += `Content-Length: ${body.length}\r\n`;
      out.write(new TextEncoder().encode(`${head}\r\n`)).catch(() => {});
      if (body.length > 0) out.write(body).catch(() => {});
    }
  }

  async function read(readable: ReadableStream<Uint8Array>): Promise<void> {
    let text = '';
    /** What comes next: a head, bytes of a body, a line that says a size, or the lines behind the last chunk. */
    let state: 'head' | 'body' | 'size' | 'trailers' = 'head';
    let left = 0;
    let inChunks = false;
    let body: WritableStreamDefaultWriter<Uint8Array> | null = null;
    const reader = readable.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        await body?.abort(new Error('The connection ended inside a body'));
        return;
      }
      for (let at = 0; at < value.length; ) {
        if (state === 'body') {
          const piece = value.slice(at, at + left);
          at += piece.length;
          left -= piece.length;
          await body?.write(piece);
          if (left > 0) continue;
          state = inChunks ? 'size' : 'head';
          if (!inChunks) await body?.close();
          continue;
        }
        text += String.fromCharCode(value[at++] ?? 0);
        if (state === 'head' && text.endsWith('\r\n\r\n')) {
          const head = text;
          text = '';
          const status = Number(head.slice(9, 12));
          if (status < 200) continue;
          const waiting = queue.shift();
          if (waiting === undefined) throw new Error('Nobody asked for this reply');
          const headers = new Headers();
          for (const line of head.trimEnd().split('\r\n').slice(1)) {
            const [, name = '', value = ''] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
            headers.append(name, value);
          }
          inChunks = headers.has('transfer-encoding');
          left = Number(headers.get('content-length') ?? 0);
          const none = waiting.request.method === 'HEAD' || status === 204 || status === 304;
          if (none || (left === 0 && !inChunks)) waiting.answer(new Response(null, { status, headers }));
          else {
            const through = new TransformStream<Uint8Array, Uint8Array>();
            body = through.writable.getWriter();
            state = inChunks ? 'size' : 'body';
            waiting.answer(new Response(through.readable, { status, headers }));
          }
          flush();
        } else if (state === 'size' && /[0-9a-f].*\r\n$/i.test(text)) {
          left = Number.parseInt(text.trim(), 16);
          state = left === 0 ? 'trailers' : 'body';
          text = '';
        } else if (state === 'trailers' && text.endsWith('\r\n')) {
          if (text === '\r\n') {
            state = 'head';
            await body?.close();
          }
          text = '';
        }
      }
    }
  }

  return (request) =>
    new Promise((answer, fail) => {
      held.push({ request, answer, fail });
      connecting ??= connect();
      connecting.then(flush, lose);
    });
}
