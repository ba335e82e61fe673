/**
 * `node packages/judge/src/gate/soak.ts [--runs 50] [--only KA2]`: every model answer again and again, Chromium included, with
 * one core kept busy. Prints the flakes, which must be none, and how long a verdict takes. Exit code 1 on a flake.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { loadExercises } from '../state/catalogue.ts';
import { Judging } from '../watch/judging.ts';
import { shownMessage } from './golden.ts';
import { submissionsOf } from './submissions.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '50' }, only: { type: 'string' } } });
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) {
  console.error(`--runs is ${values.runs}; give a number from 1 up.`);
  process.exit(1);
}
const root = join(import.meta.dirname, '../../../..');
const exercises = (await loadExercises(root)).filter(
  (exercise) => values.only === undefined || exercise.id === values.only,
);
if (exercises.length === 0) {
  console.error(`There is no exercise ${values.only ?? ''}.`);
  process.exit(1);
}

const busy = new Worker('for (;;);', { eval: true });
const judging = new Judging();
let flakes = 0;
try {
  await judging.warm();
  const missing = judging.chromium.missing();
  console.log(
    `${runs} runs of each model answer, one core busy${missing === null ? ', Chromium included' : `; without Chromium: ${missing}`}`,
  );
  for (const exercise of exercises) {
    const solution = (await submissionsOf(root, exercise)).find((submission) => submission.kind === 'solution');
    const times: number[] = [];
    let failed = 0;
    for (let run = 1; run <= runs; run++) {
      const { tests, ms } = await judging.judge(exercise, { workDir: '', overlay: solution?.overlay });
      times.push(ms);
      if (tests.every((test) => test.status !== 'fail')) continue;
      failed++;
      console.log(`\n${exercise.id}, run ${run} of ${runs}:\n${shownMessage(tests)}`);
    }
    flakes += failed;
    times.sort((a, b) => a - b);
    const at = (share: number): number => times[Math.min(times.length - 1, Math.ceil(share * times.length) - 1)] ?? 0;
    console.log(
      `${exercise.id}  ${failed} of ${runs} failed  verdict median ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms`,
    );
  }
} finally {
  await judging.close();
  await busy.terminate();
}
console.log(flakes === 0 ? 'No flakes.' : `${flakes} flakes.`);
process.exitCode = flakes === 0 ? 0 : 1;
