/** The raw judge in a realm that is no Node process: a Worker, a page's worker, Deno. One realm judges one run. */
import type { Exercise } from '../exercise.ts';
import type { CheckResult, Host } from '../result.ts';
import type { RawHost } from './host.ts';
import { type JudgeEvents, RawJudge } from './judge.ts';
import { prepareRealm } from './realm.ts';

/** What a run needs to know; plain data. */
export type PortableTask = {
  readonly host: Host;
  readonly exercise: Exercise;
  readonly only: readonly string[] | null;
  /** The learner's files: what they wrote, by lines, and how long the prelude in front of line 1 is. */
  readonly sources: readonly (readonly [
    path: string,
    { readonly lines: readonly string[]; readonly prelude: number },
  ])[];
};

/** How learner modules are loaded here: a fresh copy for each check. The URL must hold `/learner~<check>/<file>`. */
export type LoadLearner = (checkId: string, file: string) => Promise<Record<string, unknown>>;

/** Told every 100 ms while the event loop turns: whoever hears nothing for long knows that learner code loops. */
export type PortableEvents = JudgeEvents & { alive?(): void };

const realTimeout = globalThis.setTimeout;
const realInterval = globalThis.setInterval;
const realClearInterval = globalThis.clearInterval;
const realNow = performance.now.bind(performance);

/** Runs the checks. The realm is changed for good (clock, console), so use it for nothing else afterwards. */
export async function judgeHere(
  task: PortableTask,
  load: LoadLearner,
  events: PortableEvents = {},
): Promise<CheckResult[]> {
  let judge: RawJudge | null = null;
  const { clock } = prepareRealm({ threw: (error) => judge?.stray(error, 'threw'), said: (text) => judge?.say(text) });
  addEventListener('unhandledrejection', (event) => {
    event.preventDefault();
    judge?.stray((event as PromiseRejectionEvent).reason, 'rejected');
  });
  addEventListener('error', (event) => {
    event.preventDefault();
    judge?.stray((event as ErrorEvent).error, 'threw');
  });
  const host: RawHost = {
    name: task.host,
    load,
    turn,
    rest: (ms) => new Promise((resolve) => realTimeout(resolve, ms)),
    realNow,
  };
  judge = new RawJudge({
    exercise: task.exercise,
    only: task.only ?? undefined,
    host,
    clock,
    sources: new Map(task.sources),
    events,
  });
  const beat = realInterval(() => events.alive?.(), 100);
  try {
    return await judge.run();
  } finally {
    realClearInterval(beat);
  }
}

/** A message to oneself is the fastest honest turn of the event loop; a timer waits 4 ms after a while. */
const turn: () => Promise<void> =
  typeof MessageChannel === 'function' ? messageTurn() : () => new Promise((resolve) => realTimeout(resolve, 0));

function messageTurn(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  const take = (): void => waiting.shift()?.();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      // Said again each time, so that this function holds the port: workerd collects one that nobody holds, with its messages.
      port1.onmessage = take;
      port2.postMessage(null);
    });
}
