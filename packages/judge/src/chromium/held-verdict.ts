/** Compares what the learner's function said of a hole with what Chromium was missing, and with whose bytes are in the hole. */
import type { BrowserCheck, BrowserStep } from '../exercise.ts';
import { engineFailure } from '../raw/engine.ts';
import { typeName } from '../raw/handler.ts';
import { grouped } from '../raw/numbers.ts';
import { jsonText } from '../raw/scenes/function-steps.ts';
import type { Failure } from '../result.ts';
import { type HeldRun, type Named, namedIn } from './held-page.ts';

type LateStep = Extract<BrowserStep, { do: 'expectLate' }>;

/** Null where the list is right: the streams that were missing, each once and with its reason, in any order. */
export function heldFailure(check: BrowserCheck, step: LateStep, run: HeldRun): Failure | null {
  const name = check.scene.export;
  const { predicted, missing, hole } = run;
  const gave = 'gave' in predicted ? predicted.gave : undefined;
  if (!Array.isArray(gave)) return engineFailure('contract', `${name} gave ${typeName(gave)}, not an array.`, []);
  // Frames of the connection itself may come at any time; whether they are named is for bytes to judge.
  const named = namedIn(predicted).filter(({ streamId }) => streamId !== 0);
  const ids = named.map(({ streamId }) => streamId);
  const late = missing.filter((id) => !ids.includes(id));
  const early = ids.filter((id) => !missing.includes(id));
  const twice = ids.find((id, i) => ids.indexOf(id) < i);
  const called = (id: number): string => calledIn(run, step, id);
  const [first] = late.length > 0 ? late : early;
  const expected = `${listed(missing)}: what Chromium was missing`;
  const fail = (headline: string, due: string, facts: readonly string[] = []): Failure => ({
    cause: 'wrong value',
    headline,
    facts: [
      `the hole: bytes ${grouped(hole.from)}–${grouped(hole.to - 1)} of ${step.protocol === 'h2' ? 'the one connection' : 'one of six connections'}`,
      `${name} names ${listed(ids)}`,
      ...facts,
    ],
    expected: due,
    spec: check.spec,
    idea: check.idea,
    at: [],
  });
  if (first !== undefined) {
    const headline =
      late.length > 0
        ? `When the hole was filled, Chromium did not have ${called(first)}; ${name} does not name it.`
        : `${name} names ${called(first)}; Chromium had it while the hole was open.`;
    const more = `${late.length} missing and not named, ${early.length} named and not missing`;
    return fail(headline, expected, late.length + early.length > 1 ? [more] : []);
  }
  if (twice !== undefined) return fail(`${name} names ${called(twice)} more than once.`, expected);
  const other = named.find((item) => item.why !== whyOf(run, item));
  if (other === undefined) return null;
  return fail(
    `${name} says that ${called(other.streamId)} is ${jsonText(other.why, 30)}.`,
    whyOf(run, other) === 'lost'
      ? '"lost": some of its bytes are in the hole'
      : '"behind": none of its bytes are in the hole',
  );
}

/** What the bytes say. The item is one that Chromium was missing. */
function whyOf({ frames, hole }: HeldRun, { streamId }: Named): 'lost' | 'behind' {
  const own = frames.filter((frame) => frame.streamId === streamId);
  return own.some(({ from, to }) => from < hole.to && to > hole.from) ? 'lost' : 'behind';
}

function calledIn({ paths }: HeldRun, { protocol }: LateStep, id: number): string {
  return `${paths.get(id) ?? 'nothing of the page'} (${protocol === 'h2' ? 'stream' : 'reply'} ${id})`;
}

function listed(ids: readonly number[]): string {
  const sorted = [...ids].sort((a, b) => a - b);
  return ids.length === 0 ? 'nothing' : jsonText(sorted, 60);
}
