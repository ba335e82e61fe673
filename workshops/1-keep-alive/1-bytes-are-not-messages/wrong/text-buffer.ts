// kills: KA1-4 KA1-C
/** Cuts a stream of bytes where you say. What one call does not use stays in `text` for the next one. */
export function reader(readable: ReadableStream<Uint8Array>) {
  const source = readable.getReader();
  const decoder = new TextDecoder();
  let text = '';

  /** Adds the next chunk to `text`. False at the end of the stream. */
  async function more(): Promise<boolean> {
    const { done, value } = await source.read();
    if (!done) text += decoder.decode(value, { stream: true });
    return !done;
  }

  function take(n: number): Uint8Array {
    const taken = text.slice(0, n);
    text = text.slice(n);
    return new TextEncoder().encode(taken);
  }

  return {
    /** What stands before `mark`; the mark is used up. Null at a clean end. Rejects when `limit` bytes hold no mark. */
    async until(mark: Uint8Array, limit: number): Promise<Uint8Array | null> {
      for (let from = 0; ; ) {
        const at = text.indexOf(new TextDecoder().decode(mark), from);
        if (at > limit || (at < 0 && text.length >= limit + mark.length))
          throw new Error(`The first ${limit} bytes hold no mark`);
        if (at >= 0) {
          const before = take(at);
          take(mark.length);
          return before;
        }
        // The mark may have begun in the last bytes that are here.
        from = Math.max(0, text.length - mark.length + 1);
        if (await more()) continue;
        if (text.length === 0) return null;
        throw new Error('The stream ended inside a message');
      }
    },
    /** The next `n` bytes, no more, no fewer. */
    async exactly(n: number): Promise<Uint8Array> {
      while (text.length < n) if (!(await more())) throw new Error(`The stream ended ${n - text.length} bytes short`);
      return take(n);
    },
    /** The next bytes: as many as are there, at least one, at most `max`. Null at the end. */
    async some(max: number): Promise<Uint8Array | null> {
      while (text.length === 0) if (!(await more())) return null;
      return take(max);
    },
    /** Nobody reads on: tells the stream. */
    async cancel(): Promise<void> {
      await source.cancel();
    },
  };
}
