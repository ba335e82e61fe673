import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { TEST_TIMEOUT } from './timeout.ts';

/** The portable tests of a package, in workerd. No compatibility flag: nothing of Node is there. */
export function workersTests(name: string): ViteUserConfig {
  return defineConfig({
    plugins: [cloudflareTest({ miniflare: { compatibilityDate: '2026-11-01' } })],
    test: {
      name: `${name} in workerd`,
      include: ['src/**/*.test.ts'],
      testTimeout: TEST_TIMEOUT,
      hookTimeout: TEST_TIMEOUT,
      exclude: ['**/*.node.test.ts', '**/node_modules/**'],
    },
  });
}
