/** Something that wants to be called once a moment has passed. */
export interface Timed {
  /** The next moment, in milliseconds of `performance.now()`, or null. Asked again when the filed one has come. */
  deadline(): number | null;
  /** The moment has passed. */
  expire(now: number): void;
  /** Where the wheel has filed it. The wheel's own; start with `Infinity`. */
  filedAt: number;
}

/**
 * Deadlines of many connections on one timer, in steps of `step` milliseconds.
 *
 * A connection's deadline moves with every message, nearly always later. So it is not re-filed then: when the slot it was
 * filed in comes up, it is asked again. Only a deadline that has become earlier costs a new entry.
 */
export class DeadlineWheel {
  readonly #step: number;
  readonly #slots = new Map<number, Timed[]>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #armedFor = Number.POSITIVE_INFINITY;

  constructor(step = 50) {
    this.#step = step;
  }

  /** Makes sure that `timed` is asked at `deadline` or at most one step later. */
  file(timed: Timed, deadline: number | null): void {
    if (deadline === null || deadline === Number.POSITIVE_INFINITY) return;
    const slot = Math.ceil(deadline / this.#step) * this.#step;
    if (slot >= timed.filedAt) return;
    timed.filedAt = slot;
    const entries = this.#slots.get(slot);
    if (entries === undefined) this.#slots.set(slot, [timed]);
    else entries.push(timed);
    if (slot < this.#armedFor) this.#arm(slot);
  }

  #arm(slot: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#armedFor = slot;
    this.#timer = setTimeout(() => this.#turn(), Math.max(1, slot - performance.now()));
    // A wheel alone must not keep a process alive: its sockets do that.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  #turn(): void {
    this.#timer = null;
    this.#armedFor = Number.POSITIVE_INFINITY;
    const now = performance.now();
    const due: Timed[] = [];
    for (const [slot, entries] of this.#slots) {
      if (slot > now) continue;
      this.#slots.delete(slot);
      // An entry that was filed again for an earlier slot is asked there; here it is stale.
      for (const timed of entries) if (timed.filedAt === slot) due.push(timed);
    }
    for (const timed of due) {
      timed.filedAt = Number.POSITIVE_INFINITY;
      const deadline = timed.deadline();
      if (deadline !== null && deadline <= now) timed.expire(now);
      this.file(timed, timed.deadline());
    }
    let next = Number.POSITIVE_INFINITY;
    for (const slot of this.#slots.keys()) if (slot < next) next = slot;
    if (next < this.#armedFor) this.#arm(next);
  }
}
