/**
 * The judge's clock. Learner code sees it through the usual names: `setTimeout`, `setInterval`, `Date`, `performance.now` and
 * `AbortSignal.timeout`. It stands still until the judge moves it, so "nothing more came" is a fact and not a guess.
 */

type Timer = { id: number; due: number; every: number | null; run: () => void; trace: Error | null };

/** Midnight before the first day of 2026, so that dates in a run are the same each time. */
const EPOCH = Date.UTC(2026, 0, 1);

export class VirtualClock {
  /** How many timers of learner code have fired, and the line that set the last of them. */
  fired: { times: number; trace: Error | null } = { times: 0, trace: null };
  #now = 0;
  #nextId = 1;
  #timers = new Map<number, Timer>();
  /** Told of each timer that is set, cleared or fired: the world counts it as activity. */
  onActivity: () => void = () => {};

  /** Milliseconds since the start of the check. */
  get now(): number {
    return this.#now;
  }

  get pending(): number {
    return this.#timers.size;
  }

  /** Timers that learner code has set and could clear, with the line that set each. `AbortSignal.timeout` holds nobody. */
  get kept(): { due: number; trace: Error }[] {
    return [...this.#timers.values()].flatMap(({ due, trace }) => (trace === null ? [] : [{ due, trace }]));
  }

  /** Forgets all timers and goes back to zero: another check begins. Ids go on, so an old id never hits a new timer. */
  reset(): void {
    this.#timers.clear();
    this.fired = { times: 0, trace: null };
    this.#now = 0;
  }

  /** `trace` leads to the learner's line, where it is one. */
  set(run: () => void, ms: number, every = false, trace: Error | null = null): number {
    const wait = Math.max(every ? 1 : 0, Number.isFinite(ms) ? Math.trunc(ms) : 0);
    const id = this.#nextId++;
    this.#timers.set(id, { id, due: this.now + wait, every: every ? wait : null, run, trace });
    this.onActivity();
    return id;
  }

  clear(id: unknown): void {
    if (typeof id === 'number' && this.#timers.delete(id)) this.onActivity();
  }

  /** When the next timer is due, or null when none is left. */
  nextDue(): number | null {
    let due: number | null = null;
    for (const timer of this.#timers.values()) if (due === null || timer.due < due) due = timer.due;
    return due;
  }

  /** Moves to `to` and fires the one timer that is due first, if it is due by then. Says whether one fired. */
  fireNext(to: number): boolean {
    let first: Timer | null = null;
    for (const timer of this.#timers.values()) {
      // Equal times fire in the order in which they were set, as everywhere.
      if (timer.due <= to && (first === null || timer.due < first.due)) first = timer;
    }
    if (first === null) {
      this.#now = Math.max(this.#now, to);
      return false;
    }
    this.#now = Math.max(this.#now, first.due);
    if (first.every === null) this.#timers.delete(first.id);
    else first.due = this.#now + first.every;
    if (first.trace !== null) this.fired = { times: this.fired.times + 1, trace: first.trace };
    this.onActivity();
    first.run();
    return true;
  }

  /** Puts the clock in place of the realm's own. The judge keeps the real ones that it read before. */
  install(realm: typeof globalThis, onError: (error: unknown) => void): void {
    const clock = this;
    const start =
      (every: boolean) =>
      (callback: unknown, ms?: number, ...args: unknown[]): number => {
        if (typeof callback !== 'function') throw new TypeError('The callback of a timer must be a function');
        const run = (): void => {
          try {
            callback(...args);
          } catch (error) {
            onError(error);
          }
        };
        return clock.set(run, Number(ms ?? 0), every, new Error('timer'));
      };
    const RealDate = realm.Date;
    class JudgeDate extends RealDate {
      constructor(...args: unknown[]) {
        if (args.length === 0) super(EPOCH + clock.now);
        else super(...(args as [number]));
      }
      static override now(): number {
        return EPOCH + clock.now;
      }
    }
    // `Date()` without `new` gives a string; a class cannot be called, so a proxy answers for it.
    const date = new Proxy(JudgeDate, { apply: () => new JudgeDate().toString() });
    put(realm, {
      setTimeout: start(false),
      setInterval: start(true),
      clearTimeout: (id: unknown) => clock.clear(id),
      clearInterval: (id: unknown) => clock.clear(id),
      Date: date,
    });
    put(realm.performance, { now: () => clock.now });
    put(realm.AbortSignal, {
      timeout(ms: number): AbortSignal {
        const controller = new AbortController();
        clock.set(
          () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
          ms,
        );
        return controller.signal;
      },
    });
  }
}

function put(target: object, values: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(values))
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
}
