// What each root command needs before it, and what it runs.
import { join } from 'node:path';
import { chromiumBehind, chromiumFirst } from './chromium.mjs';
import { chromiumWorker } from './chromium-worker.mjs';
import { bringDependencies } from './dependencies.mjs';
import { Failure } from './failure.mjs';
import { pinnedNode, projectEnvironment, root } from './paths.mjs';
import { handOver, whenOrphaned } from './processes.mjs';
import { Reporter } from './report.mjs';

/**
 * `chromium`: `behind` brings one while the command is at work, `first` waits for one and goes on without if there is
 * none (the command then says what it left out), `needed` does not start without.
 */
const COMMANDS = {
  start: { script: 'apps/lab/src/main.ts', args: ['start'], chromium: 'behind' },
  browser: { script: 'apps/lab/src/main.ts', args: ['browser'], chromium: 'needed' },
  check: { script: 'packages/judge/src/cli/check.ts', chromium: 'first' },
  test: { script: 'scripts/commands/test.ts', chromium: 'first' },
  gate: { script: 'scripts/commands/gate.ts', chromium: 'first' },
  'new-exercise': { script: 'scripts/commands/new-exercise.ts' },
  soak: { script: 'scripts/commands/soak.ts', chromium: 'first' },
  fuzz: { script: 'scripts/commands/fuzz.ts' },
  bench: { script: 'packages/bench/src/main.ts' },
  analyse: { script: 'packages/cli/src/main.ts', args: ['analyse'] },
  // The binary of packages/cli, which names its own commands.
  interleave: { script: 'packages/cli/src/main.ts' },
  deploy: { script: 'scripts/commands/deploy.ts' },
};

/**
 * @param {string[]} argv the command and its arguments
 * @returns {Promise<number>} the exit code
 */
export async function main([name, ...args]) {
  if (name === ':chromium') return chromiumWorker();
  const command = Object.hasOwn(COMMANDS, name ?? '') ? COMMANDS[name] : undefined;
  const reporter = new Reporter();
  if (command === undefined) {
    reporter.say(`There is no command ${name ?? 'without a name'}. There are: ${Object.keys(COMMANDS).join(', ')}.`);
    return 1;
  }
  const endWatch = watchForStop(reporter);
  try {
    await bringDependencies(reporter);
    const env = projectEnvironment(await chromiumFor(command, args, reporter));
    endWatch();
    return await handOver(pinnedNode, [join(root, command.script), ...(command.args ?? []), ...args], { env });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(error.toText());
    return 1;
  }
}

async function chromiumFor(command, args, reporter) {
  if (command.chromium === undefined) return {};
  if (command.chromium === 'behind') {
    if (args.includes('--no-browser')) return {};
    const path = chromiumBehind(reporter);
    return path === null ? {} : { CHROMIUM: path };
  }
  try {
    return { CHROMIUM: await chromiumFirst(reporter) };
  } catch (error) {
    if (command.chromium === 'needed' || !(error instanceof Failure)) throw error;
    process.stderr.write(error.toText());
    return { CHROMIUM: '', NO_CHROMIUM: error.message };
  }
}

/** Ctrl-C while something is brought: what is there stays, and the next run goes on from it. */
function watchForStop(reporter) {
  const stop = (signal) => {
    reporter.say('Stopped. The same command goes on where this one was.');
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const unwatch = whenOrphaned(() => stop('SIGTERM'));
  return () => {
    unwatch();
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
}
