/** The exercises' checks as Playwright tests: `npx playwright test` here, UI mode, editors. One project for each track. */

import { chromiumFlags, findChromium } from '@interleave/judge/chromium';
import { defineConfig, type PlaywrightTestConfig } from '@playwright/test';

const found = findChromium();

const TRACKS = ['keep-alive', 'pipelining', 'demultiplexing', 'head-of-line'];

const config: PlaywrightTestConfig = defineConfig({
  testDir: 'tests',
  outputDir: '../.workshop/playwright',
  // One file at a time: a verdict on a busy machine is slower for everybody.
  workers: 1,
  reporter: [['list']],
  timeout: 30_000,
  use: {
    browserName: 'chromium',
    trace: 'retain-on-failure',
    launchOptions: {
      args: chromiumFlags(),
      ...(found === null || found.from === 'playwright' ? {} : { executablePath: found.path }),
    },
  },
  projects: TRACKS.map((track) => ({ name: track, testMatch: `${track}.spec.ts` })),
});

export default config;
