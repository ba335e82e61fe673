import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Exercise } from '../exercise.ts';
import { createOnce, writeAtomic } from './atomic.ts';
import { Attempts, KEPT_FAILING } from './attempts.ts';
import { ProgressFile } from './progress.ts';
import { Runs } from './runs.ts';
import { bringWork, makeWork, readWork, resetWork } from './work.ts';

const first = exercise(
  'E1',
  'workshops/1',
  [{ path: 'http1/server.ts', start: 'start/server.ts', exports: ['serve'] }],
  [],
);
const second = exercise('E2', 'workshops/2', [{ path: 'http1/server.ts', start: null, exports: ['serve'] }], ['E1']);

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'judge-state-'));
  await put('workshops/1/start/server.ts', 'start');
  await put('workshops/1/solution/http1/server.ts', 'model');
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('the learner’s files', () => {
  it('are made from the start, and never again', async () => {
    expect(await makeWork(root, first, [first])).toEqual(['http1/server.ts']);
    await put('work/http1/server.ts', 'mine');
    expect(await makeWork(root, first, [first])).toEqual([]);
    expect(await readWork(root, first)).toEqual(new Map([['http1/server.ts', 'mine']]));
  });

  it('stand beside what an editor has to know, which is the learner’s own once it is there', async () => {
    await makeWork(root, first, [first]);
    expect(await readdir(join(root, 'work'))).toEqual(['http1']);
    await put('workshops/tsconfig.work.json', '{}');
    await makeWork(root, first, [first]);
    expect(JSON.parse(await readFile(join(root, 'work/tsconfig.json'), 'utf8'))).toEqual({
      extends: '../workshops/tsconfig.work.json',
      include: ['**/*.ts'],
    });
    await put('work/tsconfig.json', '{ "mine": true }');
    await makeWork(root, first, [first]);
    expect(await readFile(join(root, 'work/tsconfig.json'), 'utf8')).toBe('{ "mine": true }');
  });

  it('come from the model of a skipped step', async () => {
    await makeWork(root, second, [first, second]);
    expect(await readFile(join(root, 'work/http1/server.ts'), 'utf8')).toBe('model');
  });

  it('make room for the model of a skipped step as long as nobody has written in any of them', async () => {
    const both = [
      { path: 'http1/server.ts', start: null, exports: ['serve'] },
      { path: 'http1/more.ts', start: null, exports: [] },
    ];
    const third = exercise('E3', 'workshops/3', both, ['E1']);
    await put('workshops/1/solution/http1/more.ts', 'more');
    await makeWork(root, first, [first, third]);
    await bringWork(root, third, [first, third]);
    const work = { 'http1/server.ts': 'model', 'http1/more.ts': 'more' };
    expect(await readWork(root, third)).toEqual(new Map(Object.entries(work)));

    await put('work/http1/server.ts', 'start');
    await put('work/http1/more.ts', 'mine');
    await bringWork(root, third, [first, third]);
    expect(await readWork(root, third)).toEqual(
      new Map(Object.entries({ 'http1/server.ts': 'start', 'http1/more.ts': 'mine' })),
    );
  });

  it('are not taken back by an earlier step', async () => {
    await put('work/http1/server.ts', 'model');
    await put('workshops/2/solution/http1/server.ts', 'model of the second');
    await bringWork(root, first, [first, second]);
    expect(await readWork(root, first)).toEqual(new Map([['http1/server.ts', 'model']]));
  });

  it('go back to the start only when asked', async () => {
    await put('work/http1/server.ts', 'mine');
    await resetWork(root, first, [first]);
    expect(await readFile(join(root, 'work/http1/server.ts'), 'utf8')).toBe('start');
  });
});

describe('createOnce', () => {
  it('lets exactly one of many writers win, and leaves nothing behind', async () => {
    const path = join(root, 'one');
    const made = await Promise.all(Array.from({ length: 20 }, (_, i) => createOnce(path, String(i))));
    expect(made.filter(Boolean)).toHaveLength(1);
    expect(await readFile(path, 'utf8')).toBe(String(made.indexOf(true)));
    expect((await readdir(root)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });
});

describe('Attempts', () => {
  it('keeps equal saves once, and a passing one for ever', async () => {
    const attempts = new Attempts(root);
    const good = await attempts.keep('E1', new Map([['a.ts', 'good']]));
    await attempts.judged('E1', good.id, true, 1);
    for (let i = 0; i < KEPT_FAILING + 20; i++) {
      const attempt = await attempts.keep('E1', new Map([['a.ts', `bad ${i}`]]));
      await attempts.judged('E1', attempt.id, false, i + 2);
    }
    const again = await attempts.keep('E1', new Map([['a.ts', 'good']]));
    expect(again.id).toBe(good.id);
    await attempts.judged('E1', good.id, false, 999);
    // A second process sees the same, from the files alone.
    const list = await new Attempts(root).list('E1');
    expect(list.filter((a) => a.passed)).toEqual([{ id: good.id, hash: good.hash, passed: true, run: 1 }]);
    expect(list.length).toBeLessThanOrEqual(KEPT_FAILING + 2);
    expect((await new Attempts(root).lastPassing('E1'))?.id).toBe(good.id);
  });
});

describe('Runs', () => {
  it('gives each number once, among processes too', async () => {
    const runs = Array.from({ length: 10 }, () => new Runs(root));
    const numbers = await Promise.all(runs.map((r) => r.begin()));
    expect([...numbers].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('reads back what was stored, and null for what never ended', async () => {
    const runs = new Runs(root);
    const run = await runs.begin();
    expect(await runs.read(run)).toBeNull();
    const result = {
      version: 3,
      exercise: 'E1',
      status: 'pass',
      host: 'node',
      startedAt: '2026-01-01T00:00:00Z',
      ms: 1,
      tests: [],
    } as const;
    await runs.store(run, result, 'x');
    expect(await runs.read(run)).toEqual({ run, attempt: 'x', result });
  });
});

describe('ProgressFile', () => {
  it('loses no change of many at once', async () => {
    const file = new ProgressFile(root);
    await Promise.all(
      Array.from({ length: 20 }, () => file.updateExercise('E1', (p) => ({ ...p, saves: p.saves + 1 }))),
    );
    expect((await file.of('E1')).saves).toBe(20);
  });

  it('puts a file aside that is not its own', async () => {
    await writeFile(join(root, 'state.json'), '{ "mine": true');
    expect(await new ProgressFile(root).read()).toEqual({ version: 1, current: null, exercises: {} });
    expect((await readdir(root)).some((name) => name.endsWith('.unreadable'))).toBe(true);
  });

  it('is whole after SIGKILL at any moment', async () => {
    const path = join(root, 'killed.json');
    await writeAtomic(path, JSON.stringify({ n: 0, pad: '' }));
    const script = `
      import { writeAtomic } from ${JSON.stringify(new URL('./atomic.ts', import.meta.url).href)};
      console.log('go');
      for (let n = 1; ; n++) await writeAtomic(${JSON.stringify(path)}, JSON.stringify({ n, pad: 'x'.repeat(20000) }));`;
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, 3 * round));
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('exit', resolve));
      expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ n: expect.any(Number) });
    }
  });
});

async function put(path: string, text: string): Promise<void> {
  await mkdir(join(root, path, '..'), { recursive: true });
  await writeFile(join(root, path), text);
}

function exercise(id: string, folder: string, files: Exercise['files'], buildsOn: string[]): Exercise {
  return {
    id,
    folder,
    files,
    buildsOn,
    track: 'keep-alive',
    title: id,
    idea: '',
    minutes: 1,
    contract: '',
    checks: [],
    startFails: [],
  };
}
