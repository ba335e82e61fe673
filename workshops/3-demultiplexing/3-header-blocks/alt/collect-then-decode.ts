import type { Connection, Fields, Frame, Given, Handler } from 'contract';
import { frames } from './frames.ts';

const TYPE = { data: 0, headers: 1, goaway: 7, continuation: 9 };
const [END_STREAM, END_HEADERS, PADDED, PRIORITY] = [1, 4, 8, 32];
/** Lists of bytes that are written together. */
type Bytes = (number | Uint8Array)[];

class Connection2 {
  readonly #given: Given;
  readonly #coder;
  readonly #handler: Handler;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #bodies = new Map<number, { readonly parts: Uint8Array[]; fields: Fields }>();
  readonly #pending: Promise<unknown>[] = [];
  readonly #seen = new Set<number>();
  #block: Frame[] = [];

  constructor({ writable }: Connection, handler: Handler, given: Given) {
    this.#given = given;
    this.#coder = given.hpack();
    this.#handler = handler;
    this.#writer = writable.getWriter();
  }

  async run(readable: ReadableStream<Uint8Array>): Promise<void> {
    this.#write([this.#given.hello]);
    try {
      for await (const frame of frames(readable)) if (!this.#take(frame)) break;
    } catch {
      // The peer is gone.
    }
    await Promise.all(this.#pending);
    await this.#writer.close().catch(() => {});
  }

  /** False when the connection is over. */
  #take(frame: Frame): boolean {
    const [first] = this.#block;
    const isContinued = first !== undefined;
    if (isContinued !== (frame.type === TYPE.continuation) || (first && first.streamId !== frame.streamId)) {
      this.#write(head(8, TYPE.goaway, 0, 0), [0, 0, 0, 0, 0, 0, 0, 1]);
      return false;
    }
    const due = this.#given.chores(frame);
    if (due) this.#write([due]);
    if (frame.type === TYPE.headers || isContinued) {
      this.#block.push(frame);
      if (frame.flags & END_HEADERS) this.#whole(this.#block.splice(0));
    }
    const body = this.#bodies.get(frame.streamId);
    if (frame.type === TYPE.data && body !== undefined) {
      body.parts.push(inner(frame));
      if (frame.flags & END_STREAM) this.#call(frame.streamId);
    }
    return true;
  }

  #whole(block: Frame[]): void {
    const [first] = block as [Frame];
    const id = first.streamId;
    const fields = this.#coder.decode(concat(block.map((frame, i) => (i === 0 ? inner(frame) : frame.payload))));
    if (!this.#seen.has(id)) this.#bodies.set(id, { parts: [], fields });
    this.#seen.add(id);
    if (first.flags & END_STREAM) this.#call(id);
  }

  /** A request is whole: its handler is called, and nobody waits for it. */
  #call(id: number): void {
    const { parts, fields } = this.#bodies.get(id) ?? { parts: [], fields: [] };
    this.#bodies.delete(id);
    const named = Object.fromEntries(fields.filter(([name]) => name.startsWith(':')));
    const headers = new Headers(fields.filter(([name]) => !name.startsWith(':')));
    headers.set('host', named[':authority'] ?? '');
    const { ':method': method = '', ':path': target = '' } = named;
    const body = new Blob(parts as BlobPart[]).stream();
    this.#pending.push(this.#answer(id, { method, target, version: '2', headers, body }).catch(() => {}));
  }

  async #answer(id: number, request: Parameters<Handler>[0]): Promise<void> {
    const response = await (async () => this.#handler(request))().catch(() => new Response(null, { status: 500 }));
    const fields: Fields = [[':status', `${response.status}`], ...response.headers];
    const body = new Uint8Array(await response.arrayBuffer());
    // Encoded and written in one go: the peer's memory follows the wire.
    const block = this.#coder.encode(fields);
    const pieces = cut(block, 16_000);
    this.#write(
      ...pieces.map((piece, i) => [
        ...head(
          piece.length,
          i === 0 ? TYPE.headers : TYPE.continuation,
          i === pieces.length - 1 ? END_HEADERS : 0,
          id,
        ),
        piece,
      ]),
    );
    for (const piece of cut(body, 16_000)) this.#write([...head(piece.length, TYPE.data, 0, id), piece]);
    this.#write(head(0, TYPE.data, END_STREAM, id));
  }

  #write(...parts: Bytes[]): void {
    const bytes = concat(parts.flat().map((part) => (typeof part === 'number' ? Uint8Array.of(part) : part)));
    this.#writer.write(bytes).catch(() => {});
  }
}

export function serve(connection: Connection, handler: Handler, given: Given): Promise<void> {
  let left = 24;
  const skip = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      const rest = chunk.subarray(Math.min(left, chunk.length));
      left -= chunk.length - rest.length;
      if (rest.length > 0) controller.enqueue(rest);
    },
  });
  return new Connection2(connection, handler, given).run(connection.readable.pipeThrough(skip));
}

function inner({ flags, payload }: Frame): Uint8Array {
  const from = flags & PADDED ? 1 : 0;
  const pad = flags & PADDED ? (payload[0] ?? 0) : 0;
  return payload.subarray(from + (flags & PRIORITY ? 5 : 0), payload.length - pad);
}

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

function head(length: number, type: number, flags: number, id: number): Bytes {
  return [
    length >> 16,
    (length >> 8) & 255,
    length & 255,
    type,
    flags,
    id >>> 24,
    (id >> 16) & 255,
    (id >> 8) & 255,
    id & 255,
  ];
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
