import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What one suite leaves when it ends, in the folder that `INTERLEAVE_REPORTS` names. */
export interface SuiteRecord {
  /** `wire`, `edge`, `workshops`; `root` for the project's own. */
  readonly package: string;
  /** The script of its package.json: `types`, `test`, `test:deno`, `e2e` … */
  readonly task: string;
  readonly code: number;
  readonly ms: number;
  /** Null where the exit code is all there is: types and lint. */
  readonly tests: TestCounts | null;
}

/** What a test runner counted, with the names that a person wants to know. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly skippedNames: readonly string[];
  readonly failedNames: readonly string[];
}

/** File name of a suite's record: no colon, which Windows forbids. */
export function recordName(packageName: string, task: string): string {
  return `${packageName}.${task.replaceAll(':', '-')}.record.json`;
}

/** Written whole: the one who waits for it looks at the folder all the time. */
export async function writeRecord(folder: string, record: SuiteRecord): Promise<void> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, recordName(record.package, record.task));
  await writeFile(`${path}.part`, JSON.stringify(record));
  await rename(`${path}.part`, path);
}

/** All records that are there by now. */
export async function readRecords(folder: string): Promise<SuiteRecord[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.record.json'));
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8')) as SuiteRecord));
}
