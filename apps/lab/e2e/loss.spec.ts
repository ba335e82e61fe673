import { loadQuiche, PERFECT } from '@interleave/transport/quic';
import type { Page } from '@playwright/test';
import { expect, type RunningLab, test } from './lab.ts';

/** One way, in milliseconds: long enough that a round trip stands out from everything else. */
const DELAY = 150;
const FETCHES = 12;

test.beforeEach(async ({ running }) => {
  const { reason } = await loadQuiche();
  test.skip(reason !== null, reason ?? '');
  running.lab.mount({
    fetch: ({ url }) => {
      const size = Number(/\/bytes\/(\d+)/.exec(url)?.[1] ?? 0);
      return size > 0
        ? new Response(new Uint8Array(size))
        : new Response('<!doctype html><title>Twelve</title><link rel="icon" href="data:,">', {
            headers: { 'content-type': 'text/html' },
          });
    },
  });
});

/** Lets datagrams take their time, and drops one large one of those that come next, if asked to. */
function link(running: RunningLab, dropOnce: { after: number; minBytes: number } | null): void {
  const rules = { ...PERFECT, delay: DELAY };
  const listener = running.lab.listeners.find(({ plan }) => plan.id === 'h3');
  listener?.disturb({ seed: 1, inbound: rules, outbound: { ...rules, dropOnce } });
}

/** Twelve fetches at once: when each was whole, in milliseconds from the first that was, in order. */
function twelve(page: Page, bytes: number): Promise<number[]> {
  return page.evaluate(
    async ([count, size]) => {
      const fetches = Array.from({ length: count }, async (_, n) => {
        await (await fetch(`/workshop/bytes/${size}?${n}`, { cache: 'no-store' })).arrayBuffer();
        return performance.now();
      });
      const at = (await Promise.all(fetches)).sort((a, b) => a - b);
      return at.map((moment) => moment - (at[0] ?? 0));
    },
    [FETCHES, bytes] as const,
  );
}

/** Fetches that were a round trip, or most of one, behind the first. */
function late(times: readonly number[]): number {
  return times.filter((time) => time > DELAY).length;
}

test('on a warm connection one lost datagram makes late the streams whose bytes it carried, and no other', async ({
  page,
  running,
}) => {
  link(running, null);
  await page.goto(`${running.originOf('h3')}/workshop/twelve`);
  for (let warm = 0; warm < 2; warm++) await twelve(page, 120_000);
  expect(late(await twelve(page, 10_000)), 'without a loss none is late').toBe(0);
  link(running, { after: 30, minBytes: 1_000 });
  const lost = late(await twelve(page, 10_000));
  // A datagram can hold the end of one stream and the beginning of the next.
  expect(lost).toBeGreaterThanOrEqual(1);
  expect(lost).toBeLessThanOrEqual(2);
});
