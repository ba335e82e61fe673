import { readFile } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './app.ts';

const START = Date.parse('2026-11-21T08:00:00.000Z');

/** Twelve requests to one host over HTTP/1.1, each on a connection of its own that the server closes. */
function shortConnections(count = 12): string {
  const entries = Array.from({ length: count }, (_, n) => ({
    startedDateTime: new Date(START + n * 120).toISOString(),
    time: 110,
    connection: String(1_000 + n),
    serverIPAddress: '192.0.2.1',
    request: {
      method: 'GET',
      url: `https://api.example/item/${n}?token=hunter2`,
      httpVersion: 'HTTP/1.1',
      headers: [{ name: 'Cookie', value: 'session=hunter2' }],
      cookies: [{ name: 'session', value: 'hunter2' }],
    },
    response: {
      status: 200,
      httpVersion: 'HTTP/1.1',
      headers: [{ name: 'Connection', value: 'close' }],
      content: { size: 2, text: 'hunter2' },
    },
    timings: { blocked: 1, dns: -1, connect: 84, ssl: 50, send: 1, wait: 20, receive: 4 },
  }));
  return JSON.stringify({ log: { version: '1.2', creator: { name: 'test <b>', version: '1' }, pages: [], entries } });
}

async function give(page: Page, ...files: [name: string, text: string][]): Promise<void> {
  await page
    .locator('#files')
    .setInputFiles(files.map(([name, text]) => ({ name, mimeType: 'application/json', buffer: Buffer.from(text) })));
}

for (const [colorScheme, width] of [
  ['light', 1100],
  ['dark', 1100],
  ['light', 390],
] as const) {
  test(`the report has no accessibility violation and fits (${colorScheme}, ${width} pixels wide)`, async ({
    browser,
    address,
  }) => {
    const context = await browser.newContext({ baseURL: address, colorScheme, viewport: { width, height: 900 } });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto('/analyse');
    await give(page, ['slow.har', shortConnections()]);
    await expect(page.locator('#report-title')).toContainText('12 exchanges on 12 connections to 1 host');
    for (const summary of await page.locator('#report summary').all()) await summary.click();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    expect(problems).toEqual([]);
    await context.close();
  });
}

test('names the finding, its evidence and what to do; nothing leaves the page, and no secret reaches it', async ({
  page,
}) => {
  await page.goto('/analyse');
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await give(page, ['slow.har', shortConnections()]);
  const finding = page.locator('.finding').first();
  await expect(finding).toContainText('api.example');
  await expect(finding.locator('.rule')).toHaveText('short-connections');
  await expect(page.locator('#report svg.tl').first()).toBeVisible();
  await expect(page.locator('#report')).not.toContainText('hunter2');
  expect(await page.locator('#report').innerHTML()).not.toContain('<b>test');
  expect(asked.filter((url) => !url.startsWith('blob:'))).toEqual([]);
});

test('saves Markdown and JSON, with hosts replaced on request', async ({ page }) => {
  await page.goto('/analyse');
  await give(page, ['slow.har', shortConnections()]);
  await page.locator('#take-away').waitFor();
  const save = async (button: string): Promise<string> => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator(button).click()]);
    return readFile(await download.path(), 'utf8');
  };
  expect(await save('#as-markdown')).toContain('api.example');
  await page.locator('#anonymise').check();
  const json = await save('#as-json');
  expect(JSON.parse(json)).toMatchObject({ format: 'interleave-report' });
  expect(json).not.toContain('api.example');
});

test('compares two files', async ({ page }) => {
  await page.goto('/analyse');
  const one = JSON.parse(shortConnections());
  for (const entry of one.log.entries) {
    entry.connection = '1';
    entry.response.headers = [];
    if (entry !== one.log.entries[0]) Object.assign(entry.timings, { connect: -1, ssl: -1 });
  }
  await give(page, ['before.har', shortConnections()], ['after.har', JSON.stringify(one)]);
  await expect(page.locator('#report-title').first()).toHaveText('1 went, 0 came, 0 stayed.');
});

test('says what is wrong with a file that cannot be read, and takes the next one', async ({ page }) => {
  await page.goto('/analyse');
  await give(page, ['page.html', '<!doctype html>']);
  await expect(page.locator('#status')).toContainText('page.html');
  await expect(page.locator('#status')).toContainText('web page');
  await give(page, ['slow.har', shortConnections()]);
  await expect(page.locator('#report-title')).toContainText('12 connections');
});

test('stays alive while it reads, and says how far it is', async ({ page }) => {
  test.slow();
  await page.goto('/analyse');
  await page.evaluate(() => {
    const entry = (n: number): string =>
      JSON.stringify({
        startedDateTime: new Date(1.7e12 + n).toISOString(),
        time: 1,
        request: { method: 'GET', url: `https://a.example/${n}`, headers: [] },
        response: { status: 200, headers: [], content: { text: 'x'.repeat(2_000) } },
        timings: { send: 0, wait: 1, receive: 0 },
      });
    const parts = [
      '{"log":{"entries":[',
      entry(0),
      ...Array.from({ length: 20_000 }, (_, n) => `,${entry(n + 1)}`),
      ']}}',
    ];
    const list = new DataTransfer();
    list.items.add(new File(parts, 'large.har'));
    const seen: string[] = [];
    (globalThis as { seen?: string[] }).seen = seen;
    const status = document.querySelector('#status') as HTMLElement;
    new MutationObserver(() => seen.push(status.textContent ?? '')).observe(status, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    const input = document.querySelector('#files') as HTMLInputElement;
    input.files = list.files;
    input.dispatchEvent(new Event('change'));
  });
  await expect(page.locator('#report-title')).toContainText('20001 exchanges', { timeout: 60_000 });
  const seen = await page.evaluate(() => (globalThis as { seen?: string[] }).seen ?? []);
  expect(seen.filter((line) => /Reading large.har: [\d.]+ MB of/.test(line)).length).toBeGreaterThan(3);
});

test("this tab's own exchanges are a recording to begin with", async ({ page, front }) => {
  await front('lab');
  await page.goto('/');
  await page.locator('#fetch-three').click();
  await page.locator('#results-body tr').nth(2).waitFor();
  await page.goto('/analyse');
  await page.locator('#record-tab').click();
  await expect(page.locator('#report-title')).toContainText('on 1 connection');
});
