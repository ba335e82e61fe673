import { test as base, type Page } from '@playwright/test';
import { createTestHarness } from 'wrangler';
import { CLOUDFLARE, CLOUDFLARE_HEADERS, HOSTILE, labCf, MOCK } from '../src/cf-examples.ts';

/** What stands in front of the Worker: who says what about the connection of each request. */
export interface Front {
  /** `request.cf` of the next request. */
  cf: () => Record<string, unknown>;
  readonly headers: Record<string, string>;
  /** Requests that reached the app, in order. */
  readonly asked: string[];
  /** Ends the connection that requests are said to come on, so that the next one comes on another. */
  next(resumed?: boolean): void;
  closing: boolean;
}

export type Host = 'lab' | 'cloudflare' | 'mock' | 'hostile';

/**
 * The app in workerd, and a page on it whose requests carry made-up connection facts. Real connections are tested with the
 * lab in front; here it is the pages that are under test, with facts of every kind.
 */
export const test = base.extend<{ front: (host: Host) => Promise<Front> }, { address: string }>({
  address: [
    async ({}, use) => {
      // Facts come with each request: nothing is fetched from the network.
      process.env.CLOUDFLARE_CF_FETCH_ENABLED = 'false';
      process.env.WRANGLER_SEND_METRICS = 'false';
      const harness = createTestHarness({
        workers: [{ configPath: new URL('../wrangler.jsonc', import.meta.url).pathname }],
      });
      const { url } = await harness.listen();
      await use(url.href);
      await harness.close();
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  baseURL: ({ address }, use) => use(address),
  front: async ({ page, address }, use) => {
    await use(async (host) => {
      const front = frontOf(host);
      await page.route(`${address}**`, async (route) => {
        const request = route.request();
        const path = new URL(request.url()).pathname;
        front.asked.push(path);
        if (path.startsWith('/.lab/')) return route.fulfill({ json: labAnswer(front, path, request.postData()) });
        const headers = { ...(await request.allHeaders()), ...front.headers, 'mf-cf-blob': JSON.stringify(front.cf()) };
        return route.continue({ headers });
      });
      return front;
    });
  },
});

export { expect } from '@playwright/test';

let ids = 0;

function frontOf(host: Host): Front {
  let connection = { id: `conn${++ids}`, nth: 0, resumed: false, openedAt: Date.now() };
  const front: Front = {
    cf: () => CASES[host],
    headers: host === 'cloudflare' ? { ...CLOUDFLARE_HEADERS } : {},
    asked: [],
    closing: false,
    next: (resumed = false) => {
      connection = { id: `conn${++ids}`, nth: 0, resumed, openedAt: Date.now() };
    },
  };
  if (host === 'cloudflare') {
    // Each test has a connection of its own: the Worker counts what came on it.
    const tlsClientRandom = btoa(connection.id.padEnd(32, '.'));
    front.cf = () => ({ ...CLOUDFLARE, tlsClientRandom });
  }
  if (host !== 'lab') return front;
  front.cf = () => {
    connection.nth++;
    const { id, nth, openedAt, resumed } = connection;
    const tls = { ...(labCf().lab as { tls: object }).tls, resumed } as never;
    const cf = labCf({ connection: id, nth, openedAt, at: Date.now(), tls, closing: front.closing });
    if (front.closing) front.next(true);
    return cf;
  };
  return front;
}

const CASES: Readonly<Record<Host, Record<string, unknown>>> = {
  lab: {},
  cloudflare: { ...CLOUDFLARE },
  mock: { ...MOCK },
  hostile: { ...HOSTILE },
};

/** The lab's own API, as far as the page uses it. */
function labAnswer(front: Front, path: string, body: string | null): object {
  const { lab } = front.cf() as { lab?: { connection: string; nth: number } };
  if (path === '/.lab/end-connections') {
    front.next(true);
    return { ended: 1 };
  }
  if (path !== '/.lab/close') return { closed: { cause: 'idle', message: 'idle', exchanges: 1 } };
  front.closing = (JSON.parse(body ?? '{}') as { on: boolean }).on;
  if (front.closing) front.next(true);
  return { listener: { closing: front.closing }, connection: { id: lab?.connection, nth: lab?.nth, streamId: null } };
}

/** What the page has shifted by itself, as Chromium counts it. */
export function layoutShift(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((done) => {
        let sum = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
            if (!entry.hadRecentInput) sum += entry.value;
          }
        }).observe({ type: 'layout-shift', buffered: true });
        requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
      }),
  );
}
