import {
  type ApiProblem,
  type ConnectionLog,
  type ConnectionReport,
  type TraceEvent,
  WATCH_LIMITS,
  type WatchMessage,
} from '@interleave/trace/events';

/** Where messages go. */
export interface WatchSink {
  /** Sends one message; false means: enough for now, `Watcher.room` follows. */
  send(message: WatchMessage): boolean;
  /** Ends it, and says why by name. */
  close(why: string): void;
}

/** What a watcher may look at. */
export interface Watchable {
  readonly log: ConnectionLog;
  readonly startedAt: number;
  report(): ConnectionReport;
}

/** Events in one message: it is parsed in one turn of the reader's page. */
const BATCH = 64;
/** Events that wait for a reader, of all its connections: two whole logs. Beyond it, what comes is left out and counted. */
const MOST_WAITING = 8_192;
/** Events of a moment leave together: a reload is dozens of frames. */
const GATHER_MS = 25;
/** A reader that takes nothing for so long is gone. */
const STALL_MS = 30_000;

interface Watched {
  readonly id: string;
  readonly source: Watchable;
  readonly stop: () => void;
  waiting: TraceEvent[];
  dropped: number;
  ended: boolean;
}

/** Sends what happens on some connections to one reader: what the logs have, then what comes, never more than it reads. */
export class Watcher {
  readonly #find: (id: string) => Watchable | ApiProblem;
  readonly #sink: WatchSink;
  readonly #watched = new Map<string, Watched>();
  #waiting = 0;
  #blocked = false;
  #timer: NodeJS.Timeout | null = null;
  #stall: NodeJS.Timeout | null = null;
  #over = false;

  constructor(find: (id: string) => Watchable | ApiProblem, sink: WatchSink) {
    this.#find = find;
    this.#sink = sink;
  }

  /** Watches one more connection; one that cannot be watched is told as a problem. */
  watch(id: string): void {
    if (this.#over || this.#watched.has(id)) return;
    const source = this.#watched.size >= WATCH_LIMITS.connections ? tooMany(id) : this.#find(id);
    if ('status' in source) {
      this.#say({ type: 'problem', problem: source });
      return;
    }
    const { backlog, dropped, stop } = source.log.watch((events) => this.#take(watched, events));
    const watched: Watched = { id, source, stop, waiting: [], dropped: 0, ended: false };
    this.#watched.set(id, watched);
    this.#say({ type: 'connection', report: source.report(), startedAt: source.startedAt, dropped });
    this.#take(watched, backlog);
    if (source.log.ended) watched.ended = true;
    this.#gather();
  }

  /** The reader has room again. */
  room(): void {
    this.#blocked = false;
    if (this.#stall !== null) clearTimeout(this.#stall);
    this.#stall = null;
    this.#pump();
  }

  stop(): void {
    if (this.#over) return;
    this.#over = true;
    for (const { stop } of this.#watched.values()) stop();
    this.#watched.clear();
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#stall !== null) clearTimeout(this.#stall);
  }

  #take(watched: Watched, events: readonly TraceEvent[]): void {
    const room = Math.max(0, MOST_WAITING - this.#waiting);
    // What waits already stays in order: the newest are left out, and said to be.
    const taken = watched.dropped > 0 ? [] : events.slice(0, room);
    watched.waiting.push(...taken);
    watched.dropped += events.length - taken.length;
    this.#waiting += taken.length;
    if (events.some(({ name }) => name === 'conn:closed')) watched.ended = true;
    this.#gather();
  }

  #gather(): void {
    if (this.#blocked || this.#over) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#pump();
    }, GATHER_MS);
  }

  /** Sends as long as the reader takes it, one batch of each connection in turn. */
  #pump(): void {
    for (let sent = true; sent && !this.#blocked && !this.#over; ) {
      sent = false;
      for (const watched of [...this.#watched.values()]) {
        if (this.#blocked || this.#over) return;
        sent = this.#next(watched) || sent;
      }
    }
  }

  #next(watched: Watched): boolean {
    const { id: connection } = watched;
    if (watched.waiting.length > 0) {
      const events = watched.waiting.splice(0, BATCH);
      this.#waiting -= events.length;
      this.#say({ type: 'events', connection, events });
    } else if (watched.dropped > 0) {
      const events = watched.dropped;
      watched.dropped = 0;
      const why = `At most ${MOST_WAITING} events wait for a reader; it was slower than the connection.`;
      this.#say({ type: 'dropped', connection, events, why });
    } else if (watched.ended) {
      watched.stop();
      this.#watched.delete(connection);
      this.#say({ type: 'ended', connection });
    } else return false;
    return true;
  }

  #say(message: WatchMessage): void {
    if (this.#sink.send(message) || this.#over) return;
    this.#blocked = true;
    this.#stall ??= setTimeout(() => {
      this.#sink.close(`stalled: nothing was read for ${STALL_MS / 1_000} seconds`);
      this.stop();
    }, STALL_MS);
  }
}

function tooMany(id: string): ApiProblem {
  return {
    type: 'about:blank',
    status: 429,
    title: 'Too many connections on one watch',
    detail: `One reader watches at most ${WATCH_LIMITS.connections} connections (limit connections); ${id.slice(0, 100)} is one more.`,
    remedy: 'Open a second watch, or watch fewer.',
    id: id.slice(0, 100),
  };
}
