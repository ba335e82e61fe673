/** Chromium itself, on the requests that a client was asked for: on connections of its own, to be drawn beside the client's. */
import type { CDPSession, Page } from '@playwright/test';
import type { BesideFetch } from '../result.ts';

type Fetched = { readonly request: string; readonly body: string | null };
type Seen = { request: string; asked: number; sent: number | null; connection: number; last: number | null };

const PATIENCE_MS = 2000;

/** Asks for all of them in one turn. Empty where Chromium did not get them all: nothing is judged here. */
export async function fetchBeside(page: Page, cdp: CDPSession, requests: readonly Fetched[]): Promise<BesideFetch[]> {
  const seen = new Map<string, Seen>();
  const wait = Promise.withResolvers<void>();
  cdp.on('Network.requestWillBeSent', ({ requestId, request, timestamp }) => {
    const name = `${request.method} ${new URL(request.url).pathname}`;
    if (requests.some((one) => one.request === name))
      seen.set(requestId, { request: name, asked: timestamp * 1000, sent: null, connection: 0, last: null });
  });
  cdp.on('Network.responseReceived', ({ requestId, response: { connectionId, timing } }) => {
    const one = seen.get(requestId);
    if (one === undefined || timing === undefined) return;
    one.connection = connectionId;
    one.sent = timing.requestTime * 1000 + timing.sendStart;
  });
  cdp.on('Network.loadingFinished', ({ requestId, timestamp }) => {
    const one = seen.get(requestId);
    if (one !== undefined) one.last = timestamp * 1000;
    if ([...seen.values()].filter(({ last }) => last !== null).length === requests.length) wait.resolve();
  });
  const late = setTimeout(() => wait.resolve(), PATIENCE_MS);
  const going = page.evaluate(
    (all) =>
      Promise.all(
        all.map(async ({ request, body }) => {
          const [method = '', path = ''] = request.split(' ');
          const response = await fetch(path, { method, body, cache: 'no-store' });
          await response.arrayBuffer();
        }),
      ).then(() => {}),
    requests,
  );
  await Promise.race([Promise.all([going, wait.promise]), wait.promise]).catch(() => {});
  clearTimeout(late);
  const all = [...seen.values()];
  const start = Math.min(...all.map(({ asked }) => asked));
  const whole = all.flatMap(({ request, sent, connection, last }) =>
    sent === null || last === null
      ? []
      : [{ request, connection, sent: rounded(sent - start), last: rounded(last - start) }],
  );
  return whole.length === requests.length ? whole : [];
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
