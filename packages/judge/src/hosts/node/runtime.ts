/** The raw judge's event loop inside a learner process: exact idleness, and what the watchdog may ask. */
import { open, url } from 'node:inspector';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RawHost } from '../../raw/host.ts';
import { dieWithParent, learnerModules, real, tell } from './inside.ts';

const modules: ReturnType<typeof learnerModules> = learnerModules();

/** The learner's files, from now on. */
export const setProgram: (typeof modules)['use'] = modules.use;

/** `beforeExit` comes exactly when nothing is left that could run: no timer, no thread, no request. */
let onIdle: (() => void) | null = null;
process.on('beforeExit', () => {
  const run = onIdle;
  onIdle = null;
  run?.();
});

/** False once something was seen to hold the event loop (a port, a socket): then some turns must do. */
let exact = true;
/** Looked at so often. In between, what holds the loop takes no processor time, and what runs on a busy machine takes some. */
const HOLD_MS = 1000;
const FIRST_LOOK_MS = 300;
const HELD_CPU_MS = 4;
/** Who has run for so long without an end runs for ever. */
const BUSY_CPU_MS = 1000;

function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

export const host: RawHost = {
  name: 'node',
  load: modules.load,
  turn: () => new Promise((resolve) => real.setImmediate(resolve)),
  rest: (ms) => new Promise((resolve) => real.setTimeout(resolve, ms)),
  realNow: real.now,
  collect: () => {
    collector ??= makeCollector();
    collector();
  },
  async idle() {
    if (!exact) {
      for (let i = 0; i < 5; i++) await host.turn();
      return;
    }
    await new Promise<void>((resolve) => {
      // Asked for only by who waits long: the system takes longer to tell than most waits last.
      let start: number | null = null;
      let before = 0;
      const look = (): void => {
        const now = cpu();
        const isStarved = start === null || (now - before >= HELD_CPU_MS && now - start < BUSY_CPU_MS);
        start ??= now;
        before = now;
        if (isStarved) {
          waiting = real.setTimeout(look, HOLD_MS);
          waiting.unref();
          return;
        }
        exact = false;
        onIdle = null;
        resolve();
      };
      let waiting = real.setTimeout(look, FIRST_LOOK_MS);
      waiting.unref();
      onIdle = () => {
        real.clearTimeout(waiting);
        resolve();
      };
      real.setImmediate(() => {});
    });
  },
};

/** Made when it is first needed: few checks do. */
let collector: (() => void) | null = null;

/** V8's own collector, without a flag on the command line. */
function makeCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** Turns of the event loop so far: what stands still here, loops. */
let turns = 0;

/** What a debugger may ask while this process stands still. */
export function vitals(): string {
  const { rss, heapUsed, external } = process.memoryUsage();
  // What was asked for and never touched is not resident, and is kept all the same.
  return JSON.stringify({ cpu: process.cpuUsage(), memory: Math.max(rss, heapUsed + external), turns });
}

/** Makes `handle` callable for the watchdog, by its symbol. */
export function offer(handle: object): void {
  Object.defineProperty(globalThis, Symbol.for('interleave.judge'), { value: handle });
}

const hold = real.setInterval(() => {}, 1 << 30);

/** From here on only learner code may hold the event loop. */
export function letGo(): void {
  process.channel?.unref();
  real.clearInterval(hold);
}

/** Tells the parent that this process waits for its one command, and keeps telling that it lives. */
export function announce(): void {
  dieWithParent();
  const beat = (): void => {
    turns++;
    tell({ say: 'beat', rss: process.memoryUsage.rss() });
  };
  real.setInterval(beat, 50).unref();
  open(0, '127.0.0.1');
  tell({ say: 'ready', inspector: url() ?? '' });
}
