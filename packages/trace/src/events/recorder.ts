import type { Observer } from '@interleave/wire';
import type { ConnectionEvents, EventName, TraceEvent } from './event.ts';
import { type WireEventOptions, wireEvents } from './from-wire.ts';

export interface RecorderOptions extends WireEventOptions {
  readonly connectionId: string;
  readonly vantagePoint?: 'server' | 'client';
  /** Events that are kept; the oldest make room. Default: 512, some hundred exchanges. */
  readonly capacity?: number;
  /** Wall clock of the beginning, milliseconds since the epoch. */
  readonly startedAt: number;
  /** A clock that never runs backwards, in milliseconds. */
  readonly now: () => number;
}

/** Keeps the latest events of one connection, and hands each to whoever watches. */
export class ConnectionRecorder {
  readonly #options: RecorderOptions;
  readonly #capacity: number;
  readonly #from: number;
  #ring: TraceEvent[] = [];
  /** Where the oldest event stands once the ring is full. */
  #oldest = 0;
  #recorded = 0;
  readonly #watchers = new Set<(event: TraceEvent) => void>();

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#capacity = Math.max(1, options.capacity ?? 512);
    this.#from = options.now();
  }

  /** What `wire` is given to be observed with. */
  observer(protocol: 'http/1.1' | 'h2' | 'h3'): Observer {
    return wireEvents(protocol, (name, data) => this.record(name, data), this.#options);
  }

  record(name: EventName, data: Readonly<Record<string, unknown>>): void {
    const event: TraceEvent = { time: round(this.#options.now() - this.#from), name, data };
    if (this.#ring.length < this.#capacity) this.#ring.push(event);
    else {
      this.#ring[this.#oldest] = event;
      this.#oldest = (this.#oldest + 1) % this.#capacity;
    }
    this.#recorded++;
    for (const watcher of this.#watchers) watcher(event);
  }

  /** Calls `watcher` with each event from now on; the result ends that. */
  watch(watcher: (event: TraceEvent) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  snapshot(): ConnectionEvents {
    const { connectionId, vantagePoint = 'server', startedAt } = this.#options;
    const events = [...this.#ring.slice(this.#oldest), ...this.#ring.slice(0, this.#oldest)];
    return { connectionId, vantagePoint, startedAt, events, dropped: this.#recorded - events.length };
  }
}

/** Microseconds are as fine as any of our clocks. */
function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
