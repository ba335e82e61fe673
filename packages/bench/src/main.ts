import { mkdirSync, writeFileSync } from 'node:fs';
import { type Bench, skip } from './bench.ts';
import { chart } from './chart.ts';
import { environment } from './environment.ts';
import { generator } from './load/generator.ts';
import { parseOptions, SUITES, type SuiteId, USAGE } from './options.ts';
import type { Report } from './results.ts';
import { frames } from './suites/frames.ts';
import { h1 } from './suites/h1.ts';
import { h2 } from './suites/h2.ts';
import { head } from './suites/head.ts';
import { hpack } from './suites/hpack.ts';
import { memory } from './suites/memory.ts';
import { reportText } from './table.ts';

const RUN: Readonly<Record<SuiteId, (bench: Bench) => Promise<void>>> = { head, hpack, frames, h1, h2, memory };

/** Runs what the options ask for and writes the report. Returns the process's exit code. */
async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const load = await generator();
  const started = performance.now();
  const bench: Bench = {
    options,
    generator: load,
    measurements: [],
    skipped: [],
    progress(line) {
      const seconds = Math.round((performance.now() - started) / 1000);
      process.stderr.write(`${String(seconds).padStart(4)} s  ${line}\n`);
    },
  };
  const report: Report = {
    format: 1,
    date: new Date().toISOString().slice(0, 10),
    rounds: options.rounds,
    quick: options.quick,
    environment: environment(load.name),
    measurements: bench.measurements,
    skipped: bench.skipped,
  };
  try {
    for (const suite of SUITES) if (options.only.includes(suite)) await runSuite(suite, bench);
  } finally {
    await load.stop();
  }
  const text = `${JSON.stringify(report, null, 2)}\n`;
  const results = new URL('../results/', import.meta.url);
  mkdirSync(results, { recursive: true });
  writeFileSync(new URL('latest.json', results), text);
  writeFileSync(new URL('latest.svg', results), chart(report));
  if (options.reference) {
    writeFileSync(new URL('reference.json', results), text);
    writeFileSync(new URL('../chart.svg', import.meta.url), chart(report));
  }
  process.stdout.write(options.json ? text : `\n${reportText(report)}`);
  return broken.size > 0 ? 1 : 0;
}

const broken = new Set<SuiteId>();

/** A part that breaks is noted, makes the run fail in the end, and does not cost the others their figures. */
async function runSuite(suite: SuiteId, bench: Bench): Promise<void> {
  try {
    await RUN[suite](bench);
  } catch (error) {
    broken.add(suite);
    skip(bench, suite, `${suite} broke off: ${error instanceof Error ? error.message : String(error)}`);
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
