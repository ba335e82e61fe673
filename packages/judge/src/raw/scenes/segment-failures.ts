/** Says what became of the bytes: which came, which were passed on, where the hole is; never the fix. */
import type { RawCheck } from '../../exercise.ts';
import type { Cause, CodePlace, Failure, PictureLine } from '../../result.ts';
import { engineFailure, failureOfError } from '../engine.ts';
import { typeName } from '../handler.ts';
import { grouped } from '../numbers.ts';
import { placeOf } from '../offset-text.ts';
import { placeIn } from '../place.ts';
import { offsetsPicture, type Range, rangeText } from '../ranges.ts';
import { count } from '../steps.ts';
import { StepFailed, type World } from '../world.ts';
import type { Arrival } from './segment-plans.ts';
import type { SegmentRun } from './segments.ts';

/** Arrivals that are named one by one. */
const NAMED = 8;

export class SegmentFailures {
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

  noStream(made: unknown): StepFailed {
    const headline = `${this.#name} gave ${typeName(made)}, not a ReadableStream.`;
    return new StepFailed(engineFailure('contract', headline, [this.#declaration()]));
  }

  lockedStream(): StepFailed {
    const headline = `The stream that ${this.#name} gave has a reader already.`;
    return new StepFailed(engineFailure('contract', headline, [this.#declaration()]));
  }

  /** An engine verdict, with what had come by then. */
  withPicture(failure: Failure, run: SegmentRun): Failure {
    return run.order.length === 0 ? failure : { picture: this.#picture(run, null), ...failure };
  }

  /** Null while nothing is wrong with what was passed on. */
  outcome(run: SegmentRun): StepFailed | null {
    const { out, arrived, total } = run;
    if (out.wrong !== null) return this.#wrongBytes(run, out.wrong);
    if (out.length > total) return this.#extra(run);
    const { changed } = out;
    if (changed !== null)
      return this.#fail('wrong bytes', `${capital(rangeText(changed))} changed after they had been passed on.`, run, {
        facts: [this.#cameIn(run), 'whoever keeps that chunk finds other bytes in it now'],
        expected: 'chunks that stay as they were given',
      });
    const { hole } = arrived;
    if (out.length > arrived.whole) {
      const place = hole ?? { from: arrived.whole, to: total };
      return this.#fail('wrong bytes', `Passed on beyond the hole: ${rangeText(place)} had not arrived.`, run, {
        expected: `nothing beyond byte ${grouped(place.from)}`,
      });
    }
    if (out.fault?.why === 'wrong type') {
      const headline = `The stream gave ${typeName(out.fault.value)}, not a Uint8Array.`;
      return new StepFailed(engineFailure('contract', headline, [this.#declaration()]));
    }
    if (out.fault?.why === 'errored') {
      const failure = failureOfError(
        out.fault.error,
        `The stream of ${this.#name} broke off`,
        'crashed',
        this.#world.sources,
      );
      return new StepFailed(this.withPicture(failure, run));
    }
    if (out.ended && out.length < total) return this.#endedEarly(run);
    if (out.ended && !run.order.some((arrival) => arrival.last))
      return this.#fail(
        'closed early',
        `The stream ended after ${count(total)}, and nobody had said that these are all.`,
        run,
        {
          expected: 'no end before a segment says last',
        },
      );
    return null;
  }

  /** Bytes that are there and in order have not come out. */
  held(run: SegmentRun, to: number): StepFailed {
    const { out } = run;
    const missing = { from: out.length, to };
    const facts = ['nothing more came, and nothing is left to run'];
    const again = run.order.at(-1);
    const headline = `${capital(rangeText(missing))} are there, with no hole before them, and were not passed on.`;
    return this.#fail(
      'silent',
      headline
        .replace(/^Byte (.*) are there/, 'Byte $1 is there')
        .replace('were', missing.to - missing.from === 1 ? 'was' : 'were'),
      run,
      {
        facts: again === undefined ? facts : [...facts, this.#cameIn(run)],
        expected: `all up to byte ${grouped(to - 1)}, when ${again === undefined ? 'it' : rangeText(again)} had arrived`,
        at: [this.#waits(run)],
      },
    );
  }

  /** More came out than there is without a hole; `outcome` has seen that it had arrived. */
  tooMuch(run: SegmentRun, to: number): StepFailed {
    return this.#fail('extra bytes', `${count(run.out.length)} were passed on; ${grouped(to)} are due.`, run, {
      expected: to === 0 ? 'nothing yet' : rangeText({ from: 0, to }),
    });
  }

  keptTooMuch(run: SegmentRun, to: number): StepFailed {
    const filled = run.order.at(-1) ?? { from: 0, to: 0 };
    const kept = run.out.length - filled.to;
    const headline = `${count(kept)} were kept beyond the hole; the limit is ${grouped(run.limit)}.`;
    return this.#fail('unbounded', headline, run, {
      facts: [
        `when ${rangeText(filled)} filled the hole, all up to byte ${grouped(run.out.length - 1)} followed at once`,
      ],
      expected: `at most ${grouped(to - filled.to)} bytes behind ${rangeText(filled)}`,
    });
  }

  neverEnds(run: SegmentRun): StepFailed {
    const last = run.order.find((arrival) => arrival.last);
    return this.#fail(
      'never ended',
      `All ${grouped(run.total)} bytes were passed on, and the stream does not end.`,
      run,
      {
        facts: [
          last === undefined
            ? 'no segment was the last one'
            : `${segmentText(last)} ${segmentText(last).startsWith('bytes') ? 'were' : 'was'} marked last`,
          this.#cameIn(run),
        ],
        expected: `the end behind byte ${grouped(run.total - 1)}`,
        at: [this.#waits(run)],
      },
    );
  }

  #wrongBytes(run: SegmentRun, wrong: NonNullable<SegmentRun['out']['wrong']>): StepFailed {
    const { text, arrived } = run;
    const piece = wrong.chunk.subarray(wrong.at - wrong.from);
    const found = placeOf(piece, text);
    const here = grouped(wrong.at);
    const { hole } = arrived;
    const isBeyond = found !== null && found > wrong.at;
    if (wrong.at >= run.total) return this.#extra(run);
    if (found === null)
      return this.#fail('wrong bytes', `Byte ${here} of what was passed on is not byte ${here} of the stream.`, run, {
        facts: [this.#cameIn(run)],
        expected: 'each byte once, in order',
        caret: { at: wrong.at, text: 'another byte stands here' },
      });
    const what = rangeText({ from: found, to: found + Math.min(piece.length, text.length - found) });
    const headline = isBeyond
      ? `${capital(what)} ${isOne(what) ? 'was' : 'were'} passed on where byte ${here} belongs${hole === null || hole.from < wrong.at ? '' : ': across a hole'}.`
      : `${capital(what)} ${isOne(what) ? 'was' : 'were'} passed on a second time.`;
    return this.#fail('wrong bytes', headline, run, {
      facts: [this.#cameIn(run)],
      expected: isBeyond ? `byte ${here}, or nothing while it is missing` : 'each byte once',
    });
  }

  #extra(run: SegmentRun): StepFailed {
    const { out, total } = run;
    return this.#fail('extra bytes', `${count(out.length)} were passed on; there are ${grouped(total)}.`, run, {
      facts: [this.#cameIn(run)],
      expected: 'each byte once',
    });
  }

  #endedEarly(run: SegmentRun): StepFailed {
    const { out, arrived, total, order } = run;
    const last = order.find((arrival) => arrival.last);
    const hole = arrived.hole ?? { from: arrived.whole, to: total };
    const why =
      last === undefined
        ? 'no segment was the last one'
        : `${segmentText(last)} ${segmentText(last).startsWith('bytes') ? 'were' : 'was'} marked last`;
    return this.#fail(
      'closed early',
      arrived.whole === total
        ? `The stream ended behind ${count(out.length)}, and all ${grouped(total)} had arrived.`
        : `The stream ended behind ${count(out.length)}; ${rangeText(hole)} had not arrived.`,
      run,
      {
        facts: [why],
        expected: `the end behind byte ${grouped(total - 1)}, and no sooner`,
      },
    );
  }

  /** The line that waits for the next segment, where one does. */
  #waits(run: SegmentRun): CodePlace | null {
    const trace = [...run.feed.reading].at(-1);
    return placeIn(trace?.stack, this.#world.sources, 'waits for a segment', this.#check.scene.file);
  }

  /** `came in: 0–9, 20–29 (last), 10–19`. */
  #cameIn({ order }: SegmentRun): string {
    const named = order.slice(-NAMED).map(shortText);
    const before = order.length - named.length;
    return `came in: ${before > 0 ? `${before} before, then ` : ''}${named.join(', ')}`;
  }

  #picture({ total, arrived, out, text }: SegmentRun, caret: { at: number; text: string } | null): PictureLine[] {
    const { hole } = arrived;
    const passed =
      out.wrong === null ? [{ from: 0, to: Math.min(total, out.length) }] : passedAlthough(out.wrong, text);
    const rows = [
      { label: 'arrived', ranges: arrived.all },
      { label: 'passed on', ranges: passed },
    ];
    const mark = caret ?? (hole === null ? null : { at: hole.from, text: `the hole: ${rangeText(hole)}` });
    return offsetsPicture(total, rows, mark);
  }

  #declaration(): CodePlace | null {
    const { file, export: name } = this.#check.scene;
    const lines = this.#world.sources.get(file)?.lines ?? [];
    const line = lines.findIndex((text) => new RegExp(`^\\s*export\\b.*\\b${name}\\b`).test(text));
    const text = lines[line];
    if (text === undefined) return null;
    return { file, line: line + 1, column: text.indexOf(name) + 1, text, did: `${name} begins here` };
  }

  #fail(
    cause: Cause,
    headline: string,
    run: SegmentRun,
    more: {
      facts?: readonly string[];
      expected: string;
      at?: readonly (CodePlace | null)[];
      caret?: { at: number; text: string };
    },
  ): StepFailed {
    const { at = [], caret = null, ...rest } = more;
    const places = [...at, this.#declaration()].filter((place) => place !== null);
    return new StepFailed({
      cause,
      headline,
      picture: this.#picture(run, caret),
      spec: this.#check.spec,
      idea: this.#check.idea,
      ...rest,
      at: places.slice(0, 1),
    });
  }
}

/** What was right, and then the piece that came where something else belongs: each where it stands in the stream. */
function passedAlthough({ at, chunk, from }: NonNullable<SegmentRun['out']['wrong']>, text: Uint8Array): Range[] {
  const piece = chunk.subarray(at - from);
  const found = placeOf(piece, text);
  return [{ from: 0, to: at }, ...(found === null ? [] : [{ from: found, to: found + piece.length }])];
}

/** `0–9`, `20–29 (last)`: where many are named in a row. */
function shortText({ from, to, last }: Arrival): string {
  const range =
    to <= from ? `none at ${grouped(from)}` : to - from === 1 ? grouped(from) : `${grouped(from)}–${grouped(to - 1)}`;
  return `${range}${last ? ' (last)' : ''}`;
}

function segmentText(range: Range): string {
  return range.to <= range.from ? `an empty one at ${grouped(range.from)}` : rangeText(range);
}

function isOne(text: string): boolean {
  return text.startsWith('byte ');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
