/** A stream of things that the judge hands over one at a time, when it likes; it remembers which line waits for the next one. */

export class Feed<T> {
  readonly readable: ReadableStream<T>;
  /** The reads that are under way now. */
  readonly reading: Set<Error> = new Set<Error>();
  stoppedReading = false;
  #queue: T[] = [];
  #controller: ReadableStreamDefaultController<T> | null = null;
  #wake: (() => void) | null = null;
  #ended = false;
  #onActivity: () => void;

  constructor(onActivity: () => void) {
    this.#onActivity = onActivity;
    // Nothing is taken before it is asked for.
    this.readable = new ReadableStream<T>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#pull(),
        cancel: () => {
          this.stoppedReading = true;
          this.#onActivity();
        },
      },
      { highWaterMark: 0 },
    );
    this.#watchReads();
  }

  give(item: T): void {
    this.#queue.push(item);
    this.#onActivity();
    this.#feed();
  }

  end(): void {
    this.#ended = true;
    this.#onActivity();
    this.#feed();
  }

  #pull(): Promise<void> | undefined {
    this.#onActivity();
    if (this.#hand()) return undefined;
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #feed(): void {
    if (this.#wake === null || !this.#hand()) return;
    const wake = this.#wake;
    this.#wake = null;
    wake();
  }

  #hand(): boolean {
    if (this.stoppedReading) return true;
    const item = this.#queue.shift();
    if (item !== undefined) {
      this.#controller?.enqueue(item);
      return true;
    }
    if (!this.#ended) return false;
    this.#controller?.close();
    return true;
  }

  /** An own `getReader` on this one object, only to remember which line reads. */
  #watchReads(): void {
    const getReader = this.readable.getReader.bind(this.readable) as () => ReadableStreamDefaultReader<T>;
    Object.defineProperty(this.readable, 'getReader', {
      configurable: true,
      writable: true,
      value: (options?: unknown) => {
        const reader = (getReader as (options?: unknown) => ReadableStreamDefaultReader<T>)(options);
        const read = reader.read.bind(reader);
        Object.defineProperty(reader, 'read', {
          configurable: true,
          writable: true,
          value: () => {
            const trace = new Error('read');
            this.reading.add(trace);
            const result = read();
            const done = (): void => {
              this.reading.delete(trace);
            };
            result.then(done, done);
            return result;
          },
        });
        return reader;
      },
    });
  }
}
