import { expect, test } from './lab.ts';

for (const [framing, outcome, statuses] of [
  ['length', 'found two messages: “Hej” and “The second one.”', ['200', '200']],
  ['chunked', 'found two messages: “Hej” and “The second one.”', ['200', '200']],
  ['none', 'read “HejPOST /say HTTP/1.1”, a request that nobody sent, and answered 405', ['200', '405']],
  ['long', 'no request: 400, and the end of the connection', ['200', '400']],
] as const) {
  test(`framing ${framing}: the server on the other side ${outcome}`, async ({ page, running }) => {
    await page.goto(`${running.plain}/boundaries?cut=30`);
    await page.locator('#say').fill('Hej');
    await page.locator(`input[name=framing][value="${framing}"]`).check();
    const frames: number[] = [];
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => frames.push(payload.length)));
    await page.locator('#run').click();
    await expect(page.locator('#outcome')).toContainText(outcome);
    expect(frames, 'two pieces, cut where the slider stands').toHaveLength(2);
    expect(frames[0]).toBe(30);
    if (framing === 'none') await expect(page.locator('#outcome')).toContainText('took a message without content');
    const back = (await page.locator('#reply-bytes .bytes').textContent()) ?? '';
    for (const status of statuses) expect(back).toContain(status);
    await expect(page.locator('#boundary-source')).toContainText('just now');
  });
}

test('the bytes follow what is written, and nothing is sent before the button', async ({ page, running }) => {
  await page.goto(`${running.plain}/boundaries`);
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.locator('#say').fill('something longer');
  await expect(page.locator('#plan-bytes .bytes')).toContainText('something');
  await page.locator('input[name=mistake][value="204"]').check();
  await expect(page.locator('#mistake-outcome')).toContainText('a last chunk on 204');
  await expect(page.locator('#mistake-bytes .caret').first()).toBeVisible();
  expect(asked).toEqual([]);
});
