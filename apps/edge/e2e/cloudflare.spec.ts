import AxeBuilder from '@axe-core/playwright';
import { expect, layoutShift, test } from './app.ts';

/** The pages that say other things there than in the lab. */
const PAGES = ['/keep-alive', '/tiles', '/head-of-line', '/resume', '/live', '/why', '/frames', '/capabilities'];

test.use({ viewport: { width: 390, height: 800 } });

for (const path of PAGES) {
  test(`${path}, told by Cloudflare: no accessibility violation, fits a phone, nothing is blocked or thrown`, async ({
    page,
    front,
  }) => {
    test.setTimeout(90_000);
    await front('cloudflare');
    const problems: string[] = [];
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(path);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    // Only what the page fetches is told by Cloudflare here: a WebSocket is not, and has no connection to watch.
    expect(problems.filter((problem) => !problem.startsWith('WebSocket connection to'))).toEqual([]);
    expect(await layoutShift(page)).toBeLessThan(0.01);
  });
}
