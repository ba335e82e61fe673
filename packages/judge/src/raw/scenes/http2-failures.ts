/** Says what went wrong on an HTTP/2 connection: the frame, its bytes, what was asked before, the learner's line. Never the fix. */

import type { RawCheck } from '../../exercise.ts';
import type { Cause, CodePlace, Excerpt, Failure } from '../../result.ts';
import { latin1, readable } from '../bytes.ts';
import { failureOfError, messageOf } from '../engine.ts';
import { receivedExcerpt, sentExcerpt, writeAt } from '../excerpt.ts';
import { http2Words } from '../http2/excerpt-words.ts';
import type { WireFault } from '../http2/faults.ts';
import { typeText } from '../http2/names.ts';
import type { WireFrame } from '../http2/parse.ts';
import { payloadText } from '../http2/words.ts';
import { grouped } from '../numbers.ts';
import { placeIn } from '../place.ts';
import { count } from '../steps.ts';
import { StepFailed, type World } from '../world.ts';
import type { Http2Conn } from './http2-connection.ts';
import { bodyOf } from './server-connection.ts';

/** So many frames of one kind, one behind the other, are no coincidence. */
const SAME_FRAMES = 1000;

type More = Partial<Omit<Failure, 'at'>> & { at?: readonly (CodePlace | null)[] };

export class Http2Failures {
  #world: World;
  #check: RawCheck;

  constructor(world: World, check: RawCheck) {
    this.#world = world;
    this.#check = check;
  }

  get check(): RawCheck {
    return this.#check;
  }

  place(trace: Error | null | undefined, did: string): CodePlace | null {
    return placeIn(trace?.stack, this.#world.sources, did, this.#check.scene.file);
  }

  /** The line that wrote this frame's first byte. */
  writer(conn: Http2Conn, at: number, did: string = 'wrote these bytes'): CodePlace | null {
    return this.place(writeAt(conn.pipe, at)?.trace, did);
  }

  /** An engine verdict, with the bytes of the connection it happened on. */
  withWire(failure: Failure, conn: Http2Conn): Failure {
    const facts = [...(failure.facts ?? []), ...this.missed(conn)];
    return { ...this.#excerpts(conn), ...this.#flood(failure, conn), ...(facts.length === 0 ? {} : { facts }) };
  }

  /** Whoever writes on and on mostly writes the same frame: its name says more than a number of bytes. */
  #flood(failure: Failure, conn: Http2Conn): Failure {
    const { frames } = conn.received;
    const last = frames.at(-1);
    if (failure.cause !== 'flooded' || last === undefined) return failure;
    const isLast = ({ type, stream, payload }: WireFrame): boolean =>
      type === last.type && stream === last.stream && payload.length === last.payload.length;
    const run = frames.length - 1 - frames.findLastIndex((frame) => !isLast(frame));
    if (run < SAME_FRAMES) return failure;
    const size = last.payload.length === 0 ? 'without a byte' : `of ${count(last.payload.length)}`;
    const headline = `Your code writes on and on: ${grouped(run)} ${typeText(last.type)} frames ${size} on stream ${last.stream}.`;
    return { ...failure, headline, received: this.receivedAt(conn, frames.at(-3)?.from ?? last.from) };
  }

  /** A frame that no peer takes, whatever the step. */
  wire(conn: Http2Conn, fault: WireFault): Failure {
    const { cause, headline, expected, spec, at, note, frame } = fault;
    return this.fail(cause, headline, conn, {
      received: this.receivedAt(conn, frame?.from ?? at, { at, text: note }),
      expected,
      spec,
      at: [this.writer(conn, at)],
    }).failure;
  }

  /** What stands on the wire at this place, in words and bytes. */
  receivedAt(conn: Http2Conn, from: number, caret?: { at: number; text: string }): Excerpt {
    const shown = receivedExcerpt(conn.pipe, from, caret);
    return { ...shown, words: http2Words(conn.pipe.received, shown.from, conn.received.role === 'client') };
  }

  /** This frame, with a caret at its first byte. */
  receivedFrame(conn: Http2Conn, frame: WireFrame, note: string = 'this frame'): Excerpt {
    return this.receivedAt(conn, frame.from, { at: frame.from, text: note });
  }

  /** The end of all that came: something is missing behind it. */
  receivedEnd(conn: Http2Conn, note: string): Excerpt | undefined {
    const { pipe, received } = conn;
    if (pipe.written === 0) return undefined;
    const last = received.frames.at(-1);
    return this.receivedAt(conn, last?.from ?? 0, { at: pipe.written, text: note });
  }

  /** Facts that narrow the cause down: what was taken, what the handler saw, whether anything still runs. */
  whatHappened(conn: Http2Conn): string[] {
    const { pipe, calls } = conn;
    const facts: string[] = [];
    if (pipe.stoppedReading !== null) facts.push('your code has stopped reading the connection');
    else if (pipe.untaken > 0)
      facts.push(`${grouped(pipe.untaken)} of the ${count(pipe.offered)} sent were never read`);
    else if (pipe.offered > 0) facts.push(`all ${count(pipe.offered)} sent were read`);
    if (pipe.inputEnded !== null)
      facts.push(pipe.inputEnded === 'end' ? 'the peer has ended its direction' : 'the peer broke the connection off');
    if (conn.settled?.how === 'rejected') facts.push(`serve rejected: ${messageOf(conn.settled.error)}`);
    const open = calls.find((call) => !call.bodyDone && call.bodyFailed !== true);
    // A client has no handler.
    if (conn.received.role === 'server' && calls.length === 0) facts.push('the handler was not called');
    else if (open !== undefined)
      facts.push(`the handler of ${open.request} waits for more of its body, ${count(bodyOf(open).length)} came`);
    else if (calls.length > 0) facts.push(`the handler was called for ${theCalls(conn)}`);
    if (conn.settled?.how === 'resolved') facts.push('serve has returned');
    else if (conn.settled === null)
      facts.push(this.#world.clock.pending > 0 ? 'only timers are left' : 'nothing is left to run');
    return [...this.missed(conn), facts.join('; ')];
  }

  /** What the learner asked of parts that are taken away, and what the decoder was handed that it cannot read. */
  missed(conn: Http2Conn): string[] {
    const { missed, unread } = conn;
    const notes: string[] = [];
    if (missed.size > 0) {
      const names = [...missed].map((name) => `given.${name}`).join(' and ');
      notes.push(`${names} ${missed.size === 1 ? 'gives' : 'give'} nothing from this exercise on`);
    }
    if (unread !== null) notes.push(unreadText(unread));
    return notes;
  }

  /** The connection is over, or `serve` is, before what was expected. */
  endedBefore(conn: Http2Conn, what: string, expected: string): StepFailed | null {
    if (conn.settled?.how === 'rejected') {
      const failure = failureOfError(
        conn.settled.error,
        `${this.#check.scene.export} rejected`,
        'crashed',
        this.#world.sources,
      );
      return new StepFailed(this.withWire(failure, conn));
    }
    const { ended } = conn.pipe;
    if (ended === null) return null;
    const how = ended.how === 'reset' ? 'was broken off' : 'ended';
    const goaway = conn.received.goaways.at(-1);
    const said = goaway === undefined ? '' : `, after GOAWAY with ${goaway.code}`;
    const received = this.receivedEnd(conn, how === 'ended' ? 'ended here' : 'broken off here');
    return this.fail(
      ended.how === 'reset' ? 'reset' : 'closed early',
      `The connection ${how}${said}, before ${what}.`,
      conn,
      {
        ...(received === undefined ? {} : { received }),
        expected,
        facts: this.whatHappened(conn),
        at: [this.place(ended.trace, how === 'ended' ? 'ended the connection' : 'broke the connection off')],
      },
    );
  }

  /** Nothing of it came, and nothing can. */
  missing(conn: Http2Conn, headline: string, expected: string, more: More = {}): StepFailed {
    const received = this.receivedEnd(conn, 'nothing more came');
    return this.fail('silent', headline, conn, {
      ...(received === undefined ? {} : { received }),
      expected,
      facts: this.whatHappened(conn),
      at: this.waiting(conn),
      ...more,
    });
  }

  /** A frame came that is wrong here. */
  badFrame(conn: Http2Conn, frame: WireFrame, headline: string, expected: string, more: More = {}): StepFailed {
    const said = payloadText(frame);
    return this.fail('wrong bytes', headline, conn, {
      received: this.receivedFrame(conn, frame),
      ...(said === '' ? {} : { facts: [said] }),
      expected,
      at: [this.writer(conn, frame.from)],
      ...more,
    });
  }

  neverSettled(conn: Http2Conn): StepFailed {
    const name = this.#check.scene.export;
    return this.missing(
      conn,
      `The promise of ${name} is still pending, and nothing is left that could settle it.`,
      `${name} settles when the connection is over`,
      { cause: 'never settled' },
    );
  }

  neverEnded(conn: Http2Conn): StepFailed {
    const headline =
      conn.settled === null
        ? 'The connection is still open, and nothing is left that could end it.'
        : 'serve is over, and the connection is still open.';
    return this.missing(conn, headline, 'the end of the connection', { cause: 'never ended' });
  }

  waiting(conn: Http2Conn): (CodePlace | null)[] {
    const rejected =
      conn.settled?.how === 'rejected' && conn.settled.error instanceof Error ? conn.settled.error : null;
    return [
      this.place(rejected, 'threw'),
      this.place(conn.pipe.stoppedReading?.trace, 'stopped reading'),
      this.place([...conn.pipe.reading].at(-1) ?? conn.pipe.piped, 'waits for bytes'),
    ];
  }

  /** A request that no rule answers: nobody sent it. */
  unknown(conn: Http2Conn, request: string, trace: Error): Failure {
    const shown = readable(latin1(new TextEncoder().encode(request)), 40);
    const headline =
      shown.trim() === ''
        ? 'The handler was called without a method and without a path.'
        : `The handler was called for "${shown}", which nobody sent.`;
    return this.fail('handler', headline, conn, {
      expected: 'a call for each request that came, with its :method and :path',
      at: [this.place(trace, 'called the handler')],
    }).failure;
  }

  fail(cause: Cause, headline: string, conn: Http2Conn, more: More): StepFailed {
    const { at = [], facts = [], ...rest } = more;
    const places = at.filter((place) => place !== null);
    return new StepFailed({
      cause,
      headline,
      ...this.#excerpts(conn),
      spec: this.#check.spec,
      idea: this.#check.idea,
      ...rest,
      ...(facts.length === 0 ? {} : { facts }),
      at: places.length > 0 ? places : [this.#declaration()].filter((place) => place !== null),
    });
  }

  #excerpts(conn: Http2Conn): { sent?: Excerpt; received?: Excerpt } {
    const { pipe, sendFrom } = conn;
    const sent =
      pipe.offered === 0
        ? {}
        : {
            sent: {
              ...sentExcerpt(pipe, sendFrom),
              words: http2Words(pipe.sent, sendFrom, conn.received.role === 'server'),
            },
          };
    return sent;
  }

  #declaration(): CodePlace | null {
    const { file, export: name } = this.#check.scene;
    const lines = this.#world.sources.get(file)?.lines ?? [];
    const line = lines.findIndex((text) => new RegExp(`^\\s*export\\b.*\\b${name}\\b`).test(text));
    const text = lines[line];
    return text === undefined
      ? null
      : { file, line: line + 1, column: text.indexOf(name) + 1, text, did: `${name} begins here` };
  }
}

function theCalls({ calls }: Http2Conn): string {
  const names = calls.map((call) => readable(call.request, 30));
  if (names.length <= 6) return names.join(', ');
  return `${count(names.length, 'request')}, from ${names[0]} to ${names.at(-1)}`;
}

/** `decode failed: index 62, past the end of the tables (2 bytes: be bf)`. */
function unreadText({ block, error }: NonNullable<Http2Conn['unread']>): string {
  const why = messageOf(error)
    .replace(/^.*field block: /, '')
    .replace(/ \(RFC [^)]*\)\.?$/, '');
  const shown = Array.from(block.subarray(0, 6), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return `decode failed: ${why} (${count(block.length)}: ${shown}${block.length > 6 ? ' …' : ''})`;
}
