/**
 * Milliseconds that a connection is at least old when its end is announced. Chromium gives all requests of a page to a new
 * connection at once, and fails those whose streams it has not opened yet when the announcement comes: on a busy machine that
 * was seen to take more than 150.
 */
const SETTLED_MS = 300;
/** From the announcement to refusing requests: at least this, and two round trips, in milliseconds. */
const NOTICE_MS = 100;
/** How often a connection with nothing left to do looks whether its peer has got everything, and for how long at most. */
const DELIVERY_STEP_MS = 50;
const DELIVERY_MS = 5_000;
/**
 * After the last answer a server leaves it to the client to close, for this long: Chromium has given requests to the
 * connection that it has not sent yet, and a close would fail them where a refusal is tried again elsewhere.
 */
const LINGER_MS = 1_000;

/** What is to be done about a connection that is to end. */
export type FarewellStep = 'wait' | 'announce' | 'refuse' | 'none';

/**
 * The order in which a connection ends without losing anything (RFC 9114 §5.2): it is announced; requests that are on their way are
 * still taken; then none are; and when all are answered and the answers have arrived, it is over.
 */
export class Farewell {
  readonly #announceAt: number;
  #announced: boolean;
  #refuseAt: number | null = null;
  #refusing: boolean;
  #lookAt: number | null = null;
  #giveUpAt = Number.POSITIVE_INFINITY;
  readonly #lingerMs: number;
  #lingerUntil: number | null = null;

  /** The connection became usable at `since`, and is to end from now on; null for a client, which has nobody to refuse. */
  constructor(since: number | null) {
    this.#announceAt = (since ?? 0) + SETTLED_MS;
    this.#announced = since === null;
    this.#refusing = since === null;
    this.#lingerMs = since === null ? 0 : LINGER_MS;
  }

  /** The next step that is due; each is told once. While it is `wait`, answers wait too, so that none comes before the announcement. */
  step(now: number, rttMs: number): FarewellStep {
    if (!this.#announced) {
      if (now < this.#announceAt) return 'wait';
      this.#announced = true;
      this.#refuseAt = now + Math.max(NOTICE_MS, 2 * rttMs);
      return 'announce';
    }
    if (this.#refusing || now < (this.#refuseAt ?? now)) return 'none';
    this.#refusing = true;
    this.#refuseAt = null;
    return 'refuse';
  }

  /** Everything is answered: says whether the connection may end now. */
  ends(now: number, delivered: boolean): boolean {
    if (this.#lookAt === null) this.#giveUpAt = now + DELIVERY_MS;
    this.#lingerUntil ??= now + this.#lingerMs;
    this.#lookAt = now + DELIVERY_STEP_MS;
    return now >= this.#lingerUntil && (delivered || now >= this.#giveUpAt);
  }

  /** When there is something to look at again, or null. */
  deadline(): number | null {
    return this.#announced ? (this.#refuseAt ?? this.#lookAt) : this.#announceAt;
  }
}
