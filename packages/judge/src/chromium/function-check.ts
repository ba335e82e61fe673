/** Plays a browser check of a function: what it says is compared with what an unmodified Chromium does. */
import type { BrowserCheck, BrowserStep, Exercise } from '../exercise.ts';
import { type Program, sourcesOf } from '../hosts/program.ts';
import { engineFailure, failureOfError } from '../raw/engine.ts';
import { typeName } from '../raw/handler.ts';
import { failedResult, skippedResult } from '../raw/judge.ts';
import { grouped } from '../raw/numbers.ts';
import { jsonText } from '../raw/scenes/function-steps.ts';
import type { CheckResult, Failure, HeldPicture, RoadPicture, StepResult } from '../result.ts';
import type { WarmPage } from './browser.ts';
import { type HeldRun, heldRun, namedIn } from './held-page.ts';
import { roadsInPage } from './roads-check.ts';
import { CheckFailed } from './server.ts';
import { describeBrowserStep, kindOfBrowserStep } from './words.ts';

type LateStep = Extract<BrowserStep, { do: 'expectLate' }>;

/** What a load of twelve images may take in all, on a slow machine: beyond it the judge itself stands still. */
const RUN_MS = 30_000;

/** One check, from a page that nobody has used. Rejects only when the signal is aborted. */
export async function checkFunction(
  exercise: Exercise,
  check: BrowserCheck,
  program: Program,
  it: { readonly warm: WarmPage; readonly signal?: AbortSignal | undefined },
): Promise<CheckResult> {
  const began = performance.now();
  const steps: StepResult[] = [];
  const held: HeldPicture[] = [];
  const roads: RoadPicture[] = [];
  let failure: Failure | null = null;
  try {
    for (const step of check.steps) {
      it.signal?.throwIfAborted();
      const [text, kind] = [describeBrowserStep(step), kindOfBrowserStep(step)];
      try {
        if (step.do === 'expectRoadsInPage') {
          const seen = (picture: RoadPicture): void => void roads.push(picture);
          await within(roadsInPage(step, { check, program, warm: it.warm, seen }), standsStill());
          steps.push({ text, kind, status: 'done' });
          continue;
        }
        if (step.do !== 'expectLate') throw new Error(`${step.do} is no step of a function in front of Chromium`);
        const run = await within(
          heldRun(step.protocol, { check, program, warm: it.warm, images: step.images }),
          new Error(`Chromium did not come to an end within ${RUN_MS / 1000} s`),
        );
        held.push(run.picture);
        compare(check, step, run, program);
        steps.push({ text, kind, status: 'done' });
      } catch (error) {
        steps.push({ text, kind, status: 'failed' });
        throw error instanceof CheckFailed ? new CheckFailed({ step: text, ...error.failure }) : error;
      }
    }
  } catch (error) {
    it.signal?.throwIfAborted();
    if (error instanceof CheckFailed) failure = error.failure;
    else
      failure = {
        ...engineFailure('engine', 'The judge itself failed; this is not your fault.', []),
        facts: [String(error)],
      };
  }
  const rest = check.steps
    .slice(steps.length)
    .map((step): StepResult => ({ text: describeBrowserStep(step), kind: kindOfBrowserStep(step), status: 'not run' }));
  return {
    ...(failure === null
      ? { ...skippedResult(exercise, check), status: 'pass' as const }
      : failedResult(exercise, check, failure)),
    ms: Math.round((performance.now() - began) * 10) / 10,
    steps: [...steps, ...rest],
    ...(held.length > 0 ? { held } : {}),
    ...(roads.length > 0 ? { roads } : {}),
  };
}

/** @throws CheckFailed when the list is not what Chromium was missing. */
function compare(check: BrowserCheck, step: LateStep, run: HeldRun, program: Program): void {
  const name = check.scene.export;
  const { predicted, missing, paths, hole } = run;
  if ('threw' in predicted) {
    const { name: kind, message, stack } = predicted.threw;
    const error = Object.assign(new Error(message), { name: kind, stack });
    throw new CheckFailed(failureOfError(error, `${name} threw in the page`, 'crashed', sourcesOf(program)));
  }
  if (!Array.isArray(predicted.gave))
    throw new CheckFailed(engineFailure('contract', `${name} gave ${typeName(predicted.gave)}, not an array.`, []));
  // Frames of the connection itself may come at any time; whether they are named is for bytes to judge.
  const named = namedIn(predicted).flatMap(({ streamId }) => (streamId === 0 ? [] : [streamId]));
  const called = (id: number): string =>
    `${paths.get(id) ?? 'nothing of the page'} (${step.protocol === 'h2' ? 'stream' : 'reply'} ${id})`;
  const late = missing.filter((id) => !named.includes(id));
  const early = named.filter((id) => !missing.includes(id));
  if (late.length === 0 && early.length === 0) return;
  const [first] = late.length > 0 ? late : early;
  const headline =
    late.length > 0
      ? `When the hole was filled, Chromium did not have ${called(first ?? 0)}; ${name} does not name it.`
      : `${name} names ${called(first ?? 0)}; Chromium had it while the hole was open.`;
  throw new CheckFailed({
    cause: 'wrong value',
    headline,
    facts: [
      `the hole: bytes ${grouped(hole.from)}–${grouped(hole.to - 1)} of ${step.protocol === 'h2' ? 'the one connection' : 'one of six connections'}`,
      `${name} names ${listed(named)}`,
      ...(late.length + early.length > 1
        ? [`${late.length} missing and not named, ${early.length} named and not missing`]
        : []),
    ],
    expected: `${listed(missing)}: what Chromium was missing`,
    spec: check.spec,
    idea: check.idea,
    at: [],
  });
}

function listed(ids: readonly number[]): string {
  return ids.length === 0
    ? 'nothing'
    : jsonText(
        [...ids].sort((a, b) => a - b),
        60,
      );
}

/** All that runs in the page there is the learner's. */
function standsStill(): CheckFailed {
  return new CheckFailed(engineFailure('hung', 'Your code does not come back: the page stands still.', []));
}

async function within<T>(promise: Promise<T>, otherwise: Error): Promise<T> {
  promise.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(otherwise), RUN_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
