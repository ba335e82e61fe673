import type { RequestStream } from './request_stream.ts';

/**
 * The order in which streams with something to send are to be served (RFC 9218 §10): lower urgency first; within one urgency the
 * streams that are not incremental in the order of their requests, each to its end, and the incremental ones in turns. The two
 * kinds alternate, so that neither starves the other.
 */
export class Schedule {
  #turn = 0;
  readonly #lastIncremental: boolean[] = [];

  /** The streams in order; sorts in place. */
  order(streams: RequestStream[]): RequestStream[] {
    if (streams.length < 2) return streams;
    return streams.sort((a, b) => {
      if (a.urgency !== b.urgency) return a.urgency - b.urgency;
      if (a.incremental !== b.incremental) {
        return a.incremental === (this.#lastIncremental[a.urgency] ?? true) ? 1 : -1;
      }
      return (a.incremental ? a.servedAt - b.servedAt : 0) || a.id - b.id;
    });
  }

  /** Some of the stream's output was taken. */
  served(stream: RequestStream): void {
    stream.servedAt = ++this.#turn;
    this.#lastIncremental[stream.urgency] = stream.incremental;
  }
}
