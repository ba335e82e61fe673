import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { TEST_TIMEOUT } from './timeout.ts';

/** The portable tests of a package, in a page of the Chromium that `CHROMIUM` names (the bootstrap sets it). */
export function chromiumTests(name: string): ViteUserConfig {
  const executablePath = process.env.CHROMIUM || undefined;
  return defineConfig({
    test: {
      name: `${name} in Chromium`,
      include: ['src/**/*.test.ts'],
      testTimeout: TEST_TIMEOUT,
      hookTimeout: TEST_TIMEOUT,
      exclude: ['**/*.node.test.ts', '**/*.worker.test.ts', '**/node_modules/**'],
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: playwright({
          launchOptions: {
            ...(executablePath === undefined ? {} : { executablePath }),
            chromiumSandbox: false,
            args: ['--disable-background-networking', '--no-first-run'],
          },
        }),
        instances: [{ browser: 'chromium' }],
      },
    },
  });
}
