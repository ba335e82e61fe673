/** The raw judge for everybody outside: reads the learner's files and runs the checks in the host that was asked for. */
import type { Exercise } from '../exercise.ts';
import { failedResult, rawChecks, skippedResult } from '../raw/judge.ts';
import type { CheckResult, Host } from '../result.ts';
import { NodeHost } from './node/host.ts';
import { isProgram, type Program, readProgram } from './program.ts';

export type RawHostName = Exclude<Host, 'page'>;

export type JudgeRawOptions = {
  /** Default `node`. A page needs a browser: `PageHost` judges there. */
  readonly host?: RawHostName | undefined;
  /** Ids of checks; all raw ones when absent. */
  readonly only?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Files to take from elsewhere: path below `work/` → absolute path. */
  readonly overlay?: Readonly<Record<string, string>> | undefined;
};

/** A host that can be asked again and again. */
export type Judging = {
  judge(
    exercise: Exercise,
    program: Program,
    options: { only?: readonly string[] | undefined; signal?: AbortSignal | undefined },
  ): Promise<CheckResult[]>;
  close(): void | Promise<void>;
};

const hosts = new Map<Host, Judging>();

/** One result for each raw check, in teaching order. Rejects only when the signal is aborted, or the host cannot be started. */
export async function judgeRaw(
  exercise: Exercise,
  workDir: string,
  options: JudgeRawOptions = {},
): Promise<CheckResult[]> {
  const program = readProgram(exercise, { workDir, overlay: options.overlay });
  const checks = rawChecks(exercise, options.only);
  if (!isProgram(program))
    return checks.map((check, i) =>
      i === 0 ? failedResult(exercise, check, program) : skippedResult(exercise, check),
    );
  const host = await hostOf(options.host ?? 'node');
  return host.judge(exercise, program, { only: options.only, signal: options.signal });
}

/** Starts the spare Node process, so that the first verdict is as fast as the others. */
export async function warmUp(): Promise<void> {
  ((await hostOf('node')) as NodeHost).warm();
}

/** Ends every process that judging has started. */
export async function closeHosts(): Promise<void> {
  for (const host of hosts.values()) await host.close();
  hosts.clear();
}

async function hostOf(name: RawHostName): Promise<Judging> {
  const known = hosts.get(name);
  if (known !== undefined) return known;
  const host = await makeHost(name);
  hosts.set(name, host);
  return host;
}

async function makeHost(name: RawHostName): Promise<Judging> {
  switch (name) {
    case 'node':
      return new NodeHost();
    case 'deno':
      return new (await import('./deno/host.ts')).DenoHost();
    case 'worker':
      return new (await import('./worker/host.ts')).WorkerHost();
  }
}
