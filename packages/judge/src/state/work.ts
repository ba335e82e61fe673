/** The learner's own files below `work/`: made once, never overwritten, and put back to their start only when asked. */
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Exercise, LearnerFile } from '../exercise.ts';
import { createOnce, writeAtomic } from './atomic.ts';

/** For editors: where `contract` is, and that only the web is there. The learner may change it. */
const EDITOR_SETTINGS = '{\n  "extends": "../workshops/tsconfig.work.json",\n  "include": ["**/*.ts"]\n}\n';

/** Path below `work/` → text. */
export type Files = ReadonlyMap<string, string>;

export function workPath(root: string, file: LearnerFile | string): string {
  return join(root, 'work', typeof file === 'string' ? file : file.path);
}

/**
 * Makes the files that are not there yet, from the exercise's start. A file that an earlier exercise brings comes from the
 * model of the nearest one before it that has it: whoever skips a step is given that step's answer. Editors are told once
 * what the files may use.
 *
 * @returns the paths that were made.
 * @throws when a file has no start anywhere, which the authoring gate rules out.
 */
export async function makeWork(root: string, exercise: Exercise, all: readonly Exercise[]): Promise<string[]> {
  const made: string[] = [];
  if (await exists(join(root, 'workshops/tsconfig.work.json')))
    await createOnce(join(root, 'work/tsconfig.json'), EDITOR_SETTINGS);
  for (const file of exercise.files) {
    const path = workPath(root, file);
    if (await exists(path)) continue;
    if (await createOnce(path, await readFile(await startOf(root, file, exercise, all), 'utf8'))) made.push(file.path);
  }
  return made;
}

/**
 * As `makeWork`, for the one exercise that somebody turns to. Starts and models of earlier exercises in which nobody has
 * written anything are no answer of the learner's, and make room for this one's; but only all of them together, because a
 * file that the learner did write may use what stands in the others.
 */
export async function bringWork(root: string, exercise: Exercise, all: readonly Exercise[]): Promise<void> {
  if (await isAllGiven(root, exercise, all)) await resetWork(root, exercise, all);
  else await makeWork(root, exercise, all);
}

/** Whether every file of the exercise that is there came from an exercise before it, and is as it came. */
async function isAllGiven(root: string, exercise: Exercise, all: readonly Exercise[]): Promise<boolean> {
  const earlier = all.slice(0, Math.max(0, all.indexOf(exercise)));
  for (const { path } of exercise.files) {
    const text = await readIfThere(workPath(root, path));
    if (text === null) continue;
    const given = earlier.flatMap((other) =>
      other.files
        .filter((file) => file.path === path)
        .flatMap((file) => [...(file.start === null ? [] : [file.start]), join('solution', path)])
        .map((from) => readIfThere(join(root, other.folder, from))),
    );
    if (!(await Promise.all(given)).includes(text)) return false;
  }
  return true;
}

/** Where a file begins. */
export async function startOf(
  root: string,
  file: LearnerFile,
  exercise: Exercise,
  all: readonly Exercise[],
): Promise<string> {
  if (file.start !== null) return join(root, exercise.folder, file.start);
  for (const id of [...exercise.buildsOn].reverse()) {
    const earlier = all.find((other) => other.id === id);
    if (earlier === undefined) continue;
    const model = join(root, earlier.folder, 'solution', file.path);
    if (await exists(model)) return model;
  }
  throw new Error(
    `${exercise.id} needs ${file.path}, and no exercise that it builds on (${exercise.buildsOn.join(', ')}) has a solution for it.`,
  );
}

/** The learner's files as they are now. One that is missing is left out: the judge says so. */
export async function readWork(root: string, exercise: Exercise): Promise<Files> {
  return readFiles(exercise, (file) => workPath(root, file));
}

/** The model answer, as files in the same places. */
export async function readSolution(root: string, exercise: Exercise): Promise<Files> {
  return readFiles(exercise, (file) => join(root, exercise.folder, 'solution', file.path));
}

async function readFiles(exercise: Exercise, where: (file: LearnerFile) => string): Promise<Files> {
  const files = new Map<string, string>();
  for (const file of exercise.files) {
    const text = await readIfThere(where(file));
    if (text !== null) files.set(file.path, text);
  }
  return files;
}

/** Puts the files of this exercise back to its start. The caller keeps the attempt first. */
export async function resetWork(root: string, exercise: Exercise, all: readonly Exercise[]): Promise<void> {
  for (const file of exercise.files) {
    const start = await readFile(await startOf(root, file, exercise, all), 'utf8');
    await writeAtomic(workPath(root, file), start);
  }
}

/** Writes files into a folder, as they would stand in `work/`. */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [path, text] of files) await writeAtomic(join(folder, path), text);
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return null;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
