import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig, type UserConfig } from 'vitest/config';
import { reporting } from './reporting.ts';

/** The portable tests of a package, in workerd. No compatibility flag: nothing of Node is there. */
export function workersTests(name: string): UserConfig {
  return defineConfig({
    plugins: [cloudflareTest({ miniflare: { compatibilityDate: '2026-11-01' } })],
    test: {
      name: `${name} in workerd`,
      include: ['src/**/*.test.ts'],
      exclude: ['**/*.node.test.ts', '**/node_modules/**'],
      ...reporting(`${name}.workers`),
    },
  }) as UserConfig;
}
