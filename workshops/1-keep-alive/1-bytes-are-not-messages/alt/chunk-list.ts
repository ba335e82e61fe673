type Chunk = Uint8Array<ArrayBufferLike>;

/** Keeps chunks as they came, from an iterator, and joins them only when a call has found what it asks for. */
export function reader(readable: ReadableStream<Uint8Array>) {
  const chunks = pull(readable);
  const list: Chunk[] = [];
  let length = 0;

  async function grow(): Promise<boolean> {
    const { done, value } = await chunks.next();
    if (done) return false;
    list.push(value);
    length += value.length;
    return true;
  }

  /** The first `n` bytes of the list, as an array of their own. */
  function cut(n: number): Uint8Array {
    const out = new Uint8Array(n);
    for (let at = 0; at < n; ) {
      const first = list.shift() as Chunk;
      const part = first.subarray(0, n - at);
      out.set(part, at);
      at += part.length;
      if (part.length < first.length) list.unshift(first.subarray(part.length));
    }
    length -= n;
    return out;
  }

  return {
    async until(mark: Uint8Array, limit: number): Promise<Uint8Array | null> {
      const match = matcher(mark);
      let seen = 0;
      for (let i = 0; ; i++) {
        if (i === list.length && !(await grow())) break;
        for (const byte of list[i] as Chunk) {
          seen++;
          if (match(byte)) return cut(seen).subarray(0, seen - mark.length);
          if (seen >= limit + mark.length) throw new Error(`no mark in ${limit} bytes`);
        }
      }
      if (length === 0) return null;
      throw new Error(`the stream ended after ${length} bytes of a message`);
    },
    async exactly(n: number): Promise<Uint8Array> {
      while (length < n) if (!(await grow())) throw new Error('the stream ended too soon');
      return cut(n);
    },
    async some(max: number): Promise<Uint8Array | null> {
      if (length === 0 && !(await grow())) return null;
      return cut(Math.min(max, (list[0] as Chunk).length));
    },
    async cancel(): Promise<void> {
      await chunks.return(undefined);
    },
  };
}

async function* pull(readable: ReadableStream<Uint8Array>): AsyncGenerator<Chunk, undefined> {
  const source = readable.getReader();
  try {
    for (;;) {
      const { done, value } = await source.read();
      if (done) return undefined;
      yield value;
    }
  } finally {
    await source.cancel();
  }
}

/** Takes a byte at a time and says when the mark is complete. After a mismatch it goes back only as far as it must (Knuth, Morris, Pratt). */
function matcher(mark: Uint8Array): (byte: number) => boolean {
  const back = [0];
  for (let i = 1, k = 0; i < mark.length; i++) {
    while (k > 0 && mark[i] !== mark[k]) k = back[k - 1] ?? 0;
    if (mark[i] === mark[k]) k++;
    back[i] = k;
  }
  let matched = 0;
  return (byte) => {
    while (matched > 0 && byte !== mark[matched]) matched = back[matched - 1] ?? 0;
    if (byte === mark[matched]) matched++;
    return matched === mark.length;
  };
}
