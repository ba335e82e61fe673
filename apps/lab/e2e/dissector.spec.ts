import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { capture, dissect, missing, TYPES } from '../src/testing/tshark.ts';
import { expect, test } from './lab.ts';

test('the rows of /frames are the frames that tshark decodes from a capture of the same Chromium, with its keys', async ({
  running,
}) => {
  test.skip(missing !== null, missing ?? '');
  const folder = await mkdtemp(join(tmpdir(), 'lab-dissector-'));
  const origin = running.originOf('h2');
  const port = Number(new URL(origin).port);
  const stop = await capture(port, join(folder, 'h2.pcapng'));
  const executablePath = process.env.CHROMIUM;
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    chromiumSandbox: false,
    args: [
      `--ignore-certificate-errors-spki-list=${running.certificate.spkiHash}`,
      '--disable-background-networking',
      `--ssl-key-log-file=${join(folder, 'keys')}`,
    ],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`${origin}/frames`);
    await page.locator('#run').click();
    await expect(page.locator('#outcome')).toHaveText(/on this very connection/);
    await expect(page.locator('.frow').last()).toContainText('END_STREAM');
    const rows = await page.locator('.frow').evaluateAll((all) =>
      all.map((row) => {
        const text = (name: string): string => row.querySelector(`.f-${name}`)?.lastChild?.textContent ?? '';
        return {
          fromClient: row.classList.contains('up'),
          kind: text('kind').toLowerCase(),
          stream: Number(text('stream')),
          length: Number(row.querySelector('.f-size')?.firstChild?.textContent?.replaceAll(',', '')),
          isReport: row.textContent?.includes('CONNECT /api/v1/connection/') === true,
        };
      }),
    );
    // Chromium writes its keys as it gets them; the capture is read once it has ended.
    await stop();
    const report = rows.find(({ isReport }) => isReport)?.stream ?? Number.NaN;
    for (const direction of ['to', 'from'] as const) {
      const own = rows.filter(({ fromClient, kind }) => fromClient === (direction === 'to') && kind !== 'preface');
      const { frames } = await dissect(join(folder, 'h2.pcapng'), join(folder, 'keys'), port, direction);
      const seen = frames.filter(([type, , stream]) => !(stream === report && (type === 0 || type === 8)));
      expect(own.length).toBeGreaterThan(4);
      expect(own.map(({ kind, stream, length }) => [TYPES[kind], stream, length - 9])).toEqual(
        seen.slice(0, own.length).map(([type, , stream, length]) => [type, stream, length]),
      );
    }
  } finally {
    await browser.close();
    await rm(folder, { recursive: true, force: true });
  }
});
