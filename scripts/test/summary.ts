import type { LeftOut, Suite } from './plan.ts';
import type { SuiteRecord, TestCounts } from './records.ts';

/** Everything that a run of `npm test` came to. */
export interface Outcome {
  readonly suites: readonly Suite[];
  readonly records: readonly SuiteRecord[];
  readonly leftOut: readonly LeftOut[];
  /** True where a suite or the vectors must not be missing (`VECTORS_REQUIRED`). */
  readonly complete: boolean;
  /** Why tests that need the vectors skipped themselves; null when the vectors are there. */
  readonly noVectors: string | null;
}

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Tests are counted by their runners; a suite without tests of its own (types, lint) counts as one. */
export function countsOf(record: SuiteRecord): TestCounts {
  const { tests, code } = record;
  if (tests === null) {
    const failed = code === 0 ? 0 : 1;
    return { passed: 1 - failed, failed, skipped: 0, failedNames: [], skippedNames: [] };
  }
  if (code === 0 || tests.failed > 0) return tests;
  // No test failed and yet the runner did: an error outside of the tests, or a worker that died.
  return { ...tests, failed: 1, failedNames: [`the runner itself, with exit code ${code}`] };
}

/** What is to be counted as the whole: also suites that left no record, and those that were left out. */
export function totals({ suites, records, leftOut, complete, noVectors }: Outcome): Totals {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const record of records) {
    const { passed, failed, skipped } = countsOf(record);
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
  }
  sum.failed += missing(suites, records).length;
  if (complete) sum.failed += leftOut.length + (noVectors === null ? 0 : 1);
  else sum.skipped += leftOut.length;
  return sum;
}

/** Suites that were to run and left nothing: something ended them. */
export function missing(suites: readonly Suite[], records: readonly SuiteRecord[]): Suite[] {
  return suites.filter(
    (suite) => !records.some((record) => record.package === suite.package && record.task === suite.task),
  );
}

/** One line for a suite that has ended. */
export function suiteLine(suite: Suite, record: SuiteRecord): string {
  const { passed, failed, skipped } = countsOf(record);
  const seconds = `${(record.ms / 1000).toFixed(1)} s`;
  const numbers =
    record.tests === null
      ? ''
      : [`${passed} passed`, failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`]
          .filter(Boolean)
          .join(', ');
  return `  ${failed > 0 ? 'failed' : 'ok    '}  ${suite.title.padEnd(28)} ${numbers.padEnd(28)} ${seconds.padStart(8)}`;
}

const NAMES_SHOWN = 12;

/** What failed, what was skipped and why, and the closing line, which stands alone. */
export function closing(outcome: Outcome): string {
  const { suites, records, leftOut, complete, noVectors } = outcome;
  const lines: string[] = [];
  const failed = [
    ...records.flatMap((record) => named(suites, record, countsOf(record).failedNames, countsOf(record).failed > 0)),
    ...missing(suites, records).map((suite) => `${suite.title}: it left no result`),
    ...(complete ? leftOut.map(({ suite, why }) => `${suite.title}: not run, because ${why}`) : []),
    ...(complete && noVectors !== null ? [`the vectors, which must be there: ${noVectors}`] : []),
  ];
  if (failed.length > 0) lines.push('', '  Failed', ...failed.map((line) => `    ${line}`));
  const skipped = [
    ...(complete ? [] : leftOut.map(({ suite, why }) => `${suite.title}: ${why}`)),
    ...records.flatMap((record) => named(suites, record, countsOf(record).skippedNames, false)),
  ];
  if (skipped.length > 0) {
    lines.push('', '  Skipped', ...skipped.map((line) => `    ${line}`));
    if (noVectors !== null && !complete) lines.push(`    Tests that read vectors skip themselves: ${noVectors}`);
  }
  const sum = totals(outcome);
  lines.push('', `${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}`);
  return `${lines.join('\n')}\n`;
}

function named(
  suites: readonly Suite[],
  record: SuiteRecord,
  names: readonly string[],
  evenWithoutNames: boolean,
): string[] {
  const suite = suites.find(({ package: name, task }) => name === record.package && task === record.task);
  const title = suite?.title ?? `${record.package} ${record.task}`;
  if (names.length === 0) return evenWithoutNames ? [title] : [];
  const shown = names.slice(0, NAMES_SHOWN).map((name) => `${title}: ${name}`);
  if (names.length > NAMES_SHOWN) shown.push(`${title}: and ${names.length - NAMES_SHOWN} more`);
  return shown;
}
