/** Finds a Chromium: the one that `CHROMIUM` names (the bootstrap has tried it), then Playwright's own, then one that is installed. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from '@playwright/test';
import { certificate } from './certificate.ts';

export type FoundChromium = { readonly path: string; readonly from: 'playwright' | 'CHROMIUM' | 'system' };

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

const PLACES: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  ],
};

/** The first that is there, or null. `CHROMIUM` that names nothing is an error: somebody meant it. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): FoundChromium | null {
  const named = env.CHROMIUM;
  if (named !== undefined && named !== '') {
    if (!existsSync(named))
      throw new Error(`CHROMIUM is ${named}, and no file is there. Name the program itself, or unset it.`);
    return { path: named, from: 'CHROMIUM' };
  }
  const own = playwrightOwn();
  if (own !== null) return { path: own, from: 'playwright' };
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = [
    ...(PLACES[process.platform] ?? []),
    ...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))),
  ];
  const path = candidates.find((candidate) => existsSync(candidate));
  return path === undefined ? null : { path, from: 'system' };
}

/** What to say when there is none. */
export const NO_CHROMIUM: string =
  'No Chromium was found (Playwright’s own, the program named by CHROMIUM, an installed Chrome or Chromium). ' +
  'Type: npx playwright install chromium';

function playwrightOwn(): string | null {
  try {
    const path = chromium.executablePath();
    return existsSync(path) ? path : null;
  } catch {
    // Playwright knows no Chromium for this platform.
    return null;
  }
}

/** Flags that keep Chromium quiet, and let it start where the sandbox cannot. Nothing that changes how it uses connections. */
export function chromiumFlags(): string[] {
  const isRoot = process.getuid?.() === 0;
  return [
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-default-apps',
    '--disable-gpu',
    '--disable-sync',
    '--metrics-recording-only',
    '--no-first-run',
    // One key is trusted, the judge's own of this process: everything else about TLS is as it is anywhere.
    `--ignore-certificate-errors-spki-list=${certificate().spkiHash}`,
    ...(isRoot ? ['--no-sandbox'] : []),
  ];
}
