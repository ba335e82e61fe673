import { join } from 'node:path';
import type { Exercise } from '../exercise.ts';
import { loadExercises } from '../state/catalogue.ts';

/** The exercise that the engine's own tests judge: found as the engine finds it, since the engine knows no exercise. */
export async function ka2(): Promise<Exercise> {
  const all = await loadExercises(join(import.meta.dirname, '../../../..'));
  const exercise = all.find(({ id }) => id === 'KA2');
  if (exercise === undefined)
    throw new Error('The workshops have no KA2 any more: let these tests judge another exercise.');
  return exercise;
}
