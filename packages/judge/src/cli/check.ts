/**
 * `npm run check`: the checks of the exercises worked on so far, or of the ones named, on the learner's files.
 *
 * By default they run as Playwright tests (reporters, UI mode and traces come with that). `--once`, `--json`, `--watch` and
 * `--replay` use the judge directly.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Exercise } from '../exercise.ts';
import { checkTranscript } from '../report/transcript.ts';
import type { RunResult } from '../result.ts';
import { loadExercises } from '../state/catalogue.ts';
import { reachedOf } from '../state/progress.ts';
import { bringWork, makeWork } from '../state/work.ts';
import { ChromiumSource } from '../watch/chromium-source.ts';
import { Judging } from '../watch/judging.ts';
import { Keeper } from '../watch/keeping.ts';
import { Screen } from '../watch/screen.ts';
import { TerminalWatcher } from '../watch/terminal.ts';
import { Workbench } from '../watch/workbench.ts';

const HELP = `npm run check -- [KA2 …] [options]

Without names: the exercises that you have worked on, and the one to go on with.

  --all                          every exercise
  --host node|deno|worker|page   run your file there (default node)
  --solutions                    judge the model answers instead of your files
  --no-chromium                  raw checks only
  --once                         one verdict each, as text; --json: as JSON, one line each
  --watch                        judge again at each save
  --edit-cmd "code -g {file}:{line}"   with --watch: what opens your file
  --replay 42                    show run 42 again, and judge what it judged
  --ui                           Playwright’s UI mode; other options after -- go to playwright test
`;

const HOSTS = ['node', 'deno', 'worker', 'page'] as const;
type HostName = (typeof HOSTS)[number];

const root = resolve(import.meta.dirname, '../../../..');
const stateDir = resolve(root, process.env.WORKSHOP_STATE ?? '.workshop');

async function main(): Promise<number> {
  const given = process.argv.slice(2);
  const { values, positionals } = parseArgs({
    // npm takes the first -- for itself; pnpm, and whoever calls this file, leave it in.
    args: given[0] === '--' ? given.slice(1) : given,
    allowPositionals: true,
    allowNegative: true,
    options: {
      host: { type: 'string', default: 'node' },
      all: { type: 'boolean', default: false },
      solutions: { type: 'boolean', default: false },
      chromium: { type: 'boolean', default: true },
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
      'edit-cmd': { type: 'string' },
      replay: { type: 'string' },
      ui: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const host = HOSTS.find((name) => name === values.host);
  if (host === undefined) throw new Error(`There is no host ${values.host}. Take one of ${HOSTS.join(', ')}.`);
  const all = await loadExercises(root);
  const ids = positionals.filter((word) => !word.startsWith('-') && all.some((e) => sameId(e, word)));
  const unknown = positionals.find((word) => /^[A-Z]{2}\d/i.test(word) && !ids.includes(word));
  if (unknown !== undefined)
    throw new Error(`There is no exercise ${unknown}. There are ${all.map((e) => e.id).join(', ')}.`);
  const chosen =
    ids.length > 0
      ? all.filter((e) => ids.some((id) => sameId(e, id)))
      : values.all || values.solutions
        ? all
        : reachedOf(all, await new Keeper({ root, stateDir, origin: null }).progress.read());
  if (values.replay !== undefined) return replay(Number(values.replay), all);
  if (values.watch) return watch(all, values['edit-cmd'], values.chromium);
  const [only] = ids.length === 1 && !values.solutions ? chosen : [];
  if (only !== undefined) await bringWork(root, only, all);
  if (values.once || values.json)
    return once(chosen, all, { host, solutions: values.solutions, chromium: values.chromium, json: values.json });
  const rest = positionals.filter((word) => !ids.includes(word));
  return playwright(chosen.length === all.length ? [] : chosen, {
    host,
    solutions: values.solutions,
    chromium: values.chromium,
    ui: values.ui,
    rest,
  });
}

function sameId(exercise: Exercise, word: string): boolean {
  return exercise.id.toLowerCase() === word.toLowerCase();
}

async function once(
  chosen: readonly Exercise[],
  all: readonly Exercise[],
  options: { host: HostName; solutions: boolean; chromium: boolean; json: boolean },
): Promise<number> {
  const judging = new Judging({ chromium: new ChromiumSource(options.chromium) });
  let failed = 0;
  try {
    for (const exercise of chosen) {
      const result = await verdict(judging, exercise, all, options);
      if (result.status !== 'pass') failed++;
      process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : `${plain(exercise, result)}\n\n`);
    }
  } finally {
    await judging.close();
  }
  return failed === 0 ? 0 : 1;
}

async function verdict(
  judging: Judging,
  exercise: Exercise,
  all: readonly Exercise[],
  { host, solutions }: { host: HostName; solutions: boolean },
): Promise<RunResult> {
  if (solutions) return judging.judge(exercise, { workDir: join(root, exercise.folder, 'solution') }, { host });
  await makeWork(root, exercise, all);
  if (host !== 'node') return judging.judge(exercise, { workDir: join(root, 'work') }, { host });
  const keeper = new Keeper({ root, stateDir, origin: null });
  return (await keeper.judge(judging, exercise)).result;
}

function plain(exercise: Exercise, result: RunResult): string {
  const screen = new Screen({ columns: 80 });
  const view = {
    version: 0,
    exercise,
    phase: 'idle',
    run: null,
    result,
    regressions: [],
    hint: null,
    polling: false,
    problem: null,
  } as const;
  return [`${exercise.id} · ${exercise.title} (${result.host})`, ...screen.verdict(view)].join('\n');
}

/** What run `n` saw, then the same files judged again: the two should say the same. */
async function replay(run: number, all: readonly Exercise[]): Promise<number> {
  const keeper = new Keeper({ root, stateDir, origin: null });
  const stored = await keeper.runs.read(run);
  const exercise = all.find((e) => e.id === stored?.result.exercise);
  if (stored === null || exercise === undefined) throw new Error(`There is no run ${run} in ${stateDir}/runs.`);
  const shown = stored.result.tests.filter((test) => test.status === 'fail');
  for (const test of shown.length > 0 ? shown.slice(0, 1) : stored.result.tests)
    process.stdout.write(`${checkTranscript(test)}\n\n`);
  const attempt = (await keeper.attempts.list(exercise.id)).find((a) => a.id === stored.attempt);
  if (attempt === undefined) {
    process.stdout.write('What it judged is no longer kept, so it is not judged again.\n');
    return stored.result.status === 'pass' ? 0 : 1;
  }
  const judging = new Judging();
  try {
    const again = await keeper.judgeAttempt(judging, exercise, attempt);
    process.stdout.write(`Judged again, as run ${again.run}:\n\n${plain(exercise, again.result)}\n`);
    return again.result.status === 'pass' ? 0 : 1;
  } finally {
    await judging.close();
  }
}

async function watch(all: readonly Exercise[], editCommand: string | undefined, chromium: boolean): Promise<number> {
  const bench = new Workbench({ root, stateDir, exercises: all, chromium });
  const terminal = new TerminalWatcher(bench, { root, output: process.stdout, editCommand });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => terminal.stop());
  try {
    await bench.judging.warm();
    await terminal.run();
  } finally {
    await bench.close();
  }
  return 0;
}

function playwright(
  chosen: readonly Exercise[],
  options: { host: HostName; solutions: boolean; chromium: boolean; ui: boolean; rest: readonly string[] },
): Promise<number> {
  const cli = createRequire(import.meta.url).resolve('@playwright/test/cli');
  const grep = chosen.length === 0 ? [] : ['--grep', chosen.map((e) => `\\b${e.id}-`).join('|')];
  const env = {
    ...process.env,
    WORKSHOP_HOST: options.host,
    WORKSHOP_FILES: options.solutions ? 'solutions' : 'work',
    WORKSHOP_CHROMIUM: options.chromium ? 'on' : 'off',
    // Playwright sets FORCE_COLOR for its workers; beside NO_COLOR Node would warn of that before each check.
    ...(process.env.NO_COLOR === undefined ? {} : { NODE_NO_WARNINGS: '1' }),
  };
  const args = [cli, 'test', '-c', join(root, 'workshops'), ...grep, ...(options.ui ? ['--ui'] : []), ...options.rest];
  const missing = new ChromiumSource(options.chromium).missing();
  if (missing !== null) process.stdout.write(`Only bytes are judged. ${missing}\n`);
  const child = spawn(process.execPath, args, { stdio: 'inherit', env, cwd: join(root, 'workshops') });
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('exit', (code) => done(code ?? 1));
  });
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
