/** Says what went wrong on a server's connection: the class of the cause, the bytes, the learner's line. Never the fix. */
import type { ExpectReplyStep, RawCheck } from '../../exercise.ts';
import { rfc } from '../../exercise.ts';
import type { Cause, CodePlace, Failure } from '../../result.ts';
import { bytesOf, latin1, readable } from '../bytes.ts';
import { failureOfError, messageOf } from '../engine.ts';
import { receivedExcerpt, sentExcerpt, writeAt } from '../excerpt.ts';
import { requestsIn } from '../exchanges.ts';
import { placeIn } from '../place.ts';
import { type Parsed, type ParsedReply, valuesOf } from '../replies.ts';
import { answeredBy } from '../rules.ts';
import { count } from '../steps.ts';
import { StepFailed, type World } from '../world.ts';
import { sceneOf } from './scene.ts';
import { bodyOf, type Conn } from './server-connection.ts';

type Fault = Extract<Parsed, { kind: 'fault' }>;
type More = Extract<Parsed, { kind: 'more' }>;

export class ServerFailures {
  #world: World;
  #check: RawCheck;

  constructor(world: World, check: RawCheck) {
    this.#world = world;
    this.#check = check;
  }

  place(trace: Error | null | undefined, did: string): CodePlace | null {
    return placeIn(trace?.stack, this.#world.sources, did, this.#check.scene.file);
  }

  /** An engine verdict, with the bytes of the connection it happened on. */
  withWire(failure: Failure, conn: Conn): Failure {
    const sent = conn.pipe.offered > 0 ? { sent: sentExcerpt(conn.pipe, conn.sendFrom) } : {};
    const received = conn.pipe.written > conn.at ? { received: receivedExcerpt(conn.pipe, conn.at) } : {};
    return { ...sent, ...received, ...failure };
  }

  /** Nothing, half a reply, or something that is no reply. */
  noReply(conn: Conn, step: ExpectReplyStep, parsed: Fault | More): StepFailed {
    const rejected = this.#rejection(conn);
    if (rejected !== null) return rejected;
    return parsed.kind === 'fault' ? this.#malformed(conn, step, parsed) : this.#unfinished(conn, step, parsed);
  }

  #unfinished(conn: Conn, step: ExpectReplyStep, parsed: More): StepFailed {
    const { pipe } = conn;
    const expected = `one whole reply to ${step.to}`;
    const length = this.#lengthFault(conn, step, parsed.headEnd, parsed.declared);
    if (length !== null) return length;
    if (pipe.ended !== null) {
      const inside = parsed.have !== 'nothing';
      const after = conn.replies.length === 0 ? 'before the first reply' : `after reply ${conn.replies.length}`;
      const headline = inside
        ? `The connection ended inside the reply to ${step.to}: ${parsed.missing} is missing.`
        : `The connection ended ${after}; ${step.to} was not answered.`;
      const did = pipe.ended.how === 'reset' ? 'broke the connection off' : 'ended the connection';
      return this.fail(pipe.ended.how === 'reset' ? 'reset' : 'closed early', headline, conn, {
        received: receivedExcerpt(pipe, inside ? conn.at : this.lastReplyFrom(conn), { at: pipe.written, text: did }),
        expected,
        at: [this.place(pipe.ended.trace, did)],
      });
    }
    if (parsed.have === 'nothing') {
      return this.fail('silent', `No reply to ${step.to} came.`, conn, {
        ...this.#unanswered(conn),
        expected,
        facts: this.whatHappened(conn),
        at: this.waiting(conn),
      });
    }
    return this.fail('incomplete', `The reply to ${step.to} is not whole: ${parsed.missing} is missing.`, conn, {
      received: receivedExcerpt(pipe, conn.at, { at: pipe.written, text: `${parsed.missing} is missing` }),
      expected,
      facts: this.whatHappened(conn),
      at: [this.place(writeAt(pipe, pipe.written)?.trace, 'wrote these bytes'), ...this.waiting(conn)],
    });
  }

  #malformed(conn: Conn, step: ExpectReplyStep, parsed: Fault): StepFailed {
    const { pipe } = conn;
    const expected = `one whole reply to ${step.to}`;
    const spec = parsed.spec;
    // Bytes before a status line belong to nobody; say how many there are when the next status line is in sight.
    if (parsed.at === conn.at && (parsed.cause === 'wrong bytes' || parsed.cause === 'extra bytes')) {
      const rest = latin1(pipe.received.subarray(conn.at));
      const next = rest.indexOf('HTTP/1.');
      if (next > 0 || conn.replies.length > 0) {
        const extra = next > 0 ? rest.slice(0, next) : rest;
        const where =
          conn.replies.length === 0 ? 'before the first reply' : `after the end of reply ${conn.replies.length}`;
        const verb = extra.length === 1 ? 'stands' : 'stand';
        return this.fail('extra bytes', `${count(extra.length)} ${verb} ${where}: ${readable(extra, 30)}`, conn, {
          received: receivedExcerpt(pipe, this.lastReplyFrom(conn), { at: conn.at, text: 'belongs to no reply' }),
          expected:
            conn.replies.length === 0 ? expected : `the status line of the reply to ${step.to} at byte ${conn.at}`,
          at: [this.place(writeAt(pipe, conn.at)?.trace, 'wrote these bytes')],
          spec,
        });
      }
    }
    if (parsed.cause === 'no framing') {
      return this.fail('no framing', `Nothing in the reply to ${step.to} says where its body ends.`, conn, {
        received: receivedExcerpt(pipe, conn.at, { at: parsed.at, text: 'the body begins, and never ends' }),
        facts: ['the connection stays open, so a client waits on'],
        expected: `${expected}: a length, or chunks`,
        at: [this.place(writeAt(pipe, conn.at)?.trace, 'wrote these bytes')],
        spec,
      });
    }
    return this.fail(parsed.cause, `The reply to ${step.to} cannot be read: ${parsed.what}.`, conn, {
      received: receivedExcerpt(pipe, conn.at, {
        at: parsed.at,
        text: parsed.cause === 'wrong length' ? 'the framing fails here' : 'cannot be read from here',
      }),
      expected,
      at: [this.place(writeAt(pipe, parsed.at)?.trace, 'wrote these bytes')],
      spec,
    });
  }

  wrongStatus(conn: Conn, step: ExpectReplyStep, reply: ParsedReply): StepFailed {
    const got = latin1(reply.body);
    // A reply that was left out moves those behind it up; then the status is the least of it.
    const other = this.#answers(got, step.to);
    const headline =
      other === null
        ? `The reply to ${step.to} has status ${reply.status}, not ${step.status}.`
        : `The reply to ${step.to} holds "${readable(got, 30)}", which is the answer to ${other}.`;
    return this.fail('wrong bytes', headline, conn, {
      received: receivedExcerpt(conn.pipe, reply.from, { at: reply.from + 9, text: 'the status' }),
      expected: `status ${step.status}`,
      facts: this.whatHappened(conn),
      at: [this.place(writeAt(conn.pipe, reply.from)?.trace, 'wrote these bytes')],
    });
  }

  wrongBody(conn: Conn, step: ExpectReplyStep, reply: ParsedReply): StepFailed {
    const length = this.#lengthFault(conn, step, reply.headEnd, reply.declared);
    if (length !== null) return length;
    const want = latin1(bytesOf(step.body ?? ''));
    const got = latin1(reply.body);
    const between = latin1(conn.pipe.received.subarray(reply.headEnd)).indexOf(want);
    if (want !== '' && between > 0 && between <= 8 && reply.framing === 'length') {
      const extra = readable(latin1(conn.pipe.received.subarray(reply.headEnd, reply.headEnd + between)), 16);
      return this.fail('extra bytes', `${count(between)} stand between the head and the body: ${extra}`, conn, {
        received: receivedExcerpt(conn.pipe, reply.from, { at: reply.headEnd, text: 'belongs to no body' }),
        expected: `the body at byte ${reply.headEnd}`,
        at: [this.place(writeAt(conn.pipe, reply.headEnd)?.trace, 'wrote these bytes')],
      });
    }
    const other = this.#answers(got, step.to);
    const same = commonStart(want, got);
    // In chunks, an offset in the body is no offset on the wire: then point at the body's first byte.
    const at = reply.framing === 'chunked' ? reply.headEnd : reply.headEnd + same;
    const headline =
      other !== null
        ? `The reply to ${step.to} holds "${readable(got, 30)}", which is the answer to ${other}.`
        : got === ''
          ? `The reply to ${step.to} has no body.`
          : `The body of the reply to ${step.to} is "${readable(got, 40)}".`;
    return this.fail('wrong bytes', headline, conn, {
      received: receivedExcerpt(conn.pipe, reply.from, {
        at,
        text: got.length < want.length ? 'the body stops short here' : 'differs from here',
      }),
      expected: `${count(want.length)}: "${readable(want, 40)}"`,
      facts: other === null ? this.#requestBodies(conn) : [],
      at: [this.place(writeAt(conn.pipe, at)?.trace, 'wrote these bytes')],
    });
  }

  missingField(conn: Conn, step: ExpectReplyStep, reply: ParsedReply, name: string, value: string): StepFailed {
    const has = valuesOf(reply.fields, name);
    const what = has.length === 0 ? `has no ${name}` : `says ${name}: ${has.join(', ')}`;
    return this.fail('wrong bytes', `The reply to ${step.to} ${what}.`, conn, {
      received: receivedExcerpt(conn.pipe, reply.from, { at: reply.from, text: 'this head' }),
      expected: `${name}: ${value}`,
      at: [this.place(writeAt(conn.pipe, reply.from)?.trace, 'wrote these bytes')],
    });
  }

  /** How the reply itself announces that nothing may follow, or null. */
  saysItEnds(reply: ParsedReply): string | null {
    const options = valuesOf(reply.fields, 'connection')
      .join(',')
      .toLowerCase()
      .split(',')
      .map((option) => option.trim());
    if (options.includes('close')) return 'says Connection: close';
    if (reply.version === 'HTTP/1.0' && !options.includes('keep-alive'))
      return 'says HTTP/1.0, whose connections end after one reply';
    if (reply.framing === 'until the end') return 'has no length of its own: it ends with the connection';
    return null;
  }

  replyEnds(conn: Conn, step: ExpectReplyStep, reply: ParsedReply, how: string): StepFailed {
    return this.fail('closed early', `The reply to ${step.to} ${how}.`, conn, {
      received: receivedExcerpt(conn.pipe, reply.from, {
        at: reply.framing === 'until the end' ? conn.pipe.written : this.#sayingAt(conn, reply),
        text: how,
      }),
      expected: `one whole reply to ${step.to}, after which the connection goes on`,
      at: [
        reply.framing === 'until the end' ? this.place(conn.pipe.ended?.trace, 'ended the connection') : null,
        this.place(writeAt(conn.pipe, reply.from)?.trace, 'wrote these bytes'),
      ],
    });
  }

  /** Where the Connection field stands, else the status line with its version. */
  #sayingAt(conn: Conn, reply: ParsedReply): number {
    const head = latin1(conn.pipe.received.subarray(reply.from, reply.headEnd));
    const field = head.search(/\r\nconnection:/i);
    return reply.from + (field < 0 ? 0 : field + 2);
  }

  /** Bytes where nothing was to come. */
  bytesAfter(conn: Conn): StepFailed {
    const { pipe } = conn;
    const rest = pipe.received.subarray(conn.at);
    const last = conn.replies.length === 0 ? 'nothing' : `reply ${conn.replies.length}`;
    const parsed = parseStart(rest);
    const headline = parsed
      ? `After ${last}, another reply came.`
      : `After ${last}, ${count(rest.length)} more came: ${readable(latin1(rest), 30)}`;
    return this.fail('extra bytes', headline, conn, {
      received: receivedExcerpt(pipe, this.lastReplyFrom(conn), {
        at: conn.at,
        text: parsed ? 'nobody waits for this reply' : 'belongs to no reply',
      }),
      expected: `nothing after byte ${conn.at}`,
      facts: parsed ? this.whatHappened(conn) : [],
      at: [this.place(writeAt(pipe, conn.at)?.trace, 'wrote these bytes')],
    });
  }

  endedWhileIdle(conn: Conn): StepFailed {
    return this.fail('closed early', 'The connection ended while nobody asked for that.', conn, {
      received: receivedExcerpt(conn.pipe, this.lastReplyFrom(conn), { at: conn.pipe.written, text: 'ended here' }),
      expected: 'the connection stays open',
      at: [this.place(conn.pipe.ended?.trace, 'ended the connection')],
    });
  }

  neverEnded(conn: Conn): StepFailed {
    const { pipe, settled } = conn;
    const caret = { at: pipe.written, text: 'the end of the connection is missing' };
    const headline =
      settled === null
        ? 'The connection is still open, and nothing is left that could end it.'
        : 'serve is over, and the connection is still open.';
    return this.fail('never ended', headline, conn, {
      ...(pipe.written > 0 ? { received: receivedExcerpt(pipe, this.lastReplyFrom(conn), caret) } : {}),
      expected: 'the end of the connection',
      facts: this.whatHappened(conn),
      at: this.waiting(conn),
    });
  }

  brokenOff(conn: Conn): StepFailed {
    return this.fail('reset', 'The connection was broken off, which can destroy a reply on its way.', conn, {
      received: receivedExcerpt(conn.pipe, this.lastReplyFrom(conn), {
        at: conn.pipe.written,
        text: 'broken off here',
      }),
      expected: 'an orderly end after the last byte',
      at: [this.place(conn.pipe.ended?.trace, 'broke the connection off')],
    });
  }

  neverSettled(conn: Conn): StepFailed {
    return this.fail(
      'never settled',
      'The promise of serve is still pending, and nothing is left that could settle it.',
      conn,
      {
        expected: 'serve settles when the connection is over',
        facts: this.whatHappened(conn),
        at: this.waiting(conn),
      },
    );
  }

  /** Framing that contradicts the body which stands behind it: the most common cause of a shifted conversation. */
  #lengthFault(conn: Conn, step: ExpectReplyStep, headEnd: number | null, declared: number | null): StepFailed | null {
    if (step.body === undefined || headEnd === null || declared === null) return null;
    const want = latin1(bytesOf(step.body));
    if (declared === want.length) return null;
    const here = latin1(conn.pipe.received.subarray(headEnd));
    if (!here.startsWith(want) || want === '') return null;
    const text = readable(want, 20);
    return this.fail(
      'wrong length',
      `Content-Length says ${count(declared)}; the body that follows, "${text}", is ${want.length}.`,
      conn,
      {
        received: receivedExcerpt(conn.pipe, conn.at, {
          at: headEnd + Math.min(declared, want.length),
          text:
            declared < want.length
              ? `the ${count(declared)} end here`
              : `the body ends here, ${declared - want.length} short`,
        }),
        expected: `Content-Length: ${want.length} for "${text}", or chunks`,
        spec: rfc(9112, '6.2'),
        at: [this.place(writeAt(conn.pipe, conn.at)?.trace, 'wrote these bytes')],
      },
    );
  }

  #rejection(conn: Conn): StepFailed | null {
    if (conn.settled?.how !== 'rejected') return null;
    const failure = failureOfError(conn.settled.error, 'serve rejected', 'crashed', this.#world.sources);
    return new StepFailed(this.withWire(failure, conn));
  }

  /** Where the request begins that got no reply, when others stand before it. */
  #unanswered(conn: Conn): Pick<Failure, 'sent'> | Record<string, never> {
    const request = requestsIn(latin1(conn.pipe.sent))[conn.replies.length];
    if (request === undefined || request.from <= conn.sendFrom) return {};
    const caret = { at: request.from, text: `${readable(request.request, 30)} begins here` };
    return { sent: sentExcerpt(conn.pipe, conn.sendFrom, caret) };
  }

  /** Facts that narrow the cause down: what was taken, what the handler saw, whether anything still runs. */
  whatHappened(conn: Conn): string[] {
    const { pipe } = conn;
    const facts: string[] = [];
    if (pipe.stoppedReading !== null) facts.push('your code has stopped reading the connection');
    else if (pipe.untaken > 0) facts.push(`${pipe.untaken} of the ${count(pipe.offered)} sent were never read`);
    else if (pipe.offered > 0) facts.push(`all ${count(pipe.offered)} sent were read`);
    if (pipe.uploaded > 0) facts.push(`${count(pipe.uploaded)} of the upload were taken`);
    if (pipe.inputEnded === 'end') facts.push('the peer has ended its direction');
    const open = conn.calls.find((call) => !call.bodyDone);
    if (open !== undefined) facts.push(`the handler still waits for the end of the body of ${open.request}`);
    else if (conn.calls.length === 0) facts.push('the handler was not called');
    else facts.push(`the handler was called for ${theCalls(conn)}`);
    if (conn.settled?.how === 'resolved') facts.push('serve has returned');
    else if (conn.settled?.how === 'rejected') facts.push(`serve rejected: ${messageOf(conn.settled.error)}`);
    else if (this.#world.clock.pending > 0) facts.push('the judge’s clock has run on, and only timers are left');
    else facts.push('nothing is left to run');
    return [facts.join('; ')];
  }

  /** When a reply echoes, what the handler read tells on which side the fault is. */
  #requestBodies(conn: Conn): string[] {
    const call = conn.calls[conn.replies.length];
    if (call === undefined || call.parts.length === 0) return [];
    return [`the handler had read the body "${readable(latin1(bodyOf(call)), 40)}"`];
  }

  /** Which other request has this body as its answer, by the rules of the handler. */
  #answers(got: string, not: string): string | null {
    return answeredBy(sceneOf(this.#check, 'server').handler, got, not);
  }

  waiting(conn: Conn): (CodePlace | null)[] {
    const rejected =
      conn.settled?.how === 'rejected' && conn.settled.error instanceof Error ? conn.settled.error : null;
    const reading = [...conn.pipe.reading].at(-1);
    return [
      this.place(rejected, 'threw'),
      this.place(conn.pipe.stoppedReading?.trace, 'stopped reading'),
      this.place(reading, 'waits for bytes'),
    ];
  }

  lastReplyFrom(conn: Conn): number {
    return conn.replies.at(-1)?.reply.from ?? 0;
  }

  fail(
    cause: Cause,
    headline: string,
    conn: Conn,
    more: Partial<Omit<Failure, 'at'>> & { at: readonly (CodePlace | null)[] },
  ): StepFailed {
    const at = more.at.filter((place) => place !== null);
    const declared =
      at.length > 0 ? [] : [declarationOf(this.#check.scene.file, this.#check.scene.export, this.#world)];
    return new StepFailed({
      cause,
      headline,
      ...(conn.pipe.offered > 0 ? { sent: sentExcerpt(conn.pipe, conn.sendFrom) } : {}),
      ...(conn.pipe.written > 0 ? { received: receivedExcerpt(conn.pipe, this.lastReplyFrom(conn)) } : {}),
      spec: this.#check.spec,
      idea: this.#check.idea,
      ...more,
      at: [...at, ...declared.filter((place) => place !== null)],
    });
  }
}

/** Thousands of calls are named by their ends. */
function theCalls({ calls }: Conn): string {
  const names = calls.map((call) => readable(call.request, 30));
  if (names.length <= 8) return names.join(', ');
  return `${count(names.length, 'request')}, from ${names[0]} to ${names.at(-1)}`;
}

/** Where the learner's function begins: the place to look when no narrower one is known. */
function declarationOf(file: string, name: string, world: World): CodePlace | null {
  const lines = world.sources.get(file)?.lines ?? [];
  const line = lines.findIndex((text) => new RegExp(`^\\s*export\\b.*\\b${name}\\b`).test(text));
  const text = lines[line];
  return text === undefined
    ? null
    : { file, line: line + 1, column: text.indexOf(name) + 1, text, did: `${name} begins here` };
}

function commonStart(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  return at;
}

function parseStart(bytes: Uint8Array): boolean {
  return latin1(bytes.subarray(0, 7)) === 'HTTP/1.';
}
