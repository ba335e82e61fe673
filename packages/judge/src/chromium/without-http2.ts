/** Plays `expectBothProtocols`: the page again, in a Chromium that does not know HTTP/2. By ALPN it gets to the learner's other server. */
import type { BrowserCheck } from '../exercise.ts';
import type { Http2BrowserStep } from '../raw/scenes/http2-browser-steps.ts';
import type { Failure } from '../result.ts';
import { WarmChromium, type WarmPage } from './browser.ts';
import { brokenReply } from './failures.ts';
import { missingImages } from './pictures.ts';
import { CheckFailed, type LearnerServer } from './server.ts';

type Step = Extract<Http2BrowserStep, { do: 'expectBothProtocols' }>;
type Run = {
  readonly check: BrowserCheck;
  readonly server: LearnerServer;
  readonly origin: string;
  readonly chromium: WarmChromium;
  readonly warm: WarmPage;
  within<T>(request: string, promise: Promise<T>): Promise<T>;
};

/** @throws CheckFailed */
export async function expectBothProtocols(step: Step, run: Run): Promise<void> {
  await mustBe('h2', run.warm.page, step, run);
  const other = await (await besideOf(run.chromium)).take('shared');
  try {
    const { page } = other;
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
    await other.close();
  }
}

/** The other Chromium of each that judges: it stays up as long, since a start takes longer than all the rest of the check. */
const beside = new WeakMap<WarmChromium, Promise<WarmChromium>>();

export function besideOf(main: WarmChromium): Promise<WarmChromium> {
  const known = beside.get(main);
  if (known !== undefined) return known;
  const launched = WarmChromium.launch(['--disable-http2']).then((other) => {
    main.whenGone(() => void other.close());
    other.whenGone(() => beside.delete(main));
    return other;
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
