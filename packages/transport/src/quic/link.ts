/** What a link does to the datagrams of one direction. */
export interface LinkRules {
  /** Share of datagrams that are dropped, 0 to 1. */
  readonly drop: number;
  /** Share of datagrams that are held back until the next one has passed, 0 to 1. */
  readonly reorder: number;
  /** Milliseconds that each datagram takes longer. */
  readonly delay: number;
  /** At most this many milliseconds on top, chosen by the seed for each datagram: more than the gap between two reorders them. */
  readonly jitter: number;
  /** Datagrams of at least `minBytes` that are let through before one is dropped, once; null drops none. */
  readonly dropOnce: { readonly after: number; readonly minBytes: number } | null;
}

/** Rules for both directions, and the seed that every choice follows from. */
export interface LinkSettings {
  readonly seed: number;
  /** From the peer to us. */
  readonly inbound: LinkRules;
  /** From us to the peer. */
  readonly outbound: LinkRules;
}

/** What has passed since the settings were made. */
export interface LinkCounts {
  readonly passed: number;
  readonly dropped: number;
  readonly reordered: number;
  readonly delayed: number;
}

export const PERFECT: LinkRules = Object.freeze({ drop: 0, reorder: 0, delay: 0, jitter: 0, dropOnce: null });

/** A reordered datagram that no other overtakes goes on after this many milliseconds. */
const HOLD_MS = 25;

/**
 * One direction of a link that loses, delays and reorders datagrams. What happens to the n-th datagram depends on seed, rules
 * and n alone (and on its size for `dropOnce`), so that a run can be repeated as far as the datagrams are the same.
 */
export class LinkDirection {
  #rules: LinkRules = PERFECT;
  #random: () => number = randomFrom(0);
  #perfect = true;
  #large = 0;
  #held: { pass: () => void; timer: NodeJS.Timeout } | null = null;
  readonly #waiting = new Set<NodeJS.Timeout>();
  #counts = { passed: 0, dropped: 0, reordered: 0, delayed: 0 };

  get rules(): LinkRules {
    return this.#rules;
  }

  get counts(): LinkCounts {
    return { ...this.#counts };
  }

  /** Starts anew with these rules; datagrams that are on their way stay there. */
  set(rules: LinkRules, seed: number): void {
    this.#rules = rules;
    this.#random = randomFrom(seed);
    this.#large = 0;
    this.#counts = { passed: 0, dropped: 0, reordered: 0, delayed: 0 };
    this.#perfect =
      rules.drop === 0 && rules.reorder === 0 && rules.delay === 0 && rules.jitter === 0 && rules.dropOnce === null;
  }

  /** Decides about one datagram: `pass` is called now, later, or never. */
  take(size: number, pass: () => void): void {
    if (this.#perfect && this.#held === null) {
      this.#counts.passed++;
      pass();
      return;
    }
    // Three draws for every datagram, whatever becomes of it: the next one's fate does not depend on this one's.
    const [drop, reorder, jitter] = [this.#random(), this.#random(), this.#random()];
    const { rules } = this;
    if (drop < rules.drop || this.#isTheOne(size)) {
      this.#counts.dropped++;
      return;
    }
    this.#counts.passed++;
    if (this.#held === null && reorder < rules.reorder) {
      this.#counts.reordered++;
      this.#held = { pass, timer: setTimeout(() => this.#release(), HOLD_MS) };
      return;
    }
    this.#forward(pass, rules.delay + jitter * rules.jitter);
    this.#release();
  }

  /** Forgets what is on its way. */
  close(): void {
    for (const timer of this.#waiting) clearTimeout(timer);
    this.#waiting.clear();
    if (this.#held !== null) clearTimeout(this.#held.timer);
    this.#held = null;
  }

  #isTheOne(size: number): boolean {
    const once = this.#rules.dropOnce;
    return once !== null && size >= once.minBytes && this.#large++ === once.after;
  }

  #release(): void {
    const held = this.#held;
    if (held === null) return;
    this.#held = null;
    clearTimeout(held.timer);
    this.#forward(held.pass, this.#rules.delay);
  }

  #forward(pass: () => void, delay: number): void {
    if (delay <= 0) {
      pass();
      return;
    }
    this.#counts.delayed++;
    const timer = setTimeout(() => {
      this.#waiting.delete(timer);
      pass();
    }, delay);
    this.#waiting.add(timer);
  }
}

/** A link with both directions. */
export class Link {
  readonly inbound: LinkDirection = new LinkDirection();
  readonly outbound: LinkDirection = new LinkDirection();
  #seed = 0;

  get settings(): LinkSettings {
    return { seed: this.#seed, inbound: this.inbound.rules, outbound: this.outbound.rules };
  }

  /**
   * Follows these settings from the next datagram on.
   *
   * @throws {RangeError} naming the value that cannot be.
   */
  set(settings: LinkSettings): void {
    refuseBadSettings(settings);
    this.#seed = settings.seed;
    this.inbound.set(settings.inbound, settings.seed);
    // Another sequence than the other direction's, or both would lose the same places.
    this.outbound.set(settings.outbound, settings.seed ^ 0x5bd1e995);
  }

  close(): void {
    this.inbound.close();
    this.outbound.close();
  }
}

function refuseBadSettings({ seed, inbound, outbound }: LinkSettings): void {
  if (!Number.isInteger(seed)) throw new RangeError(`Cannot take ${seed} as a seed: give a whole number.`);
  for (const [direction, rules] of [
    ['inbound', inbound],
    ['outbound', outbound],
  ] as const) {
    for (const share of ['drop', 'reorder'] as const) {
      if (!(rules[share] >= 0 && rules[share] <= 1)) {
        throw new RangeError(`Cannot set ${direction}.${share} to ${rules[share]}: it is a share, from 0 to 1.`);
      }
    }
    for (const time of ['delay', 'jitter'] as const) {
      if (!(rules[time] >= 0 && rules[time] <= 10_000)) {
        throw new RangeError(`Cannot set ${direction}.${time} to ${rules[time]}: give milliseconds, up to 10,000.`);
      }
    }
    const once = rules.dropOnce;
    if (once !== null && !(Number.isInteger(once.after) && once.after >= 0 && once.minBytes >= 0)) {
      throw new RangeError(`Cannot set ${direction}.dropOnce: after is a whole number from 0, minBytes at least 0.`);
    }
  }
}

/** Mulberry32: 32 bits of state, good enough to choose datagrams, and the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
