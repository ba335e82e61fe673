/**
 * A server that is given, so that a learner who has only a reader can face a browser: these few lines make the calls that a
 * server makes. The learner's code decides which bytes they get. `KA1`'s README shows the loop.
 */
import { latin1 } from '../raw/bytes.ts';
import type { Connection } from '../raw/pipe.ts';
import { callText, type ReaderCall } from '../raw/scenes/reader-steps.ts';

export type Reader = {
  until(mark: Uint8Array, limit: number): Promise<Uint8Array | null>;
  exactly(n: number): Promise<Uint8Array>;
  cancel(): Promise<void>;
};

/** A call of the reader came to something: `used` bytes of the stream are used up by then. */
export type Noted = (call: string, outcome: string, used: number) => void;

type Handler = (request: object) => Promise<Response>;

const END_OF_HEAD = new TextEncoder().encode('\r\n\r\n');
const HEAD_LIMIT = 64 * 1024;

/** Serves one connection until the reader says that it has ended. Rejects when the reader does. */
export async function givenLoop(
  input: Reader,
  { writable }: Connection,
  handler: Handler,
  noted: Noted,
): Promise<void> {
  const writer = writable.getWriter();
  let used = 0;
  const note = (call: ReaderCall, bytes: Uint8Array | null): void => {
    used += bytes === null ? 0 : bytes.length + ('until' in call ? END_OF_HEAD.length : 0);
    noted(callText(call), bytes === null ? 'gave null' : `gave ${bytes.length.toLocaleString('en')} bytes`, used);
  };
  for (;;) {
    const head = await input.until(END_OF_HEAD, HEAD_LIMIT);
    note({ until: '\r\n\r\n', limit: HEAD_LIMIT }, head);
    if (head === null) break;
    const { method, target, length } = parse(head);
    const body = await input.exactly(length);
    note({ exactly: length }, body);
    const response = await handler({ method, target, headers: new Headers(), body: new Response(body.slice()).body });
    await writer.write(await bytesOfReply(response));
  }
  await writer.close();
}

function parse(head: Uint8Array): { method: string; target: string; length: number } {
  const text = latin1(head);
  const [method = '', target = ''] = text.split(' ');
  return { method, target, length: Number(/\r\ncontent-length:[ \t]*(\d+)/i.exec(text)?.[1] ?? 0) };
}

async function bytesOfReply(response: Response): Promise<Uint8Array> {
  const body = new Uint8Array(await response.arrayBuffer());
  const fields = [...response.headers].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const head = new TextEncoder().encode(
    `HTTP/1.1 ${response.status} OK\r\n${fields}Content-Length: ${body.length}\r\n\r\n`,
  );
  const reply = new Uint8Array(head.length + body.length);
  reply.set(head);
  reply.set(body, head.length);
  return reply;
}
