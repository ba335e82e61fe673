import type { Exchange, ServerConnection } from '@interleave/transport/node';
import type { Listener } from './listeners.ts';

/** One time that a request came. */
export interface Arrival {
  readonly connection: string;
  readonly nth: number;
  readonly method: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What `/.lab/cut` says once it answers: every time that this very request has come. */
export interface CutState {
  readonly v: 1;
  readonly arrivals: readonly Arrival[];
}

const LONGEST_IDLE = 60_000;
const MOST_REMEMBERED = 200;
const utf8 = new TextEncoder();
/** What stands behind a reply and belongs to none. */
export const LEFT_OVER: Uint8Array = utf8.encode('and nine more');

/** Ways in which one connection of a listener can end that a page cannot cause, and a server can: each on request, once. */
export class Endings {
  readonly #arrivals = new Map<string, readonly Arrival[]>();

  /**
   * Ends a connection as idle once it has carried nothing for so long: the deadline that it has anyway, brought forward.
   * Used before then, it stays.
   *
   * @throws {RangeError} when `ms` is no such time.
   */
  idle(connection: ServerConnection, ms: unknown): number {
    if (typeof ms !== 'number' || !Number.isInteger(ms) || ms < 100 || ms > LONGEST_IDLE)
      throw new RangeError(`ms is a whole number of milliseconds, 100 to ${LONGEST_IDLE}.`);
    const { session } = connection;
    const carried = session.exchanges;
    const timer = setTimeout(() => {
      if (session.exchanges !== carried || session.open > 0 || connection.peerEnded) return;
      // A wait whose start the core was not told gets one extension: then the second deadline is the one.
      for (let extension = 0; extension < 2 && !session.protocol.wantsClose; extension++) {
        const deadline = connection.deadline();
        if (deadline !== null) connection.expire(deadline);
      }
    }, ms);
    timer.unref();
    return ms;
  }

  /** Answers, and sends bytes right behind what Content-Length announced (RFC 9112 §6.3): the peer must not use the connection again. */
  leaveOver(exchange: Exchange, connection: ServerConnection, answer: () => void): void {
    const { socket } = connection;
    // In one segment with the reply: later, they could be taken for the start of the next one.
    socket.cork();
    answer();
    setImmediate(() => {
      if (!socket.destroyed) {
        if (exchange.ended) socket.write(LEFT_OVER);
        socket.uncork();
      }
    });
  }

  /**
   * Ends a connection without a reply the first time that a request comes on one that has carried others; answers when it comes
   * again, or when it came on a new one. A client that finds its idle connection dead may ask again (RFC 9110 §9.2.2, RFC 9112 §9.3.1).
   */
  cut(exchange: Exchange, id: string, answer: (state: CutState) => void): void {
    const { nth, at, connection, head } = exchange;
    const earlier = this.#arrivals.get(id) ?? [];
    const arrivals = [...earlier, { connection: connection.id, nth, method: head.method, at }].slice(-10);
    this.#arrivals.delete(id);
    this.#arrivals.set(id, arrivals);
    const oldest = this.#arrivals.keys().next();
    if (this.#arrivals.size > MOST_REMEMBERED && !oldest.done) this.#arrivals.delete(oldest.value);
    if (earlier.length === 0 && nth > 1)
      exchange.abort('The lab ended the connection instead of answering, as it was asked to.');
    else answer({ v: 1, arrivals });
  }
}

/**
 * Why a connection cannot be ended this way, in words for the page; null when it can. HTTP/2 and HTTP/3 have words of their own for
 * both: a stream that is refused, and frames that say where they end.
 */
export function notHere(
  exchange: Exchange,
  connection: ServerConnection | null,
  how: 'idle' | 'cut' | 'left-over',
  listener: Listener,
): string | null {
  if (connection === null)
    return `This is a QUIC connection of ${listener.plan.id}; the lab does this to TCP connections.`;
  if (how === 'idle' || exchange.streamId === null) return null;
  return how === 'cut'
    ? 'HTTP/2 says which requests it has not processed (RFC 9113 §6.8), so nobody has to guess: ask over HTTP/1.1.'
    : 'In HTTP/2 each frame says how long it is, so nothing can be left over: ask over HTTP/1.1.';
}
