/** Says what went wrong on a stream: what is missing of a reply, what it holds instead, which one came first. Never the fix. */
import type { Http2Step } from '../../exercise.ts';
import { rfc } from '../../exercise.ts';
import { bytesOf, latin1, readable } from '../bytes.ts';
import { rulesOf } from '../handler.ts';
import type { WireFrame } from '../http2/parse.ts';
import { fieldOf, type Stream } from '../http2/received.ts';
import { grouped } from '../numbers.ts';
import { answeredBy } from '../rules.ts';
import { count } from '../steps.ts';
import { StepFailed } from '../world.ts';
import type { Http2Conn } from './http2-connection.ts';
import type { Http2Failures } from './http2-failures.ts';
import { bodyText } from './http2-steps.ts';
import type { Gap } from './http2-streams.ts';
import { listed } from './order-steps.ts';

type ReplyStep = Extract<Http2Step, { do: 'expectStreamReply' }>;

/** From so many bytes on, a window holds nobody. */
const NEARLY_EMPTY = 100_000;

export class StreamFaults {
  #failures: Http2Failures;

  constructor(failures: Http2Failures) {
    this.#failures = failures;
  }

  /** Nothing, or a part of a reply, and what became of the rest. */
  notEnded(conn: Http2Conn, id: number, to: string | null): StepFailed {
    const failures = this.#failures;
    const stream = conn.received.streams.get(id);
    const what = to === null ? `the reply on stream ${id}` : `the reply to ${to}`;
    const expected = `a whole reply on stream ${id}: HEADERS, its body, END_STREAM`;
    if (stream?.reset != null)
      return failures.badFrame(
        conn,
        stream.reset.frame,
        `Stream ${id} was reset with ${stream.reset.code}, before the end of ${what}.`,
        expected,
        { cause: 'reset' },
      );
    const over = failures.endedBefore(conn, `the end of ${what}`, expected);
    if (over !== null) return over;
    if (stream === undefined || stream.head === null) {
      const others = [...conn.received.streams.keys()].filter((other) => other !== id);
      const came = others.length === 0 ? '' : `; replies came on ${listed(others.map(String))}`;
      const why = to === null ? '' : `, where ${to} was asked`;
      return failures.missing(conn, `No reply came on stream ${id}${why}${came}.`, expected);
    }
    const have = conn.received.bodyOf(id).length;
    const last = stream.data.at(-1) ?? stream.head.frame;
    return failures.missing(
      conn,
      `${what[0]?.toUpperCase()}${what.slice(1)} has ${have === 0 ? 'no body' : `${count(have)} of body`} and no end: END_STREAM is missing.`,
      expected,
      {
        cause: 'incomplete',
        received: failures.receivedAt(conn, last.from, { at: last.from + 4, text: 'the flags: no END_STREAM' }),
        facts: [...this.#purses(conn, id), ...failures.whatHappened(conn)],
        at: [failures.writer(conn, last.from), ...failures.waiting(conn)],
      },
    );
  }

  wrongStatus(conn: Http2Conn, step: ReplyStep, stream: Stream, status: number, body: Uint8Array): StepFailed {
    const other = this.#answers(conn, latin1(body), step.to ?? '');
    const headline =
      other === null
        ? `The reply on stream ${stream.id} has status ${status}, not ${step.status}.`
        : `Stream ${stream.id} holds "${readable(latin1(body), 30)}", which is the answer to ${other}.`;
    return this.#onHead(conn, stream, headline, `:status ${step.status}`, other === null);
  }

  missingField(conn: Http2Conn, _step: ReplyStep, stream: Stream, name: string, value: string): StepFailed {
    const has = fieldOf(stream.head?.fields ?? [], name);
    const what = has === null ? `has no ${name}` : `says ${name}: ${readable(has, 40)}`;
    return this.#onHead(
      conn,
      stream,
      `The reply on stream ${stream.id} ${what}.`,
      `${name}: ${readable(value, 40)}`,
      true,
    );
  }

  wrongBody(conn: Http2Conn, step: ReplyStep, stream: Stream, body: Uint8Array): StepFailed {
    const want = latin1(bytesOf(step.body ?? ''));
    const got = latin1(body);
    const other = this.#answers(conn, got, step.to ?? '');
    const of =
      step.to === undefined ? `The reply on stream ${stream.id}` : `The reply to ${step.to}, on stream ${stream.id},`;
    const headline =
      other !== null
        ? `Stream ${stream.id} holds "${readable(got, 30)}", which is the answer to ${other}.`
        : got === ''
          ? `${of} has no body.`
          : got.length > 60 || want.length > 60
            ? `${of} has a body of ${count(got.length)}${got.length === want.length ? ', and another one than it should' : ''}.`
            : `${of} holds "${readable(got, 40)}".`;
    const read = conn.calls.find((call) => call.request === step.to && call.parts.length > 0);
    const heard = read === undefined ? [] : [`the handler had read ${heardText(read.parts)}`];
    const first = stream.data[0] ?? stream.head?.frame;
    const failures = this.#failures;
    return failures.fail('wrong bytes', headline, conn, {
      ...(first === undefined ? {} : { received: failures.receivedFrame(conn, first, 'the body begins here') }),
      expected: `${bodyText(step.body ?? '')} (${count(want.length)})`,
      facts: other === null ? heard : [],
      at: [failures.writer(conn, first?.from ?? 0)],
    });
  }

  wrongLength(conn: Http2Conn, _step: ReplyStep, stream: Stream, declared: string, length: number): StepFailed {
    const headline = `The reply on stream ${stream.id} says content-length ${declared}; its body has ${count(length)}.`;
    const { failure } = this.#onHead(conn, stream, headline, `content-length: ${length}, or none`, false);
    return new StepFailed({ ...failure, cause: 'wrong length', spec: rfc(9113, '8.1.1') });
  }

  wrongPart(
    conn: Http2Conn,
    step: Extract<Http2Step, { do: 'expectStreamPart' }>,
    stream: Stream | null,
    got: string,
  ): StepFailed {
    const failures = this.#failures;
    const want = latin1(bytesOf(step.body));
    const expected = `${bodyText(step.body)} on stream ${step.stream}, and no end yet`;
    const over = failures.endedBefore(conn, `the rest of stream ${step.stream}`, expected);
    if (over !== null) return over;
    if (stream?.ended != null)
      return failures.badFrame(
        conn,
        stream.ended,
        `Stream ${step.stream} has ended, and its handler is not done.`,
        expected,
      );
    if (stream?.reset != null)
      return failures.badFrame(
        conn,
        stream.reset.frame,
        `Stream ${step.stream} was reset with ${stream.reset.code}.`,
        expected,
        { cause: 'reset' },
      );
    if (want.startsWith(got))
      return failures.missing(
        conn,
        got === ''
          ? `Nothing of the body came on stream ${step.stream}.`
          : `Stream ${step.stream} brought ${count(got.length)} of body, not ${grouped(want.length)}.`,
        expected,
        { cause: got === '' ? 'silent' : 'incomplete' },
      );
    return failures.fail('wrong bytes', `Stream ${step.stream} holds "${readable(got, 40)}".`, conn, {
      ...(stream?.data[0] === undefined ? {} : { received: failures.receivedFrame(conn, stream.data[0]) }),
      expected,
      at: [failures.writer(conn, stream?.data[0]?.from ?? 0)],
    });
  }

  outOfOrder(
    conn: Http2Conn,
    { streams, because = 'was ready first' }: Extract<Http2Step, { do: 'expectEndOrder' }>,
    wrong: number,
    end: WireFrame,
  ): StepFailed {
    const [first, second] = [streams[wrong], streams[wrong - 1]];
    return this.#failures.badFrame(
      conn,
      end,
      `The reply on stream ${first} ended before the one on stream ${second}, which ${because}.`,
      `the ends of streams ${listed(streams.map(String))} in this order`,
    );
  }

  late(conn: Http2Conn, id: number, within: number, mark: number, end: WireFrame): StepFailed {
    return this.#failures.badFrame(
      conn,
      end,
      `The reply on stream ${id} was whole after ${count(end.to - mark)} more of your code’s.`,
      `stream ${id} to end within ${count(within)}`,
      { facts: [`${count(end.to - mark)} left after stream ${id} was there to be answered`] },
    );
  }

  apart(conn: Http2Conn, atMost: number, gap: Gap): StepFailed {
    const headline = `Stream ${gap.stream} waited while ${count(gap.bytes)} of DATA left on the others.`;
    const expected = `never more than ${count(atMost)} of the others between two frames of one`;
    return gap.to === null
      ? this.#failures.missing(conn, headline, expected)
      : this.#failures.badFrame(conn, gap.to, headline, expected);
  }

  dataSent(
    conn: Http2Conn,
    step: Extract<Http2Step, { do: 'expectDataSent' }>,
    sum: number,
    frames: readonly WireFrame[],
  ): StepFailed {
    const where = step.stream === undefined ? 'on all streams together' : `on stream ${step.stream}`;
    const expected = `${count(step.bytes)} of DATA ${where}, and then no more`;
    const headline = `${count(sum)} of DATA came ${where}, not ${grouped(step.bytes)}.`;
    const last = frames.toSorted((a, b) => a.from - b.from).at(-1);
    if (sum < step.bytes || last === undefined) {
      return (
        this.#failures.endedBefore(conn, `${count(step.bytes)} of DATA`, expected) ??
        this.#failures.missing(conn, headline, expected, {
          cause: 'incomplete',
          facts: [...this.#purses(conn, step.stream ?? 0), ...this.#failures.whatHappened(conn)],
          at: [
            last === undefined ? null : this.#failures.writer(conn, last.from, 'wrote the last of them'),
            ...this.#failures.waiting(conn),
          ],
        })
      );
    }
    return this.#failures.badFrame(conn, last, headline, expected, { cause: 'unbounded' });
  }

  standsStill(conn: Http2Conn, id: number, at: number, size: number): StepFailed {
    const { received, sent } = conn;
    const own = received.granted(id) - (sent.streams.get(id)?.data ?? 0);
    const all = received.granted(0) - sent.data;
    const expected = `credit for all ${grouped(size)} bytes, on stream ${id} and for the connection`;
    const reset = received.streams.get(id)?.reset;
    if (reset != null)
      return this.#failures.badFrame(
        conn,
        reset.frame,
        `Stream ${id} was reset with ${reset.code} in the middle of its body.`,
        expected,
        { cause: 'reset' },
      );
    const over = this.#failures.endedBefore(conn, `the rest of the body on stream ${id}`, expected);
    if (over !== null) return over;
    const purses = [
      { name: `stream ${id}`, left: own, paid: sent.streams.get(id)?.data ?? 0 },
      { name: 'the connection', left: all, paid: sent.data },
      // Padding may want more than the little that is left.
    ].filter(({ left }) => left <= Math.max(0, Math.min(own, all)));
    const what = received.role === 'server' ? 'upload' : `reply on stream ${id}`;
    const who = `${purses.map(({ name }) => name).join(' and ')} ${purses.length === 1 ? 'is' : 'are'}`;
    const given = (name: string): number =>
      name === 'the connection' ? received.credit : (received.streams.get(id)?.credit ?? 0);
    return this.#failures.missing(
      conn,
      `The ${what} stands still after ${grouped(at)} of ${count(size)}: ${who} out of credit.`,
      expected,
      {
        facts: [
          ...purses.map(({ name, paid }) => `${name}: ${grouped(paid)} bytes paid, ${grouped(given(name))} given back`),
          ...this.#failures.whatHappened(conn),
        ],
      },
    );
  }

  /** What may still be sent on this stream and who has used up all, where anybody has ever been near the end of a window. */
  #purses({ sent, received }: Http2Conn, id: number): string[] {
    const left = (stream: number): number =>
      sent.granted(stream) - (stream === 0 ? received.spent : (received.streams.get(stream)?.spent ?? 0));
    const empty = [...received.streams.values()]
      .filter((stream) => stream.id !== id && stream.ended === null && stream.reset === null && left(stream.id) <= 0)
      .map((stream) => `none on stream ${stream.id}`);
    const own = id === 0 ? [] : [`${grouped(left(id))} on stream ${id}`];
    if (empty.length === 0 && Math.min(left(id), left(0)) > NEARLY_EMPTY) return [];
    return [`credit left: ${[...own, ...empty, `${grouped(left(0))} for the connection`].join(', ')}`];
  }

  #onHead(conn: Http2Conn, stream: Stream, headline: string, expected: string, withFacts: boolean): StepFailed {
    const frame = stream.head?.frame;
    const failures = this.#failures;
    return failures.fail('wrong bytes', headline, conn, {
      ...(frame === undefined ? {} : { received: failures.receivedFrame(conn, frame, 'this head') }),
      expected,
      facts: withFacts ? failures.whatHappened(conn) : [],
      at: [failures.writer(conn, frame?.from ?? 0)],
    });
  }

  /** Which other request has this body as its answer, by the rules of the handler. */
  #answers(conn: Http2Conn, got: string, not: string): string | null {
    return answeredBy(rulesOf(this.#failures.check), got, not) ?? this.#echoOf(conn, got, not);
  }

  /** Which other request had this as its body, where handlers echo. */
  #echoOf(conn: Http2Conn, got: string, not: string): string | null {
    if (got === '') return null;
    const asked = conn.calls.find(
      (call) => call.request !== not && call.parts.length > 0 && latin1(joined(call.parts)) === got,
    );
    return asked?.request ?? null;
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return bytesOf(
    parts.map((part) => ({ hex: Array.from(part, (byte) => byte.toString(16).padStart(2, '0')).join('') })),
  );
}

function heardText(parts: readonly Uint8Array[]): string {
  const all = joined(parts);
  return all.length <= 40 ? `"${readable(latin1(all), 40)}"` : count(all.length);
}
