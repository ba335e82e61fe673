import type { Connection, Outgoing } from 'contract';

// Dials for each request, reads a reply with a length, and ends the connection.
export function pool(
  dial: (origin: string) => Promise<Connection>,
  _limit = 6,
): (request: Outgoing) => Promise<Response> {
  return async ({ origin, method, target, headers, body }) => {
    const { readable, writable } = await dial(origin);
    const writer = writable.getWriter();
    const fields = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const length = body === undefined ? '' : `Content-Length: ${body.length}\r\n`;
    const head = `${method} ${target} HTTP/1.1\r\nHost: ${new URL(origin).host}\r\n${fields}${length}\r\n`;
    await writer.write(new TextEncoder().encode(head));
    if (body !== undefined) await writer.write(body);

    const reader = readable.getReader();
    let bytes = new Uint8Array(0);
    for (;;) {
      const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
      const end = text.indexOf('\r\n\r\n');
      const size = Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0);
      if (end >= 0 && bytes.length >= end + 4 + size) {
        await writer.close();
        return new Response(bytes.slice(end + 4, end + 4 + size), { status: Number(text.slice(9, 12)) });
      }
      const { done, value } = await reader.read();
      if (done) throw new Error('The connection ended inside the reply');
      const all = new Uint8Array(bytes.length + value.length);
      all.set(bytes);
      all.set(value, bytes.length);
      bytes = all;
    }
  };
}
