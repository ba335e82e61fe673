import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ka2 } from '../testing/ka2.ts';
import { killsProblem, wrongProblems } from './wrong.ts';

const exercise = await ka2();

describe('a wrong submission, before it is run', () => {
  let root: string;
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(root, exercise.folder, path)), { recursive: true });
    await writeFile(join(root, exercise.folder, path), text);
  };
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'wrong-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('lacks nothing when it names its checks in order and its text is kept', async () => {
    await write('wrong/closes.ts', '// kills: KA2-1 KA2-C\n');
    await write('golden/closes.txt', '✗ KA2-1');
    await write('wrong/two-files/http1/server.ts', '// kills: KA2-2\n');
    await write('golden/two-files.txt', '✗ KA2-2');
    expect(await wrongProblems(root, exercise)).toEqual([]);
  });

  it.each([
    ['mine.ts', 'export async function serve() {}', 'wrong/mine.ts must begin with "// kills: "'],
    ['mine.ts', 'export async function serve() {}', 'KA2-1 (three exchanges, one after another, on one connection)'],
    ['mine.ts', '// kills: ?', 'asks for a check that is not there yet'],
    ['mine.ts', '// kills: KA2-1 KA2-9', 'names KA2-9, which KA2 does not check'],
    ['mine.ts', '// kills: KA2-3 KA2-1', 'write "// kills: KA2-1 KA2-3"'],
    ['mine.ts', '// kills: KA2-1 KA2-1', 'write "// kills: KA2-1"'],
    ['mine.ts', '// kills: KA2-1', 'golden/mine.txt is not there: npm run gate -- KA2 --golden writes'],
    ['start.ts', '// kills: KA2-1', 'needs another name'],
    ['server.js', '// kills: KA2-1', 'wrong/server.js is no submission'],
    ['mine/server.ts', '// kills: KA2-1', 'wrong/mine/http1/server.ts is not there'],
  ])('%s with %j: %s', async (name, text, problem) => {
    await write(`wrong/${name}`, text);
    expect(await wrongProblems(root, exercise)).toEqual([expect.stringContaining(problem)]);
  });

  it('needs no kept text while the texts are being written', async () => {
    await write('wrong/mine.ts', '// kills: KA2-1');
    expect(await wrongProblems(root, exercise, false)).toEqual([]);
  });
});

describe('a wrong submission that was run', () => {
  const wrong = (...fails: string[]): Parameters<typeof killsProblem>[1] => ({
    kind: 'wrong',
    name: 'mine',
    overlay: {},
    fails,
  });

  it('is right about itself, or hears what failed', () => {
    expect(killsProblem(exercise, wrong('KA2-1'), ['KA2-1'])).toBe('');
    expect(killsProblem(exercise, wrong('KA2-1'), [])).toContain('no check of KA2 sees its mistake');
    expect(killsProblem(exercise, wrong(), ['KA2-3'])).toContain('line 1 names none of them');
    expect(killsProblem(exercise, wrong('KA2-1'), ['KA2-1', 'KA2-3'])).toContain('write "// kills: KA2-1 KA2-3"');
    expect(killsProblem(exercise, { ...wrong('KA2-1'), kind: 'start' }, [])).toBe(
      'the start fails nothing, and exercise.ts says KA2-1',
    );
  });
});
