/** Judges a function that a test makes by the checks of an exercise, in this process. */
import { join } from 'node:path';
import { VirtualClock } from '../raw/clock.ts';
import { RawJudge } from '../raw/judge.ts';
import { loadExercises } from '../state/catalogue.ts';

const all = await loadExercises(join(import.meta.dirname, '../../../..'));

/** `passes`, or the ids of the checks that fail and the first headline. `exports`: what each file of the exercise exports. */
export async function judgedBy(id: string, exports: Readonly<Record<string, unknown>>): Promise<string> {
  const exercise = all.find((it) => it.id === id);
  if (exercise === undefined)
    throw new Error(`The workshops have no ${id} any more: let these tests judge another one.`);
  const host = {
    name: 'node' as const,
    load: async () => ({ ...exports }),
    turn: () => new Promise<void>((resolve) => setImmediate(resolve)),
    rest: () => new Promise<void>((resolve) => setTimeout(resolve, 0)),
    realNow: () => performance.now(),
  };
  const judge = new RawJudge({ exercise, host, clock: new VirtualClock(), sources: new Map() });
  const stray = (error: unknown): void => judge.stray(error, 'rejected');
  process.on('unhandledRejection', stray);
  try {
    const failed = (await judge.run()).filter((result) => result.status === 'fail');
    const [first] = failed;
    return first === undefined ? 'passes' : `${failed.map((it) => it.checkId).join(' ')}: ${first.failure?.headline}`;
  } finally {
    process.off('unhandledRejection', stray);
  }
}
