import type { Limits } from '../limits.ts';

/** What a connection waits for from its peer. */
export type Activity = 'none' | 'idle' | 'head' | 'content';

/** The limit that ends each wait. */
const LIMIT_OF = { idle: 'idleTimeout', head: 'headTimeout', content: 'bodyTimeout' } as const;
/** A limit that time can trip. */
export type Timeout = 'idleTimeout' | 'headTimeout' | 'bodyTimeout' | 'sendTimeout';

/** A wait: since when, and whether that time was told or only the latest that was known. */
class Wait {
  since = 0;
  told = true;

  start(now: number, told: boolean): void {
    this.since = now;
    this.told = told;
  }

  /** True when it has lasted `timeout`. A wait whose start was not told starts again instead, at `now`. */
  over(now: number, timeout: number): boolean {
    if (now < this.since + timeout) return false;
    if (this.told) return true;
    this.start(now, true);
    return false;
  }
}

/**
 * Since when a connection waits, and when it has waited too long. The core has no clock: some calls tell the time, others do
 * not. A wait that begins in a call of the second kind is dated by the last time told, and gets one extension.
 */
export class Deadlines {
  readonly #limits: Limits;
  #activity: Activity = 'none';
  /** Changes when another head begins. */
  #head = 0;
  readonly #peer: Wait = new Wait();
  /** How long the peer may take over it. */
  #patience = 0;
  #sending = false;
  readonly #sender: Wait = new Wait();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Notes what is waited for. `heads` counts the heads read so far; `pending` is whether output waits. */
  update(activity: Activity, heads: number, pending: boolean, now: number, told: boolean): void {
    if (activity !== this.#activity || (activity === 'head' && heads !== this.#head)) {
      this.#activity = activity;
      this.#head = heads;
      this.#patience = activity === 'none' ? 0 : this.#limits[LIMIT_OF[activity]];
      this.#peer.start(now, told);
    }
    if (pending === this.#sending) return;
    this.#sending = pending;
    if (pending) this.#sender.start(now, told);
  }

  /** Bytes have come: a wait for content begins anew. */
  received(now: number): void {
    if (this.#activity === 'content') this.#peer.start(now, true);
  }

  /** Output was taken: what is left, if anything, has waited no longer than since now. */
  taken(): void {
    this.#sending = false;
  }

  /** When the first of the waits is over, or null. */
  next(): number | null {
    let next = this.#sending ? this.#sender.since + this.#limits.sendTimeout : Number.POSITIVE_INFINITY;
    if (this.#activity !== 'none') next = Math.min(next, this.#peer.since + this.#patience);
    return next === Number.POSITIVE_INFINITY ? null : next;
  }

  /** The limit that has tripped at `now`, or null. */
  expired(now: number): Timeout | null {
    if (this.#sending && this.#sender.over(now, this.#limits.sendTimeout)) return 'sendTimeout';
    if (this.#activity === 'none') return null;
    const limit = LIMIT_OF[this.#activity];
    return this.#peer.over(now, this.#limits[limit]) ? limit : null;
  }
}
