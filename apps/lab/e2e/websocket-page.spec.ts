import { counted, expect, test } from './lab.ts';

for (const [id, connections, lanes] of [
  ['h1', 2, 'a connection of its own'],
  ['h2', 1, 'one stream of the same connection'],
] as const) {
  test(`five things twice over ${id}: the WebSocket is ${lanes}, and the server agrees`, async ({ page, running }) => {
    const since = Date.now();
    await page.goto(`${running.originOf(id)}/websocket`);
    await page.locator('#run').click();
    await expect(page.locator('#outcome')).toContainText('Five exchanges took 10 heads');
    await expect(page.locator('#heads-exchanges')).toHaveText('10');
    await expect(page.locator('#heads-socket')).toHaveText('2');
    await expect(page.locator('#life-title')).toHaveText(`Five exchanges, and a WebSocket on ${lanes}.`);
    const used = counted(running, id, since);
    expect(used).toHaveLength(connections);
    const all = used.flatMap(({ exchanges }) => exchanges);
    expect(all.filter(({ target, method }) => target.startsWith('/echo') && method === 'POST')).toHaveLength(5);
    expect(all.filter(({ target, method }) => target === '/echo' && method !== 'POST')).toHaveLength(1);
    const [there, once] = await Promise.all(
      ['#there-exchanges', '#there-socket'].map(async (cell) => Number(await page.locator(cell).textContent())),
    );
    expect(there).toBeGreaterThan((once ?? 0) * 3);
  });
}

test('one thing more: refused on the finished exchange, taken on the WebSocket', async ({ page, running }) => {
  await page.goto(`${running.plain}/websocket`);
  await page.locator('#more').click();
  await expect(page.locator('#more-outcome')).toContainText('your browser refused:');
  await expect(page.locator('#more-outcome')).toContainText('it was message 2, and came back');
});
