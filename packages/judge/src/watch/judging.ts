/** One verdict: raw first, then Chromium, then the text of what failed. The same for the watcher, the page and Playwright. */

import { ChromiumJudge } from '../chromium/judge.ts';
import type { BrowserCheck, Exercise } from '../exercise.ts';
import { closeHosts, judgeRaw, warmUp } from '../hosts/judge-raw.ts';
import { PageHost } from '../hosts/page/host.ts';
import { isProgram, readProgram } from '../hosts/program.ts';
import { failedResult, rawChecks, skippedResult } from '../raw/judge.ts';
import { renderFailure, type Where } from '../report/failure.ts';
import type { CheckResult, Host, RunResult } from '../result.ts';
import { ChromiumSource } from './chromium-source.ts';

export type Program = {
  /** The folder that holds the learner's files. */
  readonly workDir: string;
  /** Files to take from elsewhere: path below `work/` → absolute path. */
  readonly overlay?: Readonly<Record<string, string>> | undefined;
};

export type JudgeOptions = {
  /** Default `node`. Browser checks run in front of a Node process, so another host is judged by raw checks only. */
  readonly host?: Host | undefined;
  /** Ids of checks; all when absent. */
  readonly only?: readonly string[] | undefined;
  /** Runs browser checks although raw ones failed. Only the authoring gate wants that. */
  readonly always?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For the last lines of a failure; without a kept run they are left out. */
  readonly where?: Where | undefined;
  /** When the save was seen, `performance.now()`. Default: now. */
  readonly since?: number | undefined;
};

export class Judging {
  readonly chromium: ChromiumSource;
  readonly #browser: ChromiumJudge;

  constructor(options: { readonly chromium?: ChromiumSource } = {}) {
    this.chromium = options.chromium ?? new ChromiumSource();
    this.#browser = new ChromiumJudge({ chromium: () => this.chromium.get() });
  }

  /** Starts everything that the next verdict would wait for. */
  async warm(): Promise<void> {
    this.chromium.warm();
    if (this.chromium.missing() === null) this.#browser.warm();
    await warmUp();
  }

  /** Ends every process that was started. */
  async close(): Promise<void> {
    await Promise.all([this.#browser.close(), closeHosts()]);
    await this.chromium.close();
  }

  /** Resolves once nothing of an earlier verdict is still being ended. */
  settled(): Promise<void> {
    return this.#browser.settled();
  }

  /** A whole verdict. Rejects only when the signal is aborted, or a host or the browser cannot be started. */
  async judge(exercise: Exercise, program: Program, options: JudgeOptions = {}): Promise<RunResult> {
    const { host = 'node', only, where } = options;
    const began = options.since ?? performance.now();
    const startedAt = new Date(Date.now() - (performance.now() - began)).toISOString();
    const raw = await this.#raw(exercise, program, options);
    const results = new Map(raw.map((result) => [result.checkId, result]));
    let stopped = raw.some((result) => result.status === 'fail');
    for (const check of exercise.checks) {
      if (check.judge === 'raw' || (only !== undefined && !only.includes(check.id))) continue;
      const result = await this.#browserCheck(exercise, check, program, { ...options, stopped });
      stopped ||= result.status === 'fail';
      results.set(check.id, result);
    }
    const tests = exercise.checks
      .flatMap((check) => results.get(check.id) ?? [])
      .map((test) => withMessage(test, where));
    return {
      version: 3,
      exercise: exercise.id,
      ...statusOf(tests),
      host,
      startedAt,
      ms: Math.round(performance.now() - began),
      tests,
    };
  }

  async #raw(exercise: Exercise, program: Program, options: JudgeOptions): Promise<CheckResult[]> {
    const { host = 'node', only, signal } = options;
    // No process for nothing.
    if (rawChecks(exercise, only).length === 0) return [];
    if (host === 'page') return this.#inPage(exercise, program, options);
    return judgeRaw(exercise, program.workDir, { host, only, signal, overlay: program.overlay });
  }

  async #inPage(exercise: Exercise, source: Program, { only, signal }: JudgeOptions): Promise<CheckResult[]> {
    const program = readProgram(exercise, source);
    const checks = rawChecks(exercise, only);
    if (!isProgram(program))
      return checks.map((check, i) =>
        i === 0 ? failedResult(exercise, check, program) : skippedResult(exercise, check),
      );
    const host = new PageHost(async () => {
      const { context, page } = await (await this.chromium.get()).take();
      page.once('close', () => void context.close().catch(() => {}));
      return page;
    });
    return host.judge(exercise, program, { only, signal });
  }

  async #browserCheck(
    exercise: Exercise,
    check: BrowserCheck,
    source: Program,
    options: JudgeOptions & { stopped: boolean },
  ): Promise<CheckResult> {
    const skip = (message: string): CheckResult => ({ ...skippedResult(exercise, check), message });
    if ((options.host ?? 'node') !== 'node') return skip('Chromium judges the Node host');
    if (options.stopped && options.always !== true) return skip('waits for the checks above');
    const missing = this.chromium.missing();
    if (missing !== null) return skip(missing);
    const program = readProgram(exercise, source);
    if (!isProgram(program)) return failedResult(exercise, check, program);
    return this.#browser.judge(exercise, check, program, options.signal);
  }
}

function withMessage(test: CheckResult, where: Where | undefined): CheckResult {
  if (test.failure === undefined) return test;
  return { ...test, message: renderFailure(test.failure, { id: test.checkId, title: test.title }, where) };
}

/** A program that cannot be judged at all is an error; its text stands in place of the tests. */
function statusOf(tests: readonly CheckResult[]): Pick<RunResult, 'status' | 'message'> {
  const first = tests.find((test) => test.status === 'fail');
  if (first === undefined) return { status: 'pass' };
  const cannot = first.failure?.cause === 'does not load' || first.failure?.cause === 'missing export';
  return cannot && first.message !== undefined ? { status: 'error', message: first.message } : { status: 'fail' };
}
