import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CORES, onCore } from '../tools.ts';
import type { Load } from './generator.ts';

const run = promisify(execFile);

/** One run of h2load with one thread. Rejects when it cannot run, or when any request failed. */
export async function loadWithH2load(program: string, load: Load): Promise<number> {
  const [command, args] = onCore(CORES.load, program, [
    '-t1',
    `-c${load.connections}`,
    `-m${load.inFlight}`,
    `-D${load.milliseconds}ms`,
    `--warm-up-time=${Math.round(load.milliseconds / 5)}ms`,
    ...(load.protocol === 'http/1.1' ? ['--h1'] : []),
    `http://127.0.0.1:${load.port}/`,
  ]);
  const { stdout } = await run(command, args, { timeout: load.milliseconds * 3 + 30_000 });
  return readH2load(stdout);
}

/** Requests per second from h2load's report. Throws when requests failed, or when there is no such report. */
export function readH2load(report: string): number {
  const rate = /^finished in [^,]+, ([\d.]+) req\/s/m.exec(report)?.[1];
  const counts = /^requests: .*?(\d+) done, \d+ succeeded, (\d+) failed, (\d+) errored, (\d+) timeout/m.exec(report);
  const statuses = /^status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/m.exec(report);
  if (rate === undefined || !counts || !statuses)
    throw new Error(`h2load gave no report, but: ${report.trim().split('\n').at(-1)}`);
  const wrong = [...counts.slice(2), ...statuses.slice(2)].reduce((sum, count) => sum + Number(count), 0);
  if (wrong > 0 || Number(counts[1]) === 0) {
    throw new Error(`h2load counted failures (${counts[0]}; ${statuses[0]}): the server is not right under load.`);
  }
  return Number(rate);
}
