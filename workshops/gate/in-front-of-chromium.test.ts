import { join } from 'node:path';
import { loadExercises, submissionsOf } from '@interleave/judge/gate';
import { describe, expect, it } from 'vitest';
import { inFrontOfChromium } from './in-front-of-chromium.ts';

const root = join(import.meta.dirname, '../..');
const exercises = await loadExercises(root);
const all = await Promise.all(
  exercises.map(async (exercise) => ({ exercise, submissions: await submissionsOf(root, exercise) })),
);

const withBrowser = all.filter(({ exercise }) => exercise.checks.some((check) => check.judge !== 'raw'));

describe('in front of Chromium', () => {
  it.each(withBrowser)(
    '$exercise.id: whoever is said to fail there, whoever is right, and some that are said not to',
    (it) => {
      const { exercise, submissions } = it;
      const browsers = exercise.checks.filter((check) => check.judge !== 'raw').map((check) => check.id);
      const chosen = inFrontOfChromium(exercise, submissions, false);
      const fails = submissions.filter((one) => one.fails.some((id) => browsers.includes(id)));
      expect(fails.filter((one) => !chosen.has(one))).toEqual([]);
      expect(submissions.filter((one) => one.kind !== 'wrong' && !chosen.has(one))).toEqual([]);
      const others = submissions.filter((one) => !fails.includes(one) && one.kind === 'wrong');
      expect(others.filter((one) => chosen.has(one)).length).toBe(Math.ceil(others.length / 4));
    },
  );

  it('everybody, where the whole is asked for', () => {
    for (const { exercise, submissions } of all)
      expect(inFrontOfChromium(exercise, submissions, true)).toEqual(new Set(submissions));
  });
});
