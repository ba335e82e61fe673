import {
  type Browser,
  type BrowserContext,
  test as base,
  chromium,
  type LaunchOptions,
  type Page,
} from '@playwright/test';
import { quicArguments } from '../src/browser.ts';
import { type LabCertificate, labCertificate } from '../src/certificates.ts';
import type { ConnectionRecord } from '../src/connections.ts';
import { type Lab, startLab } from '../src/lab.ts';
import type { ListenerId } from '../src/listeners.ts';
import { startWorker } from '../src/worker/worker.ts';
import { built, stateDir } from './built.ts';

/** The lab that a test file shares, on ports of the system's choice. */
export interface RunningLab {
  readonly lab: Lab;
  readonly certificate: LabCertificate;
  /** `https://localhost:…`, ALPN `http/1.1` only. */
  readonly h1: string;
  /** `http://localhost:…` */
  readonly plain: string;
  /** Origin of any listener. */
  originOf(id: ListenerId): string;
}

interface Fixtures {
  /** A page of a browser context of its own: no connection and no TLS session of another test. */
  readonly page: Page;
}

interface WorkerFixtures {
  readonly running: RunningLab;
  readonly browser: Browser;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  running: [
    async ({}, use) => {
      const [certificate, bundle] = await Promise.all([labCertificate(stateDir), built()]);
      const worker = await startWorker(bundle);
      const lab = await startLab({
        certificate,
        upstream: worker,
        ports: { plain: 0, h1: 0, h2: 0, altSvc: 0, h3: 0 },
      });
      const originOf = (id: ListenerId): string => {
        const listener = lab.listeners.find(({ plan }) => plan.id === id);
        if (listener === undefined) throw new Error(`The lab has no listener ${id}.`);
        return listener.origin;
      };
      await use({ lab, certificate, h1: originOf('h1'), plain: originOf('plain'), originOf });
      await lab.close(0);
      await worker.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  browser: [
    async ({ running }, use) => {
      const browser = await chromium.launch(launchOptions(running));
      await use(browser);
      await browser.close();
    },
    { scope: 'worker' },
  ],
  page: async ({ browser, running }, use) => {
    const context: BrowserContext = await browser.newContext();
    const page = await context.newPage();
    await use(page);
    await context.close();
    for (const listener of running.lab.listeners) {
      listener.closing = false;
      listener.disturb(null);
      listener.endIdle();
    }
  },
});

export { expect } from '@playwright/test';

/** How a Chromium is started that trusts the lab's key, and may speak HTTP/3 with it. */
export function launchOptions(running: RunningLab, more: readonly string[] = []): LaunchOptions {
  const executablePath = process.env.CHROMIUM;
  return {
    ...(executablePath ? { executablePath } : {}),
    chromiumSandbox: process.getuid?.() !== 0 && process.platform !== 'linux',
    // As `npm run browser` does: this key is trusted, and nothing else is different from any Chromium.
    args: [
      `--ignore-certificate-errors-spki-list=${running.certificate.spkiHash}`,
      '--disable-background-networking',
      ...quicArguments(running.lab.quicOnly),
      ...more,
    ],
  };
}

/** What the browser itself says about each response: which connection, and whether it had been used before. */
export interface Seen {
  readonly url: string;
  readonly connectionId: number;
  readonly reused: boolean;
}

/** Listens to the browser's own word on connections, over its debugging protocol, from now on. */
export async function watchConnections(page: Page): Promise<Seen[]> {
  const seen: Seen[] = [];
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  session.on('Network.responseReceived', ({ response }) => {
    if (!/^https?:/.test(response.url)) return;
    seen.push({ url: response.url, connectionId: response.connectionId, reused: response.connectionReused });
  });
  return seen;
}

/** What the server counted: connections of a listener that carried at least one exchange, oldest first. */
export function counted(running: RunningLab, listener: ListenerId, since: number): ConnectionRecord[] {
  const { registry } = running.lab;
  return [...registry.closed(), ...registry.open()]
    .filter((record) => record.listener === listener && record.facts.openedAt >= since && record.count > 0)
    .sort((a, b) => a.facts.openedAt - b.facts.openedAt);
}

/** The rows of the page's own table of fetches: `{ exchange: 'A · 2', connection: 'k3…', was: 'reused' }`. */
export async function fetchedRows(page: Page): Promise<{ exchange: string; connection: string; was: string }[]> {
  const rows = await page.locator('#results-body tr').all();
  return Promise.all(
    rows.map(async (row) => {
      const [exchange = '', connection = '', was = ''] = await row.locator('th, td').allInnerTexts();
      return { exchange: exchange.trim(), connection: connection.trim(), was: was.trim() };
    }),
  );
}

/** Presses the button and waits until the page has said what came of it. */
export async function fetchThree(page: Page): Promise<void> {
  await page.locator('#fetch-three').click();
  await page.locator('#results-body tr').nth(2).waitFor();
  await page.locator('#fetch-three:not([aria-disabled])').waitFor();
}
