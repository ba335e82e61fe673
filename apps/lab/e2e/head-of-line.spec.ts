import type { Page } from '@playwright/test';
import { counted, expect, type RunningLab, test } from './lab.ts';

/** Presses one of the page's buttons and waits until its run is over. */
async function press(page: Page, id: string): Promise<void> {
  await page.locator(`#${id}`).click();
  await page.locator(`#${id}:not([aria-disabled])`).waitFor({ timeout: 30_000 });
}

/** What the page says of each of the twelve over a listener: `B late`, `C on time`. */
function verdicts(page: Page, listener: string): Promise<string[]> {
  return page.locator(`[data-listener=${listener}] .hl-late, [data-listener=${listener}] .hl-fine`).allTextContents();
}

function late(told: readonly string[]): number {
  return told.filter((verdict) => verdict.endsWith('late')).length;
}

/** Connections of a listener that carried pieces, by what the server counted. */
function carriers(running: RunningLab, id: 'h1' | 'h2' | 'h3', since: number): Map<string, number> {
  const used = counted(running, id, since).map(({ facts, exchanges }) => {
    const pieces = exchanges.filter(({ target }) => /^\/piece\/\d+\?size=30000/.test(target));
    return [facts.id, pieces.length] as const;
  });
  return new Map(used.filter(([, pieces]) => pieces > 0));
}

test('one range held back: 1 of 12 late on six connections, 12 of 12 on one, and the lab held what the page says', async ({
  page,
  running,
}) => {
  const since = Date.now();
  await page.goto(`${running.h1}/head-of-line?hold=2000&after=25000`);
  await page.locator('.guess', { hasText: 'all twelve' }).click();
  await press(page, 'run');
  await expect(page.locator('#predict-answer')).toHaveText('You said all twelve. It was all twelve.');
  await expect(page.locator('#outcome')).toHaveText(
    'HTTP/1.1: 1 of 12 late, on 6 connections. HTTP/2: 12 of 12 late, on 1 connection.',
  );
  const told = await Promise.all(['h1', 'h2'].map((listener) => verdicts(page, listener)));
  expect(told.map(late)).toEqual([1, 12]);
  for (const [i, id] of (['h1', 'h2'] as const).entries()) {
    const listener = running.lab.listeners.find(({ plan }) => plan.id === id);
    const state = listener?.holds.state(listener);
    expect(state, `the lab's own word on ${id}`).toMatchObject({ armed: false, held: { ms: 2_000 } });
    const used = carriers(running, id, since);
    expect(used.size).toBe(id === 'h1' ? 6 : 1);
    expect([...used.keys()]).toContain(state?.held?.connectionId);
    await expect(page.locator(`[data-listener=${id}] .wait-note`)).not.toContainText('took as long');
    // One letter a connection, and those who are late are all on one.
    expect(new Set(told[i]?.map((verdict) => verdict.split(' ')[0])).size).toBe(used.size);
    expect(new Set(told[i]?.filter((verdict) => verdict.endsWith('late')).map((v) => v.split(' ')[0])).size).toBe(1);
  }
  expect(await page.locator('[data-listener=h2] .wait-table tbody tr').count()).toBe(12);
});

test('one datagram lost on a warm connection: those whose bytes it carried, and the link is perfect again', async ({
  page,
  running,
}) => {
  test.skip(running.lab.quicOnly.length === 0, 'HTTP/3 is off on this platform');
  await page.goto(`${running.h1}/head-of-line`);
  // A sender that the machine kept waiting may have no room for twelve in one flight: then everybody waits, and the page says so.
  await expect(async () => {
    await press(page, 'lose');
    const told = await verdicts(page, 'h3');
    expect(told).toHaveLength(12);
    await expect(page.locator('[data-listener=h3] .wait-note')).toContainText('The lab dropped one datagram');
    await expect(page.locator('#outcome')).toHaveText(
      `HTTP/3, one datagram lost on a warm connection: ${late(told)} of 12 late, on 1 connection.`,
    );
    // A datagram can hold the end of one stream and the beginning of the next.
    expect(late(told)).toBeGreaterThanOrEqual(1);
    expect(late(told)).toBeLessThanOrEqual(2);
  }).toPass({ timeout: 45_000 });
  const h3 = running.lab.listeners.find(({ plan }) => plan.id === 'h3');
  expect(h3?.links.map(({ settings }) => [settings.inbound.delay, settings.outbound.dropOnce])).toEqual(
    h3?.links.map(() => [0, null]),
  );
});

test('the model: places for the hole by link, slider and address, the same without a script, and nothing shifts', async ({
  page,
  running,
  browser,
}) => {
  await page.goto(`${running.h1}/head-of-line`);
  await page.evaluate(() => {
    const shifts: number[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[])
        if (!entry.hadRecentInput) shifts.push(entry.value);
    }).observe({ type: 'layout-shift' });
  });
  await press(page, 'play');
  await expect(page.locator('#hole-words')).toHaveText(
    '200 bytes are lost: DATA of /k. On one order all twelve are late: one lost bytes of its own, eleven only wait. With an order for each stream one of twelve is late.',
  );
  const fates = page.locator('#hl-one .hl-late, #hl-one .hl-fine');
  expect((await fates.allTextContents()).filter((text) => text.startsWith('waits'))).toHaveLength(11);
  await page.locator('.preset', { hasText: 'SETTINGS' }).focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('#hole-words')).toContainText(
    'SETTINGS of the connection. On one order all twelve are late',
  );
  await expect(page.locator('#hole-words')).toContainText('With an order for each stream nobody is late.');
  await page.locator('#from').fill('20000');
  await page.getByRole('radio', { name: 'each reply to its end' }).check();
  await expect(page.locator('#hole-words')).toContainText(
    'three of twelve are late: one lost bytes of its own, two only wait',
  );
  await expect(page.locator('#address')).toHaveText(/order=turn&from=20000/);
  const said = (await page.locator('#hole-words').textContent()) ?? '';
  const shifts = await page.evaluate(() => (window as unknown as { shifts: number[] }).shifts);
  expect(shifts.reduce((sum, shift) => sum + shift, 0)).toBeLessThan(0.01);

  const context = await browser.newContext({ javaScriptEnabled: false });
  const without = await context.newPage();
  await without.goto(running.h1 + (await page.locator('#address').getAttribute('href')));
  await expect(without.locator('#hole-words')).toHaveText(said);
  await context.close();
});
