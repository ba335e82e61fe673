/** One buffer that doubles when it is full. `head` and `tail` say which part of it is still unread. */
export function reader(readable: ReadableStream<Uint8Array>) {
  const source = readable.getReader();
  let buffer = new Uint8Array(16);
  let head = 0;
  let tail = 0;

  async function fill(): Promise<void> {
    const { done, value } = await source.read();
    if (done) throw new Error('end of stream');
    if (tail + value.length > buffer.length) {
      const unread = buffer.subarray(head, tail);
      let size = buffer.length;
      while (size < unread.length + value.length) size *= 2;
      const bigger = size === buffer.length ? buffer : new Uint8Array(size);
      bigger.set(unread);
      buffer = bigger;
      tail -= head;
      head = 0;
    }
    buffer.set(value, tail);
    tail += value.length;
  }

  function shift(n: number): Uint8Array {
    const out = buffer.slice(head, head + n);
    head += n;
    return out;
  }

  function find(mark: Uint8Array): number {
    outer: for (let at = head; at <= tail - mark.length; at++) {
      for (let i = 0; i < mark.length; i++) if (buffer[at + i] !== mark[i]) continue outer;
      return at - head;
    }
    return -1;
  }

  const ended = (error: unknown): boolean => error instanceof Error && error.message === 'end of stream';

  return {
    async until(mark: Uint8Array, limit: number): Promise<Uint8Array | null> {
      let at = find(mark);
      while (at < 0) {
        if (tail - head > limit) throw new RangeError('message too long');
        try {
          await fill();
        } catch (error) {
          if (ended(error) && head === tail) return null;
          throw error;
        }
        at = find(mark);
      }
      const before = shift(at);
      shift(mark.length);
      return before;
    },
    async exactly(n: number): Promise<Uint8Array> {
      while (tail - head < n) await fill();
      return shift(n);
    },
    async some(max: number): Promise<Uint8Array | null> {
      try {
        if (head === tail) await fill();
      } catch (error) {
        if (ended(error)) return null;
        throw error;
      }
      return shift(Math.min(max, tail - head));
    },
    cancel: (): Promise<void> => source.cancel(),
  };
}
