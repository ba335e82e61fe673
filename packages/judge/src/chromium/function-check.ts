/** Plays a browser check of a function: what it says is compared with what an unmodified Chromium does. */
import type { BrowserCheck, BrowserStep, Exercise } from '../exercise.ts';
import { type Program, sourcesOf } from '../hosts/program.ts';
import { engineFailure, failureOfError } from '../raw/engine.ts';
import { failedResult, skippedResult } from '../raw/judge.ts';
import type { CheckResult, Failure, HeldPicture, RoadPicture, StepResult } from '../result.ts';
import type { WarmPage } from './browser.ts';
import { type HeldRun, heldRun } from './held-page.ts';
import { heldFailure } from './held-verdict.ts';
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
  if ('threw' in run.predicted) {
    const { name: kind, message, stack } = run.predicted.threw;
    const error = Object.assign(new Error(message), { name: kind, stack });
    throw new CheckFailed(
      failureOfError(error, `${check.scene.export} threw in the page`, 'crashed', sourcesOf(program)),
    );
  }
  const failure = heldFailure(check, step, run);
  if (failure !== null) throw new CheckFailed(failure);
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
