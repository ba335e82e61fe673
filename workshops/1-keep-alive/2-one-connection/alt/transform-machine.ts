// Another design that is right: bytes go through a state machine in a TransformStream, requests come out at the other end.
import type { Connection, Handler, Incoming } from 'contract';

type Parsed = { request: Incoming; last: boolean };

export function serve({ readable, writable }: Connection, handler: Handler): Promise<void> {
  return readable
    .pipeThrough(new TransformStream(requestMachine()))
    .pipeThrough(new TransformStream(answers(handler)))
    .pipeTo(writable);
}

/** Two states: in the head, byte by byte until its empty line; in the body, counting down. */
function requestMachine(): Transformer<Uint8Array, Parsed> {
  let head = '';
  let body: Uint8Array | null = null;
  let missing = 0;
  let done = false;

  function finish(controller: TransformStreamDefaultController<Parsed>, bytes: Uint8Array): void {
    const [first = '', ...lines] = head.split('\r\n');
    const [method = '', target = ''] = first.split(' ');
    const headers = headersOf(lines);
    done = (headers.get('connection') ?? '').split(',').some((word) => word.trim().toLowerCase() === 'close');
    const stream = new ReadableStream<Uint8Array>({
      pull(c) {
        c.enqueue(bytes);
        c.close();
      },
    });
    controller.enqueue({
      request: { method, target, version: '1.1', headers, body: bytes.length > 0 ? stream : empty() },
      last: done,
    });
    head = '';
    body = null;
  }

  return {
    transform(chunk, controller) {
      for (const byte of chunk) {
        if (done) return;
        if (body !== null) {
          body[body.length - missing] = byte;
          missing -= 1;
        } else {
          head += String.fromCharCode(byte);
          if (!head.endsWith('\r\n\r\n')) continue;
          head = head.slice(0, -4);
          missing = Number(headersOf(head.split('\r\n').slice(1)).get('content-length') ?? 0);
          body = new Uint8Array(missing);
        }
        if (missing === 0) finish(controller, body);
      }
    },
  };
}

function answers(handler: Handler): Transformer<Parsed, Uint8Array> {
  return {
    async transform({ request, last }, controller) {
      const response = await handler(request);
      const bytes = await response.bytes();
      const fields = [
        ...response.headers,
        ['CONTENT-LENGTH', bytes.byteLength],
        ['Connection', last ? 'close' : 'keep-alive'],
      ];
      const head = fields.map(([name, value]) => `${name}:  ${value}\r\n`).join('');
      controller.enqueue(new TextEncoder().encode(`HTTP/1.1 ${response.status} fine\r\n${head}\r\n`));
      if (bytes.length > 0) controller.enqueue(bytes);
      if (last) controller.terminate();
    },
  };
}

function headersOf(lines: string[]): Headers {
  const headers = new Headers();
  for (const line of lines) {
    const [name = '', ...value] = line.split(':');
    headers.append(name, value.join(':').trim());
  }
  return headers;
}

function empty(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (c) => c.close() });
}
