/** The run that a picture is set beside: the learner's own where there is one, else what the project keeps to compare with. */
import type { CheckResult, Exercise } from '@interleave/judge';
import { bandsOf, matchesOf, pursesOf, type StoredRun, type Workbench } from '@interleave/judge/watch';
import type { Companion } from './pages/companion.ts';
import type { References } from './references.ts';

/** Runs that are read at most in search of one: each may be megabytes. */
const MOST_READ = 4;

export class Companions {
  readonly #bench: Workbench;
  readonly #references: References;
  /** The first failing run of a check stays the first, for as long as it is kept. */
  readonly #before = new Map<string, Companion>();

  constructor(bench: Workbench, references: References) {
    this.#bench = bench;
    this.#references = references;
  }

  /** Null where the picture stands alone, or where what it is set beside is not made yet. */
  async of(exercise: Exercise, shown: CheckResult): Promise<Companion | null> {
    if (exercise.picture === 'bands' && shown.status === 'pass') return this.#bandsBefore(exercise, shown);
    if (exercise.picture === 'lanes' && shown.status === 'pass' && shown.oracle === 'chromium')
      return this.#elsewhere('KA7', ({ connections }) => connections.length > 1);
    // An upload that was still held when the run was over, whichever check it was.
    if (exercise.picture === 'credit' && shown.status === 'pass')
      return this.#firstFailing(exercise, exercise.id, (test) =>
        pursesOf(test, 'peer').some(({ held }) => held.some(({ to }) => to === null)),
      );
    if (exercise.picture === 'arrows') return this.#elsewhere('PL3', (test) => matchesOf(test) !== null);
    if (exercise.id === 'HL3' && shown.status === 'pass')
      return this.#elsewhere('HL2', ({ held = [] }) => held.length > 0);
    return null;
  }

  /** The learner's first run in which this check failed, else what the exercise starts from. */
  async #bandsBefore(exercise: Exercise, { checkId }: CheckResult): Promise<Companion | null> {
    const own = await this.#firstFailing(
      exercise,
      checkId,
      (test) => test.checkId === checkId && bandsOf(test).length > 0,
    );
    if (own !== null) return own;
    const start = await this.#references.start(exercise, checkId);
    return start === null ? null : { label: `${checkId}, what you start from`, test: start };
  }

  /** The first failing check of this kind among the learner's first failing runs. */
  async #firstFailing(
    exercise: Exercise,
    key: string,
    isOne: (test: CheckResult) => boolean,
  ): Promise<Companion | null> {
    const known = this.#before.get(key);
    if (known !== undefined) return known;
    const attempts = await this.#bench.keeper.attempts.list(exercise.id);
    const failing = attempts.flatMap(({ run, passed }) => (run === null || passed !== false ? [] : [run]));
    for (const run of failing.slice(0, MOST_READ)) {
      const tests = (await this.#bench.keeper.runs.read(run))?.result.tests ?? [];
      const test = tests.find((it) => it.status === 'fail' && isOne(it));
      if (test === undefined) continue;
      const found = { label: `${test.checkId}, your run ${run}`, test };
      this.#before.set(key, found);
      return found;
    }
    return null;
  }

  /** A run of another exercise: the learner's last one, else that of its model answer. */
  async #elsewhere(id: string, isOne: (test: CheckResult) => boolean): Promise<Companion | null> {
    const other = this.#bench.find(id);
    if (other === null) return null;
    const { run } = await this.#bench.keeper.progress.of(other.id);
    const stored: StoredRun | null = run === null ? null : await this.#bench.keeper.runs.read(run);
    const own = stored?.result.tests.findLast((test) => test.status === 'pass' && isOne(test));
    if (own !== undefined && stored !== null) return { label: `${own.checkId}, your run ${stored.run}`, test: own };
    const model = (await this.#references.ready(other))?.model ?? null;
    return model === null || !isOne(model) ? null : { label: `${model.checkId}, the model answer`, test: model };
  }
}
