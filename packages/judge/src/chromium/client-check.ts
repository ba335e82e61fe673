/** Plays a browser check of a client: the learner’s file runs in Chromium, and its connections are WebSockets to the judge. */
import type { BrowserCheck, BrowserStep, ClientScene, Exercise } from '../exercise.ts';
import { type Program, sourcesOf } from '../hosts/program.ts';
import { bytesOf, latin1 } from '../raw/bytes.ts';
import { engineFailure, failureOfError } from '../raw/engine.ts';
import { failedResult, skippedResult } from '../raw/judge.ts';
import { ORIGIN } from '../raw/scenes/client-steps.ts';
import { sceneOf } from '../raw/scenes/scene.ts';
import type { BesideFetch, CheckResult, Failure, StepResult } from '../result.ts';
import { fetchBeside } from './beside.ts';
import type { WarmPage } from './browser.ts';
import { foreignRequest, otherAnswer, otherSockets, stillWaiting } from './client-failures.ts';
import type { PageResult, PageTask } from './client-page.ts';
import { ClientServer, GIVEN, SOCKET } from './client-server.ts';
import { errorOf } from './page-error.ts';
import { CheckFailed, type LearnerServer } from './server.ts';
import { whileItMoves } from './while-it-moves.ts';
import { describeBrowserStep, kindOfBrowserStep } from './words.ts';

type AskStep = Extract<BrowserStep, { do: 'askInPage' }>;
/** One check, from a page that nobody has used. Rejects only when the signal is aborted. */
export async function checkClient(
  exercise: Exercise,
  check: BrowserCheck,
  program: Program,
  it: {
    readonly warm: WarmPage;
    readonly stepMs: number;
    readonly signal?: AbortSignal | undefined;
    /** A process for the learner's own server, where the check asks for one; whoever gives it ends it. */
    readonly behind?: LearnerServer | null;
  },
): Promise<CheckResult> {
  const began = performance.now();
  const scene = sceneOf(check, 'client');
  const behind = it.behind ?? null;
  const steps: StepResult[] = [];
  let failure: Failure | null = null;
  let port: number | null = null;
  try {
    port = behind === null ? null : await behind.start(exercise, check.id, program);
  } catch (error) {
    it.signal?.throwIfAborted();
    if (!(error instanceof CheckFailed)) throw error;
    return failedResult(exercise, check, error.failure, Math.round(performance.now() - began));
  }
  const server = new ClientServer(check.id, program, scene.handler ?? [], port);
  const play = new Play(check, scene, program, server, it.warm, it.stepMs);
  try {
    await play.open();
    for (const step of check.steps) {
      it.signal?.throwIfAborted();
      const [text, kind] = [describeBrowserStep(step), kindOfBrowserStep(step)];
      try {
        await (behind === null ? play.step(step) : Promise.race([play.step(step), behind.failed]));
        steps.push({ text, kind, status: 'done' });
      } catch (error) {
        steps.push({ text, kind, status: 'failed' });
        throw error instanceof CheckFailed ? new CheckFailed({ step: text, ...error.failure }) : error;
      }
    }
    if (play.stray !== null) throw new CheckFailed(play.stray);
  } catch (error) {
    it.signal?.throwIfAborted();
    // What was thrown and not caught explains more than the answer that is missing because of it.
    if (error instanceof CheckFailed) failure = play.stray ?? error.failure;
    else
      failure = {
        ...engineFailure('engine', 'The judge itself failed; this is not your fault.', []),
        facts: [String(error)],
      };
  } finally {
    server.close();
  }
  // What the server's code threw explains more than the answer that is missing in the page.
  failure = (await behind?.lastReport())?.fault ?? failure;
  const rest = check.steps
    .slice(steps.length)
    .map((step): StepResult => ({ text: describeBrowserStep(step), kind: kindOfBrowserStep(step), status: 'not run' }));
  return {
    ...(failure === null
      ? { ...skippedResult(exercise, check), status: 'pass' as const }
      : failedResult(exercise, check, failure)),
    ms: Math.round((performance.now() - began) * 10) / 10,
    steps: [...steps, ...rest],
    transcript: server.transcript,
    connections: server.connections(),
    ...(play.beside.length === 0 ? {} : { beside: play.beside }),
    output: play.output,
  };
}

class Play {
  /** An error that no promise caught, or one that nobody waited for. */
  stray: Failure | null = null;
  output = '';
  beside: readonly BesideFetch[] = [];
  #asked: PageTask['requests'] = [];
  readonly #check: BrowserCheck;
  readonly #scene: ClientScene;
  readonly #program: Program;
  readonly #server: ClientServer;
  readonly #warm: WarmPage;
  readonly #stepMs: number;
  #sockets = 0;
  #port = 0;

  constructor(
    check: BrowserCheck,
    scene: ClientScene,
    program: Program,
    server: ClientServer,
    warm: WarmPage,
    stepMs: number,
  ) {
    this.#check = check;
    this.#scene = scene;
    this.#program = program;
    this.#server = server;
    this.#warm = warm;
    this.#stepMs = stepMs;
  }

  async open(): Promise<void> {
    const { page, cdp } = this.#warm;
    // Chromium’s own count, next to the server’s.
    cdp.on('Network.webSocketCreated', () => {
      this.#sockets += 1;
    });
    page.on('pageerror', (error) => {
      this.stray ??= failureOfError(
        error,
        'Your code failed, and nobody was waiting for it',
        'unhandled rejection',
        sourcesOf(this.#program),
      );
    });
    page.on('console', (message) => {
      if (this.output.length < 500) this.output = `${this.output}${message.text()}\n`.slice(0, 500);
    });
    this.#port = await this.#server.listen();
    await page.goto(`http://127.0.0.1:${this.#port}/`);
  }

  async step(step: BrowserStep): Promise<void> {
    if (step.do === 'askInPage') return this.#ask(step);
    if (step.do === 'fetchBeside') {
      const { page, cdp } = this.#warm;
      const text = (body: readonly number[]): string => new TextDecoder().decode(Uint8Array.from(body));
      const requests = this.#asked.map(({ request, body }) => ({ request, body: body && text(body) }));
      this.beside = await fetchBeside(page, cdp, requests);
      return;
    }
    if (step.do === 'expectSockets') {
      const seen = this.#server.carriers;
      if (this.#sockets !== step.count || seen.length !== step.count)
        throw new CheckFailed(otherSockets(this.#check, step.count, this.#sockets, seen));
      return;
    }
    throw new Error(`${step.do} is no step of a client in a page`);
  }

  async #ask(step: AskStep): Promise<void> {
    const sources = sourcesOf(this.#program);
    const task: PageTask = {
      file: `/learner~${this.#check.id}/${this.#scene.file}`,
      name: this.#scene.export,
      socket: `ws://127.0.0.1:${this.#port}${SOCKET}`,
      origin: ORIGIN,
      limit: this.#scene.limit ?? null,
      requests: step.requests.map(({ request, body }) => ({
        request,
        body: body === undefined ? null : [...bytesOf(body)],
      })),
    };
    this.#asked = task.requests;
    // As text: tools that rewrite modules, as test runners do, must not touch what runs in the page.
    const script = `import('${GIVEN}client-page.ts').then(({ askInPage }) => askInPage(${JSON.stringify(task)}))`;
    const { page } = this.#warm;
    const moves = (): number => this.#server.transcript.length;
    const result = await whileItMoves(page, page.evaluate<PageResult>(script), this.#stepMs, moves);
    if ('load' in result)
      throw new CheckFailed(
        failureOfError(errorOf(result.load), `${this.#scene.file} does not load`, 'does not load', sources),
      );
    if ('waits' in result) {
      const headline = `${this.#scene.file} never finishes loading: it waits at its top level for something that does not come.`;
      throw new CheckFailed(engineFailure('does not load', headline, []));
    }
    if ('missing' in result)
      throw new CheckFailed(
        engineFailure('missing export', `${this.#scene.file} does not export ${result.missing}.`, []),
      );
    const wrong = foreignRequest(this.#check, this.#server.carriers);
    if (wrong !== null) throw new CheckFailed(wrong);
    for (const [i, { request, expect }] of step.requests.entries()) {
      const answer = result.answers[i];
      if (answer === undefined || 'waits' in answer)
        throw new CheckFailed(stillWaiting(this.#check, request, this.#stepMs / 1000, this.#server.carriers));
      if ('error' in answer) {
        const failure = failureOfError(errorOf(answer.error), `${request} rejected in the page`, 'crashed', sources);
        throw new CheckFailed(
          failure.cause === 'crashed' ? { ...failure, spec: this.#check.spec, idea: this.#check.idea } : failure,
        );
      }
      const body = expect.body === undefined ? answer.body : latin1(bytesOf(expect.body));
      if (answer.status !== (expect.status ?? 200) || answer.body !== body)
        throw new CheckFailed(
          otherAnswer(this.#check, request, answer, { status: expect.status ?? 200, body }, this.#server.carriers),
        );
    }
  }
}
