import AxeBuilder from '@axe-core/playwright';
import { expect, type Host, layoutShift, test } from './app.ts';

const HOSTS: Host[] = ['lab', 'cloudflare', 'mock', 'hostile'];

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1100, 390]) {
    test.describe(`${colorScheme}, ${width} pixels wide`, () => {
      test.use({ colorScheme, viewport: { width, height: 800 } });

      // Each kind of facts once, and those of the lab in every look.
      for (const host of colorScheme === 'light' && width === 390 ? HOSTS : HOSTS.slice(0, 1)) {
        test(`the page about a connection has no accessibility violation and fits (${host})`, async ({
          page,
          front,
        }) => {
          await front(host);
          const problems: string[] = [];
          page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
          page.on('pageerror', (error) => problems.push(error.message));
          await page.goto('/');
          await page
            .locator('summary')
            .first()
            .click({ timeout: 2000 })
            .catch(() => {});
          const { violations } = await new AxeBuilder({ page }).analyze();
          expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)).toEqual([]);
          expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
          // The policy blocked nothing, nothing threw, nothing moved.
          expect(problems).toEqual([]);
          expect(await layoutShift(page)).toBeLessThan(0.01);
        });
      }

      test('the page for what is not there has no accessibility violation and fits', async ({ page, front }) => {
        await front('lab');
        await page.goto('/nothing/here');
        const { violations } = await new AxeBuilder({ page }).analyze();
        expect(violations.map((v) => v.id)).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      });
    });
  }
}

test('a page is one exchange: it asks for nothing else', async ({ page, front }) => {
  const { asked } = await front('lab');
  await page.goto('/', { waitUntil: 'networkidle' });
  expect(asked).toEqual(['/']);
});

test('works without a script: the verdict, the picture and the facts are there', async ({ browser, address }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.setExtraHTTPHeaders({ 'mf-cf-blob': JSON.stringify((await import('../src/cf-examples.ts')).labCf()) });
  await page.goto(address);
  await expect(page.locator('h1')).toHaveText(
    'This page came to you as exchange 3 on a connection that was already open.',
  );
  await expect(page.locator('.wide svg.tl')).toBeVisible();
  await expect(page.getByText('measured at the socket').first()).toBeVisible();
  await expect(page.getByRole('button', { name: 'Fetch three' })).toBeHidden();
  await context.close();
});

test('hostile text stays text', async ({ page, front }) => {
  await front('hostile');
  page.on('dialog', () => expect('a dialog').toBe('never shown'));
  await page.goto('/');
  await expect(page.locator('dd').filter({ hasText: '<script>alert(1)</script>' }).first()).toBeVisible();
});
