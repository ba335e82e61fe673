/** Says what a call for a frame came to, which frame stands there, and in which of its nine bytes they differ. Never the fix. */
import type { RawCheck } from '../../exercise.ts';
import type { Cause, CodePlace, Excerpt, Failure } from '../../result.ts';
import { latin1, readable } from '../bytes.ts';
import { engineFailure, failureOfError, messageOf } from '../engine.ts';
import { sentExcerpt } from '../excerpt.ts';
import { typeName } from '../handler.ts';
import { http2Words } from '../http2/excerpt-words.ts';
import { HEAD } from '../http2/names.ts';
import { frameAt, framesIn, type WireFrame } from '../http2/parse.ts';
import { frameText } from '../http2/words.ts';
import { grouped } from '../numbers.ts';
import type { Pipe } from '../pipe.ts';
import { placeIn } from '../place.ts';
import { count } from '../steps.ts';
import { StepFailed, type World } from '../world.ts';
import type { GivenFrame, Settled } from './frames.ts';

type More = Partial<Omit<Failure, 'at'>> & { at?: readonly (CodePlace | null)[]; caret?: { at: number; text: string } };

/** Where the parts of a head begin. */
const AT = { length: 0, type: 3, flags: 4, streamId: 5 } as const;

export class FramesFailures {
  #world: World;
  #check: RawCheck;

  constructor(world: World, check: RawCheck) {
    this.#world = world;
    this.#check = check;
  }

  /** An engine verdict, with the bytes of the stream it happened on. */
  withStream(failure: Failure, pipe: Pipe | null): Failure {
    return pipe !== null && pipe.offered > 0 ? { sent: sentFrames(pipe), ...failure } : failure;
  }

  words(frame: WireFrame): string {
    return frameText(frame);
  }

  threw(pipe: Pipe, error: unknown): StepFailed {
    const failure = failureOfError(error, `${this.#check.scene.export} threw`, 'crashed', this.#world.sources);
    return new StepFailed(this.withStream(failure, pipe));
  }

  noGenerator(pipe: Pipe, made: unknown): StepFailed {
    const headline = `${this.#check.scene.export} gave ${made instanceof Promise ? 'a Promise' : typeName(made)}, not a generator of frames.`;
    return new StepFailed(this.withStream(engineFailure('contract', headline, [this.#declaration()]), pipe));
  }

  /** Null when the call gave this frame. */
  frame(pipe: Pipe, settled: Settled | null, wanted: WireFrame, nth: number): StepFailed | null {
    const name = `frame ${nth}`;
    const expected = `${frameText(wanted)}`;
    const caret = { at: wanted.from, text: `${name} begins here` };
    if (settled === null)
      return this.#fail('silent', `The call for ${name} never comes back.`, pipe, {
        caret,
        expected,
        facts: this.#state(pipe),
        at: [this.#place([...pipe.reading].at(-1) ?? pipe.piped, 'waits for bytes')],
      });
    if (settled.how === 'rejected') {
      const failure = failureOfError(settled.error, `The call for ${name} rejected`, 'crashed', this.#world.sources);
      if (failure.cause !== 'crashed') return new StepFailed(this.withStream(failure, pipe));
      return this.#fail('crashed', `${failure.headline.replace(/\.$/, '')}.`, pipe, {
        caret,
        expected,
        facts: this.#state(pipe),
        at: failure.at,
      });
    }
    if (settled.how === 'done')
      return this.#fail('incomplete', `The frames are said to be over, before ${name}.`, pipe, {
        caret,
        expected,
        facts: this.#state(pipe),
      });
    const problem = wrongShape(settled.value);
    if (problem !== null)
      return new StepFailed(this.withStream(engineFailure('contract', `${problem}.`, [this.#declaration()]), pipe));
    return this.#differs(pipe, settled.value as GivenFrame, wanted, nth);
  }

  notWaiting(pipe: Pipe, settled: Settled): StepFailed {
    const what =
      settled.how === 'rejected'
        ? `rejected: ${messageOf(settled.error)}`
        : settled.how === 'done'
          ? 'said that there are no more frames'
          : `gave ${givenText(settled.value)}`;
    return this.#fail('wrong bytes', `The call for a frame ${what}, before all of it had come.`, pipe, {
      caret: { at: pipe.offered, text: 'nothing more has come yet' },
      expected: 'it waits for more bytes',
    });
  }

  /** Null when the generator is done. */
  notDone(pipe: Pipe, settled: Settled | null): StepFailed | null {
    if (settled?.how === 'done') return null;
    const expected = 'no more frames, and no error: the stream ended between two frames';
    if (settled === null)
      return this.#fail('silent', 'The stream has ended, and the call for a frame never comes back.', pipe, {
        expected,
        facts: this.#state(pipe),
        at: [this.#place([...pipe.reading].at(-1) ?? pipe.piped, 'waits for bytes')],
      });
    if (settled.how === 'gave')
      return this.#fail('extra bytes', `One more frame was given: ${givenText(settled.value)}.`, pipe, {
        expected,
        facts: this.#state(pipe),
      });
    const failure = failureOfError(settled.error, 'The call for a frame rejected', 'crashed', this.#world.sources);
    return this.#fail('crashed', failure.headline, pipe, { expected, facts: this.#state(pipe), at: failure.at });
  }

  /** Null when the call rejected, and its error has that name in it. */
  notRejected(pipe: Pipe, settled: Settled | null, name: string | null): StepFailed | null {
    const expected = name === null ? 'the call rejects' : `the call rejects with an error that names ${name}`;
    const { frames, to } = framesIn(pipe.sent);
    const open = to < pipe.offered ? to : (frames.at(-1)?.from ?? 0);
    const caret = { at: open, text: open === to && to < pipe.offered ? 'this frame is not whole' : 'this frame' };
    if (settled?.how === 'rejected') {
      const { error } = settled;
      const failure = failureOfError(error, 'The call rejected', 'crashed', this.#world.sources);
      if (failure.cause !== 'crashed') return new StepFailed(this.withStream(failure, pipe));
      if (name === null || namesIt(error, name)) return null;
      return this.#fail(
        'wrong value',
        `The call rejects, and its error does not name ${name}: ${messageOf(error)}`,
        pipe,
        {
          caret,
          expected,
          at: failure.at,
        },
      );
    }
    const facts = this.#state(pipe);
    const size = sizeAt(pipe, open);
    if (size !== null) facts.unshift(`its head says ${count(size)} of payload`);
    if (settled === null)
      return this.#fail('silent', 'The call for a frame never comes back, and no error comes of it.', pipe, {
        caret,
        expected,
        facts,
        at: [this.#place([...pipe.reading].at(-1) ?? pipe.piped, 'waits for bytes')],
      });
    const what =
      settled.how === 'done' ? 'The frames are said to be over' : `The call gave ${givenText(settled.value)}`;
    return this.#fail(settled.how === 'done' ? 'incomplete' : 'wrong bytes', `${what}.`, pipe, {
      caret,
      expected,
      facts,
    });
  }

  tookTooMuch(pipe: Pipe, atMost: number): StepFailed {
    const headline = `${count(pipe.taken)} were taken from the stream, ${grouped(pipe.taken - atMost)} too many.`;
    return this.#fail('unbounded', headline, pipe, {
      facts: [`the stream had ${count(pipe.offered)} ready, in ${count(pipe.deliveries.length, 'chunk')}`],
      expected: `at most ${count(atMost)} taken`,
    });
  }

  overwritten(pipe: Pipe, nth: number, wanted: WireFrame, payload: Uint8Array, before: string): StepFailed {
    return this.#fail('wrong bytes', `The payload of frame ${nth} has changed since it was given.`, pipe, {
      caret: { at: wanted.from + HEAD, text: `the payload of frame ${nth}` },
      facts: [`it was "${readable(before, 24)}" and is now "${readable(latin1(payload), 24)}"`],
      expected: 'a payload that was given stays as it is',
    });
  }

  #differs(pipe: Pipe, got: GivenFrame, wanted: WireFrame, nth: number): StepFailed | null {
    const part =
      got.type !== wanted.type
        ? 'type'
        : got.flags !== wanted.flags
          ? 'flags'
          : got.streamId !== wanted.stream
            ? 'streamId'
            : null;
    const expected = frameText(wanted);
    const later = framesIn(pipe.sent).frames.find((frame) => frame.from > wanted.from && isSame(got, frame));
    if (later !== undefined && !isSame(got, wanted))
      return this.#fail('wrong value', `Frame ${nth} was left out: the next one was given in its place.`, pipe, {
        caret: { at: wanted.from, text: `frame ${nth} begins here` },
        facts: [`your code gave ${givenText(got)}`],
        expected,
      });
    if (part !== null) {
      const want = part === 'streamId' ? wanted.stream : wanted[part];
      return this.#fail('wrong value', `Frame ${nth} has ${part} ${got[part]}, not ${want}.`, pipe, {
        caret: { at: wanted.from + AT[part], text: `the ${part} of frame ${nth}` },
        facts: [`your code gave ${givenText(got)}`],
        expected,
      });
    }
    const [a, b] = [latin1(wanted.payload), latin1(got.payload)];
    if (a === b) return null;
    const length = a.length !== b.length;
    let same = 0;
    while (same < a.length && same < b.length && a[same] === b[same]) same++;
    const headline = length
      ? `The payload of frame ${nth} has ${count(b.length)}, not ${count(a.length)}.`
      : `The payload of frame ${nth} differs from byte ${same} on.`;
    return this.#fail('wrong bytes', headline, pipe, {
      caret: length
        ? { at: wanted.from, text: 'the length: three bytes' }
        : { at: wanted.from + HEAD + same, text: 'differs from here' },
      facts: [`your code gave ${givenText(got)}`],
      expected,
    });
  }

  /** What the stream has given, and whether anything more can come. */
  #state(pipe: Pipe): string[] {
    const facts: string[] = [];
    if (pipe.offered === 0) facts.push('no byte has come');
    else if (pipe.untaken === 0)
      facts.push(
        `all ${count(pipe.offered)} were taken${pipe.inputEnded === null ? ', and no more are on their way' : ''}`,
      );
    else facts.push(`${grouped(pipe.untaken)} of ${count(pipe.offered)} are still in the stream`);
    if (pipe.inputEnded === 'end') facts.push('the stream has ended');
    if (pipe.inputEnded === 'reset') facts.push('the stream has failed');
    return [facts.join('; ')];
  }

  #place(trace: Error | null | undefined, did: string): CodePlace | null {
    return placeIn(trace?.stack, this.#world.sources, did, this.#check.scene.file);
  }

  #declaration(): CodePlace | null {
    const { file, export: name } = this.#check.scene;
    const lines = this.#world.sources.get(file)?.lines ?? [];
    const line = lines.findIndex((text) => new RegExp(`^\\s*export\\b.*\\b${name}\\b`).test(text));
    const text = lines[line];
    if (text === undefined) return null;
    return { file, line: line + 1, column: text.indexOf(name) + 1, text, did: `${name} begins here` };
  }

  #fail(cause: Cause, headline: string, pipe: Pipe, more: More): StepFailed {
    const { caret, at = [], ...rest } = more;
    const places = at.filter((place) => place !== null);
    const chunks = pipe.deliveries.map(({ from, to }) => to - from);
    const shown = caret !== undefined && caret.at <= pipe.offered ? caret : undefined;
    return new StepFailed({
      cause,
      headline,
      ...(pipe.offered > 0 ? { sent: sentFrames(pipe, shown) } : {}),
      ...(chunks.length > 1 && chunks.length <= 8 ? { delivery: `in chunks of ${chunks.join(', ')} bytes` } : {}),
      spec: this.#check.spec,
      idea: this.#check.idea,
      ...rest,
      at: places.length > 0 ? places : [this.#declaration()].filter((place) => place !== null),
    });
  }
}

/** The frames that were sent, from the one at the caret on. */
function sentFrames(pipe: Pipe, caret?: { at: number; text: string }): Excerpt {
  const { frames, to } = framesIn(pipe.sent);
  const at = caret?.at ?? 0;
  const from = frames.find((frame) => frame.to > at)?.from ?? to;
  return { ...sentExcerpt(pipe, from, caret), words: http2Words(pipe.sent, from, false) };
}

function wrongShape(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return `A call for a frame gave ${typeName(value)}`;
  const frame = value as Record<string, unknown>;
  for (const part of ['type', 'flags', 'streamId'])
    if (typeof frame[part] !== 'number') return `The ${part} of a frame is ${typeName(frame[part])}, not a number`;
  if (!(frame.payload instanceof Uint8Array))
    return `The payload of a frame is ${typeName(frame.payload)}, not a Uint8Array`;
  return null;
}

function isSame(got: GivenFrame, sent: WireFrame): boolean {
  const isHead = got.type === sent.type && got.flags === sent.flags && got.streamId === sent.stream;
  return isHead && latin1(got.payload) === latin1(sent.payload);
}

/** `type 1, flags 4, streamId 3, 12 bytes`. */
function givenText(value: unknown): string {
  if (wrongShape(value) !== null) return typeName(value);
  const { type, flags, streamId, payload } = value as GivenFrame;
  return `type ${type}, flags ${flags}, streamId ${streamId}, ${count(payload.length)}`;
}

/** The name, the message or the code of an error holds it. */
function namesIt(error: unknown, name: string): boolean {
  if (typeof error !== 'object' || error === null) return String(error).includes(name);
  const { name: own, message, code } = error as { name?: unknown; message?: unknown; code?: unknown };
  return [own, message, code].some((part) => String(part).includes(name));
}

/** What the head at this place says, where it is there. */
function sizeAt(pipe: Pipe, at: number): number | null {
  const frame = frameAt(pipe.sent, at);
  if (!('needs' in frame)) return frame.payload.length;
  return frame.needs > HEAD ? frame.needs - HEAD : null;
}
