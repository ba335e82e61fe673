import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Exercise } from '../../packages/judge/src/exercise.ts';
import {
  answerLines,
  loadExercises,
  submissionsOf,
  textProblems,
  unkilled,
} from '../../packages/judge/src/gate/mod.ts';
import { closeHosts, judgeRaw } from '../../packages/judge/src/hosts/judge-raw.ts';
import { root as project } from '../architecture/files.ts';
import { makeExercise } from './make.ts';
import { readOrder } from './order.ts';

const FOLDER = 'workshops/2-pipelining/7-name';
const none = { folders: [], ids: new Map<string, string>() };

describe('what a new exercise is asked for with', () => {
  it.each([
    [['workshops/2-pipelining/7-name', 'PL7'], 'A folder, an id and a title are needed'],
    [['workshops/2-pipelining/7-name', 'PL7', 'Two', 'words'], 'Put the title in quotes'],
    [['pipelining/7-name', 'PL7', 'T'], 'is no folder of an exercise'],
    [['workshops/2-pipelining/../7-name', 'PL7', 'T'], 'is no folder of an exercise'],
    [['workshops/2-pipelining/name', 'PL7', 'T'], 'is no folder of an exercise'],
    [['workshops/9-other/7-name', 'PL7', 'T'], 'There is no track other'],
    [['workshops/2-pipelining/7-name', 'PL-7', 'T'], 'PL-7 is no id'],
  ])('%j is refused', (args, words) => {
    expect(() => readOrder(args, none)).toThrow(words);
  });

  it('must be free: folder, number and id', () => {
    const taken = {
      folders: ['workshops/2-pipelining/7-other'],
      ids: new Map([['PL8', 'workshops/2-pipelining/8-x']]),
    };
    expect(() => readOrder([FOLDER, 'PL7', 'T'], taken)).toThrow('7-other is number 7 of its track already');
    expect(() => readOrder(['workshops/2-pipelining/9-x', 'PL8', 'T'], taken)).toThrow('PL8 is the id of');
    expect(readOrder(['./workshops/1-keep-alive/7-name/', 'PL7', ' T '], taken)).toEqual({
      folder: 'workshops/1-keep-alive/7-name',
      track: 'keep-alive',
      id: 'PL7',
      title: 'T',
      file: 'name',
    });
  });
});

describe('what is made', { timeout: 60_000 }, () => {
  let root: string;
  let exercise: Exercise;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'new exercise '));
    await mkdir(join(root, 'workshops'));
    await writeFile(join(root, 'package.json'), '{"type":"module"}');
    for (const name of ['node_modules', 'contract.ts'])
      await symlink(join(project, 'workshops', name), join(root, 'workshops', name));
    await makeExercise(root, [FOLDER, 'PL7', "What the learner's server does"]);
    exercise = (await loadExercises(root))[0] as Exercise;
  });
  afterAll(async () => {
    await closeHosts();
    await rm(root, { recursive: true, force: true });
  });

  it('loads as an exercise', () => {
    expect(exercise).toMatchObject({ id: 'PL7', track: 'pipelining', folder: FOLDER });
    expect(exercise.title).toBe("What the learner's server does");
    expect(exercise.files.map(({ path }) => path)).toEqual(['http1/name.ts']);
  });

  it('fails and passes where it says', async () => {
    const submissions = await submissionsOf(root, exercise);
    expect(submissions.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'start start',
      'solution solution',
      'alt each-chunk',
      'alt pipe-through',
      'wrong no-body',
    ]);
    for (const { kind, name, overlay, fails } of submissions) {
      const results = await judgeRaw(exercise, '', { host: 'node', overlay });
      const failed = results.filter(({ status }) => status === 'fail').map(({ checkId }) => checkId);
      expect(failed, `${kind} ${name}`).toEqual(fails);
    }
    expect(
      unkilled(
        exercise,
        submissions.filter(({ kind }) => kind === 'wrong'),
      ),
    ).toEqual([]);
  });

  it('lacks only what its author has to say, and the gate names each place', async () => {
    const answer = await answerLines([join(root, FOLDER, 'solution/http1/name.ts')]);
    const problems = await textProblems(root, exercise, answer);
    expect(problems.map((problem) => problem.replace(/:.*/, ''))).toEqual([
      'exercise.ts',
      'exercise.ts',
      'README.md',
      'README.md',
      'hints.md',
      'hints.md',
      'hints.md',
    ]);
    for (const problem of problems) expect(problem).toMatch(/^[\w.]+:\d+ still says what to replace: \S/);
  });

  it('keeps the types and the style of the project', async () => {
    const config = {
      extends: join(project, 'workshops/tsconfig.learner.json'),
      compilerOptions: { paths: { contract: [join(project, 'workshops/contract.ts')] } },
      include: ['start', 'solution', 'alt', 'wrong'].map((part) => `*/*/${part}/**/*.ts`),
    };
    await writeFile(join(root, 'workshops/tsconfig.json'), JSON.stringify(config));
    const run = (script: string, ...args: string[]): string => {
      const { stdout, stderr, status } = spawnSync(process.execPath, [join(project, 'node_modules', script), ...args], {
        cwd: root,
        encoding: 'utf8',
      });
      return status === 0 ? '' : stdout + stderr;
    };
    expect(run('typescript/bin/tsc', '-p', 'workshops')).toBe('');
    const style = ['--vcs-enabled=false', `--config-path=${project}`, 'workshops/2-pipelining'];
    expect(run('@biomejs/biome/bin/biome', 'ci', ...style)).toBe('');
  });

  it('is never written over', async () => {
    const path = join(root, FOLDER, 'exercise.ts');
    const before = await readFile(path, 'utf8');
    await expect(makeExercise(root, [FOLDER, 'PL9', 'Again'])).rejects.toThrow('is number 7 of its track already');
    expect(await readFile(path, 'utf8')).toBe(before);
  });
});
