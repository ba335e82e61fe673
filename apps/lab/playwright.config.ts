import { defineConfig } from '@playwright/test';

/** End to end: the real lab with the real Worker, and an unmodified Chromium that trusts its key. See `e2e/lab.ts`. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: '../../.interleave/e2e',
  globalSetup: './e2e/built.ts',
  // Each of the two has a lab and a browser of its own: tests count connections, and must not count each other's.
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
});
