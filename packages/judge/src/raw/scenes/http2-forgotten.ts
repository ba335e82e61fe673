/**
 * Plays `expectForgotten`: what a learner's server still holds of exchanges that are over. Counted are requests, replies and their
 * bodies that nobody has let go of, not bytes: a count means the same in every host, whatever else uses its memory.
 */
import type { Http2Step } from '../../exercise.ts';
import { collectGarbage } from '../collect.ts';
import type { RawHost } from '../host.ts';
import { grouped } from '../numbers.ts';
import type { Http2Parts } from './http2.ts';
import type { Http2Conn } from './http2-connection.ts';
import type { Http2Failures } from './http2-failures.ts';

type Handler = (incoming: never) => Promise<Response>;

/** The exchanges of a stage, held so loosely that whoever still has one of them is the learner. */
export class Exchanges {
  #all: (readonly WeakRef<object>[])[] = [];

  /** The same handler; what goes in and out of it is remembered. */
  watched<H extends Handler>(handler: H): H {
    return (async (incoming: never) => {
      const request = incoming as { headers?: unknown; body?: unknown } | null | undefined;
      const asked = [request, request?.headers, request?.body];
      // In an array of its own: this function's frame must not keep what it has seen.
      const refs = asked
        .filter((it): it is object => typeof it === 'object' && it !== null)
        .map((it) => new WeakRef(it));
      this.#all.push(refs);
      const response = await handler(incoming);
      refs.push(...[response, response.body].filter((it) => it !== null).map((it) => new WeakRef<object>(it)));
      return response;
    }) as H;
  }

  get count(): number {
    return this.#all.length;
  }

  /** How many of them are reachable; null where the host did not collect, and nothing is known. */
  async reachable(host: RawHost): Promise<number | null> {
    if (!(await collectGarbage(host))) return null;
    return this.#all.filter((refs) => refs.some((ref) => ref.deref() !== undefined)).length;
  }
}

/** @throws StepFailed when more exchanges are held than `atMost`. */
export async function expectForgotten(
  step: Extract<Http2Step, { do: 'expectForgotten' }>,
  exchanges: Exchanges,
  failures: Http2Failures,
  parts: Http2Parts,
  host: RawHost,
): Promise<void> {
  const conn = parts.conn(step.on);
  await parts.settle(conn);
  parts.faults(conn);
  letGo(conn);
  const left = await exchanges.reachable(host);
  if (left === null || left <= step.atMost) return;
  throw failures.missing(
    conn,
    `After ${grouped(exchanges.count)} exchanges, your code still holds ${grouped(left)} of them.`,
    `at most ${grouped(step.atMost)} exchanges that are over, and still held`,
    {
      cause: 'unbounded',
      facts: ['held is what can still be reached: the request, the reply, or the body of one'],
      at: [failures.place(conn.calls.at(-1)?.trace, 'called the handler')],
    },
  );
}

/** An error holds on to the objects of its stack until it is put into words; then it is only text. */
function letGo(conn: Http2Conn): void {
  for (const { trace } of conn.calls) void trace.stack;
  for (const { trace } of conn.pipe.writes) void trace?.stack;
}
