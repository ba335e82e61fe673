/** Everything in an exercise's folder that the gate judges: start, solution, other right designs, wrong ones. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Exercise } from '../exercise.ts';
import { readKills } from './kills.ts';

export type Submission = {
  readonly kind: 'start' | 'solution' | 'alt' | 'wrong' | 'carry';
  /** `start`, `solution`, or the name of the file: `closes-each`. */
  readonly name: string;
  /** Path below `work/` → absolute path. */
  readonly overlay: Readonly<Record<string, string>>;
  /** Exactly the ids of the checks that must fail; empty for what is right. The first is the one the learner sees. */
  readonly fails: readonly string[];
  /** Of a wrong submission: what is wrong with it, where it says so. */
  readonly mistake?: string;
};

/**
 * A wrong submission that does not say what it kills is one that fails nothing: `wrongProblems` names it.
 *
 * @throws when a folder holds none of the exercise's files.
 */
export async function submissionsOf(root: string, exercise: Exercise): Promise<Submission[]> {
  const folder = join(root, exercise.folder);
  const solution = await whole(exercise, join(folder, 'solution'));
  const own = exercise.files.filter((file) => file.start !== null);
  // A file that comes from an earlier exercise starts as the carry; here only what begins in this exercise is its start.
  const start = { ...solution, ...Object.fromEntries(own.map((file) => [file.path, join(folder, file.start ?? '')])) };
  const submissions: Submission[] = [
    { kind: 'start', name: 'start', overlay: start, fails: exercise.startFails },
    { kind: 'solution', name: 'solution', overlay: solution, fails: [] },
  ];
  for (const kind of ['alt', 'wrong'] as const) {
    for (const entry of await entries(join(folder, kind))) {
      const path = join(folder, kind, entry);
      const isFile = /\.[a-z]+$/.test(entry);
      // A stray file is no submission.
      if (isFile && !entry.endsWith('.ts')) continue;
      const overlay = isFile
        ? { ...solution, [mainFile(exercise)]: path }
        : { ...solution, ...(await whole(exercise, path)) };
      const name = entry.replace(/\.ts$/, '');
      if (kind === 'alt') submissions.push({ kind, name, overlay, fails: [] });
      else {
        const { ids, mistake } = await readKills(isFile ? path : join(path, mainFile(exercise)));
        submissions.push({ kind, name, overlay, fails: ids ?? [], ...(mistake === null ? {} : { mistake }) });
      }
    }
  }
  if (exercise.carry !== undefined) {
    const carried = await whole(exercise, join(root, exercise.carry.from));
    submissions.push({
      kind: 'carry',
      name: 'carry',
      overlay: { ...solution, ...carried },
      fails: exercise.carry.fails,
    });
  }
  return submissions;
}

/** The file that a submission of one file stands for. */
export function mainFile(exercise: Exercise): string {
  const file = exercise.files.at(-1);
  if (file === undefined) throw new Error(`${exercise.id} has no files: name at least one.`);
  return file.path;
}

async function whole(exercise: Exercise, folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { path } of exercise.files) {
    const file = join(folder, path);
    if ((await readFile(file).catch(() => null)) !== null) found[path] = file;
  }
  if (Object.keys(found).length === 0) throw new Error(`${folder} holds none of the files of ${exercise.id}.`);
  return found;
}

async function entries(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.')).sort();
}
