import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ka2 } from '../testing/ka2.ts';
import { parseKills } from './kills.ts';
import { killMatrix } from './matrix.ts';

const exercise = await ka2();
const project = join(import.meta.dirname, '../../../..');

describe('parseKills', () => {
  it('reads the checks of the first line and the mistake below it', () => {
    expect(parseKills('// kills: KA2-1, KA2-3  KA2-C\r\n// Closes early.\r\n')).toEqual({
      ids: ['KA2-1', 'KA2-3', 'KA2-C'],
      mistake: 'Closes early.',
    });
    expect(parseKills('// kills: KA2-1\nimport x from "y";')).toEqual({ ids: ['KA2-1'], mistake: null });
  });

  it.each(['', '// kills:', '// kills: ', '/* kills: KA2-1 */', ' // kills: KA2-1'])(
    'finds no checks in %j',
    (text) => {
      expect(parseKills(text).ids).toBeNull();
    },
  );
});

describe('killMatrix', () => {
  let root: string;
  const folder = (): string => join(root, exercise.folder);
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'matrix-'));
    for (const part of ['start', 'solution'])
      await cp(join(project, exercise.folder, part), join(folder(), part), { recursive: true });
    for (const part of ['wrong', 'alt', 'golden']) await mkdir(join(folder(), part));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('is what the files say, and nothing else', async () => {
    await writeFile(join(folder(), 'wrong/one.ts'), '// kills: KA2-1 KA2-3\n// Does one thing.\n');
    await writeFile(join(folder(), 'wrong/two.ts'), '// kills: KA2-3\n');
    await writeFile(join(folder(), 'wrong/notes.txt'), 'no submission');
    await writeFile(join(folder(), 'alt/other.ts'), '');
    await writeFile(join(folder(), 'golden/one.txt'), '✗ KA2-1\n');
    const matrix = await killMatrix(root, exercise);
    expect(matrix.rows).toEqual([
      { kind: 'start', name: 'start', mistake: null, fails: exercise.startFails, golden: null },
      { kind: 'wrong', name: 'one', mistake: 'Does one thing.', fails: ['KA2-1', 'KA2-3'], golden: '✗ KA2-1\n' },
      { kind: 'wrong', name: 'two', mistake: null, fails: ['KA2-3'], golden: null },
    ]);
    expect(matrix.alternatives).toEqual(['other']);
    expect(matrix.unkilled).toEqual(
      exercise.checks.map(({ id }) => id).filter((id) => id !== 'KA2-1' && id !== 'KA2-3'),
    );
    expect(matrix.problem).toBeNull();
  });

  it('says what a folder lacks that somebody is at work on', async () => {
    await rm(join(folder(), 'solution'), { recursive: true });
    const matrix = await killMatrix(root, exercise);
    expect(matrix.problem).toContain('holds none of the files of KA2');
    expect(matrix.unkilled).toEqual(exercise.checks.map(({ id }) => id));
  });
});
