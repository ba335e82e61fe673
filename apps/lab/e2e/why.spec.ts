import { count } from '@interleave/trace/look';
import type { Page } from '@playwright/test';
import type { ConnectionRecord } from '../src/connections.ts';
import type { ListenerId } from '../src/listeners.ts';
import { expect, type RunningLab, type Seen, test, watchConnections } from './lab.ts';

interface Caused {
  readonly words: string;
  /** Connections as the page draws them. */
  readonly lanes: readonly string[];
  /** Connections that carried the experiment, as the server counted. */
  readonly server: readonly ConnectionRecord[];
  /** Connections that Chromium itself saw carry the experiment's responses. */
  readonly browser: ReadonlySet<number>;
}

/** Causes one reason; what the page drew, the server counted and Chromium saw must be the same connections. */
async function cause(page: Page, running: RunningLab, id: ListenerId, reason: string): Promise<Caused> {
  const path =
    reason === 'six' ? /^\/tile\// : /^\/(?:api\/v1\/request|echo|\.lab\/(?:idle|left-over|cut|end-connections))/;
  await page.goto(`${running.originOf(id)}/why`);
  const seen: Seen[] = await watchConnections(page);
  const since = Date.now();
  await page.locator(`#reason-${reason} button`).click();
  await page.locator('#run:not([aria-disabled])').waitFor();
  const row = page.locator(`#reason-${reason}`);
  const words = (await row.locator('.why-words').textContent()) ?? '';
  const lanes = await row
    .locator('.tl-lane')
    .evaluateAll((all) => all.map((lane) => lane.getAttribute('data-lane') ?? ''));
  const { registry } = running.lab;
  const server = [...registry.closed(), ...registry.open()].filter(({ exchanges }) =>
    exchanges.some(({ target, at }) => at >= since && path.test(target)),
  );
  // Each request has an id of its own in its address, by which both witnesses speak of the same one.
  const pairs = seen
    .map(({ url, connectionId }) => ({ target: url.slice(new URL(url).origin.length), connectionId }))
    .filter(({ target }) => path.test(target))
    .map(({ target, connectionId }) => ({
      connectionId,
      // The one that answered: a request that was sent twice has two.
      own: server.find(({ exchanges }) => exchanges.some((one) => one.target === target && one.status === 200))?.facts
        .id,
    }));
  const browser = new Set(pairs.map(({ connectionId }) => connectionId));
  const both = new Set(pairs.map(({ connectionId, own }) => `${connectionId} ${own}`));
  expect(both.size, 'the server’s ids and Chromium’s are one to one').toBe(browser.size);
  expect(new Set(pairs.map(({ own }) => own)).size).toBe(browser.size);
  expect(new Set(lanes).size).toBe(lanes.length);
  for (const lane of lanes) expect(server.map(({ facts }) => facts.id)).toContain(lane);
  return { words, lanes, server, browser };
}

for (const [reason, says, connections] of [
  ['first', 'had never been asked', 1],
  ['idle', 'ended it as idle', 2],
  ['goodbye', 'Connection: close', 2],
  ['six', '7 requests at once, 6 connections', 6],
  ['credentials', 'must not', 2],
  ['origin', 'is another origin', 2],
  ['died', 'One fetch, two requests', 2],
  ['left-over', '13 bytes that belong to none', 2],
] as const) {
  test(`over HTTP/1.1, ${reason}: ${count(connections, 'connection')}, as the server and Chromium count`, async ({
    page,
    running,
  }) => {
    const { words, lanes, server, browser } = await cause(page, running, 'plain', reason);
    expect(words).toContain(says);
    expect(lanes).toHaveLength(connections);
    expect(browser.size).toBeGreaterThanOrEqual(connections);
    await expect(page.locator(`#reason-${reason} .why-table tr`).first()).toContainText(/Yes|No/);
    if (reason === 'idle') expect(server.find(({ facts }) => facts.id === lanes[0])?.closed?.cause).toBe('idle');
    if (reason === 'died') {
      const cut = server.filter(({ exchanges }) => exchanges.some(({ target }) => target.startsWith('/.lab/cut')));
      expect(cut.map(({ facts }) => facts.id).sort(), 'the same POST, on both').toEqual([...lanes].sort());
    }
    if (reason === 'left-over') expect(server.find(({ facts }) => facts.id === lanes[0])?.closed).not.toBeNull();
  });
}

test('over HTTP/1.1 a WebSocket takes a connection of its own; over HTTP/2 it is a stream', async ({
  page,
  running,
}) => {
  const one = await cause(page, running, 'h1', 'websocket');
  expect(one.words).toContain('took it away from HTTP');
  expect(one.server.filter(({ closed }) => closed?.cause === 'upgraded').length).toBeGreaterThanOrEqual(1);
  const two = await cause(page, running, 'h2', 'websocket');
  expect(two.words).toContain('No new connection: the WebSocket is one stream');
  expect(two.lanes).toHaveLength(1);
});

test('over HTTP/2 seven at once are one connection, and GOAWAY is the goodbye; what needs HTTP/1.1 says so', async ({
  page,
  running,
}) => {
  const seven = await cause(page, running, 'h2', 'six');
  expect(seven.words).toContain('carried all 7 at a time');
  expect([seven.lanes.length, seven.browser.size]).toEqual([1, 1]);
  const goodbye = await cause(page, running, 'h2', 'goodbye');
  expect(goodbye.words).toContain('with GOAWAY');
  expect(goodbye.lanes).toHaveLength(2);
  for (const reason of ['died', 'left-over']) {
    await expect(page.locator(`#reason-${reason} button`)).toHaveCount(0);
    await expect(page.locator(`#reason-${reason} a`)).toHaveAttribute(
      'href',
      `${running.h1}/why?reason=${reason}#reason-${reason}`,
    );
  }
});

test('Alt-Svc: HTTP/3 takes a connection of its own', async ({ page, running }) => {
  test.skip(running.lab.quicOnly.length === 0, 'HTTP/3 is off on this platform');
  const { words, lanes, server } = await cause(page, running, 'plain', 'protocol');
  expect(words).toContain('went on with it, over QUIC');
  expect(
    server
      .filter(({ facts }) => lanes.includes(facts.id))
      .map(({ facts }) => facts.protocol)
      .sort(),
  ).toEqual(['h2', 'h3']);
});
