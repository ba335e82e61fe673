/** Finds the exercises: every `workshops/<track>/<exercise>/exercise.ts`, in the order of the folders' numbers. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Exercise } from '../exercise.ts';

/** @throws when an exercise does not load, or says that it stands in another folder than it does. */
export async function loadExercises(root: string): Promise<Exercise[]> {
  const found: Exercise[] = [];
  for (const track of await numbered(join(root, 'workshops'))) {
    for (const name of await numbered(join(root, 'workshops', track))) {
      const folder = `workshops/${track}/${name}`;
      const path = join(root, folder, 'exercise.ts');
      // A folder that somebody begins with its solution must not keep everybody else from working.
      if ((await stat(path).catch(() => null)) === null) continue;
      const address = pathToFileURL(path).href;
      const loaded = (await import(address)) as { default?: Exercise };
      const exercise = loaded.default;
      if (exercise === undefined) throw new Error(`${folder}/exercise.ts has no default export: export the exercise.`);
      if (exercise.folder !== folder)
        throw new Error(`${folder}/exercise.ts says that its folder is ${exercise.folder}. Put it right there.`);
      found.push(exercise);
    }
  }
  return found;
}

async function numbered(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory() && /^\d+-/.test(entry.name)).map((entry) => entry.name);
  return names.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}
