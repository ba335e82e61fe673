// Another design that is right: a TransformStream each way. One cuts bytes into messages, the other puts bodies into chunks.
import type { Connection, Handler, Incoming } from 'contract';

type Message = { request: Incoming; last: boolean; refused: boolean };

export async function serve({ readable, writable }: Connection, handler: Handler): Promise<void> {
  const messages = readable.pipeThrough(new TransformStream(parser())).getReader();
  for (;;) {
    // Bytes that are no message, or half of one, end the conversation: there is nobody to answer.
    const next = await messages.read().catch(() => null);
    if (next === null || next.done) break;
    const { request, last, refused } = next.value;
    const response = refused ? new Response('two lengths', { status: 400 }) : await handler(request);
    const whole = await send(writable, response, last);
    if (!whole || last) break;
  }
  await Promise.allSettled([messages.cancel(), writable.close()]);
}

async function send(writable: Connection['writable'], response: Response, last: boolean): Promise<boolean> {
  const head = [...response.headers, ['Transfer-Encoding', 'chunked'], ['Connection', last ? 'close' : 'keep-alive']];
  const writer = writable.getWriter();
  const lines = head.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  await writer.write(new TextEncoder().encode(`HTTP/1.1 ${response.status} x\r\n${lines}\r\n`));
  writer.releaseLock();
  const body = response.body ?? new Blob([]).stream();
  return body
    .pipeThrough(new TransformStream(framer()))
    .pipeTo(writable, { preventClose: true, preventAbort: true })
    .then(
      () => true,
      () => false,
    );
}

/** Pieces in, chunks out; the end of the pieces is the chunk of size 0. */
function framer(): Transformer<Uint8Array, Uint8Array> {
  const text = new TextEncoder();
  return {
    transform(piece, controller) {
      if (piece.byteLength === 0) return;
      controller.enqueue(text.encode(`${piece.byteLength.toString(16).padStart(4, '0')}\r\n`));
      controller.enqueue(piece);
      controller.enqueue(text.encode('\r\n'));
    },
    flush(controller) {
      controller.enqueue(text.encode('0\r\n'));
      controller.enqueue(text.encode('\r\n'));
    },
  };
}

/** Byte by byte: lines, and between them data of a known length. */
function parser(): Transformer<Uint8Array, Message> {
  let state: 'head' | 'data' | 'size' | 'after' | 'trailer' = 'head';
  let line = '';
  let lines: string[] = [];
  let left = 0;
  let data: number[] = [];
  let message: Message | null = null;
  let chunked = false;

  function finish(controller: TransformStreamDefaultController<Message>): void {
    const bytes = Uint8Array.from(data);
    if (message !== null) {
      const body = bytes.length > 0 ? new Blob([bytes]).stream() : new Blob([]).stream();
      controller.enqueue({ ...message, request: { ...message.request, body } });
    }
    state = 'head';
    lines = [];
    data = [];
  }

  function head(controller: TransformStreamDefaultController<Message>): void {
    const [first = '', ...fields] = lines;
    const [method = '', target = ''] = first.split(' ');
    const headers = new Headers();
    for (const field of fields) headers.append(field.split(':')[0] ?? '', field.slice(field.indexOf(':') + 1).trim());
    chunked = headers.has('transfer-encoding');
    const refused = chunked && headers.has('content-length');
    const asked = (headers.get('connection') ?? '').split(',').some((word) => word.trim().toLowerCase() === 'close');
    message = {
      request: { method, target, version: '1.1', headers, body: new Blob([]).stream() },
      last: refused || asked,
      refused,
    };
    left = Number(headers.get('content-length') ?? 0);
    if (refused || (!chunked && left === 0)) finish(controller);
    else state = chunked ? 'size' : 'data';
  }

  function endOfLine(controller: TransformStreamDefaultController<Message>): void {
    const text = line.slice(0, -2);
    line = '';
    if (state === 'head') {
      if (text !== '') lines.push(text);
      else if (lines.length > 0) head(controller);
    } else if (state === 'size') {
      left = Number.parseInt(text.split(';')[0] ?? '', 16);
      if (!Number.isInteger(left)) controller.error(new Error('no size'));
      state = left === 0 ? 'trailer' : 'data';
    } else if (state === 'after') {
      state = 'size';
    } else if (text === '') {
      finish(controller);
    }
  }

  return {
    transform(chunk, controller) {
      for (const byte of chunk) {
        if (state === 'data') {
          data.push(byte);
          left -= 1;
          if (left > 0) continue;
          if (chunked) state = 'after';
          else finish(controller);
          continue;
        }
        line += String.fromCharCode(byte);
        if (line.endsWith('\r\n')) endOfLine(controller);
      }
    },
  };
}
