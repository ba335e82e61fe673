/** A verdict that is kept: the attempt before anything runs, then the run, then the progress. */
import { join } from 'node:path';
import type { Exercise } from '../exercise.ts';
import type { RunResult } from '../result.ts';
import { sweepParts } from '../state/atomic.ts';
import { type Attempt, Attempts } from '../state/attempts.ts';
import { ProgressFile } from '../state/progress.ts';
import { Runs } from '../state/runs.ts';
import { readWork } from '../state/work.ts';
import type { Judging } from './judging.ts';

export type Kept = { readonly run: number; readonly attempt: Attempt; readonly result: RunResult };

export class Keeper {
  readonly root: string;
  readonly stateDir: string;
  readonly attempts: Attempts;
  readonly runs: Runs;
  readonly progress: ProgressFile;
  /** Of the workshop's pages; null when none are served. */
  origin: string | null;
  #swept: Promise<unknown> | null = null;

  constructor(options: { root: string; stateDir: string; origin: string | null }) {
    this.root = options.root;
    this.stateDir = options.stateDir;
    this.origin = options.origin;
    this.attempts = new Attempts(options.stateDir);
    this.runs = new Runs(options.stateDir);
    this.progress = new ProgressFile(options.stateDir);
  }

  /** Judges the learner's files as they are now. What is judged is the copy that was kept, not a file that may be changing. */
  async judge(
    judging: Judging,
    exercise: Exercise,
    options: { signal?: AbortSignal; since?: number } = {},
  ): Promise<Kept> {
    // A runner that was killed has left behind what it was writing.
    this.#swept ??= Promise.all([join(this.root, 'work'), this.stateDir].map(sweepParts));
    await this.#swept;
    const attempt = await this.attempts.keep(exercise.id, await readWork(this.root, exercise));
    return this.judgeAttempt(judging, exercise, attempt, options);
  }

  /** Judges what was kept: for replays, and for the save that has just been kept. */
  async judgeAttempt(
    judging: Judging,
    exercise: Exercise,
    attempt: Attempt,
    options: { signal?: AbortSignal; since?: number } = {},
  ): Promise<Kept> {
    const run = await this.runs.begin();
    try {
      const where = { run, origin: this.origin };
      const program = { workDir: join(this.root, 'work'), overlay: await this.#overlay(exercise, attempt) };
      const result = await judging.judge(exercise, program, { ...options, where });
      await this.#keep(exercise, attempt, run, result);
      return { run, attempt, result };
    } catch (error) {
      await this.runs.abandon(run);
      throw error;
    }
  }

  async #overlay(exercise: Exercise, attempt: Attempt): Promise<Record<string, string>> {
    const folder = join(this.stateDir, 'attempts', exercise.id, attempt.id);
    const files = await this.attempts.read(exercise, attempt.id);
    // A file that is missing from the attempt was missing from `work/`, and the judge says so.
    return Object.fromEntries(
      exercise.files.filter((file) => files?.has(file.path)).map((file) => [file.path, join(folder, file.path)]),
    );
  }

  async #keep(exercise: Exercise, attempt: Attempt, run: number, result: RunResult): Promise<void> {
    const passed = result.tests.filter((test) => test.status === 'pass').map((test) => test.checkId);
    const failing = result.tests.find((test) => test.status === 'fail')?.checkId ?? null;
    await Promise.all([
      this.runs.store(run, result, attempt.id),
      this.attempts.judged(exercise.id, attempt.id, result.status === 'pass', run),
      this.progress.update((all) => {
        const before = all.exercises[exercise.id];
        const now = new Date().toISOString();
        const after = {
          hints: {},
          ...before,
          saves: (before?.saves ?? 0) + 1,
          run,
          passed,
          failing,
          passedAt: before?.passedAt ?? (result.status === 'pass' ? now : null),
        };
        return { ...all, current: exercise.id, exercises: { ...all.exercises, [exercise.id]: after } };
      }),
    ]);
  }
}
