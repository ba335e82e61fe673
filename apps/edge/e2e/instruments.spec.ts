import { expect, test } from './app.ts';

for (const [host, named, missing] of [
  ['cloudflare', 'connection', 'Live: the server tells what it sees'],
  ['mock', 'nobody here names', 'names connections'],
] as const) {
  test(`behind ${host} both instruments run on what can be known, and say what is missing`, async ({ page, front }) => {
    await front(host);
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto('/live?n=3&hold=0');
    await page.locator('#run').click();
    await page.locator('#run:not([aria-disabled])').waitFor();
    await expect(page.locator('#outcome')).toContainText(named);
    await expect(page.locator('#watch-state')).toContainText(missing);
    await expect(page.locator('#waterfall a')).not.toHaveCount(0);
    await page.goto('/why');
    await expect(page.locator('.why button')).toHaveCount(3);
    await expect(page.locator('.why-missing')).toHaveCount(7);
    await page.locator('#run').click();
    await page.locator('#run:not([aria-disabled])').waitFor();
    await expect(page.locator('#reason-six .why-words')).toHaveText(/connection/);
    expect(problems).toEqual([]);
  });
}
