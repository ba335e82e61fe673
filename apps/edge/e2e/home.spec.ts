import { expect, test } from './app.ts';

test('three fetches come on the same connection, with the next numbers', async ({ page, front }) => {
  const { asked } = await front('lab');
  await page.goto('/');
  await expect(page.locator('#ribbon-letter')).toHaveText('A');
  await page.getByRole('button', { name: 'Fetch three' }).click();
  await expect(page.getByRole('status')).toHaveText('Three fetches, one connection, A: exchanges 2, 3 and 4.');
  await expect(page.locator('#results tbody th')).toHaveText(['A · 2', 'A · 3', 'A · 4']);
  await expect(page.locator('#ribbon-nth')).toHaveText('exchange 4');
  await expect(page.locator('#life .tl-lane')).toHaveCount(1);
  await expect(page.locator('#life .tl-ex')).toHaveCount(4);
  expect(asked).toHaveLength(4);
});

test('a connection that was ended is followed by one that resumed, and the page says why', async ({ page, front }) => {
  await front('lab');
  await page.goto('/');
  await page.getByRole('button', { name: 'End this connection' }).click();
  await expect(page.getByRole('status')).toContainText('The server ended 1 connection.');
  await page.getByRole('button', { name: 'Fetch three' }).click();
  await expect(page.locator('#results tbody th')).toHaveText(['B · 1', 'B · 2', 'B · 3']);
  await expect(page.locator('#results tbody tr').first()).toContainText('B · 1');
  await expect(page.locator('#life .tl-lane').nth(1)).toContainText('resumed');
  await page.reload();
  await expect(page.locator('#ribbon-change')).toHaveText(
    'The same connection as before, B: nothing had to be opened.',
  );
});

test('with the switch on, each fetch has a connection of its own', async ({ page, front }) => {
  await front('lab');
  await page.goto('/');
  const close = page.getByRole('checkbox', { name: 'Close after each response' });
  await close.focus();
  await page.keyboard.press('Space');
  await expect(page.getByRole('status')).toContainText('each response ends its connection');
  await expect(close).toBeChecked();
  await page.getByRole('button', { name: 'Fetch three' }).click();
  await expect(page.getByRole('status')).toHaveText(/^Three fetches, three connections: B, C and D\./);
  await expect(page.locator('#life .tl-lane')).toHaveCount(4);
  await page.reload();
  await expect(page.locator('#ribbon-change')).toContainText('the server closed D after its response, as you asked.');
  await expect(close).toBeChecked();
});

test('a connection that changed by itself is explained by the server', async ({ page, front }) => {
  const lab = await front('lab');
  await page.goto('/');
  lab.next();
  await page.reload();
  await expect(page.locator('#ribbon-change')).toHaveText(
    'Connection B is new: the server ended A after it had been idle for too long.',
  );
});

test('the ribbon goes with the visitor to a page that is not there', async ({ page, front }) => {
  await front('lab');
  await page.goto('/');
  await page.goto('/nothing');
  await expect(page.locator('#ribbon-letter')).toHaveText('A');
  await expect(page.locator('#ribbon-nth')).toHaveText('exchange 2');
  await expect(page.locator('#ribbon-change')).toContainText('The same connection as before');
});

test('everything can be done with the keyboard, in the order of reading', async ({ page, front }) => {
  await front('lab');
  await page.goto('/');
  await page.keyboard.press('Tab');
  await expect(page.locator('.skip')).toBeFocused();
  const met: string[] = [];
  for (let i = 0; i < 30; i++) {
    await page.keyboard.press('Tab');
    met.push(
      await page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent?.trim() || ''),
    );
  }
  const order = [
    'This connection',
    'The same as a table',
    'fetch-three',
    'end',
    'close-each',
    'http://localhost:4100',
    'workshop',
  ];
  expect(met.filter((name) => order.includes(name)).slice(0, order.length)).toEqual(order);
  await page.locator('#fetch-three').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('status')).toContainText('Three fetches');
  await expect(page.locator('#fetch-three')).toBeFocused();
});

test('on Cloudflare the tab counts the connections that it meets, and the edge the exchanges on each', async ({
  page,
  front,
}) => {
  await front('cloudflare');
  await page.goto('/');
  await expect(page.locator('#ribbon-nth')).toHaveText('exchange 1');
  await page.getByRole('button', { name: 'Fetch three' }).click();
  await expect(page.getByRole('status')).toHaveText('Three fetches, one connection, A: exchanges 2, 3 and 4.');
  await expect(page.locator('#ribbon-nth')).toHaveText('exchange 4');
  await expect(page.locator('#results tbody tr').first()).toContainText('reused');
  // The facts are made up and the connection is real: two witnesses disagree, and both are heard.
  await expect(page.locator('#results')).toContainText('The server spoke HTTP/2; your browser says http/1.1.');
  await expect(page.getByRole('button', { name: 'End this connection' })).toHaveCount(0);
});

test('from a simulator nothing is concluded, and nothing is offered that could not be read', async ({
  page,
  front,
}) => {
  await front('mock');
  await page.goto('/');
  await expect(page.locator('h1')).toHaveText(
    'This page came to you through a local simulator, which has no connection to tell about.',
  );
  await expect(page.getByRole('button', { name: 'Fetch three' })).toHaveCount(0);
  await expect(page.locator('#life svg')).toHaveCount(0);
  await expect(page.locator('#ribbon-change')).toContainText('names the connection');
});

test('a server that goes away is told, with what to do', async ({ page, front }) => {
  await front('lab');
  await page.goto('/');
  await page.route('**/api/**', (route) => route.abort());
  await page.getByRole('button', { name: 'Fetch three' }).click();
  await expect(page.getByRole('status')).toContainText('start it again, then press the button again');
  await expect(page.getByRole('button', { name: 'Fetch three' })).toBeEnabled();
});
