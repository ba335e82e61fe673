import { describe, expect, it } from 'vitest';
import { playwrightCounts, vitestCounts } from './counts.ts';

describe('counts of vitest', () => {
  const file = (status: string, ...tests: [fullName: string, status: string][]) => ({
    name: 'a.test.ts',
    status,
    assertionResults: tests.map(([fullName, status]) => ({ fullName, status })),
  });

  it('adds up over files', () => {
    const report = {
      testResults: [
        file(
          'passed',
          ['one', 'passed'],
          ['two', 'passed'],
          ['three', 'skipped'],
          ['four', 'pending'],
          ['five', 'todo'],
        ),
        file('failed', ['six', 'failed'], ['seven', 'passed']),
      ],
    };
    expect(vitestCounts(report)).toEqual({
      passed: 3,
      failed: 1,
      skipped: 3,
      failedNames: ['six'],
      skippedNames: ['three', 'four', 'five'],
    });
  });

  it('counts a file that could not be loaded as a failure', () => {
    expect(vitestCounts({ testResults: [file('failed')] })).toMatchObject({ passed: 0, failed: 1 });
  });

  it('counts a word that it does not know as a failure', () => {
    expect(vitestCounts({ testResults: [file('passed', ['one', 'exploded'])] })).toMatchObject({ failed: 1 });
  });
});

describe('counts of Playwright', () => {
  const spec = (title: string, status: 'expected' | 'unexpected' | 'flaky' | 'skipped') => ({
    title,
    tests: [{ status }],
  });

  it('adds up over nested suites, and takes a flaky test for a failed one', () => {
    const report = {
      suites: [
        {
          title: 'a.spec.ts',
          specs: [spec('one', 'expected'), spec('two', 'flaky')],
          suites: [{ title: 'inner', specs: [spec('three', 'unexpected'), spec('four', 'skipped')] }],
        },
      ],
      errors: [],
    };
    expect(playwrightCounts(report)).toEqual({
      passed: 1,
      failed: 2,
      skipped: 1,
      failedNames: ['a.spec.ts › inner › three', 'a.spec.ts › two'],
      skippedNames: ['a.spec.ts › inner › four'],
    });
  });

  it('counts an error outside of the tests as a failure', () => {
    expect(playwrightCounts({ suites: [], errors: [{ message: 'no tests found\nat …' }] })).toMatchObject({
      failed: 1,
      failedNames: ['no tests found'],
    });
  });
});
