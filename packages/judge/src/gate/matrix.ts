/** The kill matrix: which wrong submission fails which check, as the files in the repository say. The gate proves that they are right. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Check, Exercise } from '../exercise.ts';
import { unkilled } from './lint.ts';
import { type Submission, submissionsOf } from './submissions.ts';

export type KillMatrix = {
  readonly exercise: Exercise;
  /** The columns, in teaching order. */
  readonly checks: readonly Check[];
  /** The start first, then the wrong submissions by name. */
  readonly rows: readonly MatrixRow[];
  /** Names of the other designs that are right. */
  readonly alternatives: readonly string[];
  /** Ids of checks that no wrong submission fails. */
  readonly unkilled: readonly string[];
  /** Why the folder cannot be read, or null. */
  readonly problem: string | null;
};

export type MatrixRow = {
  readonly kind: 'start' | 'wrong';
  readonly name: string;
  readonly mistake: string | null;
  /** The first one is the one whose text a learner sees. */
  readonly fails: readonly string[];
  /** That text, or null when it was never written. */
  readonly golden: string | null;
};

/** Never rejects: a folder that somebody is at work on says what it lacks. */
export async function killMatrix(root: string, exercise: Exercise): Promise<KillMatrix> {
  let submissions: readonly Submission[] = [];
  let problem: string | null = null;
  try {
    submissions = await submissionsOf(root, exercise);
  } catch (error) {
    problem = error instanceof Error ? error.message : String(error);
  }
  const golden = (name: string): Promise<string | null> =>
    readFile(join(root, exercise.folder, 'golden', `${name}.txt`), 'utf8').catch(() => null);
  const failing = submissions.filter(({ kind, fails }) => kind === 'wrong' || (kind === 'start' && fails.length > 0));
  const rows = failing.map(async ({ kind, name, mistake, fails }) => ({
    kind: kind === 'start' ? ('start' as const) : ('wrong' as const),
    name,
    mistake: mistake ?? null,
    fails,
    golden: await golden(name),
  }));
  return {
    exercise,
    checks: exercise.checks,
    rows: await Promise.all(rows),
    alternatives: submissions.filter(({ kind }) => kind === 'alt').map(({ name }) => name),
    unkilled: unkilled(
      exercise,
      submissions.filter(({ kind }) => kind === 'wrong'),
    ),
    problem,
  };
}
