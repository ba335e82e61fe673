/** What a wrong submission lacks, in words for whoever brings one: also a learner who sends a mistake that nobody saw. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Exercise } from '../exercise.ts';
import { readKills } from './kills.ts';
import { mainFile, type Submission } from './submissions.ts';

/** Stands in line 1 for a check that is not there yet. */
const UNKNOWN = '?';

/**
 * Every file of `wrong/` looked at by itself: what it must say, and the text that must be kept for it. Nothing is run.
 *
 * @param golden - false while the texts are being written.
 */
export async function wrongProblems(root: string, exercise: Exercise, golden: boolean = true): Promise<string[]> {
  const folder = join(root, exercise.folder);
  const names = (await readdir(join(folder, 'wrong')).catch(() => [])).filter((name) => !name.startsWith('.')).sort();
  const problems = names.map((name) => problemsOf(folder, exercise, name, golden));
  return (await Promise.all(problems)).flat();
}

async function problemsOf(folder: string, exercise: Exercise, entry: string, golden: boolean): Promise<string[]> {
  const main = mainFile(exercise);
  const place = `wrong/${entry}`;
  const isFolder = (await stat(join(folder, place))).isDirectory();
  if (!isFolder && !entry.endsWith('.ts'))
    return [`${place} is no submission: it is one file that ends in .ts, or a folder with ${main} in it`];
  const name = entry.replace(/\.ts$/, '');
  if (name === 'start') return [`${place} needs another name: golden/start.txt is the text of start/`];
  const file = isFolder ? `${place}/${main}` : place;
  if (!(await isThere(join(folder, file)))) return [`${file} is not there: it stands for the whole submission`];
  const { ids } = await readKills(join(folder, file));
  const checks = `The checks are ${exercise.checks.map((check) => `${check.id} (${check.title})`).join(', ')}.`;
  if (ids === null)
    return [
      `${file} must begin with "// kills: " and the checks that have to fail, as in "// kills: ${exercise.checks[0]?.id}". ${checks}`,
    ];
  if (ids.includes(UNKNOWN))
    return [
      `${file} asks for a check that is not there yet: write it in exercise.ts, and name it in line 1. ${checks}`,
    ];
  const order = exercise.checks.map((check) => check.id);
  const strange = ids.filter((id) => !order.includes(id));
  if (strange.length > 0)
    return [`${file} names ${strange.join(', ')}, which ${exercise.id} does not check. ${checks}`];
  const sorted = order.filter((id) => ids.includes(id));
  if (sorted.join(' ') !== ids.join(' '))
    return [
      `${file} names its checks as ${ids.join(' ')}: write "// kills: ${sorted.join(' ')}", each once, in the order of the checks`,
    ];
  if (golden && !(await isThere(join(folder, 'golden', `${name}.txt`))))
    return [
      `golden/${name}.txt is not there: npm run gate -- ${exercise.id} --golden writes what a learner reads; read it`,
    ];
  return [];
}

/** The difference between what a submission says and what failed, or an empty text. */
export function killsProblem(exercise: Exercise, { kind, name, fails }: Submission, failed: readonly string[]): string {
  if (fails.join(' ') === failed.join(' ')) return '';
  const who = kind === 'wrong' ? `wrong/${name}` : `the ${kind}`;
  if (kind !== 'wrong') return `${who} fails ${failed.join(' ') || 'nothing'}, and exercise.ts says ${fails.join(' ')}`;
  if (failed.length === 0)
    return `${who} passes: no check of ${exercise.id} sees its mistake. Make one see it, on which solution/ and alt/ still pass`;
  return `${who} fails ${failed.join(' ')}: line 1 ${fails.length === 0 ? 'names none of them' : `says ${fails.join(' ')}`}. If that is its mistake and no other, write "// kills: ${failed.join(' ')}"`;
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
