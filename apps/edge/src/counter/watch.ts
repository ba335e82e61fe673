import { type ApiProblem, WATCH_LIMITS, type WatchMessage } from '@interleave/trace/events';
import type { Bindings } from '../env.ts';
import { problemOf } from './problem.ts';

/** Where a watcher's messages go: a WebSocket, or a stream of server-sent events. */
export interface Sink {
  send(json: string): void;
  close(code: number, reason: string): void;
}

/** A watcher is let go after this, in milliseconds; it may come again. */
const LONGEST_WATCH = 600_000;
/** The free plan gives a request 50 questions to others; each connection that is watched is one of them. */
const MOST_WATCHED = 40;

/**
 * One watcher of connections. Each connection has an object of its own on the edge; what these say is passed on in one stream,
 * so that one WebSocket serves a whole tab, as it does in the lab.
 */
export class Watcher {
  readonly #env: Bindings;
  readonly #sink: Sink;
  readonly #refuse: (id: string) => ApiProblem | null;
  readonly #watched = new Map<string, WebSocket | null>();
  readonly #life: ReturnType<typeof setTimeout>;
  #over = false;
  /** Messages that the watcher may send at once; it grows back with time. */
  #credit: number = WATCH_LIMITS.messageBurst;
  #creditAt = Date.now();

  constructor(env: Bindings, sink: Sink, refuse: (id: string) => ApiProblem | null) {
    this.#env = env;
    this.#sink = sink;
    this.#refuse = refuse;
    this.#life = setTimeout(() => this.end(1001, 'A watch lasts ten minutes. Open another.'), LONGEST_WATCH);
  }

  /** Watches these as well; those that are watched already stay as they are. */
  watch(ids: readonly string[]): void {
    for (const id of ids) {
      if (this.#over || this.#watched.has(id)) continue;
      if (this.#watched.size >= MOST_WATCHED) {
        this.#problem(problemOf(400, `One watcher follows ${MOST_WATCHED} connections here.`, 'Open another.', id));
        return;
      }
      this.#watched.set(id, null);
      void this.#open(id).catch((error: unknown) => {
        console.error(error);
        this.#watched.delete(id);
        this.#problem(problemOf(503, 'The object that counts it did not answer.', 'Ask again.', id));
      });
    }
  }

  /** What the watcher said. Anything but a list of ids ends it by name. */
  receive(data: unknown): void {
    const now = Date.now();
    const { messageBurst, messagesPerSecond, messageBytes } = WATCH_LIMITS;
    this.#credit = Math.min(messageBurst, this.#credit + ((now - this.#creditAt) / 1_000) * messagesPerSecond);
    this.#creditAt = now;
    if (this.#credit < 1) {
      this.end(1008, `A watcher sends ${messageBurst} messages at once, then ${messagesPerSecond} a second.`);
      return;
    }
    this.#credit -= 1;
    const ids = typeof data === 'string' && data.length <= messageBytes ? watchedIds(data) : null;
    if (ids === null) {
      this.end(1008, `A watcher sends {"watch": ["id", …]} and nothing else, in at most ${messageBytes} characters.`);
      return;
    }
    this.watch(ids);
  }

  end(code: number, reason: string): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#life);
    for (const socket of this.#watched.values()) socket?.close(1000);
    this.#watched.clear();
    this.#sink.close(code, reason);
  }

  async #open(id: string): Promise<void> {
    const refused = this.#refuse(id);
    const counters = this.#env.CONNECTION_COUNTER;
    if (refused !== null || counters === undefined) {
      this.#watched.delete(id);
      if (refused !== null) this.#problem(refused);
      return;
    }
    const request = new Request('https://counter.invalid/', { headers: { upgrade: 'websocket' } });
    const response = await counters.getByName(id).fetch(request);
    const { webSocket } = response;
    if (webSocket === null) {
      this.#watched.delete(id);
      this.#problem(await response.json<ApiProblem>());
      return;
    }
    webSocket.accept();
    if (this.#over) return webSocket.close(1000);
    this.#watched.set(id, webSocket);
    webSocket.addEventListener('message', ({ data }) => {
      if (!this.#over && typeof data === 'string') this.#sink.send(data);
    });
    // The object closes when it forgets the connection; whoever asks again is told so.
    webSocket.addEventListener('close', () => this.#watched.delete(id));
  }

  #problem(problem: ApiProblem): void {
    if (!this.#over) this.#sink.send(JSON.stringify({ type: 'problem', problem } satisfies WatchMessage));
  }
}

/** The ids of a `WatchRequest`, or null for anything else. */
export function watchedIds(json: string): readonly string[] | null {
  try {
    const { watch } = JSON.parse(json) as { watch?: unknown };
    return Array.isArray(watch) && watch.every((id) => typeof id === 'string') ? watch : null;
  } catch {
    return null;
  }
}
