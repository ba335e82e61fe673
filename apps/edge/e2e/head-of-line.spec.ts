import { expect, layoutShift, test } from './app.ts';

test('on Cloudflare: a recording called one, and the model runs in the page, with a guess', async ({ page, front }) => {
  const { asked } = await front('cloudflare');
  await page.goto('/head-of-line?from=0&lost=39');
  await expect(page.locator('.real')).toContainText('so this is a recording');
  await expect(page.locator('.wait-box svg')).toHaveCount(3);
  await page.locator('.guess', { hasText: 'all twelve' }).click();
  await page.locator('#run').click();
  await page.locator('#run:not([aria-disabled])').waitFor();
  await expect(page.locator('#predict-answer')).toHaveText('You said all twelve. It was all twelve.');
  await expect(page.locator('#outcome')).toHaveText(
    'One order: 12 of 12 late. An order for each stream: 0 of 12 late.',
  );
  await expect(page.locator('#hole-words')).toContainText('none lost bytes of its own, twelve only wait');
  await expect(page.locator('#address')).toHaveText('/head-of-line?n=12&seed=7&order=shared&from=0&lost=39');
  // The cores came when they were needed, and nothing asked for a lab.
  expect(asked).toEqual(['/head-of-line', '/head-of-line/model.js']);
  expect(await layoutShift(page)).toBeLessThan(0.01);
});
