import type { RequestRecord } from '@interleave/trace';
import type { Page } from '@playwright/test';
import { counted, expect, fetchedRows, fetchThree, test, watchConnections } from './lab.ts';

/** The API's word on a request of its own, made by the page. */
function ask(page: Page): Promise<RequestRecord> {
  return page.evaluate(async () => (await fetch('/api/v1/request', { cache: 'no-store' })).json());
}

test('the page and three fetches after it travel on one connection, and all four witnesses agree', async ({
  page,
  running,
}) => {
  const since = Date.now();
  const seen = await watchConnections(page);
  await page.goto(`${running.h1}/`);
  await fetchThree(page);

  const server = counted(running, 'h1', since);
  expect(server, 'the server counted one connection').toHaveLength(1);
  const [connection] = server;
  expect(connection?.exchanges.map(({ nth, target }) => `${nth} ${target.split('?')[0]}`)).toEqual([
    '1 /',
    '2 /api/v1/request',
    '3 /api/v1/request',
    '4 /api/v1/request',
  ]);
  expect(connection?.facts.tls?.alpn).toBe('http/1.1');

  expect(seen, 'Chromium saw four responses').toHaveLength(4);
  expect(new Set(seen.map(({ connectionId }) => connectionId)).size, 'on one connectionId').toBe(1);
  expect(seen.slice(1).map(({ reused }) => reused)).toEqual([true, true, true]);

  const id = connection?.facts.id ?? '';
  const rows = await fetchedRows(page);
  expect(rows.map(({ connection: said }) => said)).toEqual([id, id, id]);
  expect(rows.map(({ exchange }) => exchange)).toEqual(['A · 2', 'A · 3', 'A · 4']);
  await expect(page.locator('#outcome')).toContainText('one connection');

  const { facts } = await ask(page);
  expect(facts.connectionId).toMatchObject({ value: id, source: 'core' });
  expect(facts.nth).toMatchObject({ value: 5, source: 'core' });
});

test('with close after each response, the page and three fetches need four connections', async ({ page, running }) => {
  await page.goto(`${running.h1}/`);
  await page.locator('#close-each').check();
  await expect(page.locator('#outcome')).toContainText('each response ends its connection');

  const since = Date.now();
  const seen = await watchConnections(page);
  await page.reload();
  await fetchThree(page);

  const server = counted(running, 'h1', since);
  expect(
    server.map(({ count }) => count),
    'four connections, one exchange each',
  ).toEqual([1, 1, 1, 1]);
  expect(new Set(seen.map(({ connectionId }) => connectionId)).size).toBe(4);
  const rows = await fetchedRows(page);
  expect(rows.map(({ connection }) => connection)).toEqual(server.slice(1).map(({ facts }) => facts.id));
  expect(rows.every(({ exchange }) => exchange.endsWith('· 1'))).toBe(true);

  await page.locator('#close-each').uncheck();
  await expect(page.locator('#outcome')).toContainText('stay open again');
  await fetchThree(page);
  const after = await fetchedRows(page);
  expect(new Set(after.map(({ connection }) => connection)).size, 'open again: one connection').toBe(1);
});

test('after its connection was ended, the page says that the TLS session was resumed, and so does the server', async ({
  page,
  running,
}) => {
  await page.goto(`${running.h1}/`);
  const [first] = (await ask(page)).facts.connectionId.value ?? '';
  expect(first).toBeTruthy();
  expect((await ask(page)).facts.resumed).toMatchObject({ value: false, source: 'core' });

  await page.locator('#end').click();
  await expect(page.locator('#outcome')).toContainText('The server ended');
  const since = Date.now();
  await page.reload();

  await expect(page.locator('#headline')).toContainText('resumed an earlier TLS session');
  const [connection] = counted(running, 'h1', since);
  expect(connection?.facts.tls?.resumed, "the server's isSessionReused()").toBe(true);
  const { facts } = await ask(page);
  expect(facts.connectionId.value).toBe(connection?.facts.id);
  expect(facts.resumed).toMatchObject({ value: true, source: 'core' });
});

test('Server-Timing on every response names the connection that the server counted', async ({ page, running }) => {
  const since = Date.now();
  const response = await page.goto(`${running.h1}/`);
  const missing = await page.evaluate(async () => (await fetch('/nothing-here')).headers.get('server-timing'));
  const [connection] = counted(running, 'h1', since);
  const header = (await response?.allHeaders())?.['server-timing'] ?? '';
  expect(header).toContain('conn');
  expect(header).toContain(connection?.facts.id);
  expect(missing, 'also on a 404').toContain(connection?.facts.id);
});
