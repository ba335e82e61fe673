/** What every process that learner code runs in needs from the inside: a line to its parent, modules in memory, no way to end it. */
import { writeSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Program } from '../program.ts';

/** The real timers and exit, kept before the judge takes the names away. */
export const real: {
  readonly setTimeout: typeof setTimeout;
  readonly clearTimeout: typeof clearTimeout;
  readonly setInterval: typeof setInterval;
  readonly clearInterval: typeof clearInterval;
  readonly setImmediate: typeof setImmediate;
  now(): number;
  exit(code: number): never;
} = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
  now: performance.now.bind(performance),
  // `process.exit` ends in `process.reallyExit`, which `forbidExit` takes away.
  exit: (process as unknown as { reallyExit(code?: number): never }).reallyExit.bind(process),
};

/** Writes one JSON line to file descriptor 3, at once, so that nothing is lost when this process dies in the next moment. */
export function tell(message: object): void {
  const line = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let at = 0; at < line.length; ) {
    try {
      at += writeSync(3, line, at);
    } catch (error) {
      // The parent is slow to read: try again. Anything else means that it is gone.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') real.exit(0);
    }
  }
}

/** Kills this process when its parent is gone, also while learner code never returns to the event loop. */
export function dieWithParent(): void {
  // It may have gone while this process was still being loaded: then nobody will tell.
  if (!process.connected) real.exit(0);
  const code = `setInterval(() => { if (process.ppid !== ${process.ppid}) process.kill(process.pid, 'SIGKILL'); }, 500)`;
  new Worker(code, { eval: true, stdout: false, stderr: false }).unref();
  process.on('disconnect', () => real.exit(0));
}

/** Learner modules live in memory, under a name of their own for each load: so each load is a fresh one. */
export function learnerModules(): {
  use(program: Program): void;
  load(tag: string, file: string): Promise<Record<string, unknown>>;
} {
  let program: Program = { files: {} };
  let loads = 0;
  registerHooks({
    resolve(specifier, context, next) {
      if (!specifier.startsWith('learner:') && !context.parentURL?.startsWith('learner:'))
        return next(specifier, context);
      return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true };
    },
    load(address, context, next) {
      if (!address.startsWith('learner:')) return next(address, context);
      const path = decodeURIComponent(new URL(address).pathname.replace(/^\/learner~[^/]*\//, ''));
      const file = program.files[path];
      if (file === undefined) throw new Error(`There is no ${path}`);
      return { format: 'module', source: file.js, shortCircuit: true };
    },
  });
  return {
    use: (next) => {
      program = next;
    },
    load: (tag, file) => import(`learner:/learner~${tag}.${++loads}/${file}`),
  };
}

/** Ending the process is not learner code's to do: whoever tries is told of, and goes on. */
export function forbidExit(tried: (what: string, trace: Error) => void): void {
  for (const name of ['exit', 'reallyExit', 'abort', 'kill'] as const) {
    const value = (): void => {
      tried(`process.${name}`, new Error('exit'));
      throw new Error('The process goes on: it is not yours to end');
    };
    Object.defineProperty(process, name, { value, configurable: true });
  }
}
