/** Plays `expectBothProtocols`: the page again, in a Chromium that does not know HTTP/2. By ALPN it gets to the learner's other server. */
import { type Browser, chromium } from '@playwright/test';
import type { BrowserCheck } from '../exercise.ts';
import type { Http2BrowserStep } from '../raw/scenes/http2-browser-steps.ts';
import type { Failure } from '../result.ts';
import type { WarmPage } from './browser.ts';
import { brokenReply } from './failures.ts';
import { chromiumFlags, findChromium, NO_CHROMIUM } from './find.ts';
import { missingImages } from './pictures.ts';
import { CheckFailed, type LearnerServer } from './server.ts';

type Step = Extract<Http2BrowserStep, { do: 'expectBothProtocols' }>;
type Run = {
  readonly check: BrowserCheck;
  readonly server: LearnerServer;
  readonly origin: string;
  readonly warm: WarmPage;
  within<T>(request: string, promise: Promise<T>): Promise<T>;
};

/** @throws CheckFailed */
export async function expectBothProtocols(step: Step, run: Run): Promise<void> {
  await mustBe('h2', run.warm.page, step, run);
  const browser = await besideOf(run.warm.page.context().browser());
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const request = `GET ${step.path}`;
    const going = page.goto(`${run.origin}${step.path}`, { timeout: 0, waitUntil: 'load' }).then(
      () => null,
      (error: unknown) => (error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)),
    );
    const problem = await run.within(request, going);
    if (problem !== null) throw new CheckFailed(brokenReply(run.check, request, problem, await run.server.report()));
    const [missing] = await missingImages(page, step.images);
    if (missing !== undefined) {
      const why = 'it is not there over HTTP/1.1';
      throw new CheckFailed(brokenReply(run.check, `GET ${missing}`, why, await run.server.report()));
    }
    await mustBe('http/1.1', page, step, run);
  } finally {
    await context.close();
  }
}

/** The other Chromium of each that judges: it stays up as long, since a start takes longer than all the rest of the check. */
const beside = new WeakMap<Browser, Promise<Browser>>();

function besideOf(main: Browser | null): Promise<Browser> {
  if (main === null) throw new Error('A page without a browser has no other beside it');
  const known = beside.get(main);
  if (known !== undefined) return known;
  const found = findChromium();
  if (found === null) throw new Error(NO_CHROMIUM);
  const args = [...chromiumFlags(), '--disable-http2'];
  const launched = chromium.launch({ executablePath: found.path, args }).then((browser) => {
    const close = (): void => void browser.close().catch(() => {});
    main.once('disconnected', close);
    if (!main.isConnected()) close();
    browser.once('disconnected', () => beside.delete(main));
    return browser;
  });
  beside.set(main, launched);
  launched.catch(() => beside.delete(main));
  return launched;
}

/** What the page itself says of how it, and all in it, has come. */
async function mustBe(protocol: string, page: WarmPage['page'], step: Step, run: Run): Promise<void> {
  const used = await page.evaluate(() =>
    [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
      .filter((entry) => entry.name.startsWith(location.origin))
      .map((entry) => (entry as PerformanceResourceTiming).nextHopProtocol),
  );
  const other = used.find((one) => one !== protocol);
  if (other === undefined && used.length > step.images) return;
  const failure: Failure = {
    cause: 'wrong connection',
    headline: `${used.length} parts of ${step.path} came, by ${[...new Set(used)].join(' and ') || 'nothing'}.`,
    expected: `all of it by ${protocol}`,
    spec: run.check.spec,
    idea: run.check.idea,
    at: [],
  };
  throw new CheckFailed(failure);
}
