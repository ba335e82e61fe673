import { describe, expect, it } from 'vitest';
import type { Suite } from './plan.ts';
import type { SuiteRecord } from './records.ts';
import { closing, type Outcome, suiteLine, totals } from './summary.ts';

const suite = (name: string, task: Suite['task']): Suite => ({
  package: name,
  task,
  turbo: '',
  title: `${name} ${task}`,
});
const record = (name: string, task: string, code: number, tests: SuiteRecord['tests']): SuiteRecord => ({
  package: name,
  task,
  code,
  ms: 1200,
  tests,
});
const counts = (passed: number, failed = 0, skipped: string[] = []) => ({
  passed,
  failed,
  skipped: skipped.length,
  skippedNames: skipped,
  failedNames: Array.from({ length: failed }, (_, index) => `test ${index}`),
});
const outcome = (more: Partial<Outcome>): Outcome => ({
  suites: [],
  records: [],
  leftOut: [],
  complete: false,
  noVectors: null,
  ...more,
});
const lastLine = (text: string): string | undefined => text.trimEnd().split('\n').at(-1);

describe('the closing line', () => {
  it('adds up the runners, and counts a suite without tests as one', () => {
    const text = closing(
      outcome({
        suites: [suite('wire', 'test'), suite('wire', 'types')],
        records: [record('wire', 'test', 0, counts(41)), record('wire', 'types', 0, null)],
      }),
    );
    expect(lastLine(text)).toBe('42 passed, 0 failed');
  });

  it('counts a suite that left nothing', () => {
    const text = closing(outcome({ suites: [suite('wire', 'test')] }));
    expect(lastLine(text)).toBe('0 passed, 1 failed');
    expect(text).toContain('wire test: it left no result');
  });

  it('counts a runner that failed although no test did', () => {
    const text = closing(outcome({ suites: [suite('wire', 'test')], records: [record('wire', 'test', 1, counts(3))] }));
    expect(lastLine(text)).toBe('3 passed, 1 failed');
    expect(text).toContain('exit code 1');
  });

  it('names what was skipped, and why', () => {
    const text = closing(
      outcome({
        suites: [suite('wire', 'test')],
        records: [record('wire', 'test', 0, counts(3, 0, ['hpack stories']))],
        leftOut: [{ suite: suite('lab', 'e2e'), why: 'there is no Chromium' }],
        noVectors: 'there is no folder',
      }),
    );
    expect(lastLine(text)).toBe('3 passed, 0 failed, 2 skipped');
    expect(text).toContain('lab e2e: there is no Chromium');
    expect(text).toContain('wire test: hpack stories');
    expect(text).toContain('there is no folder');
  });

  it('takes nothing for skipped where everything must run', () => {
    const left = outcome({
      leftOut: [{ suite: suite('lab', 'e2e'), why: 'there is no Chromium' }],
      complete: true,
      noVectors: 'there is no folder',
    });
    expect(totals(left)).toEqual({ passed: 0, failed: 2, skipped: 0 });
    expect(closing(left)).toContain('lab e2e: not run, because there is no Chromium');
  });
});

describe('the line of a suite', () => {
  it('says whether it held, and its numbers', () => {
    expect(suiteLine(suite('wire', 'test'), record('wire', 'test', 0, counts(3)))).toMatch(
      /^ {2}ok .*3 passed .* 1\.2 s$/,
    );
    expect(suiteLine(suite('wire', 'types'), record('wire', 'types', 2, null))).toMatch(/^ {2}failed /);
  });
});
