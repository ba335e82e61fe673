/**
 * The workshop while somebody works in it: which exercise is open, what its files are judged to be, and who wants to know.
 * The terminal and the pages are two views of one workbench.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Exercise } from '../exercise.ts';
import { type Hints, parseHints } from '../report/hints.ts';
import { firstFailure } from '../report/summary.ts';
import type { RunResult } from '../result.ts';
import { nextOf } from '../state/progress.ts';
import { bringWork, readWork, resetWork, workPath } from '../state/work.ts';
import { ChromiumSource } from './chromium-source.ts';
import { FileWatch } from './files.ts';
import { Judging } from './judging.ts';
import { Keeper } from './keeping.ts';

export type WorkbenchOptions = {
  /** The project's root folder: `work/` and `workshops/` are in it. */
  readonly root: string;
  /** Where attempts, runs and progress are kept, such as `<root>/.workshop`. */
  readonly stateDir: string;
  /** In teaching order. */
  readonly exercises: readonly Exercise[];
  /** Origin of the pages, or null. */
  readonly origin?: string | null;
  /** Default true. */
  readonly chromium?: boolean;
};

/** What there is to see. A new object for each change. */
export type View = {
  /** Counts changes. */
  readonly version: number;
  readonly exercise: Exercise | null;
  readonly phase: 'idle' | 'judging';
  /** The latest verdict on the open exercise. */
  readonly run: number | null;
  readonly result: RunResult | null;
  /** Exercises passed before that the latest passing save no longer passes, with their first failing check. */
  readonly regressions: readonly { readonly exercise: string; readonly check: string }[];
  readonly polling: boolean;
  /** What went wrong in the judge itself, or null. */
  readonly problem: string | null;
  /** The rungs of the first failing check: how many are open, of how many. Null where nothing fails or it has none. */
  readonly hint: HintState | null;
};

export type HintState = { readonly check: string; readonly opened: number; readonly of: number };

export class Workbench {
  readonly exercises: readonly Exercise[];
  readonly keeper: Keeper;
  readonly judging: Judging;
  readonly #root: string;
  #view: View = {
    version: 0,
    exercise: null,
    phase: 'idle',
    run: null,
    result: null,
    regressions: [],
    polling: false,
    problem: null,
    hint: null,
  };
  readonly #listeners = new Set<(view: View) => void>();
  #files: FileWatch | null = null;
  #current: AbortController | null = null;
  #running: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: WorkbenchOptions) {
    this.#root = options.root;
    this.exercises = options.exercises;
    this.keeper = new Keeper({ root: options.root, stateDir: options.stateDir, origin: options.origin ?? null });
    this.judging = new Judging({ chromium: new ChromiumSource(options.chromium ?? true) });
  }

  get view(): View {
    return this.#view;
  }

  /** Told of each change from now on. Returns how to stop. */
  subscribe(listener: (view: View) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when there is something newer than `version`, or after `ms`. */
  async changeAfter(version: number, ms: number, signal?: AbortSignal): Promise<View> {
    if (this.#view.version > version || this.#closed || signal?.aborted) return this.#view;
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        stop();
        signal?.removeEventListener('abort', done);
        resolve(this.#view);
      };
      const timer = setTimeout(done, ms);
      const stop = this.subscribe(done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }

  find(id: string): Exercise | null {
    return this.exercises.find((exercise) => exercise.id.toLowerCase() === id.toLowerCase()) ?? null;
  }

  /** Where to go on: the exercise worked on last unless it has passed, else the first that has not, else null. */
  async next(after: string | null = null): Promise<Exercise | null> {
    return nextOf(this.exercises, await this.keeper.progress.read(), after);
  }

  /** The files that the learner edits, as absolute paths; the last one is the one to show. */
  filesOf(exercise: Exercise): string[] {
    return exercise.files.map((file) => workPath(this.#root, file));
  }

  async hintsOf(exercise: Exercise): Promise<Hints> {
    return parseHints(await readFile(join(this.#root, exercise.folder, 'hints.md'), 'utf8').catch(() => ''));
  }

  /** Opens an exercise: makes its files, watches them, and judges what is there. */
  async open(exercise: Exercise): Promise<void> {
    if (this.#view.exercise?.id === exercise.id) return;
    this.#current?.abort();
    this.#files?.close();
    await bringWork(this.#root, exercise, this.exercises);
    await this.keeper.progress.update((all) => ({ ...all, current: exercise.id }));
    const stored = (await this.keeper.progress.of(exercise.id)).run;
    const last = stored === null ? null : await this.keeper.runs.read(stored);
    this.#change({
      exercise,
      run: last?.run ?? null,
      result: last?.result ?? null,
      regressions: [],
      problem: null,
      phase: 'idle',
      hint: await this.#hintOf(exercise, last?.result ?? null),
    });
    this.#files = await FileWatch.start(this.filesOf(exercise), {
      saved: (since) => this.judge(since),
      polling: () => this.#change({ polling: true }),
    });
    this.judge();
  }

  /** Judges the files as they are now; a verdict that is under way is called off. `since` is when the save was seen. */
  judge(since: number = performance.now()): void {
    const { exercise } = this.#view;
    if (exercise === null || this.#closed) return;
    this.#current?.abort();
    const mine = new AbortController();
    this.#current = mine;
    this.#change({ phase: 'judging', problem: null });
    this.#running = this.#running
      .then(async () => {
        if (mine.signal.aborted) return;
        const { run, result } = await this.keeper.judge(this.judging, exercise, { signal: mine.signal, since });
        const regressions = result.status === 'pass' ? await this.#regressions(exercise, mine.signal) : [];
        const hint = await this.#hintOf(exercise, result);
        if (!mine.signal.aborted) this.#change({ phase: 'idle', run, result, regressions, hint });
      })
      .catch((error: unknown) => {
        if (mine.signal.aborted) return;
        this.#change({ phase: 'idle', problem: error instanceof Error ? error.message : String(error) });
      });
  }

  /** Something beside the verdict has changed, such as a picture to compare with: whoever looks on looks again. */
  touch(): void {
    if (!this.#closed) this.#change({});
  }

  /** Resolves when no verdict is under way. */
  async settled(): Promise<View> {
    for (let running: Promise<void> | null = null; running !== this.#running; ) {
      running = this.#running;
      await running;
    }
    return this.#view;
  }

  /** Keeps the attempt as it is, then puts the exercise's files back to their start. Says where the attempt is. */
  async reset(): Promise<string | null> {
    const { exercise } = this.#view;
    if (exercise === null) return null;
    const attempt = await this.keeper.attempts.keep(exercise.id, await readWork(this.#root, exercise));
    await resetWork(this.#root, exercise, this.exercises);
    return join(this.keeper.stateDir, 'attempts', exercise.id, attempt.id);
  }

  /** Opens the next rung for a check and gives all that are open; null when it has none. */
  async hint(check: string): Promise<{ readonly rungs: readonly string[]; readonly of: number } | null> {
    const { exercise } = this.#view;
    const owner = this.exercises.find((e) => e.checks.some((c) => c.id === check)) ?? exercise;
    if (owner === null) return null;
    const all = (await this.hintsOf(owner)).get(check) ?? [];
    if (all.length === 0) return null;
    const before = (await this.keeper.progress.of(owner.id)).hints[check] ?? 0;
    const opened = Math.min(all.length, before + 1);
    if (opened !== before) {
      await this.keeper.progress.updateExercise(owner.id, (p) => ({ ...p, hints: { ...p.hints, [check]: opened } }));
      this.#change(this.#view.hint?.check === check ? { hint: { check, opened, of: all.length } } : {});
    }
    return { rungs: all.slice(0, opened), of: all.length };
  }

  /** Ends every process, watch and timer. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#current?.abort();
    this.#files?.close();
    await this.#running;
    this.#change({});
    await this.judging.close();
  }

  /** What the hint key is about, and how far it has gone. */
  async #hintOf(exercise: Exercise, result: RunResult | null): Promise<HintState | null> {
    const check = result === null ? undefined : firstFailure(result)?.checkId;
    if (check === undefined) return null;
    const of = (await this.hintsOf(exercise)).get(check)?.length ?? 0;
    if (of === 0) return null;
    const opened = (await this.keeper.progress.of(exercise.id)).hints[check] ?? 0;
    return { check, opened: Math.min(opened, of), of };
  }

  /** After a pass: the exercises that this one builds on, with the same files. */
  async #regressions(exercise: Exercise, signal: AbortSignal): Promise<View['regressions']> {
    const progress = await this.keeper.progress.read();
    const earlier = this.exercises.filter(
      (other) => exercise.buildsOn.includes(other.id) && progress.exercises[other.id]?.passedAt,
    );
    const found: { exercise: string; check: string }[] = [];
    for (const other of earlier) {
      const only = other.checks.filter((check) => check.judge === 'raw').map((check) => check.id);
      const result = await this.judging.judge(other, { workDir: join(this.#root, 'work') }, { only, signal });
      const failed = firstFailure(result);
      if (failed !== null) found.push({ exercise: other.id, check: failed.checkId });
    }
    return found;
  }

  #change(change: Partial<View>): void {
    this.#view = { ...this.#view, ...change, version: this.#view.version + 1 };
    for (const listener of [...this.#listeners]) listener(this.#view);
  }
}
