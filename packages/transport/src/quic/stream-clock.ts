import type { Limits } from '@interleave/wire';

/** A request that has stood still for too long, and the limit that says so. */
export interface Stall {
  readonly streamId: number;
  readonly limit: 'headTimeout' | 'bodyTimeout';
}

interface Entry {
  /** Head: since its first byte. Content: since its latest. */
  since: number;
  head: boolean;
}

/**
 * Minds how long requests take to arrive, which QUIC does not: a head from its first byte to its end, content from one piece to the
 * next. A client could hold every stream open for ever with a byte, and its connection with PINGs.
 */
export class StreamClock {
  readonly #limits: Pick<Limits, 'headTimeout' | 'bodyTimeout'>;
  readonly #entries = new Map<number, Entry>();

  constructor(limits: Pick<Limits, 'headTimeout' | 'bodyTimeout'>) {
    this.#limits = limits;
  }

  /** Bytes of a request have come. */
  received(streamId: number, now: number): void {
    const entry = this.#entries.get(streamId);
    if (entry === undefined) this.#entries.set(streamId, { since: now, head: true });
    else if (!entry.head && entry.since < now) entry.since = now;
  }

  /** The head is complete, content may follow: from now on, or after a time in which we took none. */
  headed(streamId: number, now: number): void {
    const entry = this.#entries.get(streamId);
    if (entry === undefined) return;
    entry.head = false;
    entry.since = now;
  }

  /** The stream has left HTTP: it may be silent for as long as it likes. */
  left(streamId: number): void {
    this.#entries.set(streamId, { since: Number.POSITIVE_INFINITY, head: false });
  }

  /** Nothing more is expected on the stream. */
  done(streamId: number): void {
    this.#entries.delete(streamId);
  }

  /** When the next request will have stood still for too long, or null. */
  deadline(): number | null {
    let next: number | null = null;
    for (const entry of this.#entries.values()) {
      const at = this.#due(entry);
      if (at < (next ?? Number.POSITIVE_INFINITY)) next = at;
    }
    return next;
  }

  /** Requests whose time is up; they are forgotten here. */
  stalled(now: number): Stall[] {
    const stalls: Stall[] = [];
    for (const [streamId, entry] of this.#entries) {
      if (this.#due(entry) > now) continue;
      stalls.push({ streamId, limit: entry.head ? 'headTimeout' : 'bodyTimeout' });
      this.#entries.delete(streamId);
    }
    return stalls;
  }

  #due({ since, head }: Entry): number {
    return since + (head ? this.#limits.headTimeout : this.#limits.bodyTimeout);
  }
}
