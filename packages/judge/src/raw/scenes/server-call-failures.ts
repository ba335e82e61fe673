/** Says what went wrong with the calls of the handler: which it should not have got, which it missed. Never the fix. */
import type { ExpectHandlerCallsStep } from '../../exercise.ts';
import type { CodePlace, Failure } from '../../result.ts';
import { bytesOf, latin1, readable } from '../bytes.ts';
import { sentExcerpt } from '../excerpt.ts';
import { requestsIn } from '../exchanges.ts';
import { count } from '../steps.ts';
import type { StepFailed } from '../world.ts';
import { bodyOf, type Conn } from './server-connection.ts';
import type { ServerFailures } from './server-failures.ts';

export class CallFailures {
  #failures: ServerFailures;

  constructor(failures: ServerFailures) {
    this.#failures = failures;
  }

  unknown(conn: Conn, request: string, trace: Error): Failure {
    const at = [this.#failures.place(trace, 'called the handler')];
    const sent = latin1(conn.pipe.sent);
    const [method = '', target = ''] = request.split(' ');
    // A line without a target was cut out somewhere: what stood before its end is all there is to look for.
    const read = target === '' ? `${method}\r\n` : target;
    const hidden = requestsIn(sent).find(({ from, to }) => {
      const body = sent.indexOf('\r\n\r\n', from) + 4;
      const found = sent.indexOf(read, body);
      return method !== '' && found >= body && found < to;
    });
    const shown = readable(latin1(new TextEncoder().encode(request)), 40);
    const where = sent.indexOf(read, hidden === undefined ? 0 : sent.indexOf('\r\n\r\n', hidden.from) + 4);
    const known = requestsIn(sent);
    const isBroken = conn.pipe.inputEnded !== null && (known.at(-1)?.to ?? 0) < sent.length;
    const why =
      hidden !== undefined
        ? `which is part of the body of ${hidden.request}`
        : isBroken
          ? 'a request that never came whole'
          : 'which nobody sent';
    const caret = { at: where, text: hidden === undefined ? 'read from here' : 'this is body, not a request' };
    return this.#failures.fail('handler', `The handler was called for "${shown}", ${why}.`, conn, {
      sent: sentExcerpt(conn.pipe, hidden?.from ?? conn.sendFrom, where < 0 ? undefined : caret),
      expected: known.length === 0 ? 'no call of the handler' : `a call for ${known.map((r) => r.request).join(', ')}`,
      at,
    }).failure;
  }

  /** Null when the calls are as expected. */
  calls(conn: Conn, step: ExpectHandlerCallsStep): StepFailed | null {
    const expected =
      step.calls.length === 0
        ? 'no call of the handler'
        : `calls for ${step.calls.map((call) => call.request).join(', ')}`;
    for (const [i, want] of step.calls.entries()) {
      const call = conn.calls[i];
      if (call === undefined && step.atMost === true) return null;
      if (call === undefined) {
        return this.#failures.fail('handler', `The handler was not called for ${want.request}.`, conn, {
          expected,
          facts: this.#failures.whatHappened(conn),
          at: this.#failures.waiting(conn),
        });
      }
      const place = (): (CodePlace | null)[] => [this.#failures.place(call.trace, 'called the handler')];
      if (call.request !== want.request) {
        return this.#failures.fail(
          'handler',
          `Call ${i + 1} of the handler was for "${readable(call.request)}", not for ${want.request}.`,
          conn,
          { expected, at: place() },
        );
      }
      if (want.body === undefined) continue;
      const body = latin1(bytesOf(want.body));
      const got = latin1(bodyOf(call));
      if (got === body && call.bodyDone) continue;
      return this.#failures.fail('handler', bodyHeadline(want.request, body, got, call.bodyDone), conn, {
        expected: `a body of ${count(body.length)}: "${readable(body, 40)}"`,
        at: call.bodyDone ? place() : [...this.#failures.waiting(conn), ...place()],
      });
    }
    const extra = conn.calls[step.calls.length];
    if (extra === undefined) return null;
    const headline =
      step.calls.length === 0
        ? `The handler was called for ${extra.request}, though that request never came whole.`
        : `The handler was called once more, for ${extra.request}.`;
    return this.#failures.fail('handler', headline, conn, {
      expected,
      at: [this.#failures.place(extra.trace, 'called the handler')],
    });
  }
}

function bodyHeadline(request: string, want: string, got: string, done: boolean): string {
  const the = `The handler of ${request}`;
  if (!done && got === want) return `${the} got all ${count(want.length)} of the body, but not its end.`;
  if (!done) return `${the} waits for the rest of the body: ${got.length} of ${count(want.length)} came.`;
  if (got === '') return `${the} got no body; ${count(want.length)} were sent.`;
  if (want.startsWith(got)) return `${the} got only the first ${got.length} of ${count(want.length)} of the body.`;
  if (got.startsWith(want))
    return `${the} got ${count(got.length - want.length)} more than the body: ${readable(got.slice(want.length), 24)}`;
  return `${the} got a body of ${count(got.length)}: "${readable(got, 40)}"`;
}
