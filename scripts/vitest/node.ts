import { join } from 'node:path';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { TEST_TIMEOUT } from './timeout.ts';

/**
 * Tests on Node: `*.test.ts` and `*.node.test.ts`.
 *
 * @param name - of the package, as in its results
 */
export function nodeTests(name: string, test: ViteUserConfig['test'] = {}): ViteUserConfig {
  return defineConfig({
    test: {
      name,
      include: ['src/**/*.test.ts'],
      testTimeout: TEST_TIMEOUT,
      hookTimeout: TEST_TIMEOUT,
      exclude: ['**/*.worker.test.ts', '**/*.deno.test.ts', '**/node_modules/**'],
      ...(process.env.FUZZ ? { setupFiles: [join(import.meta.dirname, 'fuzz.ts')] } : {}),
      ...test,
    },
  });
}
