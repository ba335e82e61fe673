/** A clock that jumps to the next thing that is waited for: a run on it takes no time and always gives the same. */
export class VirtualClock {
  now = 0;
  readonly #waiting: { readonly at: number; readonly done: () => void }[] = [];

  readonly wait = (ms: number): Promise<void> =>
    new Promise((done) => {
      this.#waiting.push({ at: this.now + ms, done });
    });

  /** Lets time pass until nothing is waited for; `between` is called after everything that happens. */
  async run(between: () => void = () => {}): Promise<void> {
    for (;;) {
      // What follows from the last step happens before the next one.
      for (let turn = 0; turn < 8; turn++) {
        await null;
        between();
      }
      this.#waiting.sort((a, b) => a.at - b.at);
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.now = next.at;
      next.done();
    }
  }
}
