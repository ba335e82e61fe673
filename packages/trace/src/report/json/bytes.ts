import { UnreadableRecording } from '../model.ts';

/** What a recording can be read from: a file's stream, a process's standard input, or all of it at once. */
export type Source = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> | Uint8Array | string;

/** The bytes of a source as UTF-8 text, unpacked where they are packed. Whole chunks are passed on as they are. */
export async function* utf8Bytes(source: Source): AsyncGenerator<Uint8Array> {
  const chunks = chunksOf(source);
  const head = await atLeast(chunks, 4);
  const [a, b, c] = head;
  if (a === 0x1f && b === 0x8b) {
    yield* utf8Bytes(gunzip(joined(head, chunks)));
    return;
  }
  if (a === 0x50 && b === 0x4b && (c === 0x03 || c === 0x05)) {
    throw new UnreadableRecording('byte 0', 'it is a ZIP archive: unpack it and give the file inside');
  }
  if (a === 0x28 && b === 0xb5) throw new UnreadableRecording('byte 0', 'it is packed with zstd: unpack it first');
  const little = a === 0xff && b === 0xfe;
  if (little || (a === 0xfe && b === 0xff)) {
    yield* recoded(joined(head.subarray(2), chunks), little ? 'utf-16le' : 'utf-16be');
    return;
  }
  // JSON begins with ASCII: every second byte empty is UTF-16 without a mark.
  if ((a === 0) !== (b === 0) && head.length >= 2) {
    yield* recoded(joined(head, chunks), b === 0 ? 'utf-16le' : 'utf-16be');
    return;
  }
  // A byte order mark says nothing in UTF-8.
  const marked = a === 0xef && b === 0xbb && c === 0xbf;
  yield* joined(marked ? head.subarray(3) : head, chunks);
}

async function* chunksOf(source: Source): AsyncGenerator<Uint8Array> {
  if (typeof source === 'string') yield new TextEncoder().encode(source);
  else if (source instanceof Uint8Array) yield source;
  else if (Symbol.asyncIterator in source) yield* source as AsyncIterable<Uint8Array>;
  else {
    // Not every browser iterates over streams.
    const reader = (source as ReadableStream<Uint8Array>).getReader();
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
    } finally {
      await reader.cancel().catch(() => {});
    }
  }
}

async function atLeast(chunks: AsyncGenerator<Uint8Array>, size: number): Promise<Uint8Array> {
  let head = new Uint8Array(0);
  while (head.length < size) {
    const { done, value } = await chunks.next();
    if (done) break;
    if (head.length === 0) head = value as Uint8Array<ArrayBuffer>;
    else {
      const grown = new Uint8Array(head.length + value.length);
      grown.set(head);
      grown.set(value, head.length);
      head = grown;
    }
  }
  return head;
}

async function* joined(head: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head;
  yield* rest;
}

async function* recoded(chunks: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding);
  const encoder = new TextEncoder();
  for await (const chunk of chunks) yield encoder.encode(decoder.decode(chunk, { stream: true }));
  yield encoder.encode(decoder.decode());
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const packed = chunks[Symbol.asyncIterator]();
  const input = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await packed.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  const stream = new DecompressionStream('gzip') as unknown as TransformStream<Uint8Array, Uint8Array>;
  const reader = input.pipeThrough(stream).getReader();
  for (;;) {
    let next: ReadableStreamReadResult<Uint8Array>;
    try {
      next = await reader.read();
    } catch {
      // What was unpacked before the fault has been passed on: the reader of the text sees that its end is missing.
      return;
    }
    if (next.done) return;
    yield next.value;
  }
}
