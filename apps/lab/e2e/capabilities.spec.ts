import AxeBuilder from '@axe-core/playwright';
import { expect, test } from './lab.ts';

/** A column of the matrix, and the fact of this request, as the API says them. */
interface Told {
  readonly here: { readonly value: unknown; readonly sure: string };
  readonly lab: { readonly known: 'yes' | 'some' | 'no'; readonly over: readonly string[] };
}

test('what the page says that the lab knows, the lab knows: asked over each protocol, fact by fact', async ({
  page,
  running,
}) => {
  for (const [id, protocol] of [
    ['h1', 'http/1.1'],
    ['h2', 'h2'],
    ['h3', 'h3'],
  ] as const) {
    if (id === 'h3' && running.lab.quicOnly.length === 0) continue;
    await page.goto(`${running.originOf(id)}/capabilities`);
    const { facts } = await page.evaluate(
      async () => (await (await fetch('/api/v1/capabilities')).json()) as { facts: Record<string, Told> },
    );
    expect(Object.keys(facts).length).toBeGreaterThan(20);
    for (const [name, { here, lab }] of Object.entries(facts)) {
      const isKnown = here.value !== null || here.sure === 'measured';
      // What one request happens not to carry, such as a priority, may be unknown where it can be known.
      if (isKnown) expect(lab.over, `${name} over ${protocol}`).toContain(protocol);
      if (lab.known === 'no') expect(isKnown, `${name} over ${protocol}`).toBe(false);
    }
    expect(facts.streamId?.lab).toMatchObject({ known: 'yes' });
  }
});

for (const [colorScheme, name, viewport] of [
  ['light', 'phone', { width: 390, height: 844 }],
  ['dark', 'desk', { width: 1280, height: 800 }],
] as const) {
  test(`/capabilities, ${colorScheme}, ${name}: everybody can use it, nothing sticks out, nobody else is asked`, async ({
    page,
    running,
  }) => {
    const asked = new Set<string>();
    page.on('request', (request) => asked.add(new URL(request.url()).hostname));
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize(viewport);
    await page.goto(`${running.h1}/capabilities`);
    await expect(page.locator('#browser-words')).toContainText('Your browser has');
    await expect(page.locator('[data-field="PerformanceResourceTiming.nextHopProtocol"]')).toHaveText('tells it');
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    expect([...asked]).toEqual(['localhost']);
  });
}

test('/capabilities says it without a script, and names what a browser lacks', async ({ browser, page, running }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const without = await context.newPage();
  await without.goto(`${running.h1}/capabilities`);
  await expect(without.locator('.matrix tbody tr')).toHaveCount(21);
  await expect(without.locator('.nobody li').first()).toBeVisible();
  await context.close();
  // As in a browser that never had it.
  await page.addInitScript(() => {
    Reflect.deleteProperty(globalThis, 'WebSocketStream');
    Reflect.deleteProperty(PerformanceResourceTiming.prototype, 'deliveryType');
  });
  await page.goto(`${running.h1}/capabilities`);
  await expect(page.locator('#browser-words')).toContainText('Missing: deliveryType, WebSocketStream.');
});
