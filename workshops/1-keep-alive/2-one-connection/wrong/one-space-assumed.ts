// kills: KA2-3
// Cuts a field behind a colon and one space, which need not stand there.
import type { Connection, Handler } from 'contract';

export async function serve({ readable, writable }: Connection, handler: Handler): Promise<void> {
  const reader = readable.getReader();
  const writer = writable.getWriter();
  let buffer = new Uint8Array(0);

  async function fill(): Promise<boolean> {
    const { done, value } = await reader.read();
    if (value !== undefined) buffer = join(buffer, value);
    return !done;
  }

  for (;;) {
    while (endOfHead(buffer) < 0) {
      if (!(await fill())) return writer.close();
    }
    const bodyFrom = endOfHead(buffer) + 4;
    const [requestLine = '', ...lines] = new TextDecoder().decode(buffer.slice(0, bodyFrom - 4)).split('\r\n');
    const [method = '', target = ''] = requestLine.split(' ');
    const headers = new Headers(lines.map(field));

    const length = Number(headers.get('content-length') ?? 0);
    while (buffer.length < bodyFrom + length) {
      if (!(await fill())) return writer.close();
    }
    const body = buffer.slice(bodyFrom, bodyFrom + length);
    buffer = buffer.slice(bodyFrom + length);

    const response = await handler({ method, target, version: '1.1', headers, body: new Blob([body]).stream() });
    await send(writer, response);
    if (/\bclose\b/i.test(headers.get('connection') ?? '')) return writer.close();
  }
}

async function send(writer: WritableStreamDefaultWriter<Uint8Array>, response: Response): Promise<void> {
  const body = new Uint8Array(await response.arrayBuffer());
  let head = `HTTP/1.1 ${response.status} OK\r\n`;
  for (const [name, value] of response.headers) head += `${name}: ${value}\r\n`;
  head += `Content-Length: ${body.length}\r\n\r\n`;
  await writer.write(join(new TextEncoder().encode(head), body));
}

function field(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 2)];
}

function endOfHead(bytes: Uint8Array): number {
  return String.fromCharCode(...bytes).indexOf('\r\n\r\n');
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
