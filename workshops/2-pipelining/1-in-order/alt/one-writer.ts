// Another design that is right: slots in the order asked, and one writer that takes them from the front.
import type { Connection, Handler, Incoming } from 'contract';

type Slot = { response: Promise<Response>; last: boolean };

export async function serve({ readable, writable }: Connection, handler: Handler): Promise<void> {
  const slots: Slot[] = [];
  let wake = (): void => {};
  let done = false;
  const writing = write();
  await read().catch(() => {});
  done = true;
  wake();
  await writing;

  async function read(): Promise<void> {
    const source = readable.getReader();
    let buffer = new Uint8Array(0);
    let running: Promise<unknown>[] = [];
    const fill = async (): Promise<boolean> => {
      const { value } = await source.read();
      if (value === undefined) return false;
      const grown = new Uint8Array(buffer.length + value.length);
      grown.set(buffer);
      grown.set(value, buffer.length);
      buffer = grown;
      return true;
    };
    for (;;) {
      let end = endOfHead(buffer);
      for (; end < 0; end = endOfHead(buffer)) if (!(await fill())) return;
      const request = parse(new TextDecoder('latin1').decode(buffer.slice(0, end - 4)));
      const to = end + Number(request.headers.get('content-length') ?? 0);
      while (buffer.length < to) if (!(await fill())) return;
      const incoming: Incoming = { ...request, body: new Blob([buffer.slice(end, to)]).stream() };
      buffer = buffer.slice(to);
      const changes = !['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(request.method);
      if (changes) await Promise.all(running);
      const response = new Promise<Response>((resolve) => resolve(handler(incoming))).catch(
        () => new Response('', { status: 500 }),
      );
      running = changes ? [] : [...running, response];
      const last = /(^|,)\s*close\s*(,|$)/i.test(request.headers.get('connection') ?? '');
      slots.push({ response, last });
      wake();
      if (changes) await response;
      if (last) return;
    }
  }

  async function write(): Promise<void> {
    const out = writable.getWriter();
    for (;;) {
      const slot = slots.shift();
      if (slot === undefined && done) break;
      if (slot === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      const response = await slot.response;
      const body = await response.bytes();
      const more = [...response.headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
      const close = slot.last ? 'Connection: close\r\n' : '';
      const head = `HTTP/1.1 ${response.status} \r\nContent-Length: ${body.length}\r\n${more}${close}\r\n`;
      await out.write(new TextEncoder().encode(head)).catch(() => {});
      if (body.length > 0) await out.write(body).catch(() => {});
    }
    await out.close().catch(() => {});
  }
}

function parse(head: string): Omit<Incoming, 'body'> {
  const [first = '', ...lines] = head.split('\r\n');
  const [method = '', target = ''] = first.split(' ');
  const headers = new Headers(
    lines.map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { method, target, version: '1.1', headers };
}

/** Where the body begins, or -1. */
function endOfHead(bytes: Uint8Array): number {
  for (let i = 3; i < bytes.length; i++)
    if (bytes[i] === 10 && bytes[i - 1] === 13 && bytes[i - 2] === 10 && bytes[i - 3] === 13) return i + 1;
  return -1;
}
