/**
 * Counts events that are harmless now and then and an attack in a flood: `burst` at once, then `rate` per second.
 * The clock is an argument, so that a test or a simulation decides what time it is.
 */
export class TokenBucket {
  readonly burst: number;
  readonly rate: number;
  #tokens: number;
  #at: number | undefined;

  /** A full bucket of `burst` tokens that refills at `rate` tokens a second. */
  constructor(burst: number, rate: number) {
    this.burst = burst;
    this.rate = rate;
    this.#tokens = burst;
  }

  /** Takes `count` tokens at `now` (milliseconds), and says whether there were that many. A clock that steps back adds none. */
  take(now: number, count = 1): boolean {
    if (this.#at === undefined) this.#at = now;
    else if (now > this.#at) {
      this.#tokens = Math.min(this.burst, this.#tokens + ((now - this.#at) * this.rate) / 1000);
      this.#at = now;
    }
    if (this.#tokens < count) return false;
    this.#tokens -= count;
    return true;
  }
}
