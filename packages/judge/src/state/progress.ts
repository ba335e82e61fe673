/** What the learner has done: `.workshop/state.json`. */
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from './atomic.ts';

export type ExerciseProgress = {
  /** ISO 8601, when it first passed; null before. */
  readonly passedAt: string | null;
  /** Saves that were judged. */
  readonly saves: number;
  /** The latest run. */
  readonly run: number | null;
  /** Of that run: ids that passed, and the first that failed. */
  readonly passed: readonly string[];
  readonly failing: string | null;
  /** Rungs opened, by check id. */
  readonly hints: Readonly<Record<string, number>>;
};

export type Progress = {
  readonly version: 1;
  /** The exercise that was worked on last. */
  readonly current: string | null;
  readonly exercises: Readonly<Record<string, ExerciseProgress>>;
};

const EMPTY: Progress = { version: 1, current: null, exercises: {} };
const UNTOUCHED: ExerciseProgress = { passedAt: null, saves: 0, run: null, passed: [], failing: null, hints: {} };

/**
 * Where to go on: the exercise worked on last unless it has passed, else the first after it that has not, else any that has
 * not. `after` goes on from there instead, and never back to it. Null when all have passed.
 */
export function nextOf<E extends { readonly id: string }>(
  exercises: readonly E[],
  progress: Progress,
  after: string | null = null,
): E | null {
  const open = (exercise: E): boolean => (progress.exercises[exercise.id]?.passedAt ?? null) === null;
  const index = exercises.findIndex((exercise) => exercise.id === (after ?? progress.current));
  const current = exercises[index];
  if (after === null && current !== undefined && open(current)) return current;
  const ahead = [...exercises.slice(index + 1), ...exercises.slice(0, Math.max(0, index))];
  return ahead.find(open) ?? null;
}

/** What the learner has worked on so far, and where to go on: all that can be judged without making files nobody asked for. */
export function reachedOf<E extends { readonly id: string }>(exercises: readonly E[], progress: Progress): E[] {
  const next = nextOf(exercises, progress);
  return exercises.filter((exercise) => exercise === next || (progress.exercises[exercise.id]?.saves ?? 0) > 0);
}

/** Reads and changes `state.json`. Changes run one after another, so that none is lost. */
export class ProgressFile {
  readonly path: string;
  #last: Promise<unknown> = Promise.resolve();

  constructor(stateDir: string) {
    this.path = join(stateDir, 'state.json');
  }

  /** What is there now. A file that is not ours is put aside, never written over. */
  async read(): Promise<Progress> {
    let text: string;
    try {
      text = await readFile(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY;
      throw error;
    }
    const progress = parse(text);
    if (progress !== null) return progress;
    await rename(this.path, `${this.path}.${Date.now()}.unreadable`);
    return EMPTY;
  }

  async of(exercise: string): Promise<ExerciseProgress> {
    return (await this.read()).exercises[exercise] ?? UNTOUCHED;
  }

  /** Replaces the whole by what `change` makes of it. */
  update(change: (progress: Progress) => Progress): Promise<Progress> {
    const next = this.#last.then(async () => {
      const before = await this.read();
      const after = change(before);
      if (after !== before) await writeAtomic(this.path, `${JSON.stringify(after, null, 2)}\n`);
      return after;
    });
    this.#last = next.catch(() => {});
    return next;
  }

  updateExercise(id: string, change: (progress: ExerciseProgress) => ExerciseProgress): Promise<Progress> {
    return this.update((all) => ({
      ...all,
      exercises: { ...all.exercises, [id]: change(all.exercises[id] ?? UNTOUCHED) },
    }));
  }
}

function parse(text: string): Progress | null {
  try {
    const value = JSON.parse(text) as Partial<Progress> | null;
    if (value === null || value.version !== 1 || typeof value.exercises !== 'object' || value.exercises === null)
      return null;
    // Fields that a later version adds may be missing here.
    const exercises = Object.entries(value.exercises).map(([id, p]) => [id, { ...UNTOUCHED, ...p }] as const);
    return { version: 1, current: value.current ?? null, exercises: Object.fromEntries(exercises) };
  } catch {
    return null;
  }
}
