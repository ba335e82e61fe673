// Another design that is right: replies are made ready out of order, and numbered; whoever is next in line goes out.
import type { Connection, Handler, Incoming } from 'contract';

export async function serve({ readable, writable }: Connection, handler: Handler): Promise<void> {
  const out = writable.getWriter();
  const ready = new Map<number, Uint8Array>();
  let asked = 0;
  let sent = 0;
  let safe: Promise<void>[] = [];
  const all: Promise<void>[] = [];
  for await (const { incoming, close } of requests(readable)) {
    const n = asked++;
    const isSafe = /^(GET|HEAD|OPTIONS|TRACE)$/.test(incoming.method);
    if (!isSafe) {
      await Promise.all(safe);
      safe = [];
    }
    const work = bytesOf(handler, incoming).then((bytes) => {
      ready.set(n, bytes);
      flush();
    });
    all.push(work);
    if (isSafe) safe.push(work);
    else await work;
    if (close) break;
  }
  await Promise.all(all);
  await out.close().catch(() => {});

  function flush(): void {
    for (let bytes = ready.get(sent); bytes !== undefined; bytes = ready.get(sent)) {
      ready.delete(sent++);
      out.write(bytes).catch(() => {});
    }
  }
}

async function bytesOf(handler: Handler, incoming: Incoming): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await handler(incoming);
  } catch {
    response = new Response(null, { status: 500 });
  }
  const body = new Uint8Array(await response.arrayBuffer());
  const fields = [...response.headers, ['content-length', body.length]];
  const head = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const text = new TextEncoder().encode(`HTTP/1.1 ${response.status} fine\r\n${head}\r\n`);
  const bytes = new Uint8Array(text.length + body.length);
  bytes.set(text);
  bytes.set(body, text.length);
  return bytes;
}

/** A body is counted down byte by byte, so a chunk may hold any piece of any number of requests. */
async function* requests(readable: ReadableStream<Uint8Array>) {
  const source = readable.getReader();
  let head = '';
  let body: number[] = [];
  let missing = -1;
  for (;;) {
    const { value } = await source.read().catch(() => ({ value: undefined }));
    if (value === undefined) return;
    for (const byte of value) {
      if (missing < 0) head += String.fromCharCode(byte);
      else {
        body.push(byte);
        missing -= 1;
      }
      if (missing < 0 && head.endsWith('\r\n\r\n'))
        missing = Number(/\r\ncontent-length:\s*(\d+)/i.exec(head)?.[1] ?? 0);
      if (missing !== 0) continue;
      const [first = '', ...lines] = head.trimEnd().split('\r\n');
      const [method = '', target = ''] = first.split(' ');
      const headers = new Headers();
      for (const line of lines) headers.append(line.split(':')[0] ?? '', line.replace(/^[^:]*:/, '').trim());
      const stream = new Response(Uint8Array.from(body)).body as ReadableStream<Uint8Array>;
      const close = (headers.get('connection') ?? '').split(',').some((word) => word.trim().toLowerCase() === 'close');
      yield { incoming: { method, target, version: '1.1', headers, body: stream } satisfies Incoming, close };
      head = '';
      body = [];
      missing = -1;
    }
  }
}
