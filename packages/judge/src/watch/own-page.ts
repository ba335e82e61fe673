/** What the learner has built, on a port of its own, for whoever wants to look at it with the browser that they have. */
import { STILL_MS } from '../chromium/roads-check.ts';
import { RoadsServer } from '../chromium/roads-server.ts';
import { isSecure } from '../chromium/secure.ts';
import { CheckFailed, LearnerServer } from '../chromium/server.ts';
import type { BrowserCheck, Exercise, HandlerRule } from '../exercise.ts';
import { isProgram, type Program, readProgram } from '../hosts/program.ts';
import type { CheckResult } from '../result.ts';

/** Nobody judges here, so nobody releases a name, and no browser is held to six connections: waits become times. */
const PAUSE_MS = 400;
/** How long a slot of a road lasts, so that one can follow it. */
const SLOT_MS = 140;
/** A process that nobody has asked about for so long is ended. */
const UNUSED_MS = 10 * 60_000;

export type OwnPageView = Pick<CheckResult, 'oracle' | 'connections' | 'transcript'>;
/** What stands behind the address: the learner's server, behind TLS or not, or a page in which their files run. */
export type OwnKind = 'server' | 'secure server' | 'roads';
/** Certificate chain and key of whoever answers over TLS: PEM. */
export type OwnCertificate = { readonly cert: string; readonly key: string };

type Running = {
  readonly exercise: string;
  readonly url: string;
  stop(): Promise<void>;
  look(): Promise<OwnPageView | null>;
};
const NOTHING_YET: OwnPageView = { oracle: 'chromium', connections: [], transcript: [] };

/** The check whose page is worth a look: a browser opens it with its images. Null where an exercise has none. */
export function pageCheck(exercise: Exercise): BrowserCheck | null {
  return browserCheck(
    exercise,
    (check) =>
      (check.scene.kind === 'server' || check.scene.kind === 'http2') &&
      check.steps.some((step) => step.do === 'open' && step.expect?.images !== undefined),
  );
}

/** What there is to open; null for an exercise that has nothing of the kind. */
export function ownKind(exercise: Exercise): OwnKind | null {
  const check = pageCheck(exercise);
  if (check !== null) return isSecure(check) ? 'secure server' : 'server';
  return roadsCheck(exercise) === null ? null : 'roads';
}

function roadsCheck(exercise: Exercise): BrowserCheck | null {
  return browserCheck(exercise, (check) => check.steps.some((step) => step.do === 'expectRoadsInPage'));
}

function browserCheck(exercise: Exercise, isOne: (check: BrowserCheck) => boolean): BrowserCheck | null {
  return exercise.checks.find((check): check is BrowserCheck => check.judge !== 'raw' && isOne(check)) ?? null;
}

/** One server at a time; another call takes the files as they are then. */
export class OwnPage {
  readonly #certificate: OwnCertificate | undefined;
  #running: Running | null = null;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param certificate - of `localhost`; without one, a server behind TLS has one that is made for this process */
  constructor(certificate?: OwnCertificate) {
    this.#certificate = certificate;
  }

  /** Starts the server, or starts it anew. Resolves with its address, or with why there is none. */
  open(exercise: Exercise, workDir: string): Promise<{ url: string } | { problem: string }> {
    const mine = this.#turn.then(() => this.#open(exercise, workDir));
    this.#turn = mine.catch(() => {});
    return mine;
  }

  /** What has happened on its connections so far; null where it does not run, or has failed. */
  async look(exercise: Exercise): Promise<OwnPageView | null> {
    const running = this.#running;
    if (running === null || running.exercise !== exercise.id) return null;
    this.#wind();
    return running.look();
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const running = this.#running;
    this.#running = null;
    await running?.stop();
  }

  async #open(exercise: Exercise, workDir: string): Promise<{ url: string } | { problem: string }> {
    await this.close();
    const [page, roads] = [pageCheck(exercise), roadsCheck(exercise)];
    if (page === null && roads === null) return { problem: `${exercise.id} has no page to look at.` };
    const program = readProgram(exercise, { workDir });
    if (!isProgram(program)) return { problem: program.headline };
    try {
      if (page !== null) this.#running = await this.#serve(exercise, page, program);
      else if (roads !== null) this.#running = await runRoads(exercise, roads, program);
    } catch (error) {
      if (error instanceof CheckFailed) return { problem: error.failure.headline };
      throw error;
    }
    this.#wind();
    return { url: this.#running?.url ?? '' };
  }

  async #serve(exercise: Exercise, check: BrowserCheck, program: Program): Promise<Running> {
    const server = new LearnerServer();
    try {
      const port = await server.start({ ...exercise, checks: [unheld(check)] }, check.id, program, this.#certificate);
      return {
        exercise: exercise.id,
        url: isSecure(check) ? `https://localhost:${port}/` : `http://127.0.0.1:${port}/`,
        stop: () => server.stop(),
        async look() {
          const report = await server.lastReport();
          return report === null ? null : { oracle: 'chromium', ...report };
        },
      };
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  #wind(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.close(), UNUSED_MS);
    this.#timer.unref();
  }
}

async function runRoads(exercise: Exercise, check: BrowserCheck, program: Program): Promise<Running> {
  const step = check.steps.find((it) => it.do === 'expectRoadsInPage');
  if (step?.do !== 'expectRoadsInPage') throw new Error(`${check.id} runs no roads`);
  const server = new RoadsServer(check.id, program, step.plans, {
    slotMs: SLOT_MS,
    run: { tcp: step.tcp, quic: step.quic, predict: check.scene, ms: STILL_MS },
  });
  const port = await server.listen();
  return {
    exercise: exercise.id,
    url: `http://127.0.0.1:${port}/`,
    stop: async () => server.close(),
    // All that happens, happens in that page.
    look: async () => NOTHING_YET,
  };
}

function unheld(check: BrowserCheck): BrowserCheck {
  const { scene } = check;
  return scene.kind === 'server' || scene.kind === 'http2'
    ? { ...check, scene: { ...scene, handler: scene.handler.map(freed) } }
    : check;
}

function freed({ together, until, ...rule }: HandlerRule): HandlerRule {
  return together === undefined && until === undefined ? rule : { ...rule, after: (rule.after ?? 0) + PAUSE_MS };
}
