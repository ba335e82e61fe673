import { defineConfig, type UserConfig } from 'vitest/config';
import { reporting } from './reporting.ts';

/** The portable tests of a package, in Deno: `deno run -A vitest.mjs run --pool=forks`. */
export function denoTests(name: string): UserConfig {
  return defineConfig({
    test: {
      name: `${name} in Deno`,
      include: ['src/**/*.test.ts'],
      exclude: ['**/*.node.test.ts', '**/*.worker.test.ts', '**/node_modules/**'],
      pool: 'forks',
      ...reporting(`${name}.deno`),
    },
  }) as UserConfig;
}
