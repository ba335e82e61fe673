import { defineConfig } from '@playwright/test';

/** End to end: the real lab with the real Worker, and an unmodified Chromium that trusts its key. See `e2e/lab.ts`. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: '../../.interleave/e2e',
  // The tests count connections on one lab: side by side they would count each other's.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
});
