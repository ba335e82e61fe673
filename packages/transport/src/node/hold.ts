/** When a range of bytes is held back, and for how long. */
export interface HoldRule {
  /** Bytes that a connection still sends from the moment of arming; what comes behind them is held. */
  readonly after: number;
  /** Milliseconds, such as a round trip. */
  readonly ms: number;
}

/** What was held back. */
export interface HeldRange {
  readonly connectionId: string;
  /** Where the held bytes begin in what the connection has sent. */
  readonly offset: number;
  readonly ms: number;
  /** When it began, milliseconds since the epoch. */
  readonly at: number;
}

/**
 * Holds back what one connection sends, once: the first that gets so far. Everything behind waits with it, since TCP has one
 * order. It is what a lost segment does to a byte stream, and a model of it: the bytes leave late, none is lost, and the
 * congestion window knows nothing of it.
 */
export class Hold {
  readonly rule: HoldRule;
  /** Resolves when a connection is held back; to null when the hold was taken away before. */
  readonly taken: Promise<HeldRange | null>;
  #settle: (range: HeldRange | null) => void = () => {};
  #over = false;

  constructor(rule: HoldRule) {
    this.rule = rule;
    this.taken = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** True while it waits for a connection. */
  get armed(): boolean {
    return !this.#over;
  }

  /** A connection has got there: true for the first. */
  take(connectionId: string, offset: number): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#settle({ connectionId, offset, ms: this.rule.ms, at: Date.now() });
    return true;
  }

  cancel(): void {
    this.#over = true;
    this.#settle(null);
  }
}
