/** Plays the steps of an HTTP/2 server in front of Chromium: goodbyes, fetches that are given up, what is urgent. */
import type { BrowserCheck } from '../exercise.ts';
import { bytesOf, latin1 } from '../raw/bytes.ts';
import { shownFrames } from '../raw/http2/exchanges.ts';
import { has } from '../raw/http2/parse.ts';
import type { Http2BrowserStep } from '../raw/scenes/http2-browser-steps.ts';
import { count } from '../raw/steps.ts';
import type { ExchangeRecord, Failure } from '../result.ts';
import type { WarmChromium, WarmPage } from './browser.ts';
import { brokenReply, otherReply } from './failures.ts';
import { until } from './moves.ts';
import type { NetworkLog } from './network.ts';
import { CheckFailed, type LearnerServer } from './server.ts';
import { playTabs } from './tabs.ts';
import type { TcpReport } from './tcp-scene.ts';
import { expectBothProtocols } from './without-http2.ts';
import { netErrorWords } from './words.ts';

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

/** @throws CheckFailed */
export async function playHttp2Step(step: Http2BrowserStep, run: Run): Promise<void> {
  switch (step.do) {
    case 'signal': {
      run.server.signal();
      // Where a connection does not end, what comes next says so.
      await until(run, (report) => report.connections.every(({ ended }) => ended !== null));
      return;
    }
    case 'fetchAndAbort':
      return fetchAndAbort(step, run);
    case 'expectUrgentFirst':
      return urgentFirst(step, run);
    case 'tabs':
      return playTabs(step, run);
    case 'expectBothProtocols':
      return expectBothProtocols(step, run);
  }
}

async function fetchAndAbort(step: Extract<Http2BrowserStep, { do: 'fetchAndAbort' }>, run: Run): Promise<void> {
  const { check, server, warm } = run;
  const body = latin1(bytesOf(step.body));
  const given = `GET ${step.abort}`;
  const begun = await run.within(given, warm.page.evaluate(beginInPage, { paths: step.paths, abort: step.abort }));
  await must(begun, null);
  const told = (report: TcpReport): boolean => report.calls.some((it) => it.request === given && it.cancelled === true);
  const report = await until(run, told);
  if (!told(report)) {
    const place = report.calls.find(({ request }) => request === given)?.place ?? null;
    throw new CheckFailed(
      make(check, 'handler', `Chromium has given up ${given}, and the handler’s reply was not cancelled.`, {
        expected: 'a handler that is told: nobody wants the rest of its body',
        facts: [`Chromium has reset the stream of ${given}`],
        at: place === null ? [] : [place],
      }),
    );
  }
  server.release(step.release);
  const rest = step.paths.filter((path) => path !== step.abort);
  await must(await run.within(`GET ${rest.at(-1)}`, warm.page.evaluate(finishInPage)), body);

  async function must(all: readonly Got[], want: string | null): Promise<void> {
    for (const got of all) {
      const request = `GET ${got.path}`;
      if ('error' in got) {
        await run.within(request, run.network.settled());
        const why = netErrorWords(run.network.latest(request)?.error ?? got.error);
        throw new CheckFailed(brokenReply(check, request, why, await server.report()));
      }
      if (want !== null && (got.status !== 200 || got.body !== want))
        throw new CheckFailed(otherReply(check, request, got, { status: 200, body: want }, await server.report()));
    }
  }
}

async function urgentFirst(step: Extract<Http2BrowserStep, { do: 'expectUrgentFirst' }>, run: Run): Promise<void> {
  const { check, server, warm } = run;
  const urgent = `GET ${step.stylesheet}`;
  const isImage = (request: string): boolean => request.startsWith('GET /image/');
  const all = (report: TcpReport): boolean =>
    report.connections.flatMap(({ exchanges }) => exchanges).filter((it) => isImage(it.request) && it.first !== null)
      .length >= step.images;
  await warm.page.evaluate(showInPage, step.images);
  const shown = await until(run, all);
  const first = shown.connections.flatMap(({ exchanges }) => exchanges).filter((it) => it.first === null)[0];
  if (!all(shown))
    throw new CheckFailed(
      make(check, 'silent', `The page shows ${count(step.images, 'image')}, and not all of them have begun.`, {
        expected: 'the first bytes of each image, while the rest of all of them is not made yet',
        facts: [
          `${shown.calls.filter(({ request }) => isImage(request)).length} requests for images have reached the handler`,
          `still without a byte: ${first?.request ?? 'requests that have not arrived'}`,
        ],
        at: [],
      }),
    );
  const loaded = warm.page.evaluate(styleInPage, step.stylesheet);
  const asked = (report: TcpReport): boolean => report.calls.some(({ request }) => request === urgent);
  await run.within(urgent, until(run, asked));
  server.release(step.release);
  await run.within(urgent, loaded);
  const report = await server.report();
  const ends = endsOf(report);
  const at = ends.findIndex(({ request }) => request === urgent);
  const before = ends.slice(0, at < 0 ? ends.length : at).filter(({ request }) => isImage(request));
  if (at >= 0 && before.length < step.before) return;
  const place = report.calls.find(({ request }) => request === urgent)?.place ?? null;
  throw new CheckFailed(
    make(check, 'wrong bytes', `${count(before.length, 'image')} ended on the wire before ${urgent} did.`, {
      expected: `the end of ${urgent} before the ends of ${step.before} images`,
      facts: [urgent, 'GET /image/1'].map((request) => `Chromium asked ${request} with ${priorityOf(request, report)}`),
      at: place === null ? [] : [place],
    }),
  );
}

/** What Chromium said about it, such as `priority: u=0`. */
function priorityOf(request: string, report: TcpReport): string {
  for (const { id, exchanges } of report.connections) {
    const stream = exchanges.find((it) => it.request === request)?.stream;
    if (stream === undefined) continue;
    const frames = shownFrames(report.transcript.filter((entry) => entry.connection === id));
    const head = frames.find(
      ({ by, frame, fields }) => by === 'judge' && frame.stream === stream && fields !== undefined,
    );
    const value = head?.fields?.find(([name]) => name === 'priority')?.[1];
    if (value !== undefined) return `priority: ${value}`;
  }
  return 'no priority field';
}

/** The replies in the order in which their last frames left. */
function endsOf(report: TcpReport): ExchangeRecord[] {
  return report.connections.flatMap((connection) => {
    const entries = report.transcript.filter((entry) => entry.connection === connection.id);
    return shownFrames(entries)
      .filter(({ by, frame }) => by === 'learner' && (frame.type === 0 || frame.type === 1) && has(frame, 'END_STREAM'))
      .flatMap(({ frame }) => connection.exchanges.find(({ stream }) => stream === frame.stream) ?? []);
  });
}

function make(
  check: BrowserCheck,
  cause: Failure['cause'],
  headline: string,
  more: Partial<Failure> & Pick<Failure, 'at'>,
): Failure {
  return { cause, headline, spec: check.spec, idea: check.idea, ...more };
}

type Got = { readonly path: string } & (
  | { readonly status: number; readonly body: string }
  | { readonly error: string }
);
type Begun = {
  path: string;
  status: number;
  parts: Uint8Array[];
  reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
};
type Kept = { begun?: Begun[] };

/** Runs in the page: the first bytes of each, and then one is given up. */
async function beginInPage(given: { paths: readonly string[]; abort: string }): Promise<Got[]> {
  const kept = globalThis as Kept;
  const stop = new AbortController();
  const all = await Promise.all(
    given.paths.map(async (path): Promise<Begun | Got> => {
      try {
        const signal = path === given.abort ? stop.signal : null;
        const response = await fetch(path, { cache: 'no-store', signal });
        const reader = response.body?.getReader();
        const first = await reader?.read();
        return { path, status: response.status, parts: first?.value === undefined ? [] : [first.value], reader };
      } catch (error) {
        return { path, error: String(error) };
      }
    }),
  );
  stop.abort();
  kept.begun = all.filter((it): it is Begun => 'parts' in it && it.path !== given.abort);
  return all.filter((it): it is Got => !('parts' in it));
}

/** Runs in the page: the others to their ends. */
async function finishInPage(): Promise<Got[]> {
  const kept = globalThis as Kept;
  return Promise.all(
    (kept.begun ?? []).map(async ({ path, status, parts, reader }): Promise<Got> => {
      try {
        for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read())
          parts.push(next.value);
        let body = '';
        for (const part of parts) for (const byte of part) body += String.fromCharCode(byte);
        return { path, status, body };
      } catch (error) {
        return { path, error: String(error) };
      }
    }),
  );
}

/** Runs in the page. */
function showInPage(images: number): void {
  for (let i = 1; i <= images; i++) {
    const image = document.createElement('img');
    image.src = `/image/${i}`;
    image.alt = '';
    document.body.append(image);
  }
}

/** Runs in the page: resolves when the stylesheet and all images are over, whichever way. */
async function styleInPage(path: string): Promise<void> {
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = path;
  const over = (element: HTMLElement): Promise<void> =>
    new Promise((resolve) => {
      element.addEventListener('load', () => resolve());
      element.addEventListener('error', () => resolve());
    });
  const sheet = over(link);
  document.head.append(link);
  const pictures = [...document.images].filter((image) => !image.complete).map(over);
  await Promise.all([sheet, ...pictures]);
}
