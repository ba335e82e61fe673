import type { Page } from '@playwright/test';
import { counted, expect, test, watchConnections } from './lab.ts';

async function lanes(page: Page): Promise<string[]> {
  return page
    .locator('#waterfall .tl-lane')
    .evaluateAll((all) => all.map((lane) => lane.getAttribute('data-lane') ?? ''));
}

async function press(page: Page, kind: string): Promise<void> {
  await page.locator(`[data-do=${kind}]`).click();
  await page.locator(`[data-do=${kind}]:not([aria-disabled])`).waitFor();
}

for (const [id, connections, says] of [
  ['plain', 6, 'never two at a time on one'],
  ['h2', 1, 'up to 12 at a time on one'],
  ['h3', 1, 'up to 12 at a time on one'],
] as const) {
  test(`twelve at once over ${id}: the lanes are the server’s connections, bar by bar, and Chromium counts as many`, async ({
    page,
    running,
  }) => {
    test.skip(id === 'h3' && running.lab.quicOnly.length === 0, 'HTTP/3 is off on this platform');
    const since = Date.now();
    const seen = await watchConnections(page);
    await page.goto(`${running.originOf(id)}/live?n=12&hold=100`);
    await expect(page.locator('#watch-state')).toContainText('Live');
    await press(page, 'twelve');
    await expect(page.locator('#outcome')).toContainText(says);
    const used = counted(running, id, since).filter(({ exchanges }) =>
      exchanges.some(({ target }) => target.startsWith('/asked/')),
    );
    expect(used).toHaveLength(connections);
    await expect.poll(async () => (await lanes(page)).sort()).toEqual(used.map(({ facts }) => facts.id).sort());
    expect(
      new Set(seen.filter(({ url }) => url.includes('/asked/')).map(({ connectionId }) => connectionId)).size,
    ).toBe(connections);
    for (const { facts, exchanges } of used) {
      const bars = page.locator(`#waterfall .tl-lane[data-lane="${facts.id}"] a`);
      // What watches is told of, and not drawn.
      await expect(bars).toHaveCount(exchanges.filter(({ target }) => !/\/events(?:\?|$)/.test(target)).length);
    }
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(over).toBeLessThanOrEqual(0);
  });
}

test('what the visitor gives up ends a connection of HTTP/1.1 and one stream of HTTP/2, and the server’s own mark says so', async ({
  page,
  running,
}) => {
  await page.goto(`${running.plain}/live`);
  await press(page, 'abort');
  await expect(page.locator('#outcome')).toContainText('itself was closed');
  await expect(page.locator('#waterfall .tl-mark-close')).toHaveCount(1);
  await page.goto(`${running.originOf('h2')}/live`);
  await press(page, 'abort');
  await expect(page.locator('#outcome')).toContainText('one stream of');
  await expect(page.locator('#waterfall .tl-mark-rst')).toHaveCount(1);
});

test('a stored answer has no lane of a connection, a request without cookies has one of its own', async ({
  page,
  running,
}) => {
  await page.goto(`${running.h1}/live`);
  await press(page, 'cache');
  await expect(page.locator('#outcome')).toContainText('came out of your browser’s cache');
  await expect(page.locator('#waterfall [data-lane=cache] a')).toHaveCount(1);
  await press(page, 'omit');
  await expect(page.locator('#outcome')).toContainText('since the open ones carry cookies');
});

test('a bar is reached by keyboard, and tells each fact with its source; another tab’s request on the same connection is drawn as well', async ({
  page,
  running,
}) => {
  await page.goto(`${running.originOf('h2')}/live?do=one&hold=0`);
  await expect(page.locator('#watch-state')).toContainText('Live');
  await press(page, 'one');
  // Home is the first bar of the lane: the page's own request has to stand in it already.
  await page
    .locator('.tl-lane:has(a[aria-label*="GET /asked"]) a[aria-label*="GET /live"]')
    .waitFor({ state: 'attached' });
  await page.locator('#waterfall a[aria-label*="GET /asked"]').focus();
  await page.keyboard.press('Home');
  await expect(page.locator('#facts')).toContainText('GET /live');
  await page.keyboard.press('End');
  await expect(page.locator('#facts')).toContainText('the server, at its socket');
  await expect(page.locator('#facts')).toContainText('an addition, not the truth');
  const other = await page.context().newPage();
  await other.goto(`${running.originOf('h2')}/story`);
  await expect(page.locator('#waterfall a[aria-label*="GET /story"]')).toHaveCount(1);
  await other.close();
});

test('twelve tabs over HTTP/1.1 are all live: a WebSocket does not count among the six', async ({ page, running }) => {
  const context = page.context();
  const more = await Promise.all(Array.from({ length: 11 }, () => context.newPage()));
  const tabs = [page, ...more];
  await Promise.all(tabs.map((tab) => tab.goto(`${running.plain}/live?do=one&hold=0`)));
  await Promise.all(tabs.map((tab) => expect(tab.locator('#watch-state')).toContainText('Live')));
  // All at the same time: each asks, and hears from the server what it asked.
  await Promise.all(
    tabs.map(async (tab) => {
      await press(tab, 'one');
      await expect(tab.locator('#event-log')).toContainText(/conn:request.*\/asked\//);
    }),
  );
  const watching = [...running.lab.registry.closed(), ...running.lab.registry.open()].filter(({ exchanges }) =>
    exchanges.some(({ target, status }) => target.endsWith('/events') && status === 101),
  );
  expect(watching.length, 'each on a connection that left HTTP').toBeGreaterThanOrEqual(12);
});

test('while it is live nothing moves', async ({ page, running }) => {
  await page.goto(`${running.plain}/live?hold=100`);
  await expect(page.locator('#watch-state')).toContainText('Live');
  await page.evaluate(() => {
    const moved: number[] = [];
    Object.assign(window, { moved });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const shift = entry as PerformanceEntry & {
          hadRecentInput: boolean;
          value: number;
          sources: { node: Element | null }[];
        };
        // The ribbon's numbers go on in their line; below it nothing may move.
        if (!shift.hadRecentInput && shift.sources.some(({ node }) => node?.closest?.('main'))) moved.push(shift.value);
      }
    }).observe({ type: 'layout-shift' });
  });
  await press(page, 'twelve');
  await press(page, 'socket');
  expect(await page.evaluate(() => (window as unknown as { moved: number[] }).moved)).toEqual([]);
});
