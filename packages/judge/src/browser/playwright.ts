/**
 * The checks as Playwright tests: the same steps, played by the same judge, so that reporters, UI mode, traces and editors
 * work on them. `WORKSHOP_HOST`, `WORKSHOP_FILES` (`work` or `solutions`) and `WORKSHOP_CHROMIUM` (`on` or `off`) choose.
 */
import { join } from 'node:path';
import { timelineSvg } from '@interleave/trace/timeline';
import {
  test as base,
  type PlaywrightTestArgs,
  type PlaywrightTestOptions,
  type PlaywrightWorkerArgs,
  type PlaywrightWorkerOptions,
  type TestInfo,
  type TestType,
} from '@playwright/test';
import { WarmChromium } from '../chromium/browser.ts';
import type { Check, Exercise, Track } from '../exercise.ts';
import { timelineOf } from '../report/timeline.ts';
import { checkTranscript } from '../report/transcript.ts';
import type { CheckResult, Host } from '../result.ts';
import { loadExercises } from '../state/catalogue.ts';
import { makeWork } from '../state/work.ts';
import { ChromiumSource } from '../watch/chromium-source.ts';
import { Judging } from '../watch/judging.ts';

/** Playwright's own browser in place of one that we launch: so traces and UI mode see every page. */
class GivenChromium extends ChromiumSource {
  readonly #warm: WarmChromium;
  constructor(warm: WarmChromium) {
    super();
    this.#warm = warm;
  }
  override missing(): null {
    return null;
  }
  override async get(): Promise<WarmChromium> {
    return this.#warm;
  }
}

export type Worker = { judging: Judging };

/** Why no browser check can be played here, or null. */
const missing = new ChromiumSource(process.env.WORKSHOP_CHROMIUM !== 'off').missing();

/** Playwright's `test` with the judge as a fixture, over Playwright's own browser; without one, only bytes are judged. */
export const test: TestType<
  PlaywrightTestArgs & PlaywrightTestOptions,
  PlaywrightWorkerArgs & PlaywrightWorkerOptions & Worker
> = base.extend<object, Worker>({
  judging: [
    // Asking for `browser` launches it, so whoever has none must not ask.
    missing === null
      ? async ({ browser }, use) => lend(new GivenChromium(WarmChromium.over(browser)), use)
      : async ({ playwright: _ }, use) => lend(new ChromiumSource(false), use),
    { scope: 'worker' },
  ],
});

async function lend(chromium: ChromiumSource, use: (judging: Judging) => Promise<void>): Promise<void> {
  const judging = new Judging({ chromium });
  await use(judging);
  await judging.close();
}

export type CheckSuite = {
  /** The project's root folder. */
  readonly root: string;
  readonly track: Track;
};

/** A check, ready to be given to `test(name, details, body)` in a spec file: editors then find it there. */
export type CheckTest = {
  readonly name: string;
  readonly details: { annotation: { type: string; description: string }[]; tag: string };
  run(judging: Judging, info: TestInfo): Promise<void>;
};

export type ExerciseTests = { readonly name: string; prepare(): Promise<void>; readonly checks: readonly CheckTest[] };

/** The exercises of a track and their checks. */
export async function exercisesOf({ root, track }: CheckSuite): Promise<ExerciseTests[]> {
  const all = await loadExercises(root);
  const host = (process.env.WORKSHOP_HOST ?? 'node') as Host;
  const isSolution = process.env.WORKSHOP_FILES === 'solutions';
  return all
    .filter((exercise) => exercise.track === track)
    .map((exercise) => {
      const workDir = isSolution ? join(root, exercise.folder, 'solution') : join(root, 'work');
      const raw = new RawOnce(exercise, workDir, host);
      return {
        name: `${exercise.id} · ${exercise.title}`,
        prepare: async () => {
          if (!isSolution) await makeWork(root, exercise, all);
        },
        checks: exercise.checks.map((check) => ({
          name: `${check.id} ${check.title}`,
          details: {
            annotation: [
              {
                type: 'spec',
                description: check.spec.url === '' ? check.spec.text : `${check.spec.text} ${check.spec.url}`,
              },
              { type: 'idea', description: check.idea },
              { type: 'host', description: host },
            ],
            tag: `@${check.judge}`,
          },
          run: (judging: Judging, info: TestInfo) => runCheck(check, raw, judging, info),
        })),
      };
    });
}

async function runCheck(check: Check, raw: RawOnce, judging: Judging, info: TestInfo): Promise<void> {
  const results = await raw.results(judging, info);
  let result = results.find((r) => r.checkId === check.id);
  if (check.judge !== 'raw') {
    test.skip(raw.host !== 'node', 'Chromium judges the Node host');
    test.skip(missing !== null, missing ?? '');
    test.skip(
      results.some((r) => r.status === 'fail'),
      'waits until the raw checks pass',
    );
    result = await raw.browser(judging, check.id);
  }
  if (result === undefined) throw new Error(`${check.id} has no result`);
  await attach(result, info);
  test.skip(result.status === 'skipped', result.message ?? 'the program cannot be run');
  for (const step of result.steps)
    await test.step(step.text, () => (step.status === 'failed' ? fail(result) : Promise.resolve()));
  if (result.status === 'fail') await fail(result);
}

/** The failure's own text; a stack through the judge would only hide it. */
async function fail(result: CheckResult): Promise<never> {
  const error = new Error(`\n${result.message ?? `${result.checkId} failed`}\n`);
  error.stack = error.message;
  throw error;
}

async function attach(result: CheckResult, info: TestInfo): Promise<void> {
  await info.attach('transcript.txt', { body: checkTranscript(result), contentType: 'text/plain' });
  await info.attach('result.json', { body: JSON.stringify(result, null, 1), contentType: 'application/json' });
  if (result.connections.length === 0) return;
  await info.attach('timeline.svg', {
    body: timelineSvg(timelineOf(result), { standalone: true }),
    contentType: 'image/svg+xml',
  });
}

/** All raw checks of an exercise in one process, once for each repetition: then each test tells its own part. */
class RawOnce {
  readonly exercise: Exercise;
  readonly host: Host;
  readonly #workDir: string;
  readonly #runs = new Map<string, Promise<readonly CheckResult[]>>();

  constructor(exercise: Exercise, workDir: string, host: Host) {
    this.exercise = exercise;
    this.#workDir = workDir;
    this.host = host;
  }

  results(judging: Judging, info: TestInfo): Promise<readonly CheckResult[]> {
    const key = `${info.repeatEachIndex}.${info.retry}`;
    let run = this.#runs.get(key);
    if (run === undefined) {
      const only = this.exercise.checks.filter((check) => check.judge === 'raw').map((check) => check.id);
      run = judging.judge(this.exercise, { workDir: this.#workDir }, { host: this.host, only }).then((r) => r.tests);
      this.#runs.set(key, run);
    }
    return run;
  }

  async browser(judging: Judging, id: string): Promise<CheckResult | undefined> {
    const result = await judging.judge(this.exercise, { workDir: this.#workDir }, { only: [id] });
    // The next test begins its trace on every context there is; one that is just closing would fail it.
    await judging.settled();
    return result.tests.find((test) => test.checkId === id);
  }
}
