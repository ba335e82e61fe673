/** `npm test [words]`: types, lint, unit tests on every host, the exercises' gate, and end to end in Chromium. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { allSuites, chosen, phases, runnable, type Suite } from '../test/plan.ts';
import { readRecords } from '../test/records.ts';
import { closing, missing, suiteLine, totals } from '../test/summary.ts';
import { turboNoise } from '../test/turbo-noise.ts';

const root = join(import.meta.dirname, '../..');
const reports = join(root, '.interleave/reports');
const words = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const complete = Boolean(process.env.VECTORS_REQUIRED) && process.env.VECTORS_REQUIRED !== '0';
const vectors = resolve(root, process.env.VECTORS || '../shared/vectors');
const noVectors = existsSync(vectors) ? null : `there is no folder ${vectors} (VECTORS names another).`;

const suites = chosen(allSuites(root), words);
if (process.argv.includes('--list') || suites.length === 0) {
  if (suites.length === 0) console.error(`  No suite has ${words.join(' or ')} in its name. There are:`);
  for (const suite of suites.length === 0 ? allSuites(root) : suites) {
    console.log(`  ${`${suite.package} ${suite.task}`.padEnd(28)} ${suite.title}`);
  }
  process.exit(suites.length === 0 ? 1 : 0);
}

const denoBinary = join(root, 'node_modules/deno', process.platform === 'win32' ? 'deno.exe' : 'deno');
const { run, leftOut } = runnable(suites, {
  chromium: process.env.CHROMIUM ? null : process.env.NO_CHROMIUM || 'CHROMIUM names no browser',
  deno: existsSync(denoBinary) ? null : 'the npm package deno has no binary for this platform',
});

await rm(reports, { recursive: true, force: true });
await mkdir(reports, { recursive: true });
const shown = new Set<Suite>();
for (const phase of phases(run)) await runPhase(phase.suites, phase.concurrency);
await showNew();

const outcome = { suites: run, records: await readRecords(reports), leftOut, complete, noVectors };
process.stdout.write(closing(outcome));
process.exitCode = totals(outcome).failed > 0 || missing(run, outcome.records).length > 0 ? 1 : 0;

function runPhase(phase: readonly Suite[], concurrency: number): Promise<void> {
  const args = ['run', ...phase.map((suite) => suite.turbo)];
  args.push('--continue=always', `--concurrency=${concurrency}`, '--output-logs=errors-only', '--log-order=grouped');
  const env: NodeJS.ProcessEnv = { ...process.env, INTERLEAVE_REPORTS: reports };
  if (noVectors === null) env.VECTORS = vectors;
  if (!process.stdout.isTTY) env.NO_COLOR = '1';
  return new Promise((done) => {
    const turbo = spawn(process.execPath, [join(root, 'node_modules/turbo/bin/turbo'), ...args], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [turbo.stdout, turbo.stderr]) tellLines(stream);
    const look = setInterval(() => void showNew(), 250);
    const passOn = (signal: NodeJS.Signals): void => void turbo.kill(signal);
    process.once('SIGTERM', passOn);
    turbo.once('error', (error) => console.error(`  turbo could not be started: ${error.message}`));
    turbo.once('close', () => {
      clearInterval(look);
      process.off('SIGTERM', passOn);
      done();
    });
  });
}

async function showNew(): Promise<void> {
  for (const record of await readRecords(reports)) {
    const suite = run.find(({ package: name, task }) => name === record.package && task === record.task);
    if (suite === undefined || shown.has(suite)) continue;
    shown.add(suite);
    console.log(suiteLine(suite, record));
  }
}

/** What failing suites said, without turbo's own housekeeping. */
function tellLines(stream: NodeJS.ReadableStream): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (!turboNoise(line)) console.log(line);
  });
  stream.on('end', () => {
    if (rest !== '' && !turboNoise(rest)) console.log(rest);
  });
}
