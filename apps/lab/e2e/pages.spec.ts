import AxeBuilder from '@axe-core/playwright';
import { expect, fetchThree, test } from './lab.ts';

const SIZES = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 800 } };

for (const colorScheme of ['light', 'dark'] as const) {
  for (const [name, viewport] of Object.entries(SIZES)) {
    test(`home, ${colorScheme}, ${name}: everybody can use it, before and after an experiment`, async ({
      page,
      running,
    }) => {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize(viewport);
      await page.goto(`${running.h1}/`);
      expect(
        (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => [id, nodes[0]?.html]),
      ).toEqual([]);
      await fetchThree(page);
      expect(
        (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => [id, nodes[0]?.html]),
      ).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, 'nothing sticks out to the side').toBeLessThanOrEqual(0);
    });
  }
}

test('home asks nothing of anybody else, and its policy forbids it', async ({ page, running }) => {
  const asked: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).origin));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  const response = await page.goto(`${running.h1}/`);
  await fetchThree(page);
  expect(new Set(asked.filter((origin) => origin !== 'null'))).toEqual(new Set([running.h1]));
  expect(complaints).toEqual([]);
  const policy = (await response?.allHeaders())?.['content-security-policy'] ?? '';
  expect(policy).toMatch(/script-src[^;]*'nonce-/);
  expect(policy).not.toMatch(/unsafe-(?:inline|eval)/);
});

test('home works by keyboard alone', async ({ page, running }) => {
  await page.goto(`${running.plain}/`);
  await page.locator('#fetch-three').focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('#outcome')).toContainText('one connection');
});

test('without scripts the page still says what carried it', async ({ browser, running }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${running.h1}/`);
  await expect(page.locator('#headline')).toContainText('first exchange');
  await expect(page.locator('#fetch-three')).toBeHidden();
  await context.close();
});
