import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { TEST_TIMEOUT } from './timeout.ts';

/** The portable tests of a package, in Deno: `deno run -A vitest.mjs run --pool=forks`. */
export function denoTests(name: string): ViteUserConfig {
  return defineConfig({
    test: {
      name: `${name} in Deno`,
      include: ['src/**/*.test.ts'],
      testTimeout: TEST_TIMEOUT,
      hookTimeout: TEST_TIMEOUT,
      exclude: ['**/*.node.test.ts', '**/*.worker.test.ts', '**/node_modules/**'],
      pool: 'forks',
    },
  });
}
