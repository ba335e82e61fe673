import type { Page } from '@playwright/test';
import { startWorker } from '../src/worker/worker.ts';
import { built } from './built.ts';
import { expect, test } from './lab.ts';

for (const [id, kind, unit] of [
  ['plain', 'request', /^Connection A, HTTP\/1\.1: \d+ pieces of messages\. This page came on exchange 1\..* Live\.$/],
  ['h2', 'HEADERS', /^Connection A, HTTP\/2: \d+ frames\. This page came on stream 1\..* left out\. Live\.$/],
  ['h3', 'HEADERS', /^Connection A, HTTP\/3: \d+ frames\. This page came on stream 0\..* left out\. Live\.$/],
] as const) {
  test(`${id}: the frames that carried the page, live, without a shift`, async ({ page, running }) => {
    const origin = running.originOf(id);
    await page.addInitScript(() => {
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
          if (!entry.hadRecentInput) document.documentElement.dataset['shift'] = String(entry.value);
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.context().addCookies([{ name: 'sid', value: 'never-shown', url: origin }]);
    await page.goto(`${origin}/frames?token=never-shown`);
    await expect(page.locator('#frames-status')).toHaveText(unit);
    const own = page.locator('.frow.of-page');
    await expect(own.first()).toContainText(kind);
    await expect(own.first()).toContainText('this page');
    // Its bytes, its fields with the cookie masked, its step from state to state.
    await expect(page.locator('#detail-title')).toContainText(kind);
    await expect(page.locator('#parts')).toContainText(id === 'plain' ? 'Cookie' : 'cookie');
    await expect(page.locator('#parts .masked').first()).toHaveText('masked');
    await expect(page.locator('#states .now').first()).toBeVisible();
    await expect(page.locator('.frow[aria-selected=true]')).toContainText('this page');
    await expect.poll(() => isInList(page)).toBe(true);
    const rows = await page.locator('.frow').count();
    await page.locator('#run').click();
    await expect(page.locator('#outcome')).toHaveText(/./);
    // Over HTTP/1.1 a browser may have a second connection at hand, and takes that one.
    const isSame = (await page.locator('#outcome').textContent())?.includes('on this very connection');
    expect(isSame || id === 'plain').toBe(true);
    if (isSame) await expect.poll(() => page.locator('.frow').count()).toBeGreaterThan(rows);
    expect(await page.evaluate(() => document.documentElement.dataset['shift'] ?? 'none')).toBe('none');
    // Arrow keys go from frame to frame, and from part to part.
    await page.locator('#frame-list').focus();
    const before = await page.locator('#detail-title').textContent();
    await page.keyboard.press('End');
    await expect(page.locator('#detail-title')).not.toHaveText(before ?? '');
    expect(await isInList(page)).toBe(true);
    await page.keyboard.press('Home');
    expect(await isInList(page)).toBe(true);
    await page.locator('#parts button').first().focus();
    await page.keyboard.press('ArrowDown');
    await expect(page.locator('#parts tr.chosen')).toHaveAttribute('data-part', /^[01]$/);
    // Nowhere does the page, or what it gives away, hold the credential.
    expect(await page.locator('main').textContent()).not.toContain('never-shown');
    for (const name of ['qlog (JSON Text Sequences)', 'qlog for qvis', 'text']) {
      const href = await page.getByRole('link', { name, exact: true }).getAttribute('href');
      const file = await page.request.get(origin + href, { ignoreHTTPSErrors: true }).catch(() => null);
      if (id === 'h3') continue;
      expect(file?.status()).toBe(200);
      expect(await file?.text()).not.toContain('never-shown');
    }
  });
}

/** True when the chosen row is to be seen in the list, which scrolls by itself. */
function isInList(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const list = document.querySelector('#frame-list')?.getBoundingClientRect();
    const row = document.querySelector('.frow[aria-selected=true]')?.getBoundingClientRect();
    if (list === undefined || row === undefined) return false;
    return row.top >= list.top - 1 && row.bottom <= list.bottom + 1;
  });
}

test('where nobody sees the visitor’s frames, our own client shows its own, and says so', async ({ browser }) => {
  const worker = await startWorker(await built());
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    await page.goto(`http://${worker.address.host}:${worker.address.port}/frames`);
    await expect(page.locator('h1')).toHaveText('These are the frames that carried an exchange inside this page.');
    await expect(page.locator('#frames-status')).toHaveText(
      /^Our own client’s connection, HTTP\/2 in a WebSocket: \d+ frames\. Live\.$/,
    );
    await expect(page.locator('.frow').first()).toContainText('PREFACE');
    await page.locator('#run').click();
    await expect(page.locator('#outcome')).toHaveText(/The latest head of a request took \d+ bytes/);
    expect(await page.locator('main').textContent()).not.toContain('never-shown');
  } finally {
    await context.close();
    await worker.stop();
  }
});
