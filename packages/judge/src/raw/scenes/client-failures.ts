/** Says what went wrong with a client's dials and requests: the class of the cause, the bytes, the learner's line. Never the fix. */
import { rfc } from '../../exercise.ts';
import { bytesOf, latin1, readable } from '../bytes.ts';
import { engineFailure, failureOfError } from '../engine.ts';
import { receivedExcerpt, writeAt } from '../excerpt.ts';
import { typeName } from '../handler.ts';
import { type Fault, valuesOf } from '../replies.ts';
import type { ParsedRequest } from '../requests.ts';
import { StepFailed } from '../world.ts';
import { AnswerFailures } from './client-answer-failures.ts';
import type { Ask, Dialled } from './client-asks.ts';
import { clipList, times } from './client-failure.ts';
import type { ClientStep } from './client-steps.ts';

export class ClientFailures extends AnswerFailures {
  threw(error: unknown): StepFailed {
    return new StepFailed(failureOfError(error, `${this.name} threw`, 'crashed', this.world.sources));
  }

  noClient(made: unknown): StepFailed {
    return new StepFailed(
      engineFailure('contract', `${this.name} gave ${typeName(made)}, not a function that takes a request.`, [
        this.declaration(),
      ]),
    );
  }

  wrongOrigin(origin: string, trace: Error): StepFailed {
    return this.fail(
      'wrong connection',
      `Your code dials "${readable(origin, 40)}", and nobody asked for that.`,
      null,
      {
        expected: 'a dial with the origin of the request',
        at: [this.place(trace, 'dials')],
      },
    );
  }

  dialsOn(most: number, trace: Error): StepFailed {
    return this.fail('unbounded', `Your code has dialled ${times(most, 'time')}, and goes on.`, null, {
      expected: 'an end to it: the request rejects',
      at: [this.place(trace, 'dials')],
    });
  }

  noConnection(id: string): StepFailed {
    return this.fail('silent', `There is no connection ${id}: your code has not dialled it.`, null, {
      expected: `the connection ${id}`,
    });
  }

  dials(conns: readonly Dialled[], got: number, step: Extract<ClientStep, { do: 'expectDials' }>): StepFailed {
    const to = step.origin === undefined ? '' : ` to ${step.origin}`;
    const where = conns
      .filter(({ requests }) => requests.length > 0)
      .map(({ pipe, requests }) => `${pipe.id}: ${requests.map((r) => r.request).join(', ')}`);
    const many = `${step.atMost === true ? 'at most ' : ''}${times(step.count, 'dial')}${to}`;
    return this.fail(
      'wrong connection',
      `Your code has dialled ${times(got, 'time')}${to}, not ${times(step.count, 'time')}.`,
      null,
      {
        facts: [where.length === 0 ? 'no request is on the wire' : clipList(where)],
        expected: many,
      },
    );
  }

  notSent(conns: readonly Dialled[], ask: Ask, time: number): StepFailed {
    const { request } = ask.step;
    const begun = conns.find((conn) => conn.begins(request) || (conn.pipe.written > conn.at && conn.fault === null));
    const again = time > 1 ? ' a second time' : '';
    if (ask.settled?.how === 'rejected' && begun === undefined)
      return this.rejected(conns.at(-1) ?? null, ask, `${request} on the wire${again}`);
    if (begun !== undefined) {
      const { pipe } = begun;
      return this.fail('incomplete', `${request} is not whole on the wire.`, begun, {
        received: receivedExcerpt(pipe, begun.at, { at: pipe.written, text: 'the rest is missing' }),
        expected: `the whole of ${request}`,
        at: [this.place(writeAt(pipe, pipe.written)?.trace, 'wrote these bytes')],
      });
    }
    const busy = [...conns].sort((x, y) => y.requests.length - x.requests.length);
    const free =
      conns.length === 0
        ? 'nothing was dialled'
        : `${times(conns.length, 'connection')}: ${clipList(busy.map((conn) => this.story(conn)))}`;
    return this.fail('silent', `${request} was not sent${again}.`, null, {
      facts: [free, this.left()],
      expected: `${request} on the wire${again}`,
      at: [this.waits(conns)],
    });
  }

  tooEarly(conn: Dialled, ask: Ask): StepFailed {
    const at = conn.requests.findLast((r) => r.request === ask.step.request)?.from ?? conn.at;
    return this.fail('extra bytes', `${ask.step.request} is on the wire already, on ${conn.pipe.id}.`, conn, {
      received: receivedExcerpt(conn.pipe, 0, { at, text: 'too early' }),
      expected: `nothing of ${ask.step.request} yet`,
      at: [this.place(writeAt(conn.pipe, at)?.trace, 'wrote these bytes')],
    });
  }

  sentTimes(carriers: readonly Dialled[], ask: Ask, want: number): StepFailed {
    const conn = carriers.at(-1) ?? null;
    const request = conn?.requests.findLast((r) => r.request === ask.step.request);
    return this.fail(
      'extra bytes',
      `${ask.step.request} was sent ${times(carriers.length, 'time')}, not ${times(want, 'time')}.`,
      conn,
      {
        ...(conn === null || request === undefined
          ? {}
          : { received: receivedExcerpt(conn.pipe, request.from, { at: request.from, text: 'once more' }) }),
        facts: [`it went out on ${clipList(carriers.map(({ pipe }) => pipe.id))}`],
        expected: `${ask.step.request} ${times(want, 'time')} in all`,
        at: [
          conn === null || request === undefined
            ? null
            : this.place(writeAt(conn.pipe, request.from)?.trace, 'wrote these bytes'),
        ],
      },
    );
  }

  unreadable(conn: Dialled, fault: Fault): StepFailed {
    const after = conn.requests.length === 0 ? '' : ` after ${conn.requests.at(-1)?.request}`;
    return this.fail(fault.kind, `What your code wrote${after} is no request: ${fault.message}.`, conn, {
      received: receivedExcerpt(conn.pipe, conn.at, { at: fault.at, text: 'cannot be read from here' }),
      expected: 'a request: its line, its fields, an empty line, its body',
      spec: fault.spec,
      at: [this.place(writeAt(conn.pipe, fault.at)?.trace, 'wrote these bytes')],
    });
  }

  /** The client has announced its last request, and sends another. */
  passedEnd(conn: Dialled, said: string): StepFailed {
    const last = conn.requests.at(-1);
    return this.fail(
      'extra bytes',
      `${last?.request} says ${said}, which makes it the last on its connection; something stands behind it.`,
      conn,
      {
        received: receivedExcerpt(conn.pipe, last?.from ?? 0, { at: conn.at, text: 'nothing may follow here' }),
        expected: `nothing on ${conn.pipe.id} after ${last?.request}`,
        spec: said === 'HTTP/1.0' ? rfc(9112, '9.3') : rfc(9112, '9.6'),
        at: [this.place(writeAt(conn.pipe, conn.at)?.trace, 'wrote these bytes')],
      },
    );
  }

  unasked(conn: Dialled, request: ParsedRequest): StepFailed {
    return this.fail(
      'wrong bytes',
      `Your code sent ${readable(request.request, 40)}, and nobody asked for that.`,
      conn,
      {
        received: receivedExcerpt(conn.pipe, request.from, { at: request.from, text: 'nobody asked for this' }),
        expected: 'method and target as they were asked for',
        spec: rfc(9112, '3'),
        at: [this.place(writeAt(conn.pipe, request.from)?.trace, 'wrote these bytes')],
      },
    );
  }

  /** Null when the request on the wire is the one that was asked for. */
  request(conn: Dialled, ask: Ask, request: ParsedRequest): StepFailed | null {
    const wrong = (headline: string, at: number, expected: string, spec = this.check.spec): StepFailed =>
      this.fail('wrong bytes', headline, conn, {
        received: receivedExcerpt(conn.pipe, request.from, { at, text: 'this is different' }),
        expected,
        spec,
        at: [this.place(writeAt(conn.pipe, at)?.trace, 'wrote these bytes')],
      });
    const host = ask.origin.replace(/^\w+:\/\//, '');
    const got = valuesOf(request.fields, 'host')[0] ?? '';
    if (got.toLowerCase() !== host)
      return wrong(
        `The Host of ${request.request} is "${readable(got, 30)}".`,
        request.from,
        `Host: ${host}`,
        rfc(9112, '3.2'),
      );
    for (const [name, value] of ask.step.fields ?? []) {
      if (!valuesOf(request.fields, name).includes(value))
        return wrong(`${request.request} has lost its field ${name}.`, request.from, `${name}: ${value}`);
    }
    const body = latin1(bytesOf(ask.step.body ?? ''));
    const sent = latin1(request.body);
    if (sent === body) return null;
    const what = sent === '' ? 'without its body' : `with the body "${readable(sent, 30)}"`;
    return wrong(
      `${request.request} was sent ${what}.`,
      request.headEnd,
      `${times(body.length, 'byte')}: "${readable(body, 40)}"`,
      rfc(9112, '6'),
    );
  }

  otherOrigin(conn: Dialled, ask: Ask): StepFailed {
    return this.#onConnection(
      conn,
      ask,
      `${ask.step.request} for ${ask.origin} went to ${conn.origin}.`,
      `a connection to ${ask.origin}`,
    );
  }

  otherConnection(conn: Dialled, ask: Ask, other: Dialled, name: string): StepFailed {
    const why =
      other.pipe.ended === null
        ? `${other.pipe.id} is open, and nothing is under way on it`
        : `your code has ended ${other.pipe.id}`;
    return this.#onConnection(
      conn,
      ask,
      `${ask.step.request} went out on ${conn.pipe.id}, not on ${other.pipe.id}.`,
      `the connection of ${name}, ${other.pipe.id}`,
      [why],
    );
  }

  sameConnection(conn: Dialled, ask: Ask, name: string): StepFailed {
    const what = name === ask.step.request ? 'the connection that failed it' : `the connection of ${name}`;
    return this.#onConnection(
      conn,
      ask,
      `${ask.step.request} went out on ${conn.pipe.id}, ${what}.`,
      'another connection',
      conn.pipe.inputEnded === null ? undefined : [`${conn.pipe.id} had ended by then`],
    );
  }

  #onConnection(conn: Dialled, ask: Ask, headline: string, expected: string, facts?: string[]): StepFailed {
    const request = conn.requests.findLast((r) => r.request === ask.step.request);
    const at = request?.from ?? 0;
    return this.fail('wrong connection', headline, conn, {
      received: receivedExcerpt(conn.pipe, 0, { at, text: `${ask.step.request} begins here` }),
      ...(facts === undefined ? {} : { facts }),
      expected,
      at: [this.place(writeAt(conn.pipe, at)?.trace, 'wrote these bytes')],
    });
  }

  tookTooMuch(conn: Dialled, ask: Ask, atMost: number): StepFailed {
    return this.fail(
      'unbounded',
      `${times(conn.pipe.taken, 'byte')} were taken from ${conn.pipe.id}; of ${ask.step.request}, ${times(ask.read, 'byte')} were read.`,
      conn,
      {
        expected: `at most ${times(atMost, 'byte')} taken`,
        at: [this.waits([conn])],
      },
    );
  }
}
