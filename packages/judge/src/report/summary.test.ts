import { describe, expect, it } from 'vitest';
import type { CheckResult, RunResult } from '../result.ts';
import { passLine } from './summary.ts';

const run = (...statuses: CheckResult['status'][]): RunResult =>
  ({
    exercise: 'KA1',
    tests: statuses.map((status, i) => ({ checkId: `KA1-${i + 1}`, status })),
  }) as unknown as RunResult;

describe('the line of a run that passes', () => {
  it('says what was not judged, where something was not', () => {
    expect(passLine(run('pass', 'pass'))).toBe('KA1 passes.');
    expect(passLine(run('pass', 'skipped'))).toBe('KA1 passes what was judged; KA1-2 was not.');
    expect(passLine(run('pass', 'skipped', 'skipped'))).toBe('KA1 passes what was judged; KA1-2 and KA1-3 were not.');
  });
});
