/** Says what went wrong among many connections: whose bytes crossed over, whose end was made an error. Never the fix. */

import type { Failure } from '../../result.ts';
import { latin1, readable } from '../bytes.ts';
import { messageOf } from '../engine.ts';
import { sentExcerpt } from '../excerpt.ts';
import type { Pipe } from '../pipe.ts';
import { count } from '../steps.ts';
import { StepFailed } from '../world.ts';
import type { Call, Conn } from './server-connection.ts';
import type { ServerFailures } from './server-failures.ts';

/** So many characters in a row are no accident. */
const WINDOW = 6;

export class CrowdFailures {
  #failures: ServerFailures;

  constructor(failures: ServerFailures) {
    this.#failures = failures;
  }

  /** `from` sent it, `conn` was taken for the one that did. */
  crossed(conn: Conn, call: Call, from: Conn): StepFailed {
    const failures = this.#failures;
    const what = readable(call.request, 30);
    return failures.fail('handler', `${what} came on ${from.pipe.id}, and was answered on ${conn.pipe.id}.`, conn, {
      sent: sentExcerpt(from.pipe, from.sendFrom),
      expected: `on ${conn.pipe.id} only what ${conn.pipe.id} asked for`,
      at: [failures.place(call.trace, 'called the handler')],
    });
  }

  /** What is wrong here is right on a connection of its own: the others are the cause. */
  onlyTogether(on: string, crowd: number, failure: Failure): StepFailed {
    const beside = `the same bytes, alone on a connection, are answered right; here ${crowd - 1} other connections were busy`;
    return new StepFailed({
      ...failure,
      facts: [beside, ...(failure.facts ?? [])],
      headline: `On ${on}: ${failure.headline}`,
    });
  }

  /** A call for something that this connection did not send, while others were busy; null when that is not it. */
  mixed(conn: Conn, request: string, trace: Error, pipes: Iterable<Pipe>): Failure | null {
    const own = latin1(conn.pipe.sent);
    const target = request.slice(request.indexOf(' ') + 1);
    const busy = [...pipes].filter((pipe) => pipe !== conn.pipe && pipe.offered > 0);
    if (busy.length === 0 || own.includes(request) || (target !== '' && own.includes(target))) return null;
    const failures = this.#failures;
    const call = `On ${conn.pipe.id} the handler was called for "${readable(request, 40)}"`;
    const found = pieceOf(request, own, busy);
    const headline =
      found === null
        ? `${call}, and nothing like it came there.`
        : `${call}: "${readable(found.piece)}" came on ${found.pipe.id}.`;
    return failures.fail('handler', headline, conn, {
      sent: sentExcerpt(conn.pipe, conn.sendFrom),
      expected: `on ${conn.pipe.id} only what ${conn.pipe.id} asked for`,
      facts: found === null ? [`at the same time bytes came on ${count(busy.length, 'other connection')}`] : [],
      at: [failures.place(trace, 'called the handler')],
    }).failure;
  }

  notResolved(conn: Conn, crowd: number): StepFailed {
    if (conn.settled === null) return this.#failures.neverSettled(conn);
    const failures = this.#failures;
    const error = conn.settled.how === 'rejected' ? conn.settled.error : null;
    const others = crowd < 2 ? '' : `, and with it ${crowd - 1} other ${crowd === 2 ? 'connection' : 'connections'}`;
    return failures.fail(
      'crashed',
      `serve rejected on ${conn.pipe.id}, ${howItEnded(conn)}: ${messageOf(error)}`,
      conn,
      {
        facts: [`whoever accepts does not wait for each serve: a failure that nobody takes ends the program${others}`],
        expected: 'serve resolves when its connection is over',
        spec: { text: 'contract', url: '' },
        at: failures.waiting(conn),
      },
    );
  }
}

/** A stretch of the request that came on another connection, and not on its own. */
function pieceOf(request: string, own: string, others: readonly Pipe[]): { piece: string; pipe: Pipe } | null {
  for (let at = 0; at + WINDOW <= request.length; at++) {
    const piece = request.slice(at, at + WINDOW);
    const pipe = own.includes(piece) ? undefined : others.find((other) => latin1(other.sent).includes(piece));
    if (pipe !== undefined) return { piece, pipe };
  }
  return null;
}

function howItEnded({ pipe }: Conn): string {
  const sent = pipe.offered === 0 ? 'which never sent a byte' : null;
  if (pipe.inputEnded === 'reset') return sent ?? 'which its peer broke off';
  if (pipe.inputEnded === 'end') return sent ?? 'which its peer ended';
  return sent ?? 'while its peer was there';
}
