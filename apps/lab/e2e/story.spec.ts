import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { counted, expect, test } from './lab.ts';

/** The pages of the story, as its index lists them. */
const PATHS = [
  '/boundaries',
  '/keep-alive',
  '/tiles',
  '/pipelining',
  '/multiplexing',
  '/head-of-line',
  '/resume',
  '/websocket',
  '/any-pipe',
];

/** Instruments that have the shape of a page of the story. */
const INSTRUMENTS = ['/live', '/why', '/frames'];

/** Where a page's run takes long, the address of a shorter one. */
const SHORTER: Readonly<Record<string, string>> = { '/why': '/why?reason=six' };

/** Presses the button of a page and waits until the run is over. */
async function run(page: Page): Promise<void> {
  await page.locator('#run').click();
  await page.locator('#run:not([aria-disabled])').waitFor();
}

test('the index lists these pages, and a click in the menu is one more exchange', async ({ page, running }) => {
  const since = Date.now();
  await page.goto(`${running.h1}/story`);
  expect(
    await page
      .locator('.contents a')
      .evaluateAll((all) => all.map((a) => new URL((a as HTMLAnchorElement).href).pathname)),
  ).toEqual(PATHS);
  await page.getByRole('link', { name: 'Instruments' }).click();
  await expect(page.locator('#ribbon-nth')).toHaveText('exchange 2');
  await expect(page.locator('#ribbon-change')).toHaveText(
    'The same connection as before, A: nothing had to be opened.',
  );
  await page.getByRole('link', { name: 'The story' }).click();
  await expect(page.locator('#ribbon-nth')).toHaveText('exchange 3');
  expect(counted(running, 'h1', since)).toHaveLength(1);
});

for (const path of [...PATHS, ...INSTRUMENTS]) {
  const start = SHORTER[path] ?? path;

  for (const [colorScheme, name, viewport] of [
    ['light', 'phone', { width: 390, height: 844 }],
    ['dark', 'desk', { width: 1280, height: 800 }],
  ] as const) {
    test(`${path}, ${colorScheme}, ${name}: everybody can use it, before and after a run`, async ({
      page,
      running,
    }) => {
      const complaints: string[] = [];
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize(viewport);
      await page.goto(running.h1 + start);
      for (const when of ['before', 'after']) {
        if (when === 'after') await run(page);
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(over, `${when} the run nothing sticks out to the side`).toBeLessThanOrEqual(0);
      }
      expect(complaints).toEqual([]);
    });
  }

  test(`${path} works by keyboard alone, takes a guess without a score, and its address leads to the same run`, async ({
    page,
    running,
  }) => {
    await page.goto(running.h1 + start);
    const guess = page.locator('.guess').first();
    await guess.focus();
    await page.keyboard.press('Space');
    await expect(guess).toHaveAttribute('aria-pressed', 'true');
    await page.locator('#run').focus();
    await page.keyboard.press('Enter');
    await page.locator('#run:not([aria-disabled])').waitFor();
    await expect(page.locator('#predict-answer')).toHaveText(/^You said .+\. It was .+\.$/);
    await expect(page.locator('#run')).toBeFocused();
    await expect(page.locator('#outcome')).toHaveText(/.{10}/);
    const address = await page.locator('#address').getAttribute('href');
    expect(address).toMatch(new RegExp(`^${path}\\?`));
    await page.goto(running.h1 + address);
    await run(page);
    expect(await page.locator('#address').getAttribute('href')).toBe(address);
  });

  test(`${path} says its idea without a script`, async ({ browser, running }) => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(running.h1 + start);
    await expect(page.locator('h1')).toBeVisible();
    await expect(page.locator('.three li')).toHaveCount(3);
    await expect(page.locator('.bytes').first()).toBeVisible();
    await expect(page.locator('#run')).toBeHidden();
    await context.close();
  });

  test(`${path} asks nothing of anybody else`, async ({ page, running }) => {
    const asked = new Set<string>();
    page.on('request', (request) => asked.add(new URL(request.url()).hostname));
    page.on('websocket', (socket) => asked.add(new URL(socket.url()).hostname));
    await page.goto(running.h1 + start);
    await run(page);
    // Other names of this machine are what some reasons for a new connection are about.
    const own = path === '/why' ? /^(?:localhost|127\.0\.0\.1|\w+\.localhost)$/ : /^localhost$/;
    expect([...asked].filter((name) => !own.test(name))).toEqual([]);
    expect(asked).toContain('localhost');
  });
}
