/** The exact text that a learner sees for the start and each wrong submission. `GOLDEN=write` writes them anew. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Exercise } from '../exercise.ts';
import { renderFailure } from '../report/failure.ts';
import type { CheckResult } from '../result.ts';

/** The failure that is shown: of the first check that fails, in teaching order. */
export function shownMessage(results: readonly CheckResult[]): string {
  const first = results.find((result) => result.status === 'fail');
  if (first?.failure === undefined) return 'Nothing failed.\n';
  return `${renderFailure(first.failure, { id: first.checkId, title: first.title })}\n`;
}

/** The kept text, or null when it was never written. In writing mode it is written first. */
export async function golden(root: string, exercise: Exercise, name: string, shown: string): Promise<string | null> {
  const path = join(root, exercise.folder, 'golden', `${name}.txt`);
  if (process.env.GOLDEN === 'write') {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, shown);
  }
  return readFile(path, 'utf8').catch(() => null);
}
