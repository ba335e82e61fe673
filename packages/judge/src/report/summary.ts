/** The verdict in a few lines: every check with its sign, and how many pass. */
import { clip, duration } from '@interleave/trace/look';
import type { CheckResult, RunResult } from '../result.ts';

/** A sign and a word for each status, so that neither colour nor shape is needed alone. */
export const STATUS: Readonly<Record<CheckResult['status'], { readonly sign: string; readonly word: string }>> = {
  pass: { sign: '✓', word: 'passes' },
  fail: { sign: '✗', word: 'fails' },
  skipped: { sign: '–', word: 'not run' },
};

/** `✗ KA2-2 the same bytes, cut anywhere or all at once` */
export function checkLine(test: CheckResult, columns = 80): string {
  const note = test.status === 'skipped' && test.message !== undefined ? ` (${test.message})` : '';
  return clip(`${STATUS[test.status].sign} ${test.checkId} ${test.title}${note}`, columns);
}

/** `6 of 7 pass · 0.4 s` */
export function countLine(result: RunResult): string {
  const passed = result.tests.filter((test) => test.status === 'pass').length;
  return `${passed} of ${result.tests.length} pass · ${duration(result.ms)}`;
}

/** `KA1 passes.`, and what of it nobody judged: a machine without a browser has seen only a part. */
export function passLine(result: RunResult): string {
  const unseen = result.tests.filter((test) => test.status === 'skipped').map((test) => test.checkId);
  if (unseen.length === 0) return `${result.exercise} passes.`;
  return `${result.exercise} passes what was judged; ${unseen.join(' and ')} ${unseen.length === 1 ? 'was' : 'were'} not.`;
}

/** The first failing check in teaching order, or null. */
export function firstFailure(result: RunResult): CheckResult | null {
  return result.tests.find((test) => test.status === 'fail') ?? null;
}
