/** Tells a learner process that loops or eats memory from one that is only waiting for its turn on a busy machine. */
import type { CheckResult } from '../../result.ts';
import type { Stand } from './inspect.ts';
import type { LearnerProcess } from './process.ts';

export type Verdict = {
  readonly cause: 'hung' | 'out of memory';
  readonly headline: string;
  /** What the process itself could tell while it was paused; null when it could not. */
  readonly result: CheckResult | null;
};

const EVERY_MS = 100;
/** A run that takes longer gets a debugger, so that it is there when it is needed. Most verdicts are out before. */
const CONNECT_MS = 300;
/** No sign of life for this long is looked into. */
const SILENT_MS = 600;
/** Processor time without one turn of the event loop: then it is a loop, however busy the machine. */
const LOOP_CPU_MS = 500;
/** How long one answer of the debugger may take. */
const ANSWER_MS = 1200;
/** When nobody can look inside. */
const GIVE_UP_MS = 4500;
const MEMORY = 400 * 1024 * 1024;
const HANDLE = "globalThis[Symbol.for('interleave.judge')]";

type Vitals = { cpu: { user: number; system: number }; rss: number; turns: number };

/** Resolves with a verdict, or never. Stop it with the signal when the run is over. */
export function watch(learner: LearnerProcess, signal: AbortSignal): Promise<Verdict> {
  const began = performance.now();
  return new Promise((resolve) => {
    let looking = false;
    const timer = setInterval(async () => {
      if (looking) return;
      const silent = performance.now() - learner.lastBeat;
      const memory = learner.memory();
      if (performance.now() - began > CONNECT_MS) learner.look().catch(() => {});
      if (memory < MEMORY && silent < SILENT_MS) return;
      looking = true;
      const verdict = await look(learner, memory >= MEMORY, signal).catch(() => blind(learner));
      if (verdict !== null) resolve(verdict);
      looking = false;
    }, EVERY_MS);
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  });
}

/** The debugger does not get through (V8 can be too busy making room to let it): then only what is seen from outside counts. */
function blind(learner: LearnerProcess): Verdict | null {
  const memory = learner.memory();
  if (memory >= MEMORY) {
    return {
      cause: 'out of memory',
      headline: `Your code keeps ${megabytes(memory)} of memory and goes on.`,
      result: null,
    };
  }
  if (performance.now() - learner.lastBeat < GIVE_UP_MS) return null;
  return { cause: 'hung', headline: 'Your code does not come back.', result: null };
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MB`;
}

async function look(learner: LearnerProcess, isBig: boolean, signal: AbortSignal): Promise<Verdict | null> {
  const inspector = await within(ANSWER_MS, learner.look());
  let first: Vitals | null = null;
  for (let tries = 0; tries < 20 && !signal.aborted; tries++) {
    const stand = await within(ANSWER_MS, inspector.pause());
    const vitals: Vitals = JSON.parse(await within(ANSWER_MS, stand.evaluate(`${HANDLE}.vitals()`)));
    first ??= vitals;
    if (isBig || vitals.rss >= MEMORY) return await conclude(stand, 'out of memory', vitals);
    // It has come round since: it was only busy, or not given a turn.
    if (vitals.turns !== first.turns) {
      await stand.resume();
      return null;
    }
    const spent = (vitals.cpu.user + vitals.cpu.system - first.cpu.user - first.cpu.system) / 1000;
    if (stand.place !== null && spent + SILENT_CREDIT >= LOOP_CPU_MS) return await conclude(stand, 'hung', vitals);
    await stand.resume();
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  return null;
}

/** Some of the silence before the first look was spent running; only what is seen beyond it has to be waited for. */
const SILENT_CREDIT = 420;

async function conclude(stand: Stand, cause: Verdict['cause'], vitals: Vitals): Promise<Verdict> {
  const { place } = stand;
  const where = place === null ? '' : ` at line ${place.line} of ${place.path}`;
  const headline =
    cause === 'hung'
      ? `Your code does not come back${where}: nothing else gets a turn.`
      : `Your code keeps ${megabytes(vitals.rss)} of memory and goes on${where}.`;
  const args = [cause, headline, place?.path ?? null, place?.line ?? 1, place?.column ?? 1]
    .map((arg) => JSON.stringify(arg))
    .join(', ');
  const text = await within(ANSWER_MS, stand.evaluate(`${HANDLE}.interrupted(${args})`));
  return { cause, headline, result: JSON.parse(text) };
}

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer')), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
