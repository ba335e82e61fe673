/**
 * Runs one suite of one package: `node ../../scripts/test/suite.ts vitest -c vitest.workers.config.ts`.
 *
 * By itself it is the runner and nothing more. Under `npm test` (`INTERLEAVE_REPORTS`) it also leaves a record of what
 * the runner counted, because an exit code does not say how many tests there were.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { playwrightCounts, vitestCounts } from './counts.ts';
import { recordName, type TestCounts, writeRecord } from './records.ts';

interface Runner {
  readonly command: string;
  readonly args: readonly string[];
  /** One run for each argument of ours, not one for all. */
  readonly each?: true;
  /** Arguments and environment that make it write JSON to this file. */
  readonly json?: (file: string) => { readonly args: readonly string[]; readonly env?: NodeJS.ProcessEnv };
  readonly count?: (report: never) => TestCounts;
}

const root = join(import.meta.dirname, '../..');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const vitestJson: Runner['json'] = (file) => ({
  args: ['--reporter=dot', '--reporter=json', `--outputFile.json=${file}`],
});

const RUNNERS: Record<string, Runner> = {
  // Arguments are projects, checked one after another.
  types: { command: process.execPath, args: [join(root, 'node_modules/typescript/bin/tsc'), '-p'], each: true },
  biome: {
    command: process.execPath,
    // It paints even where NO_COLOR forbids it.
    args: [
      join(root, 'node_modules/@biomejs/biome/bin/biome'),
      'ci',
      ...(process.env.NO_COLOR ? ['--colors=off'] : []),
    ],
  },
  publint: { command: process.execPath, args: [join(root, 'node_modules/publint/src/cli.js')] },
  vitest: { command: process.execPath, args: [vitest, 'run'], json: vitestJson, count: vitestCounts },
  // The package's own binary: its launcher would keep a signal to itself.
  deno: {
    command: join(root, 'node_modules/deno', process.platform === 'win32' ? 'deno.exe' : 'deno'),
    // QUIC is behind a flag.
    args: ['run', '-A', '--unstable-net', vitest, 'run', '--pool=forks'],
    json: vitestJson,
    count: vitestCounts,
  },
  playwright: {
    command: process.execPath,
    args: [join(root, 'node_modules/@playwright/test/cli.js'), 'test'],
    json: (file) => ({ args: ['--reporter=dot,json'], env: { PLAYWRIGHT_JSON_OUTPUT_FILE: file } }),
    count: playwrightCounts,
  },
};

const [name = '', ...args] = process.argv.slice(2);
const runner = RUNNERS[name];
if (runner === undefined) {
  console.error(`suite.ts knows no runner ${name}. There are: ${Object.keys(RUNNERS).join(', ')}.`);
  process.exit(1);
}

const folder = process.env.INTERLEAVE_REPORTS;
if (!folder) {
  process.exitCode = (await runs(runner, args)).code;
} else {
  const packageName = (process.env.npm_package_name ?? 'root')
    .replace(/^@interleave\//, '')
    .replace('interleave-project', 'root');
  const task = process.env.npm_lifecycle_event ?? name;
  const report = join(folder, recordName(packageName, task).replace('.record.', '.report.'));
  const json = runner.json?.(report);
  const { code, ms } = await runs(runner, [...args, ...(json?.args ?? [])], json?.env);
  const tests = runner.count === undefined ? null : await counted(report, runner.count);
  await writeRecord(folder, { package: packageName, task, code, ms, tests });
  process.exitCode = code;
}

async function counted(report: string, count: NonNullable<Runner['count']>): Promise<TestCounts> {
  const text = await readFile(report, 'utf8').catch(() => null);
  if (text !== null) return count(JSON.parse(text) as never);
  const failedNames = ['the runner ended without a report'];
  return { passed: 0, failed: 1, skipped: 0, failedNames, skippedNames: [] };
}

async function runs(
  runner: Runner,
  more: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number; ms: number }> {
  const since = performance.now();
  let code = 0;
  for (const one of runner.each ? more.map((argument) => [argument]) : [more]) {
    code = (await run(runner, one, env)) || code;
  }
  return { code, ms: performance.now() - since };
}

function run({ command, args: first }: Runner, more: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, [...first, ...more], { stdio: 'inherit', env: { ...process.env, ...env } });
    const passOn = (signal: NodeJS.Signals): void => void child.kill(signal);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, passOn);
    const end = (code: number): void => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, passOn);
      resolve(code);
    };
    child.once('error', (error) => {
      console.error(`${command} could not be started: ${error.message}`);
      end(127);
    });
    child.once('exit', (code, signal) => end(code ?? 128 + constants.signals[signal ?? 'SIGTERM']));
  });
}
