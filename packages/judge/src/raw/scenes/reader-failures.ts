/** Says what a call of the learner's reader came to, and where in the stream; never the fix. `reader-values.ts` compares the bytes. */

import type { RawCheck } from '../../exercise.ts';
import type { Cause, CodePlace, Failure } from '../../result.ts';
import { bytesOf, latin1 } from '../bytes.ts';
import { engineFailure, failureOfError, messageOf } from '../engine.ts';
import { sentExcerpt } from '../excerpt.ts';
import { typeName } from '../handler.ts';
import { grouped } from '../numbers.ts';
import type { Pipe } from '../pipe.ts';
import { placeIn } from '../place.ts';
import { count } from '../steps.ts';
import { StepFailed, type World } from '../world.ts';
import type { Call, Settled } from './reader.ts';
import { outcomeText, quoted, type ReaderOutcome } from './reader-steps.ts';
import { differenceOf, valueText } from './reader-values.ts';

type More = Partial<Omit<Failure, 'at'>> & { at?: readonly (CodePlace | null)[]; caret?: { at: number; text: string } };

export class ReaderFailures {
  #world: World;
  #check: RawCheck;

  constructor(world: World, check: RawCheck) {
    this.#world = world;
    this.#check = check;
  }

  /** An engine verdict, with the bytes of the stream it happened on. */
  withStream(failure: Failure, pipe: Pipe | null): Failure {
    return pipe !== null && pipe.offered > 0 ? { sent: sentExcerpt(pipe, 0), ...failure } : failure;
  }

  /** Making the reader failed. */
  threw(pipe: Pipe, error: unknown, name: string): StepFailed {
    const failure = failureOfError(error, `${name} threw`, 'crashed', this.#world.sources);
    return new StepFailed(this.withStream(failure, pipe));
  }

  noReader(pipe: Pipe, made: unknown): StepFailed {
    const headline = `${this.#check.scene.export} gave ${typeName(made)}, not an object with until, exactly, some and cancel.`;
    return new StepFailed(this.withStream(engineFailure('contract', headline, [this.#declaration()]), pipe));
  }

  noMethod(pipe: Pipe, name: string, methods: Record<string, unknown>): StepFailed {
    const has = Object.keys(methods).filter((key) => typeof methods[key] === 'function');
    const what = methods instanceof Promise ? 'a Promise' : has.length === 0 ? 'nothing to call' : has.join(', ');
    const headline = `What ${this.#check.scene.export} gave has no ${name}: there is ${what}.`;
    return new StepFailed(this.withStream(engineFailure('contract', headline, [this.#declaration()]), pipe));
  }

  /** Null when the call came to what it should. */
  outcome(pipe: Pipe, call: Call, settled: Settled | null, want: ReaderOutcome): StepFailed | null {
    if (settled === null) return this.#waits(pipe, call, want);
    if (settled.how === 'rejected') return this.#rejected(pipe, call, settled.error, want);
    if ('cancel' in call.call) return null;
    const { value } = settled;
    const problem = this.#wrongType(pipe, call, value);
    if (problem !== null) return problem;
    if (value instanceof Uint8Array) return this.#gaveBytes(pipe, call, value, want);
    if ('gives' in want && want.gives === null) return null;
    const bytes = 'gives' in want && want.gives !== null;
    return this.#fail(
      bytes ? 'wrong bytes' : 'incomplete',
      bytes
        ? `${call.text} gave null, as if the stream had ended before ${quoted(want.gives ?? '')}.`
        : `${call.text} gave null, as if the stream had ended between two messages.`,
      pipe,
      call,
      { expected: this.#expected(want) },
    );
  }

  /** The same for one `some`: a beginning of `rest`, at most `max` bytes, at least one. */
  some(pipe: Pipe, call: Call, settled: Settled | null, rest: Uint8Array, max: number): StepFailed | null {
    const want = latin1(rest);
    const all = { gives: { hex: hexOf(rest) } } as const;
    if (settled === null || settled.how === 'rejected' || settled.value === null)
      return this.outcome(pipe, call, settled, all);
    const problem = this.#wrongType(pipe, call, settled.value);
    if (problem !== null) return problem;
    const value = settled.value as Uint8Array;
    const expected = `1 to ${grouped(Math.min(max, rest.length))} bytes of ${quoted(all.gives)}`;
    if (value.length === 0)
      return this.#fail('wrong bytes', `${call.text} gave no bytes, though there are more.`, pipe, call, { expected });
    if (value.length > max)
      return this.#fail('extra bytes', `${call.text} gave ${count(value.length)}.`, pipe, call, { expected });
    if (want.startsWith(latin1(value))) return null;
    return this.#differs(pipe, call, value, rest, expected);
  }

  notWaiting(pipe: Pipe, call: Call, settled: Settled): StepFailed {
    const what =
      settled.how === 'rejected' ? `rejected: ${messageOf(settled.error)}` : `gave ${valueText(settled.value)}`;
    return this.#fail('wrong bytes', `${call.text} ${what}, before all it asks for had come.`, pipe, call, {
      caret: { at: pipe.offered, text: 'nothing more has come yet' },
      expected: 'it waits for more bytes',
    });
  }

  tookTooMuch(pipe: Pipe, atMost: number, call: Call | null): StepFailed {
    const headline = `${count(pipe.taken)} were taken from the stream, ${grouped(pipe.taken - atMost)} too many.`;
    return this.#fail('unbounded', headline, pipe, call, {
      facts: [`the stream had ${count(pipe.offered)} ready, in ${count(pipe.deliveries.length, 'chunk')}`],
      expected: `at most ${count(atMost)} taken`,
    });
  }

  notStopped(pipe: Pipe): StepFailed {
    return this.#fail('never ended', 'The stream does not know that nobody reads it any more.', pipe, null, {
      facts: ['cancel has come back; the stream was not cancelled'],
      expected: 'the stream is cancelled',
      at: [this.#declaration('cancel')],
    });
  }

  overwritten(pipe: Pipe, call: Call, now: Call, value: Uint8Array, before: string): StepFailed {
    const was = Uint8Array.from(before, (c) => c.charCodeAt(0));
    return this.#fail('wrong bytes', `What ${call.text} gave has changed since, during ${now.text}.`, pipe, call, {
      facts: [`it was ${valueText(was)} and is now ${valueText(value)}`],
      expected: 'bytes that were given stay as they are',
      spec: { text: 'contract', url: '' },
      idea: 'What a call gives belongs to the caller, who may look at it again after the next call.',
    });
  }

  #waits(pipe: Pipe, call: Call, want: ReaderOutcome): StepFailed {
    const at = [this.#place([...pipe.reading].at(-1), 'waits for bytes')];
    const facts = this.#state(pipe);
    if (pipe.reading.size === 0) facts.push('no read is under way, and nothing is left to run');
    const isLimit = 'rejects' in want && pipe.inputEnded === null && 'until' in call.call;
    if (isLimit) {
      const headline = `${call.text} still waits, with ${count(pipe.taken)} taken and no mark among them.`;
      return this.#fail('unbounded', headline, pipe, call, {
        facts: this.#state(pipe),
        expected: this.#expected(want),
        at,
      });
    }
    return this.#fail('silent', `${call.text} never comes back.`, pipe, call, {
      facts,
      expected: this.#expected(want),
      at,
    });
  }

  #rejected(pipe: Pipe, call: Call, error: unknown, want: ReaderOutcome): StepFailed | null {
    const failure = failureOfError(error, `${call.text} rejected`, 'crashed', this.#world.sources);
    // An error is right here, but not one that another host would not know.
    if ('rejects' in want && failure.cause === 'crashed') return null;
    if (failure.cause !== 'crashed') return new StepFailed(this.withStream(failure, pipe));
    return this.#fail('crashed', failure.headline, pipe, call, {
      facts: this.#state(pipe),
      expected: this.#expected(want),
      at: failure.at,
    });
  }

  #gaveBytes(pipe: Pipe, call: Call, value: Uint8Array, want: ReaderOutcome): StepFailed | null {
    const expected = this.#expected(want);
    if ('gives' in want && want.gives !== null) {
      const bytes = bytesOf(want.gives);
      return latin1(bytes) === latin1(value) ? null : this.#differs(pipe, call, value, bytes, expected);
    }
    const isLimit = 'rejects' in want && pipe.inputEnded === null;
    const limit = 'until' in call.call ? call.call.limit : 0;
    const beyond = value instanceof Uint8Array && value.length > limit && limit > 0;
    const why = !isLimit
      ? 'and the stream has ended'
      : beyond
        ? `and ${limit} is the limit`
        : 'and no mark stands there';
    return this.#fail(
      isLimit ? 'wrong bytes' : 'incomplete',
      `${call.text} gave ${valueText(value)}, ${why}.`,
      pipe,
      call,
      { expected },
    );
  }

  #differs(pipe: Pipe, call: Call, value: Uint8Array, want: Uint8Array, expected: string): StepFailed {
    const mark = 'until' in call.call ? bytesOf(call.call.until) : new Uint8Array(0);
    const { cause, headline, fact, at } = differenceOf({ value, want, mark, sent: pipe.sent, from: call.from });
    return this.#fail(cause, `${call.text} ${headline}.`, pipe, call, {
      ...(fact === null ? {} : { facts: [fact] }),
      caret: at,
      expected,
    });
  }

  #wrongType(pipe: Pipe, call: Call, value: unknown): StepFailed | null {
    const isNull = value === null && !('exactly' in call.call);
    if (value instanceof Uint8Array || isNull) return null;
    const type = 'exactly' in call.call ? 'Uint8Array' : 'Uint8Array or null';
    const name = call.text.slice(0, call.text.indexOf('('));
    const headline = `${call.text} gave ${typeName(value)}; the contract says ${type}.`;
    return new StepFailed(this.withStream(engineFailure('contract', headline, [this.#declaration(name)]), pipe));
  }

  #expected(want: ReaderOutcome): string {
    if ('rejects' in want) return 'the call rejects';
    return want.gives === null ? 'null' : `the call ${outcomeText(want)} (${count(bytesOf(want.gives).length)})`;
  }

  /** What the stream has given, and whether anything more can come. */
  #state(pipe: Pipe): string[] {
    const facts: string[] = [];
    if (pipe.stoppedReading !== null) facts.push('your code has stopped reading the stream');
    else if (pipe.offered === 0) facts.push('no byte has come');
    else if (pipe.untaken === 0)
      facts.push(
        `all ${count(pipe.offered)} were taken${pipe.inputEnded === null ? ', and no more are on their way' : ''}`,
      );
    else facts.push(`${grouped(pipe.untaken)} of ${count(pipe.offered)} are still in the stream`);
    if (pipe.inputEnded === 'end') facts.push('the stream has ended');
    if (pipe.inputEnded === 'reset') facts.push('the stream has failed');
    return [facts.join('; ')];
  }

  #place(trace: Error | undefined, did: string): CodePlace | null {
    return placeIn(trace?.stack, this.#world.sources, did);
  }

  /** Where the learner's file names this method, else the function: the place to look when no narrower one is known. */
  #declaration(method?: string): CodePlace | null {
    const { file, export: name } = this.#check.scene;
    const lines = this.#world.sources.get(file)?.lines ?? [];
    const find = (pattern: RegExp): number => lines.findIndex((text) => pattern.test(text));
    const own =
      method === undefined ? -1 : find(new RegExp(`(?:^\\s*|\\b(?:async|function\\*?|const)\\s+)${method}\\s*[(:=]`));
    const line = own >= 0 ? own : find(new RegExp(`^\\s*export\\b.*\\b${name}\\b`));
    const text = lines[line];
    if (text === undefined) return null;
    const word = own >= 0 && method !== undefined ? method : name;
    return { file, line: line + 1, column: text.indexOf(word) + 1, text, did: `${word} begins here` };
  }

  #fail(cause: Cause, headline: string, pipe: Pipe, call: Call | null, more: More): StepFailed {
    const { caret, at = [], ...rest } = more;
    const begins = call === null || call.from === 0 || call.from > pipe.offered ? undefined : call.from;
    const shown = caret ?? (begins === undefined ? undefined : { at: begins, text: 'this call begins here' });
    const places = at.filter((place) => place !== null);
    const method = call?.text.slice(0, call.text.indexOf('('));
    const chunks = pipe.deliveries.map(({ from, to }) => to - from);
    return new StepFailed({
      cause,
      headline,
      ...(pipe.offered > 0 ? { sent: sentExcerpt(pipe, 0, shown) } : {}),
      // Another delivery of the same bytes says so itself.
      ...(chunks.length > 1 && chunks.length <= 8 ? { delivery: `in chunks of ${chunks.join(', ')} bytes` } : {}),
      spec: this.#check.spec,
      idea: this.#check.idea,
      ...rest,
      at: places.length > 0 ? places : [this.#declaration(method)].filter((place) => place !== null),
    });
  }
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
