/** One verdict: bytes and Chromium, and the text of what failed. The same for the watcher, the page and Playwright. */

import { ChromiumJudge } from '../chromium/judge.ts';
import type { BrowserCheck, Exercise } from '../exercise.ts';
import { freeNames } from '../hosts/free-names.ts';
import { closeHosts, judgeRaw, warmUp } from '../hosts/judge-raw.ts';
import { PageHost } from '../hosts/page/host.ts';
import { isProgram, readProgram } from '../hosts/program.ts';
import { failedResult, rawChecks, skippedResult } from '../raw/judge.ts';
import { renderFailure, type Where } from '../report/failure.ts';
import type { Cause, CheckResult, Host, RunResult } from '../result.ts';
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
  /** Browser checks that were called off, and are still being ended. */
  readonly #off = new Set<Promise<unknown>>();
  readonly #page: PageHost = new PageHost(async () => (await this.chromium.get()).take('alone'));

  constructor(options: { readonly chromium?: ChromiumSource } = {}) {
    this.chromium = options.chromium ?? new ChromiumSource();
    this.#browser = new ChromiumJudge({ chromium: () => this.chromium.get() });
  }

  /** Starts everything that the next verdict would wait for; that of `exercise`, where it is known. */
  async warm(exercise?: Exercise): Promise<void> {
    this.chromium.warm();
    if (this.chromium.missing() === null) this.#browser.warm(exercise && browserChecks(exercise));
    await warmUp();
  }

  /** Ends every process that was started. */
  async close(): Promise<void> {
    await this.settled();
    await Promise.all([this.#browser.close(), this.#page.close(), closeHosts()]);
    await this.chromium.close();
  }

  /** Resolves once nothing of an earlier verdict is still being ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#off);
    await this.#browser.settled();
  }

  /** A whole verdict. Rejects only when the signal is aborted, or a host or the browser cannot be started. */
  async judge(exercise: Exercise, program: Program, options: JudgeOptions = {}): Promise<RunResult> {
    const { host = 'node', where, signal } = options;
    const began = options.since ?? performance.now();
    const startedAt = new Date(Date.now() - (performance.now() - began)).toISOString();
    try {
      const results = await withFreeNames(exercise, program, await this.#all(exercise, program, options));
      const ms = Math.round(performance.now() - began);
      const tests = exercise.checks
        .flatMap((check) => results.get(check.id) ?? [])
        .map((test) => withMessage(test, where));
      return { version: 3, exercise: exercise.id, ...statusOf(tests), host, startedAt, ms, tests };
    } finally {
      // Not earlier: what is made ready would compete with what it is for.
      if (!signal?.aborted && host === 'node') await this.#warmAgain(exercise, options);
    }
  }

  /** Bytes and browser at once. What a browser finds counts only where all above it passes; before that it is called off. */
  async #all(exercise: Exercise, program: Program, options: JudgeOptions): Promise<Map<string, CheckResult>> {
    const { only, always, signal } = options;
    const off = new AbortController();
    const stop = signal === undefined ? off.signal : AbortSignal.any([signal, off.signal]);
    let stopped = false;
    const see = (result: CheckResult): void => {
      if (result.status !== 'fail' || always === true) return;
      stopped = true;
      off.abort();
    };
    const inBrowser = browserChecks(exercise, only).map((check) => ({
      check,
      missing: this.#missing(options),
      running: this.#browserCheck(exercise, check, program, { ...options, signal: stop }),
    }));
    // Waited for below, in order: one that is called off before its turn is nobody's error.
    const ended = Promise.allSettled(inBrowser.map(({ running }) => running));
    try {
      const results = new Map<string, CheckResult>();
      for (const result of await this.#raw(exercise, program, options)) {
        results.set(result.checkId, result);
        see(result);
      }
      for (const { check, missing, running } of inBrowser) {
        const waits = stopped && missing === null;
        const result = waits ? skip(exercise, check, 'waits for the checks above') : await running;
        results.set(check.id, result);
        see(result);
      }
      return results;
    } finally {
      off.abort();
      this.#off.add(ended);
      ended.then(() => this.#off.delete(ended));
    }
  }

  async #warmAgain(exercise: Exercise, { only }: JudgeOptions): Promise<void> {
    if (this.chromium.missing() === null) this.#browser.warm(browserChecks(exercise, only));
    if (rawChecks(exercise, only).length > 0) await warmUp();
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
    return this.#page.judge(exercise, program, { only, signal });
  }

  /** Why no browser judges here, or null. */
  #missing({ host = 'node' }: JudgeOptions): string | null {
    return host === 'node' ? this.chromium.missing() : 'Chromium judges the Node host';
  }

  async #browserCheck(
    exercise: Exercise,
    check: BrowserCheck,
    source: Program,
    options: JudgeOptions,
  ): Promise<CheckResult> {
    const missing = this.#missing(options);
    if (missing !== null) return skip(exercise, check, missing);
    const program = readProgram(exercise, source);
    if (!isProgram(program)) return failedResult(exercise, check, program);
    return this.#browser.judge(exercise, check, program, options.signal);
  }
}

function browserChecks(exercise: Exercise, only?: readonly string[]): BrowserCheck[] {
  return exercise.checks.filter(
    (check): check is BrowserCheck => check.judge !== 'raw' && (only === undefined || only.includes(check.id)),
  );
}

function skip(exercise: Exercise, check: BrowserCheck, message: string): CheckResult {
  return { ...skippedResult(exercise, check), message };
}

/** A name that nobody gives throws, and learner code may swallow that. It explains more than what was missing on the wire. */
async function withFreeNames(
  exercise: Exercise,
  source: Program,
  results: ReadonlyMap<string, CheckResult>,
): Promise<ReadonlyMap<string, CheckResult>> {
  const swallowed = ({ failure }: CheckResult): boolean =>
    failure !== undefined && !SAYS_ITSELF.has(failure.cause) && !/is not defined/.test(failure.headline);
  if (![...results.values()].some(swallowed)) return results;
  const program = readProgram(exercise, source);
  const places = isProgram(program) ? (await freeNames(program)).map(({ place }) => place) : [];
  if (places.length === 0) return results;
  return new Map(
    [...results].map(([id, result]) => [
      id,
      result.failure === undefined || !swallowed(result)
        ? result
        : { ...result, failure: { ...result.failure, at: [...places, ...result.failure.at] } },
    ]),
  );
}

/** Failures that are about a name already, or not about the learner. */
const SAYS_ITSELF: ReadonlySet<Cause> = new Set(['does not load', 'missing export', 'engine']);

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
