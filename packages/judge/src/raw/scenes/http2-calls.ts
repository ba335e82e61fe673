/** Plays the steps about the handler of an HTTP/2 server: who was called, what it read, what became of the bodies it gave. */
import type { BodyStep, ExpectHandlerCallsStep, Http2Step, OrderStep, QueueStep } from '../../exercise.ts';
import { bytesOf, latin1, readable } from '../bytes.ts';
import { count } from '../steps.ts';
import type { StepFailed, World } from '../world.ts';
import type { Http2Parts } from './http2.ts';
import type { Http2Call, Http2Conn } from './http2-connection.ts';
import type { Http2Failures } from './http2-failures.ts';
import { listed } from './order-steps.ts';
import { bodyOf, isRunning } from './server-connection.ts';

type CallStep =
  | ExpectHandlerCallsStep
  | Extract<BodyStep, { do: 'expectBegun' | 'expectBodyError' }>
  | Extract<OrderStep, { do: 'expectTogether' }>
  | Extract<QueueStep, { do: 'expectPulled' | 'expectBodiesOver' }>
  | Extract<Http2Step, { do: 'expectCancelled' | 'expectNobodyWaits' }>;

export class Http2CallSteps {
  #world: World;
  #failures: Http2Failures;
  #parts: Http2Parts;

  constructor(world: World, failures: Http2Failures, parts: Http2Parts) {
    this.#world = world;
    this.#failures = failures;
    this.#parts = parts;
  }

  async play(step: CallStep): Promise<void> {
    const conn = this.#parts.conn(step.on);
    const callOf = (request: string): Http2Call | undefined => conn.calls.find((call) => call.request === request);
    switch (step.do) {
      case 'expectHandlerCalls':
        return this.#calls(conn, step);
      case 'expectBegun':
        await this.#parts.until(conn, () => callOf(step.request) !== undefined || conn.pipe.ended !== null);
        if (callOf(step.request) === undefined) throw this.#notCalled(conn, step.request);
        return;
      case 'expectTogether': {
        const missing = (): string[] =>
          step.requests.filter((name) => !conn.calls.some((call) => call.request === name && isRunning(call)));
        await this.#parts.until(conn, () => missing().length === 0 || conn.pipe.ended !== null);
        if (missing().length === 0) return;
        const runs = conn.calls.filter(isRunning).map((call) => call.request);
        throw this.#failures.missing(
          conn,
          `${listed(missing())} ${missing().length === 1 ? 'does' : 'do'} not run while ${runs.length === 0 ? 'nobody does' : `${listed(runs)} ${runs.length === 1 ? 'does' : 'do'}`}.`,
          `the handlers of ${listed(step.requests)} at the same time`,
          { cause: 'handler' },
        );
      }
      case 'expectBodyError': {
        const told = (): boolean => callOf(step.request)?.bodyFailed === true;
        await this.#parts.until(conn, () => told() || callOf(step.request)?.bodyDone === true);
        if (told()) return;
        const call = callOf(step.request);
        const headline =
          call === undefined
            ? `The handler was not called for ${step.request}.`
            : call.bodyDone
              ? `The body of ${step.request} broke off; the handler got ${count(bodyOf(call).length)} and a clean end.`
              : `The body of ${step.request} broke off, and the handler still waits for the rest.`;
        throw this.#failures.missing(conn, headline, 'the handler’s read rejects', {
          cause: call?.bodyDone === true ? 'wrong length' : 'silent',
          at: [this.#failures.place(call?.trace, 'called the handler')],
        });
      }
      case 'expectPulled': {
        const greedy = (): Http2Call | undefined => conn.calls.find((call) => (call.pulls ?? 0) > step.atMost);
        await this.#parts.watch(conn, () => greedy() !== undefined);
        const call = greedy();
        if (call === undefined) return;
        const headline = `${count(call.pulls ?? 0, 'piece')} of the body for ${call.request} were asked for, while the peer takes nothing.`;
        throw this.#failures.missing(conn, headline, `at most ${count(step.atMost, 'piece')} asked for`, {
          cause: 'unbounded',
          at: [this.#failures.place(call.trace, 'called the handler')],
        });
      }
      case 'expectBodiesOver': {
        const open = (): Http2Call | undefined => conn.calls.find((call) => call.reply === 'open');
        await this.#world.until(() => open() === undefined && !conn.calls.some(isRunning));
        this.#parts.faults(conn);
        const call = open();
        if (call === undefined) return;
        throw this.#failures.missing(
          conn,
          `The body for ${call.request} was neither read to its end nor given up.`,
          'each body read to its end, or cancelled',
          {
            cause: 'never ended',
            at: [this.#failures.place(call.trace, 'called the handler')],
          },
        );
      }
      case 'expectNobodyWaits': {
        const waits = (): Http2Call | undefined =>
          conn.calls.find((call) => !call.bodyDone && call.bodyFailed !== true);
        await this.#parts.until(conn, () => waits() === undefined);
        const call = waits();
        const deceived = conn.calls.find((one) => one.bodyDone && step.cut?.includes(one.request) === true);
        if (call === undefined && deceived !== undefined)
          throw this.#failures.missing(
            conn,
            `The body of ${deceived.request} broke off; the handler got ${count(bodyOf(deceived).length)} and a clean end.`,
            'the handler’s read rejects: half a body must not look like a whole one',
            { cause: 'wrong length', at: [this.#failures.place(deceived.trace, 'called the handler')] },
          );
        if (call === undefined) return;
        throw this.#failures.missing(
          conn,
          `The handler of ${call.request} still waits for more of its body, and none will come.`,
          'the handler’s read rejects, once nothing more can come',
          { at: [this.#failures.place(call.trace, 'called the handler')] },
        );
      }
      case 'expectCancelled': {
        const over = (): boolean => callOf(step.request)?.cancelled === true;
        await this.#parts.until(conn, over);
        if (over()) return;
        const call = callOf(step.request);
        throw this.#failures.missing(
          conn,
          `Nobody takes the reply to ${step.request} any more, and its body does not know.`,
          'the body of the reply is cancelled',
          {
            at: [this.#failures.place(call?.trace, 'called the handler')],
          },
        );
      }
    }
  }

  async #calls(conn: Http2Conn, step: ExpectHandlerCallsStep): Promise<void> {
    const enough = (): boolean =>
      conn.calls.length >= step.calls.length &&
      step.calls.every((want, i) => want.body === undefined || conn.calls[i]?.bodyDone === true);
    if (step.calls.length === 0) await this.#parts.watch(conn, () => conn.calls.length > 0);
    else if (step.atMost !== true) await this.#parts.until(conn, () => enough() || conn.pipe.ended !== null);
    await this.#parts.settle(conn);
    this.#parts.faults(conn);
    const expected =
      step.calls.length === 0
        ? 'no call of the handler'
        : `calls for ${step.calls.map((call) => call.request).join(', ')}`;
    // Streams have no order among each other: which handler is called first is the design's business.
    const left = [...conn.calls];
    for (const want of step.calls) {
      const at = left.findIndex((call) => call.request === want.request);
      const [call] = at < 0 ? [] : left.splice(at, 1);
      if (call === undefined && step.atMost === true) continue;
      if (call === undefined) throw this.#notCalled(conn, want.request);
      if (want.body === undefined) continue;
      const [body, got] = [latin1(bytesOf(want.body)), latin1(bodyOf(call))];
      if (got === body && call.bodyDone) continue;
      const place = this.#failures.place(call.trace, 'called the handler');
      throw this.#failures.fail('handler', heard(want.request, body, got, call), conn, {
        expected: `a body of ${count(body.length)}${body.length <= 40 ? `: "${readable(body, 40)}"` : ''}`,
        facts: call.bodyDone ? [] : this.#failures.whatHappened(conn),
        at: call.bodyDone ? [place] : [...this.#failures.waiting(conn), place],
      });
    }
    const [extra] = left;
    if (extra === undefined) return;
    const once = step.calls.some((call) => call.request === extra.request) ? ' once more' : '';
    throw this.#failures.fail('handler', `The handler was called${once} for ${extra.request}.`, conn, {
      expected,
      at: [this.#failures.place(extra.trace, 'called the handler')],
    });
  }

  #notCalled(conn: Http2Conn, request: string): StepFailed {
    const expected = `a call of the handler for ${request}`;
    return (
      this.#failures.endedBefore(conn, `the handler was called for ${request}`, expected) ??
      this.#failures.missing(conn, `The handler was not called for ${request}.`, expected, { cause: 'handler' })
    );
  }
}

function heard(request: string, want: string, got: string, call: Http2Call): string {
  const the = `The handler of ${request}`;
  if (call.bodyFailed === true) return `${the} was told that its body failed, after ${count(got.length)}.`;
  if (!call.bodyDone && got === want) return `${the} got all ${count(want.length)} of the body, but not its end.`;
  if (!call.bodyDone) return `${the} waits for the rest of the body: ${got.length} of ${count(want.length)} came.`;
  if (got === '') return `${the} got no body; ${count(want.length)} were sent.`;
  if (want.startsWith(got)) return `${the} got only the first ${got.length} of ${count(want.length)} of the body.`;
  if (got.startsWith(want))
    return `${the} got ${count(got.length - want.length)} more than the body: ${readable(got.slice(want.length), 24)}`;
  return `${the} got a body of ${count(got.length)}: "${readable(got, 40)}"`;
}
