// kills: KA1-6
// Reads once more before it asks for the limit, and waits for a peer that has sent enough.
/** Cuts a stream of bytes where you say. What one call does not use stays in `rest` for the next one. */
export function reader(readable: ReadableStream<Uint8Array>) {
  const source = readable.getReader();
  let rest: Uint8Array = new Uint8Array();

  /** Adds the next chunk to `rest`. False at the end of the stream. */
  async function more(): Promise<boolean> {
    const { done, value } = await source.read();
    if (!done) rest = join(rest, value);
    return !done;
  }

  function take(n: number): Uint8Array {
    const taken = rest.slice(0, n);
    rest = rest.slice(n);
    return taken;
  }

  return {
    /** What stands before `mark`; the mark is used up. Null at a clean end. Rejects when `limit` bytes hold no mark. */
    async until(mark: Uint8Array, limit: number): Promise<Uint8Array | null> {
      for (let from = 0; ; ) {
        const at = indexOf(rest, mark, from);
        if (at > limit) throw new Error(`The first ${limit} bytes hold no mark`);
        if (at >= 0) {
          const before = take(at);
          take(mark.length);
          return before;
        }
        // The mark may have begun in the last bytes that are here.
        from = Math.max(0, rest.length - mark.length + 1);
        const had = rest.length;
        if (await more()) {
          if (had >= limit + mark.length) throw new Error(`The first ${limit} bytes hold no mark`);
          continue;
        }
        if (rest.length === 0) return null;
        throw new Error('The stream ended inside a message');
      }
    },
    /** The next `n` bytes, no more, no fewer. */
    async exactly(n: number): Promise<Uint8Array> {
      while (rest.length < n) if (!(await more())) throw new Error(`The stream ended ${n - rest.length} bytes short`);
      return take(n);
    },
    /** The next bytes: as many as are there, at least one, at most `max`. Null at the end. */
    async some(max: number): Promise<Uint8Array | null> {
      while (rest.length === 0) if (!(await more())) return null;
      return take(max);
    },
    /** Nobody reads on: tells the stream. */
    async cancel(): Promise<void> {
      await source.cancel();
    },
  };
}

/** Where `mark` first stands in `bytes`, at `from` or later; -1 when it does not. */
function indexOf(bytes: Uint8Array, mark: Uint8Array, from: number): number {
  for (let at = from; at + mark.length <= bytes.length; at++) {
    if (mark.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
