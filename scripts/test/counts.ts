import type { TestCounts } from './records.ts';

interface VitestJson {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

interface PlaywrightSuite {
  readonly title: string;
  readonly suites?: readonly PlaywrightSuite[];
  readonly specs?: readonly {
    readonly title: string;
    readonly tests: readonly { readonly status: 'expected' | 'unexpected' | 'flaky' | 'skipped' }[];
  }[];
}

interface PlaywrightJson {
  readonly suites: readonly PlaywrightSuite[];
  readonly errors: readonly { readonly message?: string }[];
}

/** Counts of vitest's `json` reporter. A file that could not even be loaded counts as one failure. */
export function vitestCounts(report: VitestJson): TestCounts {
  const tally = new Tally();
  for (const file of report.testResults) {
    for (const { fullName, status } of file.assertionResults) tally.add(status, fullName);
    if (file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed')) {
      tally.add('failed', `${file.name} could not be run`);
    }
  }
  return tally.counts();
}

/** Counts of Playwright's `json` reporter. A test that passed only when it was repeated counts as failed. */
export function playwrightCounts(report: PlaywrightJson): TestCounts {
  const tally = new Tally();
  const visit = (suite: PlaywrightSuite, path: readonly string[]): void => {
    const here = [...path, suite.title].filter(Boolean);
    for (const inner of suite.suites ?? []) visit(inner, here);
    for (const spec of suite.specs ?? []) {
      for (const { status } of spec.tests) {
        tally.add(status === 'expected' ? 'passed' : status, [...here, spec.title].join(' › '));
      }
    }
  };
  for (const suite of report.suites) visit(suite, []);
  for (const error of report.errors)
    tally.add('failed', error.message?.split('\n')[0] ?? 'an error outside of the tests');
  return tally.counts();
}

class Tally {
  #passed = 0;
  readonly #failed: string[] = [];
  readonly #skipped: string[] = [];

  add(status: string, name: string): void {
    if (status === 'passed') this.#passed++;
    else if (status === 'skipped' || status === 'pending' || status === 'todo' || status === 'disabled') {
      this.#skipped.push(name);
    } else this.#failed.push(name);
  }

  counts(): TestCounts {
    return {
      passed: this.#passed,
      failed: this.#failed.length,
      skipped: this.#skipped.length,
      failedNames: this.#failed,
      skippedNames: this.#skipped,
    };
  }
}
