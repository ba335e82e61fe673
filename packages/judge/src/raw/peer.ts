/** The judge's appetite for what the learner writes: everything, nothing, or some. A write that finds none waits, as on a full socket. */

export class PeerReading {
  /** Bytes that will still be taken. The write that goes over it is taken whole, and is the last. */
  #room: number = Number.POSITIVE_INFINITY;
  #waiting: { readonly size: number; readonly take: () => void; readonly fail: (error: Error) => void } | null = null;

  /** False while nothing more is taken. */
  get takes(): boolean {
    return this.#room > 0;
  }

  stop(): void {
    this.#room = 0;
  }

  /** Takes this many bytes more, or all that come; first what has waited. */
  read(bytes: number = Number.POSITIVE_INFINITY): void {
    this.#room = bytes;
    const waiting = this.#waiting;
    if (waiting === null || !this.takes) return;
    this.#waiting = null;
    this.#room -= waiting.size;
    waiting.take();
  }

  /** Runs `take` now, or when there is room. A stream has one write under way at a time, so one place to wait is enough. */
  accept(size: number, take: () => void): Promise<void> | undefined {
    if (this.takes) {
      this.#room -= size;
      take();
      return undefined;
    }
    return new Promise((resolve, reject) => {
      const done = (): void => {
        take();
        resolve();
      };
      this.#waiting = { size, take: done, fail: reject };
    });
  }

  /** Nobody will read what waits. */
  fail(error: Error): void {
    this.#waiting?.fail(error);
    this.#waiting = null;
  }
}
