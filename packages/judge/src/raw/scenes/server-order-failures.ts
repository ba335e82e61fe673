/** Says what went wrong with the order: who did not run, who ran beside whom, whose bytes came out of turn. Never the fix. */
import { receivedExcerpt, writeAt } from '../excerpt.ts';
import type { StepFailed } from '../world.ts';
import { listed } from './order-steps.ts';
import { type Conn, isRunning } from './server-connection.ts';
import type { ServerFailures } from './server-failures.ts';

export class OrderFailures {
  #failures: ServerFailures;

  constructor(failures: ServerFailures) {
    this.#failures = failures;
  }

  notTogether(conn: Conn, requests: readonly string[], missing: readonly string[]): StepFailed {
    const failures = this.#failures;
    const running = conn.calls.filter(isRunning).map((call) => call.request);
    const headline =
      running.length === 0
        ? `No handler runs, though ${listed(requests)} came whole.`
        : `The handler of ${listed(running)} runs, and that of ${listed(missing)} has not been called.`;
    return failures.fail('handler', headline, conn, {
      expected: `the handlers of ${listed(requests)} run at the same time`,
      facts: failures.whatHappened(conn),
      at: [failures.place(conn.calls.at(-1)?.trace, 'called the handler'), ...failures.waiting(conn)],
    });
  }

  notRunning(conn: Conn, request: string): StepFailed {
    const failures = this.#failures;
    return failures.fail('handler', `The handler was not called for ${request}.`, conn, {
      expected: `a call of the handler for ${request}`,
      facts: failures.whatHappened(conn),
      at: failures.waiting(conn),
    });
  }

  notAlone(conn: Conn, request: string, others: readonly string[]): StepFailed {
    const failures = this.#failures;
    const running = conn.calls.filter(isRunning);
    const headline = `The handler of ${request} runs, and that of ${listed(others)} beside it.`;
    return failures.fail('handler', headline, conn, {
      expected: `the handler of ${request} runs alone`,
      // The later call is the one that came too soon.
      at: [failures.place(running.at(-1)?.trace, 'called the handler')],
    });
  }

  outOfTurn(conn: Conn, reply: string, before: string, at: number): StepFailed {
    const failures = this.#failures;
    const headline = `Bytes of the reply to ${reply} came before the end of the reply to ${before}.`;
    return failures.fail('wrong bytes', headline, conn, {
      received: receivedExcerpt(conn.pipe, conn.at, { at, text: `this belongs to ${reply}` }),
      expected: `the reply to ${before} to its end, then the reply to ${reply}`,
      at: [failures.place(writeAt(conn.pipe, at)?.trace, 'wrote these bytes')],
    });
  }
}
