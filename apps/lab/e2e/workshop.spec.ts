import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import AxeBuilder from '@axe-core/playwright';
import { chromiumFlags, findChromium } from '@interleave/judge/chromium';
import { serveExchanges, toExchangeHandler } from '@interleave/transport/node';
import { test as base, chromium, expect, type Page } from '@playwright/test';
import { projectRoot } from '../src/project.ts';
import { createWorkshop } from '../src/workshop/mod.ts';

/** A workshop in a folder of its own, with the pages on a port of its own. */
interface Shop {
  readonly origin: string;
  readonly root: string;
  save(text: string): Promise<void>;
  readonly solution: string;
}

const test = base.extend<{ shop: Shop; page: Page }>({
  shop: async ({}, use) => {
    const root = await mkdtemp(join(tmpdir(), 'workshop-e2e-'));
    await symlink(join(projectRoot, 'workshops'), join(root, 'workshops'));
    // Somebody who is in the middle of KA2.
    await mkdir(join(root, '.workshop'));
    await writeFile(join(root, '.workshop/state.json'), '{"version":1,"current":"KA2","exercises":{}}');
    let workshop: ReturnType<typeof createWorkshop> | null = null;
    const server = await serveExchanges(
      { host: '127.0.0.1', port: 0, protocols: ['http/1.1'], tls: null },
      toExchangeHandler((request) => workshop?.fetch(request) ?? new Response(null, { status: 503 }), 'http'),
    );
    const origin = `http://127.0.0.1:${server.address.port}`;
    workshop = createWorkshop({ root, stateDir: join(root, '.interleave'), origin });
    await workshop.start(new PassThrough().resume());
    await use({
      origin,
      root,
      solution: await readFile(
        join(projectRoot, 'workshops/1-keep-alive/2-one-connection/solution/http1/server.ts'),
        'utf8',
      ),
      save: (text) => writeFile(join(root, 'work/http1/server.ts'), text),
    });
    await workshop.stop();
    await server.close({ grace: 0 });
    await rm(root, { recursive: true, force: true });
  },
  page: async ({}, use) => {
    const found = findChromium();
    if (found === null) throw new Error('There is no Chromium.');
    const browser = await chromium.launch({ executablePath: found.path, args: chromiumFlags() });
    await use(await (await browser.newContext()).newPage());
    await browser.close();
  },
});

/** The kill matrices have one shape, and there is one for each exercise: two of them stand for all. */
const violations = async (page: Page): Promise<unknown[]> =>
  (await new AxeBuilder({ page }).exclude('.matrix-part ~ .matrix-part ~ .matrix-part').analyze()).violations.map(
    ({ id, nodes }) => [id, nodes[0]?.html],
  );

test('a save changes the page without a reload, and says so to those who listen', async ({ shop, page }) => {
  const complaints: string[] = [];
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
  page.on('pageerror', (error) => complaints.push(error.message));
  const response = await page.goto(`${shop.origin}/workshop/KA2`);
  await expect(page.getByRole('heading', { name: 'KA2-1 fails.' })).toBeVisible();
  await expect(page.getByRole('group', { name: 'What failed' })).toContainText(
    'The reply to GET /a says Connection: close.',
  );
  await page.evaluate(() => Object.assign(globalThis, { notReloaded: true }));

  await shop.save(shop.solution);
  await expect(page.getByRole('heading', { name: 'KA2 passes.' })).toBeVisible();
  await expect(page.locator('#announce')).toContainText('KA2 passes. 7 of 7 pass');
  await expect(page.locator('#run')).toContainText('One connection carried 4 whole exchanges');
  expect(await page.evaluate(() => 'notReloaded' in globalThis)).toBe(true);
  expect(complaints).toEqual([]);
  const policy = (await response?.allHeaders())?.['content-security-policy'] ?? '';
  expect(policy).not.toMatch(/unsafe-(?:inline|eval)/);
});

test('hints, the chosen check and the start are reached by keyboard alone', async ({ shop, page }) => {
  await page.goto(`${shop.origin}/workshop/KA2`);
  await page.getByRole('button', { name: 'Hint 1 of 3' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Hints for KA2-1' })).toBeVisible();
  await expect(page.locator('.rungs li')).toHaveText([/^hint 1 of 3/]);
  await expect(page.locator('#announce')).toHaveText('Hint 1 of 3 for KA2-1 is shown.');
  await expect(page.getByRole('button', { name: 'Hint 2 of 3' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('.rungs li')).toHaveText([/^hint 1 of 3/, /^hint 2 of 3/]);
  await expect(page.getByRole('button', { name: 'Hint 3 of 3' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByText('That was the last of 3 hints.')).toBeVisible();
  await expect(page.locator('.rungs li').last()).toBeFocused();
  await page.getByRole('button', { name: 'KA2-4' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('#run')).toContainText('KA2-4');
  await shop.save('// mine\n');
  await expect(page.getByRole('heading', { name: 'KA2-1 fails.' })).toBeVisible();
  const reset = page.getByRole('button', { name: 'Back to the start' });
  await reset.press('Enter');
  await expect(page.locator('#dialogue')).toContainText('Press again');
  await reset.press('Enter');
  await expect.poll(() => readFile(join(shop.root, 'work/http1/server.ts'), 'utf8')).toContain('export');
});

test('the file runs in the page, and a run that was kept has a page of its own', async ({ shop, page }) => {
  await page.goto(`${shop.origin}/workshop/KA2`);
  await expect(page.getByRole('heading', { name: 'KA2-1 fails.' })).toBeVisible();
  await shop.save(shop.solution);
  await expect(page.getByRole('heading', { name: 'KA2 passes.' })).toBeVisible();
  await page.getByRole('button', { name: 'Run it in this page' }).click();
  await expect(page.locator('#page-host')).toContainText('6 of 6 raw checks pass in this page');
  await page.goto(`${shop.origin}/workshop/run/1#KA2-2`);
  await expect(page.getByRole('heading', { name: /Run 1 failed/ })).toBeVisible();
  await expect(page.locator('#KA2-2')).toBeInViewport();
});

test('the learner’s server carries a page to this browser, and what it carried is drawn', async ({ shop, page }) => {
  for (const name of ['server.ts', 'client.ts']) {
    const model = join(projectRoot, 'workshops/1-keep-alive/9-chromium-moves-in/solution/http1', name);
    await writeFile(join(shop.root, 'work/http1', name), await readFile(model, 'utf8'));
  }
  await page.goto(`${shop.origin}/workshop/KA9`);
  await page.getByRole('button', { name: 'Start your server' }).press('Enter');
  const link = page.getByRole('link', { name: /Open http:/ });
  await expect(link).toBeFocused();
  const opened = page.context().waitForEvent('page');
  await link.press('Enter');
  const own = await opened;
  await expect(own.getByRole('heading', { name: 'Chromium moves in' })).toBeVisible();
  await expect(own.locator('img')).toHaveCount(12);
  await own.waitForLoadState('load');
  await page.bringToFront();
  await expect(page.locator('#own-picture')).toContainText('brought 12 of 12');
  await expect(page.locator('#own-picture')).toContainText(/\d connections carried 13 whole exchanges/);
  expect(await violations(page)).toEqual([]);
});

test('the kill matrix is what the folders hold, and leads to what a learner reads, by keyboard alone', async ({
  shop,
  page,
}) => {
  const folder = join(projectRoot, 'workshops/1-keep-alive/2-one-connection');
  const wrongs = await readdir(join(folder, 'wrong'));
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${shop.origin}/workshop`);
  await page.getByRole('link', { name: 'The kill matrix' }).press('Enter');
  await expect(page).toHaveTitle(/Kill matrix/);
  const matrix = page.getByRole('group', { name: 'Kill matrix of KA2' });
  // Without the start.
  await expect(matrix.locator('tbody tr.wrong')).toHaveCount(wrongs.length);
  for (const file of wrongs) {
    const [first = ''] = (await readFile(join(folder, 'wrong', file), 'utf8')).split('\n');
    const row = matrix
      .getByRole('row')
      .filter({ has: page.getByRole('link', { name: file.replace('.ts', ''), exact: true }) });
    await expect(row.locator('.kill')).toHaveCount(first.split(' ').length - 2);
  }
  await matrix.getByRole('link', { name: 'closes-each' }).press('Enter');
  const [, headline = ''] = (await readFile(join(folder, 'golden/closes-each.txt'), 'utf8')).split('\n');
  await expect(page.locator('#KA2-closes-each')).toContainText(headline.trim());
  await expect(page.locator('#KA2-closes-each')).toBeInViewport();
  // Last: Chromium drops a jump to a fragment while it still scrolls for a key.
  await matrix.focus();
  await page.keyboard.press('ArrowRight');
  await expect.poll(() => matrix.evaluate((element) => element.scrollLeft)).toBeGreaterThan(0);
});

// Colours do not depend on the width: each of both is seen once.
for (const [colorScheme, width] of [
  ['light', 390],
  ['dark', 1280],
] as const) {
  test(`everybody can use it: ${colorScheme}, ${width} pixels`, async ({ shop, page }) => {
    // Five long pages, each looked at as a whole.
    test.slow();
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 844 });
    for (const path of ['/workshop', '/workshop/KA2', '/workshop/run/1', '/workshop/gate', '/workshop/nothing']) {
      await page.goto(`${shop.origin}${path}`);
      if (path === '/workshop/KA2') await expect(page.getByRole('heading', { name: 'KA2-1 fails.' })).toBeVisible();
      expect(await violations(page), path).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, `${path}: nothing sticks out to the side`).toBeLessThanOrEqual(0);
    }
  });
}
