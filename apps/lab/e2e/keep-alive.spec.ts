import { counted, expect, test } from './lab.ts';

test('long: five fetches on the connection that brought the page; short: five connections, and the server agrees', async ({
  page,
  running,
}) => {
  const since = Date.now();
  await page.goto(`${running.h1}/keep-alive`);
  await page.locator('#run').click();
  await expect(page.locator('#outcome')).toContainText('Five fetches, one connection, A: exchanges 3, 4, 5, 6 and 7.');
  await expect(page.locator('#outcome')).toContainText('None of them paid for a handshake.');
  await expect(page.locator('#life .tl-lane')).toHaveCount(1);
  expect(counted(running, 'h1', since)).toHaveLength(1);

  await page.locator('#short').check();
  await page.locator('#run').click();
  await expect(page.locator('#outcome')).toContainText('Five fetches, five connections');
  await expect(page.locator('#life .tl-lane')).toHaveCount(5);
  const fetches = counted(running, 'h1', since).filter(({ exchanges }) =>
    exchanges.some(({ target }) => target.startsWith('/api/v1/request')),
  );
  expect(fetches.map(({ count }) => count).slice(1), 'the server counted one exchange on each').toEqual([
    1, 1, 1, 1, 1,
  ]);

  await page.locator('#short').uncheck();
  await page.locator('#run').click();
  await expect(page.locator('#outcome')).toContainText('Five fetches, one connection');
});

for (const [id, ends] of [
  ['1.1', false],
  ['1.1-close', true],
  ['1.0', true],
  ['1.0-keep-alive', false],
] as const) {
  test(`our own client asks twice with ${id}: the connection ${ends ? 'ends' : 'stays'}`, async ({ page, running }) => {
    await page.goto(`${running.plain}/keep-alive`);
    await page.locator(`input[value="${id}"]`).check();
    await page.locator('#ask-twice').click();
    await expect(page.locator('#ending-source')).toContainText('just now');
    await expect(page.locator('#ending-outcome')).toContainText(ends ? 'ends the connection' : 'answers twice');
    const sent = (await page.locator('#ending-bytes .bytes').first().textContent()) ?? '';
    expect(sent.match(/start line/g)).toHaveLength(ends ? 1 : 2);
  });
}
