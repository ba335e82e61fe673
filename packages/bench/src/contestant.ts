import { setImmediate } from 'node:timers/promises';

/**
 * The child's side of a measurement: a process of its own that answers questions from the run over IPC, one at a time.
 */

/** A question from the run to a contestant's process. */
export interface Question {
  readonly id: number;
  readonly ask: string;
  readonly about: unknown;
}

/** What comes back: an answer to a question, or word that the process is ready, or that it cannot be. */
export type Reply =
  | { readonly type: 'ready' }
  | { readonly type: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly type: 'failed'; readonly id: number | null; readonly why: string };

type Answers = Readonly<Record<string, (about: never) => unknown>>;

/**
 * Prepares, reports `ready`, then answers until the run lets go. What preparation throws is reported, not lost.
 * A process that nobody runs a bench with, as for a profile, does what `alone` says instead.
 */
export async function takePart(
  prepare: () => Answers | Promise<Answers>,
  alone: (answers: Answers) => unknown = () => {},
): Promise<void> {
  if (!process.send) {
    await alone(await prepare());
    return;
  }
  const reply = (message: Reply): void => void process.send?.(message);
  const failed = (id: number | null, error: unknown): void => {
    reply({ type: 'failed', id, why: error instanceof Error ? error.message : String(error) });
  };
  process.on('disconnect', () => process.exit(0));
  process.on('uncaughtException', (error) => failed(null, error));
  try {
    const answers = new Map(Object.entries(await prepare()));
    process.on('message', async ({ id, ask, about }: Question) => {
      try {
        const answer = answers.get(ask);
        if (!answer) throw new RangeError(`This contestant does not answer "${ask}".`);
        reply({ type: 'answer', id, answer: (await answer(about as never)) ?? null });
      } catch (error) {
        failed(id, error);
      }
    });
    reply({ type: 'ready' });
  } catch (error) {
    failed(null, error);
  }
}

/**
 * A contestant of codec level: `prepare` returns a step that works through its input once and says how many operations
 * that was. The answer to `run` is operations per second of processor time, over that many milliseconds of it.
 */
export async function runSteps(
  prepare: () => (() => number) | Promise<() => number>,
  facts: Readonly<Record<string, (about: never) => unknown>> = {},
): Promise<void> {
  let step: () => number = () => 0;
  // Processor time, garbage collection included: what somebody else takes of the core must not count against us, and
  // must not cut a warm-up short. Real time only ends a run that gets next to nothing.
  const run = async (milliseconds: number): Promise<{ perSecond: number }> => {
    let operations = 0;
    const before = process.cpuUsage();
    const latest = performance.now() + 20 * milliseconds;
    let used = 0;
    while (used < 1000 * milliseconds && performance.now() < latest) {
      const slice = performance.now() + 20;
      while (performance.now() < slice) operations += step();
      // A turn of the event loop in between, as in a server: what a contestant has put off is part of its price,
      // and piles up as garbage otherwise.
      await setImmediate();
      const { user, system } = process.cpuUsage(before);
      used = user + system;
    }
    return { perSecond: (operations * 1e6) / used };
  };
  await takePart(
    async () => {
      step = await prepare();
      return { ...facts, run };
    },
    async () => {
      for (let second = 0; second < 3; second += 1) {
        const { perSecond } = await run(1000);
        process.stdout.write(`${Math.round(perSecond).toLocaleString('en-GB')} a second\n`);
      }
    },
  );
}

/** Throws unless a contestant did the work that is measured: the same results as everybody else. */
export function expectSame(what: string, actual: unknown, expected: unknown): void {
  const [a, e] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== e) {
    throw new Error(`${what} is not what the workload says: got ${a?.slice(0, 300)}, expected ${e?.slice(0, 300)}.`);
  }
}
