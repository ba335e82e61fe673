/** How much of a connection is kept. What is dropped is counted, and its effect on tables and windows stays known. */
export interface LogLimits {
  /** Records of one connection: some hundred exchanges. What one page asks for is less. */
  readonly records: number;
  /** Bytes in memory of one connection's records: one that only sends large heads must not take all the room. */
  readonly bytes: number;
}

export const LOG_LIMITS: LogLimits = { records: 1_024, bytes: 256 * 1_024 };

/** What a budget asks of a log. */
export interface BoundedLog {
  /** Lets the oldest record go; false when there is none but the latest. */
  dropOldest(): boolean;
  /** Lets everything go. */
  forget(): void;
}

/** Room that many logs share, so that a thousand busy connections are bounded too. */
export class LogBudget {
  readonly #most: number;
  #used = 0;
  /** Logs of closed connections, oldest first: they make room before any that is open. */
  readonly #closed = new Set<BoundedLog>();

  /** Default: 32 MiB. */
  constructor(most: number = 32 * 1_024 * 1_024) {
    this.#most = most;
  }

  get used(): number {
    return this.#used;
  }

  /** A log has grown. When there is too much, closed connections make room, then the one that grows. */
  charge(log: BoundedLog, bytes: number): void {
    this.#used += bytes;
    while (this.#used > this.#most) {
      const [oldest] = this.#closed;
      if (oldest !== undefined && oldest !== log) {
        this.#closed.delete(oldest);
        oldest.forget();
      } else if (!log.dropOldest()) return;
    }
  }

  refund(bytes: number): void {
    this.#used -= bytes;
  }

  closed(log: BoundedLog): void {
    this.#closed.add(log);
  }

  /** The log is gone, and what it held with it. */
  release(log: BoundedLog, bytes: number): void {
    this.#closed.delete(log);
    this.#used -= bytes;
  }
}
