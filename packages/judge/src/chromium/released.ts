/** Names that the judge releases, and who waits for them. A name once released holds nobody any more. */
export class Released {
  readonly #names = new Set<string>();
  readonly #waiting = new Map<string, (() => void)[]>();

  wait(name: string): Promise<void> {
    if (this.#names.has(name)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(name, [...(this.#waiting.get(name) ?? []), resolve]));
  }

  release(name: string): void {
    this.#names.add(name);
    for (const resolve of this.#waiting.get(name) ?? []) resolve();
    this.#waiting.delete(name);
  }
}
