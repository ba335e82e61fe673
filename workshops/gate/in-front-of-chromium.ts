/**
 * Which submissions that must fail are put in front of Chromium too. A browser check costs more than all that bytes judge,
 * and most mistakes are none that a browser could meet.
 */
import type { Exercise } from '@interleave/judge/exercise';
import type { Submission } from '@interleave/judge/gate';

/** Of those whose mistake no browser check is said to meet, every so many is held to that. */
const SAMPLE = 4;

/**
 * Those that name a browser check, the start and the carry; of the rest a sample, always the same, with one of each exercise.
 *
 * @param whole - all of them: for who works on this exercise, and wherever `GATE=whole` asks for it
 */
export function inFrontOfChromium(
  exercise: Exercise,
  submissions: readonly Submission[],
  whole: boolean = process.env.GATE === 'whole',
): Set<Submission> {
  const browsers = exercise.checks.filter((check) => check.judge !== 'raw').map((check) => check.id);
  const isNamed = (it: Submission): boolean => it.kind !== 'wrong' || it.fails.some((id) => browsers.includes(id));
  if (browsers.length === 0) return new Set(submissions);
  const rest = submissions.filter((it) => !isNamed(it));
  return new Set([...submissions.filter(isNamed), ...rest.filter((_, i) => whole || i % SAMPLE === 0)]);
}
