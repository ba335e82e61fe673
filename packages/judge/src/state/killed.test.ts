/** A runner that is killed while it writes: whatever it has said is kept, is kept, and every file is whole. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Exercise } from '../exercise.ts';
import { Keeper } from '../watch/keeping.ts';
import { Attempts } from './attempts.ts';
import { ProgressFile } from './progress.ts';
import { Runs } from './runs.ts';

const LANES = 5;
const ROUNDS = 10;

const exercise: Exercise = {
  id: 'E1',
  track: 'keep-alive',
  folder: 'workshops/1',
  title: '',
  idea: '',
  minutes: 1,
  buildsOn: [],
  contract: '',
  files: [{ path: 'http1/server.ts', start: 'start.ts', exports: ['serve'] }],
  startFails: [],
  checks: [],
};

/** Saves, keeps, judges, and now and then puts the start back; says the number of each save that it was told is kept. */
const WRITER = `
  const [root, from, atomic, keeping, work] = process.argv.slice(1);
  const { writeAtomic } = await import(atomic);
  const { Keeper } = await import(keeping);
  const { makeWork, resetWork } = await import(work);
  const { writeSync } = await import('node:fs');
  const exercise = ${JSON.stringify(exercise)};
  const keeper = new Keeper({ root, stateDir: root + '/.workshop', origin: null });
  const judging = { judge: async () => ({ status: 'pass', tests: [] }) };
  await makeWork(root, exercise, [exercise]);
  writeSync(1, 'go\\n');
  for (let n = Number(from); ; n++) {
    await writeAtomic(root + '/work/http1/server.ts', 'save ' + n + ' ' + 'x'.repeat(20000) + ' end');
    const { run } = await keeper.judge(judging, exercise);
    writeSync(1, n + ' ' + run + '\\n');
    if (n % 5 === 0) await resetWork(root, exercise, [exercise]);
  }`;

const url = (path: string): string => new URL(path, import.meta.url).href;

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'judge-killed-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

it(`loses nothing to ${LANES * ROUNDS} SIGKILLs`, async () => {
  await Promise.all(Array.from({ length: LANES }, (_, lane) => killed(join(root, `${lane}`), lane)));
}, 60_000);

async function killed(folder: string, lane: number): Promise<void> {
  const stateDir = join(folder, '.workshop');
  await mkdir(join(folder, exercise.folder), { recursive: true });
  await writeFile(join(folder, exercise.folder, 'start.ts'), 'start');
  let total = 0;
  let next = 1;
  for (let round = 0; round < ROUNDS; round++) {
    const said = await untilKilled(folder, next, 2 * (lane + LANES * round));
    next += 1000;
    total += said.length;

    const text = await readFile(join(folder, 'work/http1/server.ts'), 'utf8');
    expect(text === 'start' || /^save \d+ x{20000} end$/.test(text)).toBe(true);

    const attempts = new Attempts(stateDir);
    const kept = new Map<string, string>();
    for (const { id } of await attempts.list('E1')) {
      const whole = (await attempts.read(exercise, id))?.get('http1/server.ts') ?? '';
      kept.set(whole.split(' ')[1] ?? '', whole);
    }
    for (const [n, run] of said) {
      expect(kept.get(n)).toMatch(/ end$/);
      expect(await new Runs(stateDir).read(Number(run))).not.toBeNull();
    }
    expect((await new ProgressFile(stateDir).of('E1')).saves).toBeGreaterThanOrEqual(total);
  }
  // What was being written is no file of anybody; whoever comes next clears it away, and goes on.
  const judging = { judge: async () => ({ status: 'pass', tests: [] }) } as never;
  const { run } = await new Keeper({ root: folder, stateDir, origin: null }).judge(judging, exercise);
  expect(run).toBeGreaterThan(total);
  const names = await readdir(folder, { recursive: true });
  expect(names.filter((name) => /\.part$|unreadable/.test(name))).toEqual([]);
}

/** What the writer said until it was killed, `ms` after its first word: number of the save, number of the run. */
async function untilKilled(folder: string, from: number, ms: number): Promise<[n: string, run: string][]> {
  const modules = ['./atomic.ts', '../watch/keeping.ts', './work.ts'].map(url);
  const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER, folder, String(from), ...modules], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  await new Promise((resolve) => setTimeout(resolve, ms));
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('close', resolve));
  return text
    .split('\n')
    .slice(1, -1)
    .map((line) => line.split(' ') as [string, string]);
}
