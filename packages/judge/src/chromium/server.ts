/** The learner's server seen from the judge: started warm, asked what it saw, killed when the check is over. */
import type { Exercise } from '../exercise.ts';
import { LearnerProcess } from '../hosts/node/process.ts';
import { watch } from '../hosts/node/watchdog.ts';
import type { Program } from '../hosts/program.ts';
import { engineFailure } from '../raw/engine.ts';
import type { Failure } from '../result.ts';
import { certificate } from './certificate.ts';
import type { TcpCommand, TcpMessage } from './child.ts';
import { isSecure } from './secure.ts';
import type { TcpReport } from './tcp-scene.ts';

/** A verdict of the engine that ends the check, as an error inside the judge. */
export class CheckFailed extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.headline);
    this.failure = failure;
  }
}

/** Starting is the machine's business, and may take long where it is busy. */
const START_MS = 30_000;
/** Loading runs the learner's top level; a loop in it is the watchdog's, this is for a file that waits for ever. */
const LOAD_MS = 4000;
/** Longer than the watchdog needs to find out why there is no answer, on a busy machine too: it knows the line. */
const ANSWER_MS = 20_000;
const LAST_WORDS_MS = 1000;

export class LearnerServer {
  readonly #learner: LearnerProcess = new LearnerProcess('chromium/child.ts');
  readonly #over = new AbortController();
  readonly #reports = new Map<number, (report: TcpReport) => void>();
  #listening: ((port: number) => void) | null = null;
  #fail: (failure: Failure) => void = () => {};
  /** Rejects when the process loops, dies or cannot start; never resolves. */
  readonly failed: Promise<never>;
  readonly #warm: Promise<void>;
  #isWarm: () => void = () => {};
  #nextReport = 1;

  constructor() {
    this.failed = new Promise((_, reject) => {
      this.#fail = (failure) => reject(new CheckFailed(failure));
    });
    this.#warm = new Promise((resolve) => {
      this.#isWarm = resolve;
    });
    // Whoever runs a check races against it; with no check under way nobody needs to know.
    this.failed.catch(() => {});
    this.#learner.listen((message) => this.#hear(message as unknown as TcpMessage));
  }

  get pid(): number {
    return this.#learner.pid;
  }

  /**
   * Loads the program and listens. Resolves with the port.
   * @param secret - certificate and key of a server behind TLS; default: the judge's own
   * @throws CheckFailed when it does not load, hangs or dies
   */
  async start(
    exercise: Exercise,
    check: string,
    program: Program,
    secret: { readonly cert: string; readonly key: string } = certificate(),
  ): Promise<number> {
    this.#learner.hold(true);
    const listening = new Promise<number>((resolve) => {
      this.#listening = resolve;
    });
    watch(this.#learner, this.#over.signal).then((verdict) => {
      this.#fail(verdict.result?.failure ?? engineFailure(verdict.cause, verdict.headline, []));
    });
    this.#learner.exited.then(({ code, signal, stderr }) => {
      if (/heap out of memory|allocation failed/i.test(stderr))
        this.#fail(engineFailure('out of memory', 'Your code used up all memory of its process.', []));
      else
        this.#fail(
          engineFailure(
            'ended the process',
            `The process that your code runs in ended ${signal === null ? `with exit code ${code}` : `by signal ${signal}`}.`,
            [],
          ),
        );
    });
    await this.within(START_MS, this.#warm, () =>
      engineFailure('engine', 'The judge could not start a process for your server.', []),
    );
    const asked = exercise.checks.find(({ id }) => id === check);
    const { cert, key } = secret;
    this.#send({
      do: 'serve',
      exercise,
      check,
      program,
      ...(asked !== undefined && isSecure(asked) ? { tls: { cert, key } } : {}),
    });
    const tooLong = engineFailure(
      'does not load',
      'Your program never finishes loading: it waits at its top level for something that does not come.',
      [],
    );
    return this.within(LOAD_MS, listening, () => tooLong);
  }

  /** Lets the pieces of the handler go on that wait until this name is released. */
  release(name: string): void {
    this.#send({ do: 'release', name });
  }

  /** Breaks off the connections that carried requests whose targets begin like this, and says nothing to the learner before. */
  cut(target: string): void {
    this.#send({ do: 'cut', target });
  }

  /** Aborts the signals of the connections that are open. */
  signal(): void {
    this.#send({ do: 'signal' });
  }

  /** What the server's side saw so far. @throws CheckFailed when the process has failed or does not answer. */
  report(): Promise<TcpReport> {
    return this.within(ANSWER_MS, this.#ask(), () => engineFailure('hung', 'Your code does not come back.', []));
  }

  /** Puts the learner's clock forward by so much, or until the connection that carried `request` has ended. */
  putForward(ms: number, request: string): Promise<TcpReport> {
    const answer = this.#answer((id) => ({ do: 'put forward', id, ms, request }));
    return this.within(ANSWER_MS, answer, () => engineFailure('hung', 'Your code does not come back.', []));
  }

  /** A report after a failure: null where the process cannot tell any more. */
  async lastReport(): Promise<TcpReport | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), LAST_WORDS_MS);
    });
    const gone = this.#learner.exited.then(() => null);
    const report = await Promise.race([this.#ask(), gone, late]);
    clearTimeout(timer);
    return report;
  }

  #ask(): Promise<TcpReport> {
    return this.#answer((id) => ({ do: 'report', id }));
  }

  #answer(command: (id: number) => TcpCommand): Promise<TcpReport> {
    const id = this.#nextReport++;
    const report = new Promise<TcpReport>((resolve) => this.#reports.set(id, resolve));
    this.#send(command(id));
    return report;
  }

  /** Waits for `promise`, for the process to fail, or for the time to be over; the last two throw `CheckFailed`. */
  async within<T>(ms: number, promise: Promise<T>, otherwise: () => Failure): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new CheckFailed(otherwise())), ms);
    });
    try {
      return await Promise.race([promise, this.failed, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends the process and all it started, and waits until it is gone. */
  async stop(): Promise<void> {
    this.#over.abort();
    this.#learner.kill();
    await this.#learner.exited;
    this.#learner.hold(false);
  }

  #send(command: TcpCommand): void {
    this.#learner.send(command);
  }

  #hear(message: TcpMessage): void {
    if (message.say === 'warm') this.#isWarm();
    if (message.say === 'listening') this.#listening?.(message.port);
    if (message.say === 'failed') this.#fail(message.failure);
    if (message.say === 'report') {
      this.#reports.get(message.id)?.(message.report);
      this.#reports.delete(message.id);
    }
  }
}
