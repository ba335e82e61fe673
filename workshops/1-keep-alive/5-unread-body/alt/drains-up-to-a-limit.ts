// Another right design: the rest is always drained, up to a limit; only the end itself tells that it was too much.
import type { Connection, Handler, Incoming } from 'contract';

const LIMIT = 1024 * 1024;

export async function serve({ readable, writable }: Connection, handler: Handler): Promise<void> {
  const source = readable.getReader();
  const writer = writable.getWriter();
  let held: Uint8Array = new Uint8Array();

  async function more(): Promise<boolean> {
    const { done, value } = await source.read();
    if (!done) held = join(held, value);
    return !done;
  }

  async function need(): Promise<void> {
    if (!(await more())) throw new Error('The peer ended inside a message');
  }

  function cut(n: number): Uint8Array {
    const front = held.slice(0, n);
    held = held.slice(n);
    return front;
  }

  async function line(): Promise<string> {
    for (let at = 1; ; at++) {
      while (at >= held.length) await need();
      if (held[at - 1] === 13 && held[at] === 10) return new TextDecoder().decode(cut(at + 1)).slice(0, -2);
    }
  }

  async function* sized(size: number): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0; ) {
      while (held.length === 0) await need();
      const piece = cut(left);
      left -= piece.length;
      yield piece;
    }
  }

  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const size = Number.parseInt(await line(), 16);
      if (!(size >= 0)) throw new Error('No size');
      if (size === 0) break;
      yield* sized(size);
      await line();
    }
    while ((await line()) !== '');
  }

  try {
    for (let last = false; !last; ) {
      if (held.length === 0 && !(await more())) return;
      const head = await headOf(line);
      const coding = head.headers.get('transfer-encoding');
      const pieces = coding === null ? sized(Number(head.headers.get('content-length') ?? 0)) : chunks();
      const body = new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            const { done, value } = await pieces.next();
            if (done) controller.close();
            else controller.enqueue(value);
          },
        },
        { highWaterMark: 0 },
      );
      const response = await handler({ ...head, body });
      last = /\bclose\b/i.test(head.headers.get('connection') ?? '');
      const content = new Uint8Array(await response.arrayBuffer());
      const fields = [...response.headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
      const first = `HTTP/1.1 ${response.status} ${response.statusText}\r\n${fields}`;
      await writer.write(new TextEncoder().encode(`${first}content-length: ${content.length}\r\n\r\n`));
      await writer.write(content);
      let drained = 0;
      for (let next = await pieces.next(); !next.done && !last; next = await pieces.next()) {
        drained += next.value.length;
        if (drained > LIMIT) last = true;
      }
    }
  } catch {
    // A broken message, or a peer that is gone: the end says so.
  } finally {
    await Promise.allSettled([writer.close(), source.cancel()]);
  }
}

async function headOf(line: () => Promise<string>): Promise<Omit<Incoming, 'body'>> {
  const [method = '', target = '', version] = (await line()).split(' ');
  const headers = new Headers();
  for (let field = await line(); field !== ''; field = await line()) {
    const colon = field.indexOf(':');
    headers.append(field.slice(0, colon), field.slice(colon + 1).trim());
  }
  return { method, target, version: version === 'HTTP/1.0' ? '1.0' : '1.1', headers };
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
