/**
 * `npm run soak [exercises] [--times 50]`: the model answer of every exercise, judged again and again by bytes and by
 * Chromium while something else keeps a core busy. A judge that is right only on a quiet machine fails here.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Judging, loadExercises, submissionsOf } from '../../packages/judge/src/gate/mod.ts';
import { root } from '../architecture/files.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { times: { type: 'string', default: '50' } },
});
const times = Number(values.times);
if (!Number.isInteger(times) || times < 1) {
  console.error(`  --times ${values.times} is no number of runs. Give a whole number from 1 on.`);
  process.exit(1);
}
const all = await loadExercises(root);
const chosen = all.filter(
  ({ id }) => positionals.length === 0 || positionals.some((word) => word.toLowerCase() === id.toLowerCase()),
);
if (chosen.length === 0) {
  console.error(`  There is no exercise ${positionals.join(' or ')}. There are ${all.map(({ id }) => id).join(', ')}.`);
  process.exit(1);
}

// One core less for the judge, as on a learner's machine with an editor, a build and a browser open.
const load = new Worker('for (;;) Math.sqrt(Math.random());', { eval: true });
const judging = new Judging();
const browser = judging.chromium.missing();
console.log(`  Soak: each model answer ${times} times, one of ${availableParallelism()} cores kept busy`);
if (browser !== null) console.log(`  By bytes alone: ${browser}.`);

let failures = 0;
try {
  for (const exercise of chosen) {
    const solution = (await submissionsOf(root, exercise)).find(({ kind }) => kind === 'solution');
    if (solution === undefined) throw new Error(`${exercise.id} has no solution.`);
    const took: number[] = [];
    let failedRuns = 0;
    for (let run = 1; run <= times; run++) {
      const since = performance.now();
      const { tests } = await judging.judge(
        exercise,
        { workDir: '', overlay: solution.overlay },
        { host: 'node', always: true },
      );
      took.push(performance.now() - since);
      const failed = tests.filter(({ status }) => status === 'fail');
      if (failed.length === 0) continue;
      failedRuns++;
      console.log(
        `  ${exercise.id}, run ${run}: ${failed.map(({ checkId, message }) => `${checkId} ${message ?? ''}`).join('\n')}`,
      );
    }
    failures += failedRuns;
    const passed = `${times - failedRuns} of ${times} runs`;
    console.log(
      `  ${exercise.id.padEnd(6)} ${passed.padEnd(16)} median ${quantile(took, 0.5)} ms   p95 ${quantile(took, 0.95)} ms`,
    );
  }
} finally {
  await judging.close();
  await load.terminate();
}
process.exitCode = failures === 0 && browser === null ? 0 : failures > 0 || process.env.VECTORS_REQUIRED ? 1 : 0;

function quantile(values: readonly number[], q: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0).toFixed(0);
}
