import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { chromiumFlags, findChromium } from '@interleave/judge/chromium';
import { data, greeting, headers, reset, response, settings } from '@interleave/judge/http2';
import { chromium, expect, test } from '@playwright/test';
import { html } from 'hono/html';
import { projectRoot } from '../src/project.ts';
import { http2Part } from '../src/workshop/pages/http2-part.ts';
import { layout } from '../src/workshop/pages/layout.ts';
import { runOf } from '../src/workshop/pages/testing/http2-run.ts';

/** Frames: 0–1 the client's greeting, 2 SETTINGS, 3–4 two requests, 5–6 a reply begins, 7 an upload, 8 a reset, 9 it ends. */
const run = runOf(
  [
    ['judge', greeting({ INITIAL_WINDOW_SIZE: 4 })],
    ['learner', settings()],
    ['judge', [headers(1, 'GET /a', { end: true }), headers(3, 'POST /b')]],
    ['learner', [response(1, 200), data(1, 'four')]],
    ['judge', [data(3, 'half'), reset(3, 'CANCEL')]],
    ['learner', data(1, '', { end: true })],
  ],
  'states',
);

test('a run on HTTP/2 is stepped through by keyboard: its streams move, and everybody can use it', async () => {
  // Two looks of axe are long on a machine that does much else.
  test.slow();
  const found = findChromium();
  if (found === null) throw new Error('There is no Chromium.');
  const browser = await chromium.launch({ executablePath: found.path, args: chromiumFlags() });
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  const script = stripTypeScriptTypes(await readFile(join(projectRoot, 'apps/lab/src/workshop/replay.ts'), 'utf8'));
  const body = html`<h1>Run 1</h1><section class="run"><h2>Its streams.</h2>${http2Part(run, 'run')}</section>`;
  await page.setContent(String(await layout({ title: 'Run 1', nonce: '', body, path: '', script })));

  const steps = page.getByRole('slider', { name: 'How many frames of c1' });
  const said = page.getByRole('status');
  const away = page.locator('.narrow .st-token.is-away');
  await steps.press('Home');
  await expect(said).toHaveText('frame 0 of 10: before the first frame');
  await expect(away).toHaveCount(2);
  for (let frame = 1; frame <= 4; frame++) await steps.press('ArrowRight');
  await expect(away).toHaveCount(1);
  await expect(steps).toHaveAttribute('aria-valuetext', /GET \/a.*stream 1: idle → open → half-closed \(remote\)$/);
  expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);

  await steps.press('End');
  await expect(away).toHaveCount(0);
  await page.getByRole('button', { name: 'One frame back' }).press('Enter');
  await expect(steps).toHaveValue('9');
  await expect(said).toContainText('RST_STREAM 3 CANCEL · stream 3: open → closed');
  await expect(page.locator('.narrow .st-token.now')).toContainText('3');
  await expect(page.locator('.narrow .st-arrow.now')).toContainText('RST');
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect((await new AxeBuilder({ page }).analyze()).violations.map(({ id }) => id)).toEqual([]);
  await browser.close();
});
