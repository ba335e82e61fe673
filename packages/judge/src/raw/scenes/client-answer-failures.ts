/** Says what a client's answers came to, and what they should have come to. Never the fix. */
import { latin1, readable } from '../bytes.ts';
import { engineFailure, messageOf } from '../engine.ts';
import { typeName } from '../handler.ts';
import { StepFailed } from '../world.ts';
import type { Ask, Dialled } from './client-asks.ts';
import { ClientFailure, times } from './client-failure.ts';

export class AnswerFailures extends ClientFailure {
  /** The promise is pending, rejected, or gave no `Response`. `overtaken`: what was asked after it and has an answer that nobody has read. */
  noAnswer(conn: Dialled | null, ask: Ask, overtaken: string | null = null): StepFailed {
    const { request } = ask.step;
    const expected = `an answer to ${request}`;
    if (ask.settled === null) {
      return this.fail(
        'never settled',
        `${request} is still waiting, and nothing is left that could answer it.`,
        conn,
        {
          facts: [
            conn === null ? 'it was never sent' : this.taken(conn),
            ...(overtaken === null ? [] : [`${overtaken}, asked after it, has an answer already`]),
          ],
          expected,
          at: [conn === null ? null : this.waits([conn])],
        },
      );
    }
    if (ask.settled.how === 'rejected') return this.rejected(conn, ask, expected);
    return new StepFailed(
      engineFailure('contract', `${request} resolved with ${typeName(ask.settled.value)}, not with a Response.`, [
        this.declaration(),
      ]),
    );
  }

  notPending(conn: Dialled | null, ask: Ask): StepFailed {
    if (ask.settled?.how === 'rejected') return this.rejected(conn, ask, `${ask.step.request} waits`);
    return this.fail(
      'wrong bytes',
      `${ask.step.request} is answered already, with status ${ask.response?.status ?? 'none'}.`,
      conn,
      {
        expected: `${ask.step.request} waits`,
      },
    );
  }

  notRejected(conn: Dialled | null, ask: Ask): StepFailed {
    const { request } = ask.step;
    const headline =
      ask.settled === null
        ? `${request} is still waiting, and nothing is left that could answer it.`
        : `${request} resolved, though it was not answered.`;
    return this.fail(ask.settled === null ? 'never settled' : 'wrong bytes', headline, conn, {
      ...(ask.settled === null ? { facts: [this.left()] } : {}),
      expected: `${request} rejects`,
      at: [conn === null ? null : this.waits([conn])],
    });
  }

  notBroken(conn: Dialled | null, ask: Ask): StepFailed {
    const { request } = ask.step;
    const got = times(ask.read, 'byte');
    const headline =
      ask.body === 'done'
        ? `The body of ${request} came to a clean end after ${got}, though it broke off.`
        : `The body of ${request} still waits after ${got}, and nothing more can come.`;
    return this.fail('wrong length', headline, conn, { expected: 'a rejection, or an error at the end of what came' });
  }

  status(conn: Dialled | null, ask: Ask, got: number, want: number): StepFailed {
    return this.fail('wrong bytes', `The answer to ${ask.step.request} has status ${got}, not ${want}.`, conn, {
      expected: `status ${want}`,
    });
  }

  field(conn: Dialled | null, ask: Ask, name: string, got: string | null, want: string): StepFailed {
    const has = got === null ? `has no field ${name}` : `has ${name}: ${readable(got, 30)}`;
    return this.fail('wrong bytes', `The answer to ${ask.step.request} ${has}.`, conn, {
      expected: `${name}: ${want}`,
    });
  }

  /** What was read of a body is not what it is. `want` null: the reading itself came to nothing. */
  body(conn: Dialled | null, ask: Ask, want: Uint8Array | null): StepFailed {
    const { request } = ask.step;
    const got = latin1(ask.bytes);
    if (ask.foreign !== undefined)
      return new StepFailed(
        engineFailure('contract', `The body of ${request} yields ${typeName(ask.foreign)}, not Uint8Array.`, [
          this.declaration(),
        ]),
      );
    const has = got === '' ? 'nothing' : `${times(got.length, 'byte')}: "${readable(got, 30)}"`;
    const expected =
      want === null
        ? `more of the body of ${request}`
        : want.length === 0
          ? 'no body bytes'
          : `${times(want.length, 'byte')}: "${readable(latin1(want), 40)}"`;
    if (typeof ask.body === 'object') {
      const { failed } = ask.body;
      return this.fail(
        'incomplete',
        `Reading the body of ${request} failed: ${readable(messageOf(failed), 80)}`,
        conn,
        {
          facts: [`${has} came before that`],
          expected,
          at: [this.place(failed instanceof Error ? failed : null, 'threw')],
        },
      );
    }
    if (ask.body !== 'done') {
      return this.fail('never ended', `The body of ${request} does not come to its end: ${has} so far.`, conn, {
        facts: [conn === null ? this.left() : this.taken(conn)],
        expected,
        at: [conn === null ? null : this.waits([conn])],
      });
    }
    return this.fail('wrong bytes', `The body of ${request} is ${has}.`, conn, { expected });
  }
}
