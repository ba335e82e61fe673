/** Each run's result, under `.workshop/runs/<n>/`: `result.json` (a `RunResult`), `transcript.txt`, and which attempt it judged. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { transcriptText } from '../report/transcript.ts';
import type { RunResult } from '../result.ts';
import { writeAtomic } from './atomic.ts';

/** The newest runs that are kept; what they judged stays among the attempts. */
export const KEPT_RUNS = 300;

export type StoredRun = { readonly run: number; readonly attempt: string | null; readonly result: RunResult };

export class Runs {
  readonly #folder: string;
  #next = 0;

  constructor(stateDir: string) {
    this.#folder = join(stateDir, 'runs');
  }

  /** Takes the next number for itself, also among processes. The folder stays empty until `store`. */
  async begin(): Promise<number> {
    await mkdir(this.#folder, { recursive: true });
    if (this.#next === 0) this.#next = ((await this.numbers()).at(-1) ?? 0) + 1;
    for (;;) {
      const run = this.#next++;
      try {
        await mkdir(join(this.#folder, String(run)));
        return run;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }

  /** Keeps a run. `result.json` comes last, so a run that can be read is whole. */
  async store(run: number, result: RunResult, attempt: string | null): Promise<void> {
    const folder = join(this.#folder, String(run));
    await writeAtomic(join(folder, 'transcript.txt'), transcriptText(result));
    await writeAtomic(join(folder, 'attempt.json'), `${JSON.stringify({ attempt })}\n`);
    await writeAtomic(join(folder, 'result.json'), `${JSON.stringify(result, null, 1)}\n`);
    await this.#prune();
  }

  /** Gives a number back whose run was called off. */
  async abandon(run: number): Promise<void> {
    await rm(join(this.#folder, String(run)), { recursive: true, force: true });
  }

  /** A run, or null when it never ended or was dropped. */
  async read(run: number): Promise<StoredRun | null> {
    const folder = join(this.#folder, String(run));
    const [result, attempt] = await Promise.all(
      ['result.json', 'attempt.json'].map((name) => readFile(join(folder, name), 'utf8').catch(() => null)),
    );
    if (result === null || result === undefined) return null;
    const link = attempt ? (JSON.parse(attempt) as { attempt: string | null }) : { attempt: null };
    return { run, attempt: link.attempt, result: JSON.parse(result) as RunResult };
  }

  /** Numbers taken, in order. */
  async numbers(): Promise<number[]> {
    const names = await readdir(this.#folder).catch(() => []);
    return names
      .map(Number)
      .filter((n) => Number.isInteger(n) && n > 0)
      .sort((a, b) => a - b);
  }

  async #prune(): Promise<void> {
    const numbers = await this.numbers();
    for (const run of numbers.slice(0, Math.max(0, numbers.length - KEPT_RUNS))) await this.abandon(run);
  }
}
