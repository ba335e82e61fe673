/** Reads a stream of the learner's as it comes, and compares it with the bytes that should be on it. */

/** Something came that no byte stream may give. */
export type DrainFault =
  | { readonly why: 'wrong type'; readonly value: unknown }
  | { readonly why: 'errored'; readonly error: unknown };

export class Drain {
  /** Bytes that came so far. */
  length = 0;
  ended = false;
  fault: DrainFault | null = null;
  /** The chunk with the first byte that is another one than it should be, and where that chunk began. */
  wrong: { readonly at: number; readonly chunk: Uint8Array; readonly from: number } | null = null;
  begun = false;
  readonly expected: Uint8Array;
  /** Every chunk as it was given, not a copy: whoever passes a view of their own buffer on may still write to it. */
  readonly #given: { readonly chunk: Uint8Array; readonly from: number }[] = [];
  readonly #stream: ReadableStream<unknown>;
  readonly #onChunk: (from: number, to: number) => void;
  readonly #onActivity: () => void;

  constructor(
    stream: ReadableStream<unknown>,
    expected: Uint8Array,
    on: { readonly chunk: (from: number, to: number) => void; readonly activity: () => void },
  ) {
    this.#stream = stream;
    this.expected = expected;
    this.#onChunk = on.chunk;
    this.#onActivity = on.activity;
  }

  /** Reads from now on, without end. @throws a TypeError where the stream has a reader already. */
  begin(): void {
    if (this.begun) return;
    this.begun = true;
    void this.#read(this.#stream.getReader());
  }

  /** A chunk that was right when it came, and is not any more. A buffer that was transferred to somebody is not changed. */
  get changed(): { readonly from: number; readonly to: number } | null {
    const found = this.#given.find(({ chunk, from }) => chunk.some((byte, i) => byte !== this.expected[from + i]));
    return found === undefined ? null : { from: found.from, to: found.from + found.chunk.length };
  }

  async #read(reader: ReadableStreamDefaultReader<unknown>): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) {
          this.ended = true;
          return;
        }
        if (!(value instanceof Uint8Array)) {
          this.fault = { why: 'wrong type', value };
          return;
        }
        this.#take(value);
      }
    } catch (error) {
      this.fault = { why: 'errored', error };
    } finally {
      this.#onActivity();
    }
  }

  #take(chunk: Uint8Array): void {
    const from = this.length;
    for (let i = 0; i < chunk.length && this.wrong === null; i++) {
      // A copy: it is shown later, whatever becomes of the learner's array.
      if (chunk[i] !== this.expected[from + i]) this.wrong = { at: from + i, chunk: chunk.slice(), from };
    }
    if (this.wrong === null) this.#given.push({ chunk, from });
    this.length += chunk.length;
    this.#onActivity();
    if (chunk.length > 0) this.#onChunk(from, this.length);
  }
}
