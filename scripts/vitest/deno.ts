import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** The portable tests of a package, in Deno: `deno run -A vitest.mjs run --pool=forks`. */
export function denoTests(name: string): ViteUserConfig {
  return defineConfig({
    test: {
      name: `${name} in Deno`,
      include: ['src/**/*.test.ts'],
      exclude: ['**/*.node.test.ts', '**/*.worker.test.ts', '**/node_modules/**'],
      pool: 'forks',
    },
  });
}
