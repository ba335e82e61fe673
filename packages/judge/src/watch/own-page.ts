/** The learner's server on a port of its own, for whoever wants to look at its page with the browser that they have. */
import { CheckFailed, LearnerServer } from '../chromium/server.ts';
import type { BrowserCheck, Exercise, HandlerRule } from '../exercise.ts';
import { isProgram, readProgram } from '../hosts/program.ts';
import type { CheckResult } from '../result.ts';

/** Nobody judges here, so nobody releases a name, and no browser is held to six connections: waits become times. */
const PAUSE_MS = 400;
/** A process that nobody has asked about for so long is ended. */
const UNUSED_MS = 10 * 60_000;

export type OwnPageView = Pick<CheckResult, 'oracle' | 'connections' | 'transcript'>;
type Running = { readonly exercise: string; readonly server: LearnerServer; readonly url: string };

/** The check whose page is worth a look: Chromium opens it with its images. Null where an exercise has none. */
export function pageCheck(exercise: Exercise): BrowserCheck | null {
  const found = exercise.checks.find(
    (check) =>
      check.judge === 'chromium' &&
      check.scene.kind === 'server' &&
      check.steps.some((step) => step.do === 'open' && step.expect?.images !== undefined),
  );
  return found === undefined || found.judge === 'raw' ? null : found;
}

/** One server at a time; another call takes the files as they are then. */
export class OwnPage {
  #running: Running | null = null;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<unknown> = Promise.resolve();

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
    const report = await running.server.lastReport();
    return report === null ? null : { oracle: 'chromium', ...report };
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    const running = this.#running;
    this.#running = null;
    await running?.server.stop();
  }

  async #open(exercise: Exercise, workDir: string): Promise<{ url: string } | { problem: string }> {
    await this.close();
    const check = pageCheck(exercise);
    if (check === null) return { problem: `${exercise.id} has no page to look at.` };
    const program = readProgram(exercise, { workDir });
    if (!isProgram(program)) return { problem: program.headline };
    const server = new LearnerServer();
    try {
      const port = await server.start({ ...exercise, checks: [unheld(check)] }, check.id, program);
      this.#running = { exercise: exercise.id, server, url: `http://127.0.0.1:${port}/` };
      this.#wind();
      return { url: this.#running.url };
    } catch (error) {
      await server.stop();
      if (error instanceof CheckFailed) return { problem: error.failure.headline };
      throw error;
    }
  }

  #wind(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.close(), UNUSED_MS);
    this.#timer.unref();
  }
}

function unheld(check: BrowserCheck): BrowserCheck {
  const { scene } = check;
  return scene.kind === 'server' ? { ...check, scene: { ...scene, handler: scene.handler.map(freed) } } : check;
}

function freed({ together, until, ...rule }: HandlerRule): HandlerRule {
  return together === undefined && until === undefined ? rule : { ...rule, after: (rule.after ?? 0) + PAUSE_MS };
}
