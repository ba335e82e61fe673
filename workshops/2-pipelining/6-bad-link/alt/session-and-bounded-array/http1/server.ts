// Another design that is right: an array of promises with an end, one activity that fills it and one that empties it.
import type { Connection, Handler, Incoming, Options } from 'contract';

type Slot = { request: Incoming; response: Promise<Response> };

export async function serve({ readable, writable }: Connection, handler: Handler, options?: Options): Promise<void> {
  const most = options?.maxInFlight ?? 32;
  // The slot at the front stays in the array until its reply has left: it still counts.
  const slots: Slot[] = [];
  let over: 'asked' | 'lost' | null = null;
  let changed: () => void = () => {};
  const something = (): Promise<void> =>
    new Promise((resolve) => {
      const other = changed;
      changed = () => {
        other();
        resolve();
      };
    });
  const tell = (): void => {
    const all = changed;
    changed = () => {};
    all();
  };

  const source = readable.getReader();
  await Promise.all([fill(), empty()]);

  async function fill(): Promise<void> {
    for await (const request of messages(source)) {
      const isSafe = ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(request.method);
      if (!isSafe) await Promise.all(slots.map((slot) => slot.response));
      if (over !== null) break;
      const response = new Promise<Response>((resolve) => resolve(handler(request))).catch(
        () => new Response('', { status: 500 }),
      );
      slots.push({ request, response });
      tell();
      if (!isSafe) await response;
      if (/\bclose\b/i.test(request.headers.get('connection') ?? '')) break;
      while (slots.length >= most && over === null) await something();
      if (over !== null) break;
    }
    over ??= 'asked';
    tell();
  }

  async function empty(): Promise<void> {
    const writer = writable.getWriter();
    for (;;) {
      const slot = slots[0];
      if (slot === undefined && over !== null) break;
      if (slot === undefined) {
        await something();
        continue;
      }
      const response = await slot.response;
      try {
        if (over === 'lost') throw new Error('Nobody is there to read this');
        await write(writer, slot.request.method, response);
      } catch (error) {
        over = 'lost';
        source.cancel().catch(() => {});
        if (response.body?.locked === false) response.body.cancel(error).catch(() => {});
      }
      slots.shift();
      tell();
    }
    await writer.close().catch(() => {});
    await source.cancel().catch(() => {});
  }
}

async function write(
  writer: WritableStreamDefaultWriter<Uint8Array>,
  method: string,
  response: Response,
): Promise<void> {
  const text = new TextEncoder();
  const bare = method === 'HEAD' || response.status === 204 || response.status === 304;
  const pieces = bare ? undefined : response.body?.getReader();
  if (bare) await response.body?.cancel();
  let head = `HTTP/1.1 ${response.status} \r\n`;
  for (const [name, value] of response.headers) head += `${name}: ${value}\r\n`;
  if (!bare) head += pieces === undefined ? 'Content-Length: 0\r\n' : 'Transfer-Encoding: chunked\r\n';
  try {
    await writer.ready;
    writer.write(text.encode(`${head}\r\n`)).catch(() => {});
    for (;;) {
      await writer.ready;
      const next = await pieces?.read();
      if (next === undefined || next.done) break;
      if (next.value.length === 0) continue;
      for (const part of [text.encode(`${next.value.length.toString(16)}\r\n`), next.value, text.encode('\r\n')]) {
        await writer.ready;
        writer.write(part).catch(() => {});
      }
    }
    if (pieces !== undefined) await writer.write(text.encode('0\r\n\r\n'));
    await writer.ready;
  } catch (error) {
    await pieces?.cancel(error).catch(() => {});
    throw error;
  }
}

/** One byte after another: the head as text, then as many bytes of body as it says. */
async function* messages(source: ReadableStreamDefaultReader<Uint8Array>): AsyncGenerator<Incoming, void> {
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
      if (missing < 0 && byte === 10 && head.endsWith('\r\n\r\n'))
        missing = Number(/\r\ncontent-length:\s*(\d+)/i.exec(head)?.[1] ?? 0);
      if (missing !== 0) continue;
      const [first = '', ...lines] = head.trimEnd().split('\r\n');
      const [method = '', target = ''] = first.split(' ');
      const headers = new Headers();
      for (const line of lines) headers.append(line.split(':')[0] ?? '', line.replace(/^[^:]*:/, '').trim());
      const stream = new Blob([Uint8Array.from(body)]).stream();
      head = '';
      body = [];
      missing = -1;
      yield { method, target, version: '1.1', headers, body: stream };
    }
  }
}
