// Another design that is right: a generator yields whole messages, and a loop answers them.
import type { Connection, Handler } from 'contract';

type Message = { method: string; target: string; headers: Headers; body: Uint8Array };

export async function serve({ readable, writable }: Connection, handler: Handler): Promise<void> {
  const out = writable.getWriter();
  for await (const message of messages(readable)) {
    const response = await handler({ ...message, version: '1.1', body: streamOf(message.body) });
    for await (const piece of encode(response)) await out.write(piece);
    if (/(^|,)\s*close\s*(,|$)/i.test(message.headers.get('connection') ?? '')) break;
  }
  await out.close();
}

/** One growing buffer with an index into it; it is cut only when a message is whole. */
async function* messages(readable: ReadableStream<Uint8Array>): AsyncGenerator<Message> {
  let buffer = new Uint8Array(0);
  for await (const chunk of readable) {
    const grown = new Uint8Array(buffer.length + chunk.length);
    grown.set(buffer);
    grown.set(chunk, buffer.length);
    buffer = grown;
    for (let cut = cutMessage(buffer); cut !== null; cut = cutMessage(buffer)) {
      buffer = buffer.slice(cut.end);
      yield cut.message;
    }
  }
}

function cutMessage(buffer: Uint8Array): { message: Message; end: number } | null {
  let headEnd = -1;
  for (let i = 0; i + 3 < buffer.length && headEnd < 0; i++) {
    if (buffer[i] === 13 && buffer[i + 1] === 10 && buffer[i + 2] === 13 && buffer[i + 3] === 10) headEnd = i;
  }
  if (headEnd < 0) return null;
  const [first = '', ...lines] = new TextDecoder('latin1').decode(buffer.slice(0, headEnd)).split('\r\n');
  const headers = new Headers(
    lines.map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const bodyFrom = headEnd + 4;
  const end = bodyFrom + Number(headers.get('content-length') ?? 0);
  if (buffer.length < end) return null;
  const [method = '', target = ''] = first.split(' ');
  return { message: { method, target, headers, body: buffer.slice(bodyFrom, end) }, end };
}

/** Chunked: a length is one way to say where a body ends, not the only one. */
async function* encode(response: Response): AsyncGenerator<Uint8Array> {
  const text = new TextEncoder();
  yield text.encode(`HTTP/1.1 ${response.status} \r\n`);
  for (const [name, value] of response.headers) yield text.encode(`${name}:${value}\r\n`);
  yield text.encode('TRANSFER-ENCODING: chunked\r\n\r\n');
  if (response.body !== null) {
    for await (const piece of response.body) {
      if (piece.length === 0) continue;
      yield text.encode(`${piece.length.toString(16)}\r\n`);
      yield piece;
      yield text.encode('\r\n');
    }
  }
  yield text.encode('0\r\n\r\n');
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new Blob([bytes.slice()]).stream();
}
