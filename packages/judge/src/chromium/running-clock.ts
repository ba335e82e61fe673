/**
 * The learner's clock in front of a browser: it runs as every clock does, and the judge can put it forward. So nobody sits
 * through the time after which an unused connection ends, and no machine is so slow that this time is over by itself.
 */
import { real } from '../hosts/node/inside.ts';
import { VirtualClock } from '../raw/clock.ts';

/** Put forward in parts: a program that counts seconds one by one counts each of them. */
const PART_MS = 250;
/** Turns of the event loop after each part. */
const TURNS = 3;

export class RunningClock extends VirtualClock {
  readonly #start = real.now();
  #ahead = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    super();
    this.onActivity = () => this.#wind();
  }

  override get now(): number {
    return real.now() - this.#start + this.#ahead;
  }

  /** By how much it was put forward. */
  get ahead(): number {
    return this.#ahead;
  }

  /** Fires what is due on the way. Ends early when `over`, as nobody waits any more. */
  async putForward(ms: number, over: () => boolean): Promise<void> {
    for (let left = ms; left > 0 && !over(); left -= PART_MS) {
      this.#ahead += Math.min(PART_MS, left);
      this.#fire();
      for (let turn = 0; turn < TURNS; turn++) await new Promise<void>((resolve) => real.setImmediate(() => resolve()));
    }
  }

  #wind(): void {
    real.clearTimeout(this.#timer);
    const due = this.nextDue();
    // Not earlier than due: a timer of the host may fire a fraction of a millisecond before its time.
    if (due !== null) this.#timer = real.setTimeout(() => this.#fire(), Math.max(0, Math.ceil(due - this.now)));
  }

  #fire(): void {
    while (this.fireNext(this.now));
    this.#wind();
  }
}
