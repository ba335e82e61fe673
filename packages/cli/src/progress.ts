/** One line on a terminal that says how far reading has come, and leaves nothing behind. Silent elsewhere. */
export class ProgressLine {
  readonly #out: { write(text: string): unknown; readonly isTTY?: boolean | undefined };
  #isShown = false;
  #last = Number.NEGATIVE_INFINITY;

  constructor(out: { write(text: string): unknown; readonly isTTY?: boolean | undefined }) {
    this.#out = out;
  }

  /**
   * @param name - of the file, already safe to print
   * @param bytes - read so far
   * @param total - of the file; null for a pipe
   * @param now - milliseconds on any clock: more than ten lines in a second help nobody
   */
  update(name: string, bytes: number, total: number | null, now: number): void {
    if (this.#out.isTTY !== true || now - this.#last < 100) return;
    this.#last = now;
    const far = total ? `${Math.floor((bytes / total) * 100)} %` : `${(bytes / 1e6).toFixed(1)} MB`;
    this.#out.write(`\r\u001b[KReading ${name}: ${far}`);
    this.#isShown = true;
  }

  clear(): void {
    if (this.#isShown) this.#out.write('\r\u001b[K');
    this.#isShown = false;
  }
}
