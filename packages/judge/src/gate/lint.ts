/** What a text for learners must keep: short, with its rule, and never the answer. Each function gives the problems it found. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Exercise } from '../exercise.ts';
import { COLUMNS, MAX_LINES } from '../report/failure.ts';
import { parseHints, RUNGS } from '../report/hints.ts';
import type { CheckResult } from '../result.ts';

/** Lines of code shorter than this are nobody's answer: `}` or `return;`. */
const TELLING = 24;
const README_LINES = 45;

/** Lines of the model answer that give something away. */
export async function answerLines(files: readonly string[]): Promise<Set<string>> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const lines = texts.flatMap((text) => text.split('\n')).map((line) => line.trim());
  return new Set(lines.filter((line) => line.length >= TELLING && !/^(\/\/|\/?\*|import|export|type )/.test(line)));
}

/** A failure's rendered text. */
export function messageProblems(result: CheckResult, message: string, answer: ReadonlySet<string>): string[] {
  const problems: string[] = [];
  const lines = message.split('\n');
  if (lines.length > MAX_LINES) problems.push(`${lines.length} lines; ${MAX_LINES} at most`);
  for (const line of lines) if ([...line].length > COLUMNS) problems.push(`wider than ${COLUMNS} columns: ${line}`);
  const spec = result.failure?.spec.text ?? result.spec.text;
  if (result.failure?.expected !== undefined && !message.includes(spec)) problems.push(`the rule ${spec} is not in it`);
  // The learner's own line may well be right; it is theirs.
  const own = result.failure?.at[0]?.text.trim();
  for (const line of lines.map((text) => text.trim())) {
    if (line !== own && answer.has(line)) problems.push(`holds a line of the model answer: ${line}`);
  }
  return problems;
}

/** `README.md` and `hints.md` of an exercise. */
export async function textProblems(root: string, exercise: Exercise, answer: ReadonlySet<string>): Promise<string[]> {
  const problems: string[] = [];
  const read = (name: string): Promise<string> => readFile(join(root, exercise.folder, name), 'utf8').catch(() => '');
  const readme = await read('README.md');
  if (readme.trim() === '') problems.push('README.md is not there');
  if (readme.split('\n').length > README_LINES)
    problems.push(`README.md is longer than one screen (${README_LINES} lines)`);
  if (!/[␍␊]|```/.test(readme)) problems.push('README.md has no worked exchange of bytes');
  const hintText = await read('hints.md');
  for (const name of ['exercise.ts', 'README.md', 'hints.md']) problems.push(...placeholders(name, await read(name)));
  const hints = parseHints(hintText);
  for (const check of exercise.checks) {
    const rungs = hints.get(check.id) ?? [];
    if (rungs.length !== RUNGS)
      problems.push(`hints.md has ${rungs.length} rungs for ${check.id}; ${RUNGS} are needed`);
    if (rungs[0] !== undefined && !rungs[0].includes('?')) problems.push(`the first rung of ${check.id} asks nothing`);
  }
  for (const id of hints.keys())
    if (!exercise.checks.some((check) => check.id === id)) problems.push(`hints.md speaks of ${id}, which is no check`);
  for (const [name, text] of [
    ['README.md', readme],
    ['hints.md', hintText],
  ] as const) {
    for (const line of text.split('\n').map((l) => l.trim()))
      if (answer.has(line)) problems.push(`${name} holds a line of the model answer: ${line}`);
  }
  return problems;
}

/** What `npm run new-exercise` left for the author to say. */
function placeholders(name: string, text: string): string[] {
  const lines = text
    .split('\n')
    .map((line, i) => ({ at: `${name}:${i + 1}`, what: /Replace this: (.*)/.exec(line)?.[1] }));
  return lines.flatMap(({ at, what }) => (what === undefined ? [] : [`${at} still says what to replace: ${what}`]));
}

/** Each check must be failed by a kept wrong submission, or nobody knows that it can fail. Smoke checks guard the hosts. */
export function unkilled(exercise: Exercise, wrongs: readonly { readonly fails: readonly string[] }[]): string[] {
  const killed = new Set(wrongs.flatMap((wrong) => wrong.fails));
  return exercise.checks.filter((check) => check.judge !== 'smoke' && !killed.has(check.id)).map((check) => check.id);
}
