import { expect, test } from './lab.ts';

test('twelve bodies come mixed over a real WebSocket, are sorted by number, and read as a mixture without', async ({
  page,
  running,
}) => {
  await page.goto(`${running.h1}/multiplexing?size=2600`);
  await page.locator('#run').click();
  await expect(page.locator('#outcome')).toContainText('none was taken for another');
  await page.locator('.guess', { hasText: 'mixed' }).click();
  await expect(page.locator('#strip .strip-name')).toHaveCount(13);
  await page.locator('#numbers').uncheck();
  await expect(page.locator('#strip .strip-name')).toHaveCount(1);
  await expect(page.locator('#mixed')).toContainText('This answers /a.');
  await expect(page.locator('#frame-source')).toContainText('just now');
  const frames = Number(await page.locator('#frame').getAttribute('max'));
  expect(frames).toBeGreaterThan(40);
  await page.locator('#frame').fill(String(frames));
  await expect(page.locator('#frame-bytes .bytes-title')).toContainText(`Frame ${frames}: DATA`);
  await expect(page.locator('#frame-bytes .bytes-title')).toContainText('ends the stream');
});
