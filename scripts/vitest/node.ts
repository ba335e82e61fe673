import { defineConfig, type UserConfig } from 'vitest/config';
import { reporting } from './reporting.ts';

/**
 * Tests on Node: `*.test.ts` and `*.node.test.ts`.
 *
 * @param name - of the package, as in its results
 */
export function nodeTests(name: string, test: UserConfig['test'] = {}): UserConfig {
  return defineConfig({
    test: {
      name,
      include: ['src/**/*.test.ts'],
      exclude: ['**/*.worker.test.ts', '**/node_modules/**'],
      ...reporting(`${name}.node`),
      ...test,
    },
  }) as UserConfig;
}
