import { join } from 'node:path';
import type { UserConfig } from 'vitest/config';

/** Where suites leave their results for `npm test`, or null when a suite runs by itself. */
const folder = process.env.INTERLEAVE_REPORTS || null;

/**
 * How a suite tells its results: to people alone, or under `npm test` also as JSON, from which the closing line is counted.
 *
 * @param suite - `wire.node`: the package and the host
 */
export function reporting(suite: string): Pick<NonNullable<UserConfig['test']>, 'reporters' | 'outputFile'> {
  if (folder === null) return {};
  return { reporters: ['dot', 'json'], outputFile: { json: join(folder, `${suite}.json`) } };
}
