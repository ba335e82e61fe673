/** Plays a browser check: an unmodified Chromium in front of the learner's server, on real TCP. */
import type { BrowserCheck, BrowserStep, ClientScene, Exercise } from '../exercise.ts';
import type { Program } from '../hosts/program.ts';
import { bytesOf, latin1 } from '../raw/bytes.ts';
import { engineFailure } from '../raw/engine.ts';
import { rulesOf } from '../raw/handler.ts';
import { failedResult, skippedResult } from '../raw/judge.ts';
import { wholeBody } from '../raw/rules.ts';
import type { CheckResult, Failure, StepResult } from '../result.ts';
import type { PageKind, WarmChromium, WarmPage } from './browser.ts';
import { checkClient } from './client-check.ts';
import {
  brokenReply,
  noAnswer,
  otherCalls,
  otherConnections,
  otherPage,
  otherReply,
  stillOpen,
  turnOf,
} from './failures.ts';
import { isRead, otherFrames } from './frames-read.ts';
import { checkFunction } from './function-check.ts';
import { checkHttp2Client } from './http2-client-check.ts';
import { playHttp2Step } from './http2-steps.ts';
import { otherProtocol } from './http2-wire.ts';
import { carriedBy, isCarriedBy, joined } from './identity.ts';
import { MOST_ROUNDS, movesOf } from './moves.ts';
import { NetworkLog } from './network.ts';
import { type FetchStep, fetchInPage, type PageFetched, type PageGot, pageFetch } from './page-fetch.ts';
import { brokenImages, missingImages } from './pictures.ts';
import { isSecure } from './secure.ts';
import { CheckFailed, LearnerServer } from './server.ts';
import { playStream } from './stream.ts';
import type { TcpReport } from './tcp-scene.ts';
import { heldApart } from './together.ts';
import { besideOf } from './without-http2.ts';
import { describeBrowserStep, kindOfBrowserStep, netErrorWords } from './words.ts';

/** What a server has to answer in; one that is right needs a hundredth of it. */
export const STEP_MS = 3500;

export type ChromiumJudgeOptions = {
  /** A browser that is up. */
  readonly chromium: () => Promise<WarmChromium>;
  /** Default `STEP_MS`. */
  readonly stepMs?: number;
};

type Run = {
  readonly check: BrowserCheck;
  readonly server: LearnerServer;
  readonly origin: string;
  readonly chromium: WarmChromium;
  readonly warm: WarmPage;
  readonly network: NetworkLog;
};

export class ChromiumJudge {
  readonly #chromium: () => Promise<WarmChromium>;
  readonly #stepMs: number;
  readonly #spares: LearnerServer[] = [];
  readonly #stopping = new Set<Promise<void>>();

  constructor(options: ChromiumJudgeOptions) {
    this.#chromium = options.chromium;
    this.#stepMs = options.stepMs ?? STEP_MS;
  }

  /** Makes ready what the next verdict on these checks takes: processes and pages. Costs as much as a verdict, so after one. */
  warm(checks?: readonly BrowserCheck[]): void {
    const processes =
      checks === undefined
        ? 1
        : checks.filter(
            ({ scene }) => (scene.kind !== 'client' || scene.behind !== undefined) && scene.kind !== 'function',
          ).length;
    while (this.#spares.length < processes) this.#spares.push(new LearnerServer());
    const pages = Map.groupBy((checks ?? []).flatMap(pagesOf), (kind) => kind);
    if (pages.size === 0) return;
    this.#chromium()
      .then(
        async (chromium) => {
          for (const [kind, all] of pages) chromium.prepare(kind, all.length);
          if (checks?.some(needsBeside)) (await besideOf(chromium)).prepare('shared');
        },
        // Told when it is needed.
        () => {},
      )
      .catch(() => {});
  }

  /** Ends every process that this judge has started, and waits for it. The browser belongs to whoever gave it. */
  async close(): Promise<void> {
    await Promise.all([this.settled(), ...this.#spares.splice(0).map((spare) => spare.stop())]);
  }

  /** Resolves once every process and page of the checks before has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#stopping);
  }

  /** One check. Rejects only when the signal is aborted, or when there is no browser. */
  async judge(exercise: Exercise, check: BrowserCheck, program: Program, signal?: AbortSignal): Promise<CheckResult> {
    signal?.throwIfAborted();
    mustBeQuietPage(exercise, check);
    const began = performance.now();
    const chromium = await this.#chromium();
    signal?.throwIfAborted();
    if (check.scene.kind === 'client') return this.#inPage(exercise, check, check.scene, program, chromium, signal);
    if (check.scene.kind === 'http2-client') return this.#http2InPage(exercise, check, program, chromium, signal);
    if (check.scene.kind === 'function') return this.#ofFunction(exercise, check, program, chromium, signal);
    const server = this.#process();
    const steps: StepResult[] = [];
    let run: Run | null = null;
    let failure: Failure | null = null;
    const abort = (): void => void server.stop();
    signal?.addEventListener('abort', abort, { once: true });
    const taken = chromium.take(pageKind(check));
    // The server may fail first; then nobody has waited for the page yet.
    taken.catch(() => {});
    try {
      const port = await server.start(exercise, check.id, program);
      const origin = `${isSecure(check) ? 'https' : 'http'}://127.0.0.1:${port}`;
      const warm = await taken;
      run = { check, server, origin, chromium, warm, network: new NetworkLog(warm.cdp, origin) };
      for (const step of check.steps) await this.#play(step, run, steps);
    } catch (error) {
      // Called off: nobody wants the cause, and what was opened has to be closed all the same.
      failure = error instanceof CheckFailed ? error.failure : engineFault(error);
    }
    const report = run === null || signal?.aborted || isStuck(failure) ? null : await server.lastReport();
    // An error that the learner's code threw explains more than the reply that is missing because of it.
    failure = report?.fault ?? failure;
    signal?.removeEventListener('abort', abort);
    this.#tidy(server, taken);
    signal?.throwIfAborted();
    return result(exercise, check, { failure, steps, report, run, ms: performance.now() - began });
  }

  /** A client runs in the page itself. Behind it stands a server of the judge's, or the learner's own in its process. */
  async #inPage(
    exercise: Exercise,
    check: BrowserCheck,
    scene: ClientScene,
    program: Program,
    chromium: WarmChromium,
    signal?: AbortSignal,
  ): Promise<CheckResult> {
    const taken = chromium.take(pageKind(check));
    const warm = await taken;
    const behind = scene.behind === undefined ? null : this.#process();
    // What runs in the page is learner code and hears no signal.
    const abort = (): void => void Promise.all([warm.close(), behind?.stop()]).catch(() => {});
    signal?.addEventListener('abort', abort, { once: true });
    try {
      signal?.throwIfAborted();
      return await checkClient(exercise, check, program, { warm, stepMs: this.#stepMs, signal, behind });
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#tidy(behind, taken);
    }
  }

  /** A function runs in the page, beside what it speaks of. */
  async #ofFunction(
    exercise: Exercise,
    check: BrowserCheck,
    program: Program,
    chromium: WarmChromium,
    signal?: AbortSignal,
  ): Promise<CheckResult> {
    const taken = chromium.take(pageKind(check));
    const warm = await taken;
    const abort = (): void => void warm.close().catch(() => {});
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await checkFunction(exercise, check, program, { warm, signal });
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#tidy(null, taken);
    }
  }

  /** An HTTP/2 client runs in the page itself; behind it stands the learner's own server in its process. */
  async #http2InPage(
    exercise: Exercise,
    check: BrowserCheck,
    program: Program,
    chromium: WarmChromium,
    signal?: AbortSignal,
  ): Promise<CheckResult> {
    const taken = chromium.take(pageKind(check));
    const behind = this.#process();
    const warm = await taken;
    const abort = (): void => void Promise.all([warm.close(), behind.stop()]).catch(() => {});
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await checkHttp2Client(exercise, check, program, { warm, stepMs: this.#stepMs, signal, behind });
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#tidy(behind, taken);
    }
  }

  #process(): LearnerServer {
    return this.#spares.shift() ?? new LearnerServer();
  }

  /** Ends the process and the page behind the verdict's back; `close` waits for what is still under way. */
  #tidy(server: LearnerServer | null, taken: Promise<WarmPage>): void {
    const closing = Promise.all([server?.stop(), taken.then((page) => page.close())]).then(
      () => {},
      () => {},
    );
    this.#stopping.add(closing);
    closing.finally(() => this.#stopping.delete(closing));
  }

  async #play(step: BrowserStep, run: Run, steps: StepResult[]): Promise<void> {
    const text = describeBrowserStep(step);
    const kind = kindOfBrowserStep(step);
    try {
      await this.#playStep(step, run);
      steps.push({ text, kind, status: 'done' });
    } catch (error) {
      steps.push({ text, kind, status: 'failed' });
      throw error instanceof CheckFailed ? new CheckFailed({ step: text, ...error.failure }) : error;
    }
  }

  async #playStep(step: BrowserStep, run: Run): Promise<void> {
    const { check, server, network } = run;
    switch (step.do) {
      case 'open':
        return this.#open(step, run);
      case 'fetch':
        return this.#fetchInTurn([step], run);
      case 'fetchInTurn':
        return this.#fetchInTurn(step.fetches, run);
      case 'fetchTogether':
        await Promise.all(step.fetches.map((fetch) => this.#fetchInTurn([fetch], run)));
        return;
      case 'stream':
        return playStream(step, { ...run, within: (request, promise) => this.#within(run, request, promise) });
      case 'expectConnections': {
        await this.#within(run, `${step.paths.at(-1)}`, network.settled());
        const report = await server.report();
        const carried = carriedBy(step.paths, network.requests, report);
        if (!isCarriedBy(carried, step.count, step.each ?? 1))
          throw new CheckFailed(otherConnections(check, step, carried, report));
        const other = isSecure(check) ? otherProtocol(check, step.paths, network.requests, report) : null;
        if (other !== null) throw new CheckFailed(other);
        return;
      }
      case 'expectEndAfter':
        return this.#endAfter(step, run);
      case 'signal':
      case 'fetchAndAbort':
      case 'expectUrgentFirst':
      case 'tabs':
      case 'expectBothProtocols':
        return playHttp2Step(step, {
          ...run,
          stepMs: this.#stepMs,
          within: (request, promise) => this.#within(run, request, promise),
        });
      case 'expectFramesRead': {
        let report = await server.report();
        for (const until = performance.now() + this.#stepMs; !isRead(report) && performance.now() < until; ) {
          await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
          report = await server.report();
        }
        const failure = otherFrames(check, step.atLeast, report);
        if (failure !== null) throw new CheckFailed(failure);
        return;
      }
      case 'expectHandlerCalls': {
        const failure = otherCalls(check, step, await server.report());
        if (failure !== null) throw new CheckFailed(failure);
        return;
      }
      default:
        throw new Error(`${step.do} is a step for a client in a page`);
    }
  }

  async #open(step: Extract<BrowserStep, { do: 'open' }>, run: Run): Promise<void> {
    const { check, server, origin, warm, network } = run;
    const request = `GET ${step.path}`;
    const going = warm.page.goto(`${origin}${step.path}`, { timeout: 0, waitUntil: 'load' }).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const problem = await this.#within(run, request, going);
    if (problem !== null) {
      const why = netErrorWords(network.latest(request)?.error ?? problem.split('\n')[0] ?? problem);
      throw new CheckFailed(brokenReply(check, request, why, await server.report()));
    }
    const { text, images } = step.expect ?? {};
    if (images !== undefined) {
      const missing = await missingImages(warm.page, images);
      if (missing.length > 0) throw new CheckFailed(brokenImages(check, missing, network, await server.report()));
    }
    if (text === undefined) return;
    const shown = await this.#within(
      run,
      request,
      warm.page.evaluate(() => document.body.textContent ?? ''),
    );
    if (!shown.includes(text)) throw new CheckFailed(otherPage(check, step.path, text, await server.report()));
  }

  /** One after another, in one call: to ask the page for each of them would take longer than they do. */
  async #fetchInTurn(fetches: readonly FetchStep[], run: Run): Promise<void> {
    const row = fetches.map(pageFetch);
    // Those before have been answered, so the first that is not is the one that is owed.
    const owed = (): string => row.find(({ request }) => run.network.latest(request)?.done !== true)?.request ?? '';
    const all = await this.#within(run, owed, run.warm.page.evaluate(fetchInPage, row));
    for (const [i, got] of all.entries()) await this.#mustBe(row[i] as PageFetched, got, run);
  }

  async #mustBe({ request, want }: PageFetched, got: PageGot, run: Run): Promise<void> {
    const { check, server, network } = run;
    if ('error' in got) {
      await this.#within(run, request, network.settled());
      const why = netErrorWords(network.latest(request)?.error ?? got.error);
      throw new CheckFailed(brokenReply(check, request, why, await server.report()));
    }
    if ((want.status ?? got.status) !== got.status || (want.body ?? got.body) !== got.body)
      throw new CheckFailed(otherReply(check, request, got, want, await server.report()));
  }

  /** Puts the clock forward, and waits for what has to come of it: how long that takes says nothing about the learner. */
  async #endAfter({ request, within }: Extract<BrowserStep, { do: 'expectEndAfter' }>, run: Run): Promise<void> {
    const { check, server } = run;
    let report = await server.putForward(within, request);
    for (const until = performance.now() + this.#stepMs; ; report = await server.report()) {
      const carrier = report.connections.find((it) => it.exchanges.some((exchange) => exchange.request === request));
      if (carrier?.ended?.by === 'learner') return;
      if (performance.now() >= until) throw new CheckFailed(stillOpen(check, request, within / 1000, report));
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }

  /**
   * A page that waits for ever is a verdict, in bounded time; so is a learner process that loops or dies meanwhile. Time
   * counts against the learner only once the request has arrived, and while nothing moves: else it is the machine that is slow.
   */
  async #within<T>(run: Run, asked: string | (() => string), promise: Promise<T>): Promise<T> {
    promise.catch(() => {});
    for (let round = 1, quiet = 0; ; round++) {
      const half = await this.#first(promise, run);
      if (half !== LATE) return half;
      const moves = movesOf(await run.server.report());
      const first = await this.#first(promise, run);
      if (first !== LATE) return first;
      const request = typeof asked === 'string' ? asked : asked();
      const report = await run.server.report();
      const apart = heldApart(run.check, report);
      if (apart !== null) throw new CheckFailed(apart);
      if (movesOf(report) === moves || round >= MOST_ROUNDS) quiet++;
      const owed = quiet >= ROUNDS[turnOf(request, report)];
      if (owed) throw new CheckFailed(noAnswer(run.check, request, (quiet * this.#stepMs) / 1000, report));
    }
  }

  /** Half of a step's time. */
  async #first<T>(promise: Promise<T>, run: Run): Promise<T | typeof LATE> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<typeof LATE>((resolve) => {
      timer = setTimeout(() => resolve(LATE), this.#stepMs / 2);
    });
    try {
      return await Promise.race([promise, late, run.server.failed]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Learner code that runs in a page has one of its own, with all that goes with it. */
function pageKind({ scene }: BrowserCheck): PageKind {
  return scene.kind === 'client' || scene.kind === 'http2-client' || scene.kind === 'function' ? 'alone' : 'shared';
}

/** All pages of the judging Chromium that a check takes. */
function pagesOf(check: BrowserCheck): PageKind[] {
  return [pageKind(check), ...check.steps.flatMap(({ do: what }): PageKind[] => (what === 'tabs' ? ['alone'] : []))];
}

function needsBeside({ steps }: BrowserCheck): boolean {
  return steps.some((step) => step.do === 'expectBothProtocols');
}

const LATE = Symbol('late');
/** How often the server is asked whether it has ended a connection. */
const LOOK_MS = 20;
/** How often the time of a step is granted, by whose turn it is: what is not the server's may be a slow machine. */
const ROUNDS = { network: 5, server: 1, browser: 4 } as const;

/** Without an icon of its own a page makes Chromium ask for /favicon.ico, on whatever connection is free: a race for every count. */
function mustBeQuietPage(exercise: Exercise, check: BrowserCheck): void {
  for (const step of check.steps) {
    if (step.do !== 'open') continue;
    const body = rulesOf(check).find((rule) => rule.on === `GET ${step.path}`)?.reply.body;
    const html = latin1(bytesOf(wholeBody(body) ?? ''));
    if (!/<link rel="?icon"? href="data:,">/.test(html)) {
      throw new Error(`${exercise.id}: the page of ${check.id} at ${step.path} needs <link rel=icon href="data:,">.`);
    }
  }
}

/** A process that loops answers nothing; asking it would only cost time. */
function isStuck(failure: Failure | null): boolean {
  return failure?.cause === 'hung' || failure?.cause === 'out of memory';
}

function engineFault(error: unknown): Failure {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    ...engineFailure('engine', 'The judge itself failed; this is not your fault.', []),
    facts: text.split('\n').slice(0, 3),
  };
}

function result(
  exercise: Exercise,
  check: BrowserCheck,
  it: { failure: Failure | null; steps: StepResult[]; report: TcpReport | null; run: Run | null; ms: number },
): CheckResult {
  const { failure, steps, report, run } = it;
  const rest = check.steps
    .slice(steps.length)
    .map((step): StepResult => ({ text: describeBrowserStep(step), kind: kindOfBrowserStep(step), status: 'not run' }));
  const base =
    failure === null
      ? { ...skippedResult(exercise, check), status: 'pass' as const }
      : failedResult(exercise, check, failure);
  return {
    ...base,
    ms: Math.round(it.ms * 10) / 10,
    steps: [...steps, ...rest],
    transcript: report?.transcript ?? [],
    connections: report === null ? [] : joined(report, run?.network.requests ?? []),
    output: report?.output ?? '',
  };
}
