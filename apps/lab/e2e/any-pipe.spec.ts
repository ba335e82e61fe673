import { expect, test } from './lab.ts';

test('one exchange over TCP, TLS, QUIC, a WebSocket and a channel in the page; typed by hand as well', async ({
  page,
  running,
}) => {
  test.skip(running.lab.quicOnly.length === 0, 'HTTP/3 is off on this platform');
  await page.goto(`${running.plain}/any-pipe`);
  await page.locator('#run').click();
  await expect(page.locator('#outcome')).toContainText('5 pipes, 5 answers');
  await expect(page.locator('#outcome')).toContainText('no byte of HTTP differs');
  await expect(page.locator('.came')).toHaveText([
    /HTTP\/1\.1$/,
    /HTTP\/1\.1$/,
    /HTTP\/3$/,
    /HTTP\/1\.1$/,
    /HTTP\/1\.1$/,
  ]);
  await expect(page.locator('#life .tl-lane')).toHaveCount(5);
  await expect(page.locator('#pipe-pairs .bytes')).toHaveCount(4);

  await page.locator('#typed').fill('GET /by-hand HTTP/1.1\nHost: pipe\n');
  await page.locator('#hand-over').click();
  await expect(page.locator('#typed-outcome')).toContainText('no head is whole yet');
  await page.locator('#typed').fill('GET /by-hand HTTP/1.1\nHost: pipe\n\n');
  await page.locator('#hand-over').click();
  await expect(page.locator('#typed-outcome')).toHaveText('It answered 200, and waits for your next request.');
  await expect(page.locator('#typed-bytes')).toContainText('content');
});

test('over TLS the clear pipe is said to be out of reach, with where it is not', async ({ page, running }) => {
  await page.goto(`${running.h1}/any-pipe`);
  await expect(page.locator('[data-pipe=tcp] .came')).toContainText(`open ${running.plain}/any-pipe`);
  await page.locator('#run').click();
  await expect(page.locator('#outcome')).toContainText('no byte of HTTP differs');
});
