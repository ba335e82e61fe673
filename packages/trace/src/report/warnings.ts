import type { ReadWarning } from './model.ts';

/** Warnings of one kind beyond this are counted and not listed. */
const LISTED = 3;

/** What was passed over while reading. The same fault in ten thousand entries is said three times, and counted. */
export class Warnings {
  readonly #kinds = new Map<string, { place: string; message: string; more: number }[]>();

  add(place: string, message: string): void {
    const known = this.#kinds.get(message);
    if (known === undefined) this.#kinds.set(message, [{ place, message, more: 0 }]);
    else if (known.length < LISTED) known.push({ place, message, more: 0 });
    else (known[LISTED - 1] as { more: number }).more++;
  }

  list(): ReadWarning[] {
    return [...this.#kinds.values()]
      .flat()
      .map(({ place, message, more }) => ({ place, message, ...(more > 0 && { more }) }));
  }
}
