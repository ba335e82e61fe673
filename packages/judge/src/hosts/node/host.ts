/** Judges in a Node process of its own: the spare one where somebody has warmed it. */
import type { Exercise } from '../../exercise.ts';
import { engineFailure } from '../../raw/engine.ts';
import { failedResult, rawChecks, skippedResult } from '../../raw/judge.ts';
import type { CheckResult, Failure } from '../../result.ts';
import type { Program } from '../program.ts';
import { type Exit, LearnerProcess } from './process.ts';
import { type Verdict, watch } from './watchdog.ts';

export class NodeHost {
  #spare: LearnerProcess | null = null;

  /** Starts the spare process, so that the next verdict does not wait for one. */
  warm(): void {
    this.#spare ??= new LearnerProcess();
  }

  /** Ends the spare process. A run that is under way ends by its own signal. */
  close(): void {
    this.#spare?.kill();
    this.#spare = null;
  }

  /** One result for each raw check that was asked for. Rejects only when `signal` is aborted. */
  async judge(
    exercise: Exercise,
    program: Program,
    options: { only?: readonly string[] | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<CheckResult[]> {
    const { only, signal } = options;
    signal?.throwIfAborted();
    const learner = this.#spare ?? new LearnerProcess();
    this.#spare = null;
    learner.hold(true);
    const over = new AbortController();
    const abort = (): void => learner.kill();
    signal?.addEventListener('abort', abort, { once: true });
    const results: CheckResult[] = [];
    let current: string | null = null;
    const done = new Promise<'done'>((resolve) => {
      learner.listen((message) => {
        if (message.say === 'began') current = message.check;
        if (message.say === 'ended') results.push(message.result);
        if (message.say === 'done') resolve('done');
      });
    });
    const checks = rawChecks(exercise, only);
    try {
      learner.send({ exercise, only: only ?? null, program });
      const end = await Promise.race([done, watch(learner, over.signal), learner.exited]);
      signal?.throwIfAborted();
      if (end !== 'done') {
        const check = checks.find((c) => c.id === current) ?? checks[results.length];
        if (check !== undefined && !results.some((r) => r.checkId === check.id)) {
          const told = 'result' in end ? end.result : null;
          results.push(
            told ?? failedResult(exercise, check, 'result' in end ? failureOfVerdict(end) : failureOfExit(end)),
          );
        }
        // What is left is not run: the program that would be judged is the one that has just been killed.
        for (const check of checks)
          if (!results.some((r) => r.checkId === check.id)) results.push(skippedResult(exercise, check));
      }
      return results;
    } finally {
      over.abort();
      signal?.removeEventListener('abort', abort);
      learner.kill();
      learner.hold(false);
    }
  }
}

function failureOfVerdict(verdict: Verdict): Failure {
  return engineFailure(verdict.cause, verdict.headline, []);
}

function failureOfExit({ code, signal, stderr }: Exit): Failure {
  if (/heap out of memory|allocation failed|Array buffer allocation/i.test(stderr))
    return engineFailure('out of memory', 'Your code used up all memory of its process.', []);
  const how = signal === null ? `with exit code ${code}` : `by signal ${signal}`;
  return engineFailure('ended the process', `The process that your code runs in ended ${how}.`, []);
}
