/** Says what became of each stream's bytes: which came, which were passed on, where the hole is; never the fix. */
import type { RawCheck } from '../../exercise.ts';
import type { Cause, CodePlace, PictureLine } from '../../result.ts';
import { engineFailure, failureOfError, messageOf } from '../engine.ts';
import { typeName } from '../handler.ts';
import { grouped } from '../numbers.ts';
import { placeOf } from '../offset-text.ts';
import { placeIn } from '../place.ts';
import { offsetsPicture, type Range, rangeText } from '../ranges.ts';
import { count } from '../steps.ts';
import { StepFailed, type World } from '../world.ts';
import { jsonText } from './function-steps.ts';
import { packetText } from './packet-steps.ts';
import type { PacketRun, RunStream } from './packets.ts';

/** Packets that are named one by one. */
const NAMED = 5;

type More = { facts?: readonly string[]; expected: string; at?: readonly (CodePlace | null)[] };

export class PacketFailures {
  #world: World;
  #check: RawCheck;

  constructor(world: World, check: RawCheck) {
    this.#world = world;
    this.#check = check;
  }

  get #name(): string {
    return this.#check.scene.export;
  }

  threw(error: unknown): StepFailed {
    return new StepFailed(failureOfError(error, `${this.#name} threw`, 'crashed', this.#world.sources));
  }

  noGenerator(made: unknown): StepFailed {
    return this.#contract(`${this.#name} gave ${typeName(made)}, not an async generator.`);
  }

  noBody(stream: RunStream, body: unknown): StepFailed {
    return this.#contract(`The body of stream ${stream.id} is ${typeName(body)}, not a ReadableStream.`);
  }

  lockedBody(stream: RunStream): StepFailed {
    return this.#contract(`The body of stream ${stream.id} has a reader already.`);
  }

  unknownStream(run: PacketRun, given: unknown): StepFailed {
    const id = (given as { streamId?: unknown } | null)?.streamId;
    if (typeof id !== 'number')
      return this.#contract(`${this.#name} gave ${jsonText(given, 40)}, which has no streamId of a stream.`);
    const known = [...run.streams.keys()].join(', ');
    return this.#contract(`${this.#name} gave stream ${id}; there are ${known}.`);
  }

  givenTwice(run: PacketRun, stream: RunStream): StepFailed {
    return this.#fail('extra bytes', `Stream ${stream.id} was given a second time.`, run, stream, {
      facts: [this.#cameIn(run, stream)],
      expected: 'each stream once, however often its bytes come',
    });
  }

  /** Null while nothing is wrong with what was passed on. `mayBreak`: an error is somebody else's to judge. */
  outcome(run: PacketRun, mayBreak: boolean): StepFailed | null {
    for (const stream of run.streams.values()) {
      const failure = this.#ofStream(run, stream, mayBreak);
      if (failure !== null) return failure;
    }
    if (run.broke !== null && !mayBreak) {
      const { error } = run.broke;
      return new StepFailed(failureOfError(error, `${this.#name} threw`, 'crashed', this.#world.sources));
    }
    if (run.done && [...run.streams.values()].some((stream) => stream.body === null && stream.arrived.all.length > 0))
      return this.#contract(`${this.#name} is over, and packets go on coming.`);
    return null;
  }

  /** Bytes that are there and in order have not come out. */
  held(run: PacketRun, stream: RunStream, to: number): StepFailed {
    const from = stream.body?.length ?? 0;
    const whole = rangeText({ from, to });
    const isOne = to - from === 1;
    const headline = `Stream ${stream.id}: ${whole} ${isOne ? 'is' : 'are'} there, with no hole before ${isOne ? 'it' : 'them'}, and ${isOne ? 'was' : 'were'} not passed on.`;
    const others = [...run.streams.values()].filter((other) => other !== stream && other.arrived.hole !== null);
    const holes = others.map((other) => `the hole is in stream ${other.id}: ${rangeText(other.arrived.hole as Range)}`);
    const unread = [...run.streams.values()].filter(({ body, id }) => body !== null && !run.isRead.has(id));
    const away = unread.map(({ id }) => `nobody reads stream ${id}`);
    const given = stream.body === null ? ['its body was not given to anybody'] : [];
    return this.#fail('silent', headline, run, stream, {
      facts: [...given, ...holes, ...away, this.#cameIn(run)],
      expected: `all of stream ${stream.id} up to byte ${grouped(to - 1)}`,
      at: [this.#waits(run)],
    });
  }

  /** More came out than there is without a hole; `outcome` has seen that it had arrived. */
  tooMuch(run: PacketRun, stream: RunStream, to: number): StepFailed {
    const have = stream.body?.length ?? 0;
    return this.#fail(
      'extra bytes',
      `Stream ${stream.id}: ${count(have)} were passed on; ${grouped(to)} are due.`,
      run,
      stream,
      {
        expected: to === 0 ? 'nothing yet' : rangeText({ from: 0, to }),
      },
    );
  }

  neverEnds(run: PacketRun, stream: RunStream): StepFailed {
    const headline =
      stream.total === 0
        ? `Stream ${stream.id} has no bytes, and its body does not end.`
        : `All ${count(stream.total)} of stream ${stream.id} were passed on, and its body does not end.`;
    return this.#fail('never ended', headline, run, stream, {
      facts: [this.#cameIn(run, stream)],
      expected: stream.total === 0 ? 'the end' : `the end behind byte ${grouped(stream.total - 1)}`,
      at: [this.#waits(run)],
    });
  }

  /** @throws StepFailed when nothing broke off, or something did for another reason. */
  finalSize(run: PacketRun, stream: RunStream, story: string): void {
    const { fault } = this.#world;
    const errors = [run.broke?.error, ...[...run.streams.values()].map(({ body }) => errorOf(body?.fault))];
    const found = errors.filter((error) => error !== undefined);
    if (found.some((error) => namesOf(error).includes('FINAL_SIZE_ERROR'))) return;
    if (fault !== null) throw new StepFailed(fault);
    if (run.problem !== null) throw run.problem;
    const expected = 'an error that says FINAL_SIZE_ERROR';
    const [first] = found;
    const headline =
      first === undefined
        ? `Stream ${stream.id} has two ends, and nobody was told: ${story}.`
        : `Stream ${stream.id} has two ends (${story}); the error says ${jsonText(messageOf(first), 60)}.`;
    throw this.#fail(first === undefined ? 'silent' : 'wrong value', headline, run, stream, {
      facts: [this.#cameIn(run, stream)],
      expected,
    });
  }

  #ofStream(run: PacketRun, stream: RunStream, mayBreak: boolean): StepFailed | null {
    const { body, arrived, total, id } = stream;
    if (body === null || !stream.isJudged) return null;
    if (body.wrong !== null) return this.#wrongBytes(run, stream, body.wrong);
    const { changed } = body;
    if (changed !== null) {
      const headline = `Stream ${id}: ${rangeText(changed)} changed after they had been passed on.`;
      return this.#fail('wrong bytes', headline, run, stream, {
        facts: [this.#cameIn(run, stream), 'whoever keeps that chunk finds other bytes in it now'],
        expected: 'chunks that stay as they were given',
      });
    }
    if (body.length > arrived.whole) {
      const hole = arrived.hole ?? { from: arrived.whole, to: total };
      const headline = `Stream ${id} was passed on beyond its hole: ${rangeText(hole)} had not arrived.`;
      return this.#fail('wrong bytes', headline, run, stream, {
        expected: `nothing beyond byte ${grouped(hole.from)}`,
      });
    }
    if (body.fault?.why === 'wrong type')
      return this.#contract(`The body of stream ${id} gave ${typeName(body.fault.value)}, not a Uint8Array.`);
    if (body.fault?.why === 'errored' && !mayBreak) {
      const { error } = body.fault;
      return new StepFailed(
        failureOfError(error, `The body of stream ${id} broke off`, 'crashed', this.#world.sources),
      );
    }
    if (body.ended && (body.length < total || !stream.isLastSeen)) {
      const hole = arrived.hole ?? { from: arrived.whole, to: total };
      const missing =
        arrived.whole === total ? `all ${grouped(total)} had arrived` : `${rangeText(hole)} had not arrived`;
      const why = stream.isLastSeen ? missing : 'no frame was the last one';
      return this.#fail(
        'closed early',
        `The body of stream ${id} ended behind ${count(body.length)}; ${why}.`,
        run,
        stream,
        {
          facts: [this.#cameIn(run, stream)],
          expected: `the end behind byte ${grouped(total - 1)}, and no sooner`,
        },
      );
    }
    return null;
  }

  #wrongBytes(
    run: PacketRun,
    stream: RunStream,
    wrong: NonNullable<NonNullable<RunStream['body']>['wrong']>,
  ): StepFailed {
    const piece = wrong.chunk.subarray(wrong.at - wrong.from);
    const here = grouped(wrong.at);
    const found = placeOf(piece, stream.text);
    const facts = [this.#cameIn(run, stream)];
    const whole = (at: number, length: number): string =>
      rangeText({ from: at, to: at + Math.min(piece.length, length - at) });
    if (found !== null) {
      const what = whole(found, stream.text.length);
      const headline =
        found > wrong.at
          ? `Stream ${stream.id}: ${what} passed on where byte ${here} belongs.`
          : `Stream ${stream.id}: ${what} passed on a second time.`;
      const expected = found > wrong.at ? `byte ${here}, or nothing while it is missing` : 'each byte once';
      return this.#fail('wrong bytes', headline, run, stream, { facts, expected });
    }
    const owner = [...run.streams.values()].find((other) => other !== stream && placeOf(piece, other.text) !== null);
    const headline =
      owner === undefined
        ? `Byte ${here} of what was passed on of stream ${stream.id} is not its byte ${here}.`
        : `${whole(placeOf(piece, owner.text) ?? 0, owner.text.length)} of stream ${owner.id} passed on as stream ${stream.id}.`;
    return this.#fail('wrong bytes', headline, run, stream, { facts, expected: 'each byte once, in its own stream' });
  }

  /** `came in: packet 0 (1: 0–9), packet 2 (…)`; only those of one stream where one is named. */
  #cameIn({ order }: PacketRun, stream?: RunStream): string {
    const own = order.filter(({ frames }) => stream === undefined || frames.some((f) => f.streamId === stream.id));
    const named = own.slice(-NAMED).map(packetText);
    const before = own.length - named.length;
    return `came in: ${before > 0 ? `${before} before, then ` : ''}${named.join(', ')}`;
  }

  #waits(run: PacketRun): CodePlace | null {
    const trace = [...run.feed.reading].at(-1);
    return placeIn(trace?.stack, this.#world.sources, 'waits for a packet', this.#check.scene.file);
  }

  #contract(headline: string): StepFailed {
    return new StepFailed(engineFailure('contract', headline, [this.#declaration()]));
  }

  #declaration(): CodePlace | null {
    const { file, export: name } = this.#check.scene;
    const lines = this.#world.sources.get(file)?.lines ?? [];
    const line = lines.findIndex((text) => new RegExp(`^\\s*export\\b.*\\b${name}\\b`).test(text));
    const text = lines[line];
    if (text === undefined) return null;
    return { file, line: line + 1, column: text.indexOf(name) + 1, text, did: `${name} begins here` };
  }

  #fail(cause: Cause, headline: string, run: PacketRun, stream: RunStream, more: More): StepFailed {
    const { at = [], ...rest } = more;
    const places = [...at, this.#declaration()].filter((place) => place !== null);
    return new StepFailed({
      cause,
      headline,
      picture: picture(run, stream),
      spec: this.#check.spec,
      idea: this.#check.idea,
      ...rest,
      at: places.slice(0, 1),
    });
  }
}

/** The stream that it is about, in full, and what became of the others. */
function picture({ streams }: PacketRun, { id, total, arrived, body }: RunStream): PictureLine[] {
  const { hole } = arrived;
  const rows = [
    { label: 'arrived', ranges: arrived.all },
    { label: 'passed on', ranges: [{ from: 0, to: Math.min(total, body?.wrong?.at ?? body?.length ?? 0) }] },
  ];
  const widest = Math.max(...[...streams.values()].map((stream) => stream.total));
  const mark = hole === null ? null : { at: hole.from, text: `the hole: ${rangeText(hole)}` };
  return offsetsPicture(widest, rows, mark, `stream ${id}`);
}

function errorOf(fault: { why: string; error?: unknown } | null | undefined): unknown {
  return fault?.why === 'errored' ? fault.error : undefined;
}

function namesOf(error: unknown): string {
  const {
    name = '',
    message = '',
    code = '',
  } = (typeof error === 'object' && error !== null ? error : {}) as {
    name?: unknown;
    message?: unknown;
    code?: unknown;
  };
  return typeof error === 'string' ? error : `${name} ${message} ${code}`;
}
