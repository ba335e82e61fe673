/** Steps for a learner who exports `reader(readable)`: what they are, and each in words. */

import type { Bytes, HandlerRule } from '../../exercise.ts';
import { bytesOf, latin1, readable } from '../bytes.ts';
import { grouped } from '../numbers.ts';

/**
 * The learner exports `reader(readable)`; the judge owns the stream and makes the calls. In front of Chromium a given loop of
 * a few lines (`chromium/given-loop.ts`) makes them, and `handler` answers.
 */
export type ReaderScene = {
  readonly kind: 'reader';
  readonly file: string;
  readonly export: string;
  /** Only browser checks have one. */
  readonly handler?: readonly HandlerRule[];
};

/** One call of a method of the reader. */
export type ReaderCall =
  | { readonly until: Bytes; readonly limit: number }
  | { readonly exactly: number }
  | { readonly some: number }
  | { readonly cancel: true };

/** What a call must come to. `null`: the end; `rejects`: an error, whichever. `cancel` gives nothing. */
export type ReaderOutcome = { readonly gives: Bytes | null } | { readonly rejects: true };

export type ReaderStep =
  /** Makes a call and does not wait for what comes of it. */
  | { readonly do: 'begin'; readonly call: ReaderCall }
  /** The call that was begun first and not yet looked at has come to this. */
  | ({ readonly do: 'expectOutcome' } & ReaderOutcome)
  /** Makes a call; it comes to this without another byte. */
  | ({ readonly do: 'expectCall'; readonly call: ReaderCall } & ReaderOutcome)
  /** Calls `some(max)` until these bytes are there: each time at least one byte and at most `max`. */
  | { readonly do: 'expectSome'; readonly max: number; readonly gives: Bytes }
  /** The call that was begun first has come to nothing yet, however long one waits. */
  | { readonly do: 'expectWaiting' }
  /** No more bytes than this have been taken from the stream. */
  | { readonly do: 'expectTaken'; readonly atMost: number }
  /** The stream was told that nobody reads on. */
  | { readonly do: 'expectStopped' };

/** `until("␍␊␍␊", 1,024)`: a call as the learner would write it. */
export function callText(call: ReaderCall): string {
  if ('until' in call) return `until(${quoted(call.until)}, ${grouped(call.limit)})`;
  if ('exactly' in call) return `exactly(${grouped(call.exactly)})`;
  if ('some' in call) return `some(${grouped(call.some)})`;
  return 'cancel()';
}

/** One line, present tense. */
export function describeReaderStep(step: ReaderStep): string {
  switch (step.do) {
    case 'begin':
      return `Call ${callText(step.call)}.`;
    case 'expectOutcome':
      return `Expect that the call ${outcomeText(step)}.`;
    case 'expectCall':
      return `Call ${callText(step.call)} and expect that it ${outcomeText(step)}.`;
    case 'expectSome':
      return `Call ${callText({ some: step.max })} until ${quoted(step.gives)} is there.`;
    case 'expectWaiting':
      return 'Expect that the call still waits.';
    case 'expectTaken':
      return `Expect that at most ${grouped(step.atMost)} bytes were taken from the stream.`;
    case 'expectStopped':
      return 'Expect that the stream was cancelled.';
  }
}

/** `gives "first"`, `gives null`, `rejects`. */
export function outcomeText(outcome: ReaderOutcome): string {
  if ('rejects' in outcome) return 'rejects';
  return outcome.gives === null ? 'gives null' : `gives ${quoted(outcome.gives)}`;
}

export function quoted(bytes: Bytes, limit = 40): string {
  return `"${readable(latin1(bytesOf(bytes)), limit)}"`;
}
