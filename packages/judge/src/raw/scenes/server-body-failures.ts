/** Says what went wrong with a body that was not read: who took too much, who was told nothing. Never the fix. */
import { receivedExcerpt } from '../excerpt.ts';
import { count } from '../steps.ts';
import type { StepFailed } from '../world.ts';
import type { Call, Conn } from './server-connection.ts';
import { readBytes } from './server-connection.ts';
import type { ServerFailures } from './server-failures.ts';

export class BodyFailures {
  #failures: ServerFailures;

  constructor(failures: ServerFailures) {
    this.#failures = failures;
  }

  notBegun(conn: Conn, request: string): StepFailed {
    const failures = this.#failures;
    return failures.fail('handler', `The head of ${request} has come, and the handler was not called.`, conn, {
      expected: `a call of the handler for ${request}, before its body has come`,
      facts: failures.whatHappened(conn),
      at: failures.waiting(conn),
    });
  }

  tookTooMuch(conn: Conn, beyond: number, taken: number, read: number): StepFailed {
    const failures = this.#failures;
    const headline = `Your code took ${count(taken)} of the body; the handler has read ${count(read)} of them.`;
    return failures.fail('unbounded', headline, conn, {
      expected: `at most ${count(beyond)} taken beyond what the handler has read`,
      facts: ['the peer offers as many bytes as somebody takes'],
      at: failures.waiting(conn),
    });
  }

  endedUnannounced(conn: Conn, next: string): StepFailed {
    const failures = this.#failures;
    const { pipe } = conn;
    return failures.fail(
      'closed early',
      'The connection ended, and the reply before had not said that it would.',
      conn,
      {
        received: receivedExcerpt(pipe, failures.lastReplyFrom(conn), {
          at: pipe.written,
          text: 'ended the connection',
        }),
        expected: `the reply to ${next}, or a reply that says Connection: close before the end`,
        at: [failures.place(pipe.ended?.trace, 'ended the connection')],
      },
    );
  }

  noBodyError(conn: Conn, request: string, call: Call | undefined): StepFailed {
    const failures = this.#failures;
    const have = count(readBytes(conn));
    const headline =
      call === undefined
        ? `The handler was not called for ${request}, though its head came whole.`
        : call.bodyDone
          ? `The body of ${request} broke off; the handler got ${have} and a clean end, as if that were all.`
          : `The body of ${request} broke off, and the handler still waits for the rest.`;
    return failures.fail(call === undefined ? 'handler' : call.bodyDone ? 'wrong length' : 'silent', headline, conn, {
      expected: 'the handler’s read rejects',
      facts: failures.whatHappened(conn),
      at: call === undefined ? failures.waiting(conn) : [failures.place(call.trace, 'called the handler')],
    });
  }
}
