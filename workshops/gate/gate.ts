/**
 * The authoring gate. The start fails with exactly its declared checks; model and alternatives pass in all four hosts and in
 * front of Chromium; each wrong submission fails exactly where it says, with exactly the kept text; no check is unkilled.
 * All of them side by side: to judge is to wait as much as to work.
 */
import { join } from 'node:path';
import type { Exercise, Track } from '@interleave/judge/exercise';
import {
  answerLines,
  golden,
  Judging,
  killsProblem,
  loadExercises,
  mainFile,
  messageProblems,
  type Submission,
  shownMessage,
  submissionsOf,
  textProblems,
  unkilled,
  wrongProblems,
} from '@interleave/judge/gate';
import type { CheckResult, Host } from '@interleave/judge/result';
import { afterAll, describe, expect, it } from 'vitest';
import { inFrontOfChromium } from './in-front-of-chromium.ts';

const root = join(import.meta.dirname, '../..');
const judging = new Judging();
const noChromium = judging.chromium.missing();

const failed = (results: readonly CheckResult[]): string[] =>
  results.filter((r) => r.status === 'fail').map((r) => r.checkId);
/** What failed although nothing should have, with the words that say why. */
const faults = (results: readonly CheckResult[]): string[] =>
  results.flatMap((r) => (r.status === 'fail' ? [r.message ?? r.checkId] : []));

/** What the bytes say of a later submission in an earlier exercise that grows the same file. */
async function faultsBefore(earlier: Exercise, { overlay }: Submission): Promise<string[]> {
  const only = earlier.checks.filter((check) => check.judge === 'raw').map((check) => check.id);
  return faults((await judging.judge(earlier, { workDir: '', overlay }, { only })).tests);
}

/** The gate of a track as tests: a file for each track, so that two of them share the machine. */
export async function gateOf(track: Track): Promise<void> {
  afterAll(() => judging.close());
  const exercises = await loadExercises(root);
  for (const exercise of exercises.filter((it) => it.track === track)) {
    const submissions = await submissionsOf(root, exercise);
    const solution = submissions.find((s) => s.kind === 'solution');
    const answer = await answerLines(Object.values(solution?.overlay ?? {}));
    // Without a browser only bytes judge; the tests that need one are skipped by name.
    const judged = exercise.checks
      .filter((check) => check.judge === 'raw' || noChromium === null)
      .map((check) => check.id);
    const ids = exercise.checks.map((check) => check.id);
    const byBytes = exercise.checks.filter((check) => check.judge === 'raw').map((check) => check.id);
    const browsed = inFrontOfChromium(exercise, submissions);
    const run = async (
      { overlay }: Submission,
      host: Host = 'node',
      only?: readonly string[],
    ): Promise<readonly CheckResult[]> =>
      (await judging.judge(exercise, { workDir: '', overlay }, { host, only, always: true })).tests;

    describe.concurrent(`${exercise.id} ${exercise.title}`, () => {
      it('has a README of one screen and three rungs of hints for each check', async () => {
        expect(await textProblems(root, exercise, answer)).toEqual([]);
      });

      it('has no check that nobody can fail', () => {
        expect(
          unkilled(
            exercise,
            submissions.filter((s) => s.kind === 'wrong'),
          ),
        ).toEqual([]);
      });

      it('has wrong submissions that say what they kill, each with the text that a learner sees', async () => {
        expect(await wrongProblems(root, exercise, process.env.GOLDEN !== 'write')).toEqual([]);
      });

      it('has two alternatives that are right', () => {
        expect(submissions.filter((s) => s.kind === 'alt').length).toBeGreaterThanOrEqual(2);
      });

      it.skipIf(noChromium !== null)('is judged by bytes and by Chromium', () => {
        expect(judged).toEqual(exercise.checks.map((check) => check.id));
      });

      for (const submission of submissions.filter((s) => s.fails.length > 0 || s.kind === 'wrong')) {
        const only = browsed.has(submission) ? undefined : byBytes;
        const where = only === undefined ? '' : ' of what is judged by bytes';
        it(`${submission.kind} ${submission.name} fails exactly ${submission.fails.join(' ')}${where}, and says why`, async () => {
          const results = await run(submission, 'node', only);
          // What a missing browser would have judged is left out; a name that no check has stays, and is told.
          const fails = submission.fails.filter((id) => judged.includes(id) || !ids.includes(id));
          const found = failed(results);
          expect(found, killsProblem(exercise, { ...submission, fails }, found)).toEqual(fails);
          const shown = shownMessage(results);
          const first = results.find((r) => r.status === 'fail');
          expect(first === undefined ? [] : messageProblems(first, shown.trimEnd(), answer)).toEqual([]);
          if (submission.kind === 'carry') return;
          const kept = await golden(root, exercise, submission.name, shown);
          const state = kept === null ? 'is not there' : 'says something else';
          expect(shown, `golden/${submission.name}.txt ${state}: npm run gate -- ${exercise.id} --golden`).toBe(kept);
        });
      }

      for (const submission of submissions.filter((s) => exercise.capstone === true && s.kind !== 'start')) {
        it(`${submission.kind} ${submission.name} passes all that came before`, async () => {
          const earlier = exercises.slice(0, exercises.indexOf(exercise)).filter((it) => it.track === track);
          const before = earlier.filter((it) => mainFile(it) === mainFile(exercise));
          expect(await Promise.all(before.map((it) => faultsBefore(it, submission)))).toEqual(before.map(() => []));
        });
      }

      for (const submission of submissions.filter((s) => s.kind === 'solution' || s.kind === 'alt')) {
        it(`${submission.kind} ${submission.name} passes in Node${noChromium === null ? ' and in front of Chromium' : ''}`, async () => {
          const results = await run(submission);
          expect(faults(results)).toEqual([]);
          expect(results.filter((r) => r.status === 'pass').map((r) => r.checkId)).toEqual(judged);
        });

        for (const host of ['deno', 'worker', 'page'] as const) {
          it.skipIf(host === 'page' && noChromium !== null)(
            `${submission.kind} ${submission.name} passes on host ${host}`,
            async () => {
              const results = await run(submission, host);
              expect(faults(results)).toEqual([]);
              expect(results.filter((r) => r.status === 'pass').map((r) => r.checkId)).toEqual(byBytes);
            },
          );
        }
      }
    });
  }
}
