import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** The portable tests of a package, in workerd. No compatibility flag: nothing of Node is there. */
export function workersTests(name: string): ViteUserConfig {
  return defineConfig({
    plugins: [cloudflareTest({ miniflare: { compatibilityDate: '2026-11-01' } })],
    test: {
      name: `${name} in workerd`,
      include: ['src/**/*.test.ts'],
      exclude: ['**/*.node.test.ts', '**/node_modules/**'],
    },
  });
}
