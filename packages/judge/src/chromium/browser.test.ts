import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WarmChromium } from './browser.ts';
import { findChromium } from './find.ts';
import { NetworkLog } from './network.ts';

describe.skipIf(findChromium() === null)('pages in front of a server', () => {
  let chromium: WarmChromium;
  const server = createServer((request, response) => {
    // Whoever asks for this is never answered.
    if (request.url === '/held') return;
    response.setHeader('content-type', 'text/html').end('<!doctype html><link rel=icon href="data:,">shown');
  });
  const origin = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  beforeAll(async () => {
    chromium = await WarmChromium.launch();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    await chromium.close();
    server.closeAllConnections();
    server.close();
  });

  it('serve again, empty, and are heard anew', async () => {
    const first = await chromium.take('shared');
    const before = new NetworkLog(first.cdp, origin());
    await first.page.goto(`${origin()}/`);
    // One that waits for ever ends with the document.
    await first.page.evaluate(() => void fetch('/held').catch(() => {}));
    await first.close();
    const second = await chromium.take('shared');
    expect(second.page).toBe(first.page);
    expect(await second.page.evaluate(() => [location.href, document.body.textContent])).toEqual(['about:blank', '']);
    const after = new NetworkLog(second.cdp, origin());
    await second.page.goto(`${origin()}/again`);
    await after.settled();
    expect(after.requests.map(({ request, status }) => [request, status])).toEqual([['GET /again', 200]]);
    expect(before.requests.some(({ request }) => request === 'GET /again')).toBe(false);
    await second.close();
  });

  it('are replaced when they are gone', async () => {
    const page = await chromium.take('shared');
    await page.page.close();
    await page.close();
    const next = await chromium.take('shared');
    await next.page.goto(`${origin()}/`);
    expect(await next.page.evaluate(() => document.body.textContent)).toBe('shown');
    await next.close();
  });

  it('leave their context to others after some checks', async () => {
    const first = await chromium.take('shared');
    const context = first.page.context();
    await first.close();
    for (let checks = 0; checks < 40; checks++) {
      const next = await chromium.take('shared');
      await next.close();
      if (next.page.context() !== context) return;
    }
    throw new Error('All forty checks shared one context');
  });
});
