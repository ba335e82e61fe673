import { counted, expect, test, watchConnections } from './lab.ts';

test('forty-eight pictures: 6, 6, 1 and 1 connections, never two at a time on one of HTTP/1.1, and every witness agrees', async ({
  page,
  running,
}) => {
  test.skip(running.lab.quicOnly.length === 0, 'HTTP/3 is off on this platform');
  const since = Date.now();
  const seen = await watchConnections(page);
  await page.goto(`${running.plain}/tiles?hold=40`);
  await page.locator('#run').click();
  await page.locator('#run:not([aria-disabled])').waitFor();
  const rows = await page.locator('#counts-body tr').all();
  const told = await Promise.all(rows.map(async (row) => (await row.locator('td').allTextContents()).slice(0, 2)));
  expect(told.map(([connections]) => connections)).toEqual(['6', '6', '1', '1']);
  expect(
    told.map(([, most]) => Number(most) > 1),
    'several at a time only where streams are',
  ).toEqual([false, false, true, true]);
  await expect(page.locator('#outcome')).toContainText(
    '48 pictures over HTTP/1.1: six connections, never two at a time',
  );

  for (const [id, connections] of [
    ['plain', 6],
    ['h1', 6],
    ['h2', 1],
    ['h3', 1],
  ] as const) {
    const used = counted(running, id, since).filter(({ exchanges }) =>
      exchanges.some(({ target }) => target.startsWith('/tile/')),
    );
    expect(used, `the server counted on ${id}`).toHaveLength(connections);
    const origin = running.originOf(id);
    const browser = new Set(
      seen.filter(({ url }) => url.startsWith(`${origin}/tile/`)).map(({ connectionId }) => connectionId),
    );
    expect(browser.size, `Chromium counted on ${id}`).toBe(connections);
    expect(used.map(({ facts }) => facts.id).length).toBe(browser.size);
  }
  const marks = await page.locator('.mosaic-box').first().locator('.tile-mark').allTextContents();
  expect(marks).toHaveLength(48);
  expect(new Set(marks.map((mark) => mark.replace(/\d+/, '')))).toEqual(new Set(['A', 'B', 'C', 'D', 'E', 'F']));
  expect(marks.map((mark) => Number(mark.replace(/\D+/, ''))).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 48 }, (_, i) => i + 1),
  );
});

test('a listener that the browser cannot use is said so, and the others are counted all the same', async ({
  page,
  running,
}) => {
  await page.route(`${running.originOf('h2')}/**`, (route) => route.abort());
  await page.goto(`${running.h1}/tiles?hold=0`);
  await page.locator('#run').click();
  await page.locator('#run:not([aria-disabled])').waitFor();
  await expect(page.locator(`[data-origin="${running.originOf('h2')}"] .mosaic-note`)).toContainText('npm run browser');
  await expect(page.locator('#outcome')).toContainText('six connections');
});
