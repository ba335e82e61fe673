/** Says what an HTTP/2 client made of its requests and replies: on which stream, with which bytes. Never the fix. */
import type { Http2Step } from '../../exercise.ts';
import type { CodePlace, Failure } from '../../result.ts';
import { bytesOf, latin1, readable } from '../bytes.ts';
import { engineFailure, messageOf } from '../engine.ts';
import { typeName } from '../handler.ts';
import { fieldOf, type Stream } from '../http2/received.ts';
import { count } from '../steps.ts';
import { StepFailed } from '../world.ts';
import type { Ask } from './client-asks.ts';
import type { Http2Conn } from './http2-connection.ts';
import type { Http2Failures } from './http2-failures.ts';
import { bodyText } from './http2-steps.ts';

export class Http2ClientFailures {
  #wire: Http2Failures;

  constructor(wire: Http2Failures) {
    this.#wire = wire;
  }

  /** Throws what is wrong whatever the step. */
  faults(conn: Http2Conn, fault: Failure | null): void {
    if (fault !== null) throw new StepFailed(this.#wire.withWire(fault, conn));
    conn.read();
    const wire = conn.received.fault;
    if (wire !== null) throw new StepFailed(this.#wire.wire(conn, wire));
  }

  noClient(conn: Http2Conn, made: unknown): Failure {
    const headline = `${this.#wire.check.scene.export} resolved to ${typeName(made)}, not to a function that asks.`;
    return this.#wire.withWire(engineFailure('contract', headline, []), conn);
  }

  /** `connect` gave no function, and nothing is left that could. */
  noAsk(conn: Http2Conn): StepFailed {
    const expected = 'a function that asks, as soon as the connection is there';
    return (
      this.#wire.endedBefore(conn, 'anything could be asked', expected) ??
      this.#wire.missing(conn, `The promise of ${this.#wire.check.scene.export} never resolves.`, expected, {
        cause: 'never settled',
      })
    );
  }

  tooEarly(conn: Http2Conn, stream: Stream): StepFailed {
    const fields = stream.head?.fields ?? [];
    const request = `${fieldOf(fields, ':method')} ${fieldOf(fields, ':path')}`;
    const frame = stream.head?.frame;
    const headline = `${request} was sent on stream ${stream.id}, and should have waited.`;
    return frame === undefined
      ? this.#wire.missing(conn, headline, `nothing of ${request}`)
      : this.#wire.badFrame(conn, frame, headline, `nothing of ${request}`);
  }

  /** Null when the request stands whole on this stream. */
  asked(
    conn: Http2Conn,
    step: Extract<Http2Step, { do: 'expectAsked' }>,
    stream: Stream | null,
    carriers: readonly Stream[],
  ): StepFailed | null {
    const expected = `${step.request} on stream ${step.stream}${step.body === undefined ? '' : ` with ${bodyText(step.body)}`}`;
    const head = stream?.head ?? null;
    if (stream === null || head === null) {
      const other = carriers[0]?.head?.frame;
      if (other !== undefined)
        return this.#wire.badFrame(conn, other, `${step.request} came on stream ${other.stream}.`, expected);
      return (
        this.#wire.endedBefore(conn, `${step.request} was asked`, expected) ??
        this.#wire.missing(conn, `${step.request} was not sent.`, expected)
      );
    }
    const request = `${fieldOf(head.fields, ':method')} ${fieldOf(head.fields, ':path')}`;
    if (request !== step.request)
      return this.#wire.badFrame(conn, head.frame, `Stream ${step.stream} carries ${readable(request, 40)}.`, expected);
    for (const [name, value] of step.fields ?? []) {
      if (head.fields.some(([own, other]) => own === name.toLowerCase() && other === value)) continue;
      const has = fieldOf(head.fields, name);
      const what = has === null ? `has no ${name}` : `says ${name}: ${readable(has, 30)}`;
      return this.#wire.badFrame(conn, head.frame, `${step.request} ${what}.`, `${name}: ${value}`);
    }
    if (stream.ended === null)
      return this.#wire.missing(conn, `${step.request} has no end: END_STREAM is missing.`, expected, {
        cause: 'incomplete',
      });
    const body = conn.received.bodyOf(step.stream);
    if (step.body !== undefined && latin1(body) !== latin1(bytesOf(step.body)))
      return this.#wire.badFrame(
        conn,
        stream.data[0] ?? head.frame,
        `The body of ${step.request} has ${count(body.length)}: "${readable(latin1(body), 30)}".`,
        expected,
      );
    return null;
  }

  /** Null when there is a response. */
  notAnswered(conn: Http2Conn, ask: Ask): StepFailed | null {
    const { request } = ask.step;
    const expected = `an answer to ${request}`;
    if (ask.settled === null) return this.#wire.missing(conn, `The promise for ${request} is still pending.`, expected);
    if (ask.settled.how === 'rejected')
      return this.#wire.missing(conn, `${request} rejected: ${messageOf(ask.settled.error)}`, expected, {
        cause: 'crashed',
        at: this.#thrown(conn, ask.settled.error),
      });
    if (ask.response !== null) return null;
    const headline = `${request} resolved to ${typeName(ask.settled.value)}, not to a Response.`;
    return new StepFailed(this.#wire.withWire(engineFailure('contract', headline, []), conn));
  }

  /** Null when status and fields are as they should be. */
  head(
    conn: Http2Conn,
    ask: Ask,
    status: number | undefined,
    fields: readonly (readonly [string, string])[],
  ): StepFailed | null {
    const { request } = ask.step;
    const { response } = ask;
    if (response === null) return this.notAnswered(conn, ask);
    if (status !== undefined && response.status !== status)
      return this.#wire.missing(conn, `${request} got status ${response.status}.`, `status ${status}`, {
        cause: 'wrong value',
      });
    for (const [name, value] of fields) {
      const has = response.headers.get(name);
      if (has === value) continue;
      return this.#wire.missing(conn, `The answer to ${request} has ${name}: ${has}.`, `${name}: ${value}`, {
        cause: 'wrong value',
      });
    }
    return null;
  }

  /** The body of an answer is not what it should be, or does not come to its end. */
  body(conn: Http2Conn, ask: Ask, want: Uint8Array | null): StepFailed {
    const { request } = ask.step;
    const got = latin1(ask.bytes);
    const expected =
      want === null ? `more of the body of ${request}` : `${count(want.length)}: "${readable(latin1(want), 30)}"`;
    const headline =
      typeof ask.body === 'object'
        ? `The body of ${request} failed after ${count(got.length)}: ${messageOf(ask.body.failed)}`
        : ask.body === 'done'
          ? `The body of ${request} is "${readable(got, 30)}" (${count(got.length)}).`
          : `The body of ${request} stands still after ${count(got.length)}.`;
    return this.#wire.missing(conn, headline, expected, {
      cause: ask.body === 'done' ? 'wrong bytes' : typeof ask.body === 'object' ? 'crashed' : 'incomplete',
      ...(typeof ask.body === 'object' ? { at: this.#thrown(conn, ask.body.failed) } : {}),
    });
  }

  notPending(conn: Http2Conn, ask: Ask): StepFailed {
    const what = ask.settled?.how === 'rejected' ? `rejected: ${messageOf(ask.settled.error)}` : 'has its answer';
    return this.#wire.missing(conn, `${ask.step.request} ${what}.`, 'it still waits', {
      cause: 'wrong value',
      ...(ask.settled?.how === 'rejected' ? { at: this.#thrown(conn, ask.settled.error) } : {}),
    });
  }

  /** Where an error was made: that line knows why. */
  #thrown(conn: Http2Conn, error: unknown): (CodePlace | null)[] {
    return [this.#wire.place(error instanceof Error ? error : null, 'made this error'), ...this.#wire.waiting(conn)];
  }

  notRejected(conn: Http2Conn, ask: Ask, expected = 'it rejects'): StepFailed {
    const what = ask.settled === null ? 'is still pending' : 'has got an answer';
    return this.#wire.missing(conn, `The promise for ${ask.step.request} ${what}.`, expected, {
      cause: ask.settled === null ? 'never settled' : 'wrong value',
    });
  }

  notBroken(conn: Http2Conn, ask: Ask): StepFailed {
    const got = count(ask.read);
    return this.#wire.missing(
      conn,
      `The body of ${ask.step.request} gave ${got} and ${ask.body === 'done' ? 'a clean end' : 'waits on'}.`,
      'an error: the rest of it will not come',
      { cause: ask.body === 'done' ? 'wrong length' : 'silent' },
    );
  }
}
