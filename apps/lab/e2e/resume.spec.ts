import { counted, expect, test } from './lab.ts';

for (const id of ['h1', 'h2'] as const) {
  test(`over ${id}: staying pays nothing, coming back resumes, arriving does not, and the server agrees`, async ({
    page,
    running,
  }) => {
    const since = Date.now();
    await page.goto(`${running.originOf(id)}/resume`);
    await page.locator('.guess', { hasText: 'a new one, resumed' }).click();
    await page.locator('#run').click();
    await page.locator('#run:not([aria-disabled])').waitFor();
    await expect(page.locator('#paid-body td:nth-child(3)')).toHaveText([
      'the same connection',
      'a new one, resumed',
      'a new one, from nothing',
    ]);
    await expect(page.locator('#paid-body td:nth-child(4)').first()).toHaveText('none');
    await expect(page.locator('#predict-answer')).toHaveText('You said a new one, resumed. It was a new one, resumed.');
    const used = counted(running, id, since).filter(({ exchanges }) =>
      exchanges.some(({ target }) => target.startsWith('/api/v1/request')),
    );
    expect(
      used.map(({ facts }) => facts.tls?.resumed),
      'what the server’s TLS library says',
    ).toEqual([false, true, false]);
    await expect(page.locator('#conn-bytes .bytes')).toHaveCount(3);
  });
}

test('in the clear there is no session to resume, and the page says so', async ({ page, running }) => {
  await page.goto(`${running.plain}/resume`);
  await expect(page.locator('main')).toContainText('no session to resume');
  await page.locator('#run').click();
  await expect(page.locator('#outcome')).toContainText('To come back: a new one.');
});
