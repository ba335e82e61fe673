import { defineConfig } from '@playwright/test';

const executablePath = process.env.CHROMIUM || undefined;

/** The pages in an unmodified Chromium (the bootstrap says which), in front of the Worker in workerd. */
export default defineConfig({
  testDir: 'e2e',
  // Outside of the app's folder: what is in it decides whether the lab builds the app again.
  outputDir: '../../test-results/edge',
  fullyParallel: true,
  workers: 2,
  reporter: 'list',
  use: {
    launchOptions: {
      ...(executablePath === undefined ? {} : { executablePath }),
      chromiumSandbox: false,
      args: ['--disable-background-networking', '--no-first-run'],
    },
  },
});
