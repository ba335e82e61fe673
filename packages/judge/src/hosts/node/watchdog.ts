/** Tells a learner process that loops or eats memory from one that is only waiting for its turn on a busy machine. */
import type { CheckResult } from '../../result.ts';
import { orStopped, type Stand } from './inspect.ts';
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
const LOOP_CPU_MS = 1000;
/** And so much of it between two looks that find it in the same turn. */
const SEEN_CPU_MS = 100;
/** How long one look may take, memory or not. */
const LOOK_MS = 4000;
const LOOK_AT_MEMORY_MS = 1000;
/** Between two pauses of one look it runs for so long. */
const RUN_MS = 40;
const MOST_RUN_MS = 320;
/** When nobody can look inside: processor time since the last sign of life, or real time where no system tells. */
const BLIND_CPU_MS = 3500;
const BLIND_MS = 15_000;
/** Asleep for this long without a sign of life: its event loop does not turn, and it waits for no processor. */
const ASLEEP_MS = 2500;
/** A process that has not even begun is the machine's fault, not the learner's. */
const START_MS = 60_000;
const MEMORY = 400 * 1024 * 1024;
/** A loop that has come to keep this much would go on to keep all. */
const LOOP_MEMORY = 200 * 1024 * 1024;
/** So would one that grew by this much between two looks; what V8 sweeps up again is less. */
const LOOP_GROWTH = 64 * 1024 * 1024;
const HANDLE = "globalThis[Symbol.for('interleave.judge')]";

type Vitals = { cpu: { user: number; system: number }; memory: number; turns: number };

/** What the first look into a silence found. On a busy machine one look may be too short; the next goes on from there. */
type Silence = { first: Vitals | null };

/** Resolves with a verdict, or never. Stop it with the signal when the run is over. */
export function watch(learner: LearnerProcess, signal: AbortSignal): Promise<Verdict> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    let looking: AbortController | null = null;
    let beat = { at: 0, cpu: learner.cpu() };
    let silence: Silence = { first: null };
    const spent = (): number | null => {
      const cpu = learner.cpu();
      return cpu === null || beat.cpu === null ? null : cpu - beat.cpu;
    };
    /** Since when memory is over the limit. */
    let bigSince: number | null = null;
    /** Since when it sleeps without a sign of life. */
    let asleepSince: number | null = null;
    const timer = setInterval(async () => {
      const now = performance.now();
      if (learner.inspector === '') {
        // It is still being loaded, which on a busy machine takes as long as it takes.
        if (now - began > START_MS) reject(new Error('The process for learner code does not start.'));
        return;
      }
      bigSince = learner.memory() < MEMORY ? null : (bigSince ?? now);
      asleepSince = learner.lastBeat === beat.at && learner.asleep() ? (asleepSince ?? now) : null;
      if (looking !== null) {
        if (bigSince !== null && now - bigSince > LOOK_AT_MEMORY_MS) looking.abort();
        return;
      }
      if (beat.at !== learner.lastBeat) {
        beat = { at: learner.lastBeat, cpu: learner.cpu() };
        silence = { first: null };
      }
      if (now - began > CONNECT_MS) learner.look().catch(() => {});
      if (bigSince === null && now - learner.lastBeat < SILENT_MS) return;
      looking = new AbortController();
      const stop = AbortSignal.any([signal, looking.signal, AbortSignal.timeout(LOOK_MS)]);
      const verdict = await look(learner, bigSince !== null, silence, spent, stop).catch(() =>
        blind(learner, beat, asleepSince === null ? 0 : performance.now() - asleepSince),
      );
      if (verdict !== null) resolve(verdict);
      looking = null;
    }, EVERY_MS);
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  });
}

/** The debugger does not get through (V8 can be too busy making room to let it): then only what is seen from outside counts. */
function blind(learner: LearnerProcess, beat: { at: number; cpu: number | null }, asleep: number): Verdict | null {
  const memory = learner.memory();
  if (memory >= MEMORY) {
    return {
      cause: 'out of memory',
      headline: `Your code keeps ${megabytes(memory)} of memory and goes on.`,
      result: null,
    };
  }
  if (learner.lastBeat !== beat.at) return null;
  if (asleep >= ASLEEP_MS)
    return {
      cause: 'hung',
      headline: 'Your code waits without giving its turn away, and nothing wakes it.',
      result: null,
    };
  const cpu = learner.cpu();
  const isLoop =
    cpu !== null && beat.cpu !== null ? cpu - beat.cpu >= BLIND_CPU_MS : performance.now() - beat.at >= BLIND_MS;
  return isLoop ? { cause: 'hung', headline: 'Your code does not come back.', result: null } : null;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MB`;
}

/** Settles by the time that `stop` is aborted, and leaves the process running unless there is a verdict. */
async function look(
  learner: LearnerProcess,
  isBig: boolean,
  silence: Silence,
  spent: () => number | null,
  stop: AbortSignal,
): Promise<Verdict | null> {
  const inspector = await orStopped(learner.look(), stop);
  try {
    // Longer and longer: where many want the processor, a loop that is paused most of the time would not get to run at all.
    for (let run = RUN_MS; ; run = Math.min(2 * run, MOST_RUN_MS)) {
      const stand = await inspector.pause(stop);
      const vitals: Vitals = JSON.parse(await stand.evaluate(`${HANDLE}.vitals()`));
      silence.first ??= vitals;
      const { first } = silence;
      if (isBig || vitals.memory >= MEMORY) return await conclude(stand, 'out of memory', vitals);
      // It has come round since: it was only busy, or not given a turn.
      if (vitals.turns !== first.turns) {
        silence.first = null;
        return null;
      }
      const seen = (vitals.cpu.user + vitals.cpu.system - first.cpu.user - first.cpu.system) / 1000;
      if (stand.place !== null && seen >= SEEN_CPU_MS && (spent() ?? seen + SILENT_CREDIT) >= LOOP_CPU_MS) {
        const grows = vitals.memory >= LOOP_MEMORY || vitals.memory - first.memory >= LOOP_GROWTH;
        return await conclude(stand, grows ? 'out of memory' : 'hung', vitals);
      }
      inspector.release();
      await orStopped(new Promise((resolve) => setTimeout(resolve, run)), stop);
    }
  } finally {
    inspector.release();
  }
}

/** Where no system tells: so much of the silence before the first look counts as spent running. */
const SILENT_CREDIT = 420;

async function conclude(stand: Stand, cause: Verdict['cause'], vitals: Vitals): Promise<Verdict> {
  const { place } = stand;
  const where = place === null ? '' : ` at line ${place.line} of ${place.path}`;
  const headline =
    cause === 'hung'
      ? `Your code does not come back${where}: nothing else gets a turn.`
      : `Your code keeps ${megabytes(vitals.memory)} of memory and goes on${where}.`;
  const args = [cause, headline, place?.path ?? null, place?.line ?? 1, place?.column ?? 1]
    .map((arg) => JSON.stringify(arg))
    .join(', ');
  const text = await stand.evaluate(`${HANDLE}.interrupted(${args})`);
  return { cause, headline, result: JSON.parse(text) };
}
