import type { Connection, Handler, Incoming } from 'contract';

type Reader = ReadableStreamDefaultReader<Uint8Array>;
type Writer = WritableStreamDefaultWriter<Uint8Array>;

/** Answers one request, then ends the connection: a short connection. The next request pays for a new one. */
export async function serve(connection: Connection, handler: Handler): Promise<void> {
  const reader = connection.readable.getReader();
  const writer = connection.writable.getWriter();

  const head = await readHead(reader);
  if (head !== null) await reply(writer, await handler(toRequest(head)));

  await reader.cancel();
  await writer.close();
}

/** The text before the empty line that ends a head. Null when the peer ends before it is whole. */
async function readHead(reader: Reader): Promise<string | null> {
  let text = '';
  while (!text.includes('\r\n\r\n')) {
    const { done, value } = await reader.read();
    if (done) return null;
    text += new TextDecoder().decode(value);
  }
  return text.slice(0, text.indexOf('\r\n\r\n'));
}

/** `GET /a HTTP/1.1` and the field lines below it. A request with a body is not understood yet. */
function toRequest(head: string): Incoming {
  const [requestLine = '', ...lines] = head.split('\r\n');
  const [method = '', target = ''] = requestLine.split(' ');
  const headers = new Headers();
  for (const line of lines) {
    const colon = line.indexOf(':');
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return { method, target, version: '1.1', headers, body: streamOf(new Uint8Array()) };
}

/** Writes a response as bytes: status line, fields, empty line, body. */
async function reply(writer: Writer, response: Response): Promise<void> {
  const body = new Uint8Array(await response.arrayBuffer());
  let head = `HTTP/1.1 ${response.status} ${response.statusText}\r\n`;
  for (const [name, value] of response.headers) head += `${name}: ${value}\r\n`;
  head += `Content-Length: ${body.length}\r\n`;
  head += 'Connection: close\r\n';
  await writer.write(new TextEncoder().encode(`${head}\r\n`));
  await writer.write(body);
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}
