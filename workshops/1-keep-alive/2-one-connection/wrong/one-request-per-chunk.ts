// kills: KA2-2 KA2-3
// Takes each chunk for one whole request; only a body may come later.
import type { Connection, Handler } from 'contract';

export async function serve({ readable, writable }: Connection, handler: Handler): Promise<void> {
  const writer = writable.getWriter();
  const chunks = readable.getReader();
  for (let next = await chunks.read(); !next.done; next = await chunks.read()) {
    const chunk = next.value;
    const text = new TextDecoder('latin1').decode(chunk);
    const headEnd = text.indexOf('\r\n\r\n');
    if (headEnd < 0) continue;
    const [requestLine = '', ...lines] = text.slice(0, headEnd).split('\r\n');
    const [method = '', target = ''] = requestLine.split(' ');
    const headers = new Headers(lines.map(field));
    const body = [chunk.slice(headEnd + 4)];
    // Chromium may send a body in a segment of its own.
    for (let left = Number(headers.get('content-length') ?? 0) - chunk.length + headEnd + 4; left > 0; ) {
      const { done, value } = await chunks.read();
      if (done) break;
      body.push(value.slice());
      left -= value.length;
    }

    const response = await handler({ method, target, version: '1.1', headers, body: new Blob(body).stream() });
    await send(writer, response);
    if (/\bclose\b/i.test(headers.get('connection') ?? '')) break;
  }
  await writer.close();
}

async function send(writer: WritableStreamDefaultWriter<Uint8Array>, response: Response): Promise<void> {
  const body = new Uint8Array(await response.arrayBuffer());
  let head = `HTTP/1.1 ${response.status} OK\r\n`;
  for (const [name, value] of response.headers) head += `${name}: ${value}\r\n`;
  head += `Content-Length: ${body.length}\r\n\r\n`;
  await writer.write(new TextEncoder().encode(head));
  await writer.write(body);
}

function field(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon), line.slice(colon + 1).trim()];
}
