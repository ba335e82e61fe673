import type { Page } from '@playwright/test';
import type { HoldState } from '../src/hold-api.ts';
import type { ListenerId } from '../src/listeners.ts';
import { expect, test } from './lab.ts';

const HELD_MS = 2_000;

test.beforeEach(({ running }) =>
  running.lab.mount({
    fetch: ({ url }) =>
      url.includes('/piece')
        ? new Response(new Uint8Array(30_000))
        : new Response('<!doctype html><title>Twelve</title><link rel="icon" href="data:,">', {
            headers: { 'content-type': 'text/html' },
          }),
  }),
);

/** Twelve fetches of 30 KB at once on a warm page: how many are whole before the held range goes on. */
async function whole(page: Page, origin: string): Promise<{ whole: number; late: number; state: HoldState }> {
  await page.goto(`${origin}/workshop/twelve`);
  return page.evaluate(async (heldMs) => {
    const fetchAll = (count: number): Promise<number[]> =>
      Promise.all(
        Array.from({ length: count }, async (_, n) => {
          await (await fetch(`/workshop/piece/${n}`, { cache: 'no-store' })).arrayBuffer();
          return performance.now();
        }),
      );
    await fetchAll(12);
    await fetch('/.lab/hold', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ after: 25_000, ms: heldMs }),
    });
    const from = performance.now();
    const times = await fetchAll(12);
    const late = times.filter((at) => at - from > heldMs * 0.75).length;
    const state = await (await fetch('/.lab/hold')).json();
    return { whole: times.length, late, state };
  }, HELD_MS);
}

for (const [id, late] of [
  ['h1', 1],
  ['h2', 12],
] as const satisfies readonly (readonly [ListenerId, number])[]) {
  test(`one range held back on ${id}: ${late} of 12 fetches ${late === 1 ? 'is' : 'are'} late`, async ({
    page,
    running,
  }) => {
    const seen = await whole(page, running.originOf(id));
    expect(seen.late).toBe(late);
    expect(seen.whole).toBe(12);
    expect(seen.state).toMatchObject({ listener: id, armed: false, held: { ms: HELD_MS } });
  });
}

test('a hold that makes no sense is refused by name, and {} takes one away', async ({ page, running }) => {
  await page.goto(`${running.originOf('h2')}/workshop/twelve`);
  const post = (body: string): Promise<{ status: number; text: string }> =>
    page.evaluate(async (text) => {
      const reply = await fetch('/.lab/hold', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: text,
      });
      return { status: reply.status, text: await reply.text() };
    }, body);
  expect(await post('{"ms": 60000}')).toMatchObject({ status: 400, text: expect.stringContaining('ms is a whole') });
  expect(await post('{"bytes": 1}')).toMatchObject({ status: 400, text: expect.stringContaining('no member bytes') });
  expect((await post('{"after": 1000000}')).text).toContain('"armed":true');
  expect((await post('{}')).text).toContain('"armed":false');
});
