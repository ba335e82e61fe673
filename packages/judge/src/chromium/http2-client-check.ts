/** Plays a browser check of an HTTP/2 client: the learner’s file runs in Chromium, over one WebSocket, against the learner's own server. */
import type { BrowserCheck, BrowserStep, Exercise } from '../exercise.ts';
import { type Program, sourcesOf } from '../hosts/program.ts';
import { bytesOf, latin1, readable } from '../raw/bytes.ts';
import { engineFailure, failureOfError } from '../raw/engine.ts';
import { failedResult, skippedResult } from '../raw/judge.ts';
import { ORIGIN } from '../raw/scenes/client-steps.ts';
import { sceneOf } from '../raw/scenes/scene.ts';
import { count } from '../raw/steps.ts';
import type { CheckResult, Failure, StepResult } from '../result.ts';
import type { WarmPage } from './browser.ts';
import type { PageAnswer, PageResult } from './client-page.ts';
import { otherCalls } from './failures.ts';
import type { Http2PageTask } from './http2-client-page.ts';
import { GIVEN, Http2ClientServer, SOCKET } from './http2-client-server.ts';
import { http2WireOf } from './http2-wire.ts';
import { errorOf } from './page-error.ts';
import { CheckFailed, type LearnerServer } from './server.ts';
import { whileItMoves } from './while-it-moves.ts';
import { describeBrowserStep, kindOfBrowserStep } from './words.ts';

type It = {
  readonly warm: WarmPage;
  readonly stepMs: number;
  readonly signal?: AbortSignal | undefined;
  /** The process of the learner's own server; whoever gives it ends it. */
  readonly behind: LearnerServer;
};
type AskStep = Extract<BrowserStep, { do: 'askInPage' }>;

/** One check, from a page that nobody has used. Rejects only when the signal is aborted. */
export async function checkHttp2Client(
  exercise: Exercise,
  check: BrowserCheck,
  program: Program,
  it: It,
): Promise<CheckResult> {
  const began = performance.now();
  const steps: StepResult[] = [];
  let failure: Failure | null = null;
  let play: Play | null = null;
  try {
    play = new Play(check, program, it, await it.behind.start(exercise, check.id, program));
    await play.open();
    for (const step of check.steps) {
      it.signal?.throwIfAborted();
      const [text, kind] = [describeBrowserStep(step), kindOfBrowserStep(step)];
      try {
        await Promise.race([play.step(step), it.behind.failed]);
        steps.push({ text, kind, status: 'done' });
      } catch (error) {
        steps.push({ text, kind, status: 'failed' });
        throw error instanceof CheckFailed ? new CheckFailed({ step: text, ...error.failure }) : error;
      }
    }
    failure = play.stray;
  } catch (error) {
    it.signal?.throwIfAborted();
    // What was thrown and not caught explains more than the answer that is missing because of it.
    if (error instanceof CheckFailed) failure = play?.stray ?? error.failure;
    else
      failure = {
        ...engineFailure('engine', 'The judge itself failed; this is not your fault.', []),
        facts: [String(error)],
      };
  } finally {
    play?.server.close();
  }
  // What the server's code threw explains more than the answer that is missing in the page.
  failure = (await it.behind.lastReport())?.fault ?? failure;
  const rest = check.steps
    .slice(steps.length)
    .map((step): StepResult => ({ text: describeBrowserStep(step), kind: kindOfBrowserStep(step), status: 'not run' }));
  return {
    ...(failure === null
      ? { ...skippedResult(exercise, check), status: 'pass' as const }
      : failedResult(exercise, check, failure)),
    ms: Math.round((performance.now() - began) * 10) / 10,
    steps: [...steps, ...rest],
    transcript: play?.server.transcript ?? [],
    connections: play?.server.connections() ?? [],
    output: play?.output ?? '',
  };
}

class Play {
  /** An error that no promise caught, or one that nobody waited for. */
  stray: Failure | null = null;
  output = '';
  readonly server: Http2ClientServer;
  readonly #check: BrowserCheck;
  readonly #program: Program;
  readonly #it: It;
  #sockets = 0;
  #port = 0;

  constructor(check: BrowserCheck, program: Program, it: It, behind: number) {
    this.#check = check;
    this.#program = program;
    this.#it = it;
    this.server = new Http2ClientServer(check.id, program, behind);
  }

  async open(): Promise<void> {
    const { page, cdp } = this.#it.warm;
    // Chromium’s own count, next to the server’s.
    cdp.on('Network.webSocketCreated', () => {
      this.#sockets += 1;
    });
    page.on('pageerror', (error) => {
      const how = 'Your code failed, and nobody was waiting for it';
      this.stray ??= failureOfError(error, how, 'unhandled rejection', sourcesOf(this.#program));
    });
    page.on('console', (message) => {
      if (this.output.length < 500) this.output = `${this.output}${message.text()}\n`.slice(0, 500);
    });
    this.#port = await this.server.listen();
    await page.goto(`http://127.0.0.1:${this.#port}/`);
  }

  async step(step: BrowserStep): Promise<void> {
    switch (step.do) {
      case 'askInPage':
        return this.#ask(step);
      case 'expectSockets': {
        if (this.#sockets === step.count && this.server.count === step.count) return;
        throw new CheckFailed({
          ...this.#fail('wrong connection', `Chromium opened ${count(this.#sockets, 'socket')}, not ${step.count}.`),
          expected: count(step.count, 'socket'),
        });
      }
      case 'expectHandlerCalls': {
        const failure = otherCalls(this.#check, step, await this.#it.behind.report());
        if (failure !== null) throw new CheckFailed(failure);
        return;
      }
      default:
        throw new Error(`${step.do} is no step of an HTTP/2 client in a page`);
    }
  }

  async #ask(step: AskStep): Promise<void> {
    const { file, export: name } = sceneOf(this.#check, 'http2-client');
    const { stepMs, warm } = this.#it;
    const task: Http2PageTask = {
      file: `/learner~${this.#check.id}/${file}`,
      name,
      hpack: `${GIVEN}hpack.js`,
      socket: `ws://127.0.0.1:${this.#port}${SOCKET}`,
      origin: ORIGIN,
      requests: step.requests.map(({ request, body }) => ({
        request,
        body: body === undefined ? null : [...bytesOf(body)],
      })),
    };
    // As text: tools that rewrite modules, as test runners do, must not touch what runs in the page.
    const script = `import('${GIVEN}http2-client-page.ts').then(({ askOverHttp2 }) => askOverHttp2(${JSON.stringify(task)}))`;
    const moves = (): number => this.server.transcript.length;
    const result = await whileItMoves(warm.page, warm.page.evaluate<PageResult>(script), stepMs, moves);
    const sources = sourcesOf(this.#program);
    if ('load' in result)
      throw new CheckFailed(failureOfError(errorOf(result.load), `${file} does not load`, 'does not load', sources));
    if ('waits' in result) {
      const headline = `${file} never finishes loading: it waits at its top level for something that does not come.`;
      throw new CheckFailed(engineFailure('does not load', headline, []));
    }
    if ('missing' in result)
      throw new CheckFailed(engineFailure('missing export', `${file} does not export ${result.missing}.`, []));
    for (const [i, { request, expect }] of step.requests.entries()) {
      const failure = this.#problem(request, result.answers[i], {
        status: expect.status ?? 200,
        body: expect.body === undefined ? null : latin1(bytesOf(expect.body)),
      });
      if (failure !== null) throw new CheckFailed(failure);
    }
  }

  /** What is wrong with one answer, with the frames of its stream; null where it is right. */
  #problem(
    request: string,
    answer: PageAnswer | undefined,
    want: { readonly status: number; readonly body: string | null },
  ): Failure | null {
    if (answer === undefined || 'waits' in answer)
      return {
        ...this.#fail(
          'never settled',
          `${request} still waits in the page, after ${this.#it.stepMs / 1000} s.`,
          request,
        ),
        expected: `an answer to ${request}`,
      };
    if ('error' in answer) {
      const sources = sourcesOf(this.#program);
      const failure = failureOfError(errorOf(answer.error), `${request} rejected in the page`, 'crashed', sources);
      return failure.cause === 'crashed'
        ? { ...this.#fail('crashed', failure.headline, request), at: failure.at }
        : failure;
    }
    if (answer.status !== want.status)
      return {
        ...this.#fail('wrong bytes', `${request} got status ${answer.status} in the page.`, request),
        expected: `status ${want.status}`,
      };
    if (want.body === null || answer.body === want.body) return null;
    return {
      ...this.#fail('wrong bytes', `${request} got "${readable(answer.body, 40)}" in the page.`, request),
      expected: `${count(want.body.length)}: "${readable(want.body, 40)}"`,
    };
  }

  #fail(cause: Failure['cause'], headline: string, request?: string): Failure {
    const { spec, idea } = this.#check;
    const connections = this.server.connections();
    // Here the learner is the client: what a server's wire calls sent is what the learner got.
    const report = { transcript: this.server.transcript };
    const wire =
      request === undefined
        ? null
        : (connections.map((it) => http2WireOf(request, it, report)).find((found) => found !== null) ?? null);
    const { sent: got, received: said } = wire?.excerpts(null) ?? {};
    return {
      cause,
      headline,
      ...(got === undefined ? {} : { sent: got }),
      ...(said === undefined ? {} : { received: said }),
      ...(request !== undefined && wire === null ? { facts: ['it was never sent'] } : {}),
      spec,
      idea,
      at: [],
    };
  }
}
