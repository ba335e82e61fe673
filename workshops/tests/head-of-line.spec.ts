import { resolve } from 'node:path';
import { exercisesOf, test } from '@interleave/judge/playwright';

for (const exercise of await exercisesOf({ root: resolve(import.meta.dirname, '../..'), track: 'head-of-line' })) {
  test.describe(exercise.name, () => {
    test.beforeAll(exercise.prepare);
    for (const check of exercise.checks) {
      test(check.name, check.details, ({ judging }, info) => check.run(judging, info));
    }
  });
}
