/** What to say of the checks that a host could not finish. */
import type { Exercise, RawCheck } from '../exercise.ts';
import { engineFailure } from '../raw/engine.ts';
import { failedResult, skippedResult } from '../raw/judge.ts';
import type { CheckResult } from '../result.ts';

/** Completes `results`: the check that was running when the host fell silent has failed, those after it were not run. */
export function settleRest(
  exercise: Exercise,
  checks: readonly RawCheck[],
  results: readonly CheckResult[],
  current: string | null,
  words: string,
): CheckResult[] {
  const broken = checks.find((check) => check.id === current && !results.some((result) => result.checkId === check.id));
  if (broken === undefined && results.length < checks.length)
    throw new Error(`The host did not start: ${words.trim() || 'it said nothing'}`);
  return checks.map((check) => {
    const known = results.find((result) => result.checkId === check.id);
    if (known !== undefined) return known;
    if (check !== broken) return skippedResult(exercise, check);
    const isMemory = /out of memory|heap limit/i.test(words);
    const failure = isMemory
      ? engineFailure('out of memory', 'Your code used up all memory of its host.', [])
      : engineFailure('hung', 'Your code does not come back, or it ended its host.', []);
    return failedResult(exercise, check, failure);
  });
}
