/** Plays `tabs`: two browser contexts, each with its own connection, load a page; one of them is lost half-way. */
import type { BrowserCheck } from '../exercise.ts';
import type { Http2BrowserStep } from '../raw/scenes/http2-browser-steps.ts';
import { count } from '../raw/steps.ts';
import type { Failure } from '../result.ts';
import type { WarmChromium, WarmPage } from './browser.ts';
import { brokenReply } from './failures.ts';
import { until } from './moves.ts';
import type { NetworkLog } from './network.ts';
import { brokenImages, missingImages } from './pictures.ts';
import { CheckFailed, type LearnerServer } from './server.ts';
import type { TcpCall, TcpReport } from './tcp-scene.ts';
import { netErrorWords } from './words.ts';

type Step = Extract<Http2BrowserStep, { do: 'tabs' }>;
type Run = {
  readonly check: BrowserCheck;
  readonly server: LearnerServer;
  readonly origin: string;
  readonly chromium: WarmChromium;
  readonly warm: WarmPage;
  readonly network: NetworkLog;
  readonly stepMs: number;
  /** Fails when the learner owes an answer that does not come. */
  within<T>(request: string, promise: Promise<T>): Promise<T>;
};

/** How often the time of a step is granted to a tab whose requests have not come: it may be that it still starts. */
const COMING = 5;

/** @throws CheckFailed */
export async function playTabs(step: Step, run: Run): Promise<void> {
  const { server, chromium, warm, network, origin, check } = run;
  const staying = `GET ${step.path}`;
  const opened = opening(warm.page.goto(`${origin}${step.path}`, { timeout: 0, waitUntil: 'load' }));
  // The first one asks for nothing more when the second begins: what happens next is the same in each run.
  const first = await until(
    run,
    (report) => imagesOf(report, step.path).length >= step.images,
    (report) => (arrived(report, step.path) < step.images ? COMING : 1),
  );
  const other = await chromium.take('alone');
  try {
    // It is closed before it has loaded.
    void opening(other.page.goto(`${origin}${step.leaves}`, { timeout: 0, waitUntil: 'load' }));
    const half = (report: TcpReport): boolean =>
      imagesOf(report, step.path).length >= step.images && imagesOf(report, step.leaves).length >= step.images;
    const begun =
      imagesOf(first, step.path).length < step.images
        ? first
        : await until(run, half, (report) => (arrived(report, step.leaves) < step.images ? COMING : 1));
    if (!half(begun)) throw new CheckFailed(notBegun(check, step, begun));
    // A tab that is closed sometimes resets its streams first, and sometimes not. Here its network goes first, so it cannot.
    server.cut(step.leaves);
  } finally {
    await other.close();
  }
  const gone = await until(run, (report) => leftOver(report, step).length === 0 && isOver(report, step));
  if (!isOver(gone, step)) throw new CheckFailed(stillServed(check, step));
  const [left] = leftOver(gone, step);
  if (left !== undefined) throw new CheckFailed(stillRunning(check, step, left, leftOver(gone, step).length));
  server.release(step.release);
  const problem = await run.within(staying, opened);
  if (problem !== null) {
    const why = netErrorWords(network.latest(staying)?.error ?? problem);
    throw new CheckFailed(brokenReply(check, staying, why, await server.report()));
  }
  const missing = await missingImages(warm.page, step.images);
  if (missing.length > 0) throw new CheckFailed(brokenImages(check, missing, network, await server.report()));
}

/** Null when it is there, else why not. Never rejects: whoever closes a page knows. */
function opening(going: Promise<unknown>): Promise<string | null> {
  return going.then(
    () => null,
    (error: unknown) => (error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)),
  );
}

/** The calls for the images of a page: they stand below its own path. */
function imagesOf(report: TcpReport, path: string): TcpCall[] {
  return report.calls.filter(({ request }) => request.startsWith(`GET ${path === '/' ? '' : path}/image/`));
}

/** The same on the wire, whether the handler was called for them or not. */
function arrived(report: TcpReport, path: string): number {
  const all = report.connections.flatMap(({ exchanges }) => exchanges);
  return all.filter(({ request }) => request.startsWith(`GET ${path === '/' ? '' : path}/image/`)).length;
}

/** Images of the closed tab that the handler still makes. */
function leftOver(report: TcpReport, step: Step): TcpCall[] {
  return imagesOf(report, step.leaves).filter(({ cancelled }) => cancelled !== true);
}

/** `serve` is over on the connection of the closed tab. */
function isOver(report: TcpReport, step: Step): boolean {
  const carriers = new Set(imagesOf(report, step.leaves).map(({ connection }) => connection));
  const settled = report.transcript.filter(({ what }) => what === 'settled').map(({ connection }) => connection);
  return [...carriers].every((id) => settled.includes(id));
}

function notBegun(check: BrowserCheck, step: Step, report: TcpReport): Failure {
  const [own, other] = [imagesOf(report, step.path).length, imagesOf(report, step.leaves).length];
  return make(check, 'silent', `Two tabs ask for ${count(step.images, 'image')} each, and not all requests arrive.`, {
    expected: `a call of the handler for each image, while none of them is whole yet`,
    facts: [`${own} requests of one tab have reached the handler, and ${other} of the other`],
  });
}

function stillServed(check: BrowserCheck, step: Step): Failure {
  return make(
    check,
    'never settled',
    `The connection of the tab with ${step.leaves} is lost, and serve is not over there.`,
    {
      expected: 'serve resolves when its connection is over, in whatever way',
      facts: ['the connection was broken off, and then the tab was closed'],
    },
  );
}

function stillRunning(check: BrowserCheck, step: Step, left: TcpCall, all: number): Failure {
  return make(
    check,
    'handler',
    `The connection of the tab with ${step.leaves} is lost, and ${left.request} is still being made.`,
    {
      expected: 'each reply of the lost tab is cancelled: nobody will read it',
      facts: [`${all} of its replies still wait for more of their bodies`],
      at: left.place === null ? [] : [left.place],
    },
  );
}

function make(check: BrowserCheck, cause: Failure['cause'], headline: string, more: Partial<Failure>): Failure {
  return { cause, headline, spec: check.spec, idea: check.idea, at: [], ...more };
}
