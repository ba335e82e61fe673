import type { RequestRecord } from '@interleave/trace';
import { loadQuiche, PERFECT } from '@interleave/transport/quic';
import type { Page } from '@playwright/test';
import type { Listener, ListenerId } from '../src/listeners.ts';
import { counted, expect, type RunningLab, test, watchConnections } from './lab.ts';

const PICTURES = 100;

const { quiche, reason } = await loadQuiche();
test.skip(quiche === null, reason ?? '');

test.beforeEach(({ running }) => running.lab.mount({ fetch: gallery }));

/** A page with pictures of about 20 KB each, one that takes no early data, and a response that breaks off half-way. */
function gallery(request: Request): Response {
  const { pathname } = new URL(request.url);
  if (pathname === '/workshop/gallery') {
    const images = Array.from({ length: PICTURES }, (_, nth) => `<img alt="" src="/workshop/picture/${nth}">`).join('');
    return new Response(`<!doctype html><title>Pictures</title><link rel="icon" href="data:,">${images}`, {
      headers: { 'content-type': 'text/html', 'cache-control': 'no-store' },
    });
  }
  if (pathname.startsWith('/workshop/picture/')) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><!--${'.'.repeat(20_000)}--></svg>`;
    return new Response(svg, { headers: { 'content-type': 'image/svg+xml', 'cache-control': 'no-store' } });
  }
  if (pathname === '/workshop/not-early') {
    return new Response(null, { status: request.headers.get('early-data') === '1' ? 425 : 200 });
  }
  let pieces = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (pieces++ > 0) await new Promise((resolve) => setTimeout(resolve, 50));
      if (pieces < 3) controller.enqueue(new Uint8Array(1_000));
      else controller.error(new Error('The source of the body has failed.'));
    },
  });
  return new Response(body, { headers: { 'content-type': 'application/octet-stream' } });
}

function listenerOf(running: RunningLab, id: ListenerId): Listener {
  const found = running.lab.listeners.find(({ plan }) => plan.id === id);
  if (found === undefined) throw new Error(`The lab has no listener ${id}.`);
  return found;
}

/** How many pictures are there in full, and by which protocols the browser says that they came. */
function pictures(page: Page): Promise<{ whole: number; protocols: string[] }> {
  return page.evaluate(async () => ({
    whole: (await Promise.allSettled([...document.images].map((image) => image.decode()))).filter(
      ({ status }) => status === 'fulfilled',
    ).length,
    protocols: [
      ...new Set(
        performance
          .getEntriesByType('resource')
          .filter(({ name }) => name.includes('/picture/'))
          .map((entry) => (entry as PerformanceResourceTiming).nextHopProtocol),
      ),
    ],
  }));
}

/** The API's word on a request of its own, made by the page. */
function ask(page: Page): Promise<RequestRecord> {
  return page.evaluate(async () => (await fetch('/api/v1/request', { cache: 'no-store' })).json());
}

test('a page with 100 pictures over HTTP/3: one connection, a stream for each, and both ends agree', async ({
  page,
  running,
}) => {
  const since = Date.now();
  const seen = await watchConnections(page);
  await page.goto(`${running.originOf('h3')}/workshop/gallery`);
  expect(await pictures(page)).toEqual({ whole: PICTURES, protocols: ['h3'] });

  const server = counted(running, 'h3', since);
  expect(server, 'the server counted one connection').toHaveLength(1);
  const [connection] = server;
  expect(connection?.count).toBe(PICTURES + 1);
  const streams = connection?.exchanges.map(({ streamId }) => streamId) ?? [];
  expect(new Set(streams).size, 'every exchange has a stream of its own').toBe(streams.length);
  expect(connection?.facts).toMatchObject({ protocol: 'h3', transport: 'quic', quic: { version: 1 } });

  expect(seen).toHaveLength(PICTURES + 1);
  expect(new Set(seen.map(({ connectionId }) => connectionId)).size, 'Chromium counted one as well').toBe(1);
});

test('the same page on four origins needs six, six, one and one connection, and each of them is one to Chromium', async ({
  page,
  running,
}) => {
  const needed: [ListenerId, number][] = [];
  for (const id of ['plain', 'h1', 'h2', 'h3'] as const) {
    const since = Date.now();
    const seen = await watchConnections(page);
    await page.goto(`${running.originOf(id)}/workshop/gallery`);
    expect((await pictures(page)).whole).toBe(PICTURES);
    const server = counted(running, id, since);
    needed.push([id, server.length]);
    expect(new Set(seen.map(({ connectionId }) => connectionId)).size, `${id}: as many to Chromium`).toBe(
      server.length,
    );
  }
  expect(needed).toEqual([
    ['plain', 6],
    ['h1', 6],
    ['h2', 1],
    ['h3', 1],
  ]);
});

test('the server’s connection and Chromium’s are the same ones, also after a new one', async ({ page, running }) => {
  const seen = await watchConnections(page);
  const pairs = new Map<string, number>();
  for (let visit = 0; visit < 3; visit++) {
    await page.goto(`${running.originOf('h3')}/`);
    const { facts } = await ask(page);
    const id = facts.connectionId.value ?? '';
    const { connectionId } = seen.findLast(({ url }) => url.endsWith('/api/v1/request')) ?? { connectionId: -1 };
    expect(pairs.get(id) ?? connectionId, `${id} is one connection to Chromium`).toBe(connectionId);
    pairs.set(id, connectionId);
    await endConnections(running, 'h3');
  }
  expect(pairs.size).toBe(3);
  expect(new Set(pairs.values()).size).toBe(3);
});

/** A way so long that a request is ready before the handshake is over, on a busy machine too. */
function slowHandshakes(running: RunningLab): void {
  listenerOf(running, 'h3').disturb({ seed: 1, inbound: PERFECT, outbound: { ...PERFECT, delay: 500 } });
}

/** Ends the listener's connections, and waits until they are gone. */
async function endConnections(running: RunningLab, id: ListenerId): Promise<void> {
  const listener = listenerOf(running, id);
  await expect.poll(() => listener.endIdle() + listener.connections).toBe(0);
}

test('Alt-Svc: the first visit comes by HTTP/2, a later request by HTTP/3 on a connection of its own', async ({
  page,
  running,
}) => {
  const since = Date.now();
  const first = await page.goto(`${running.originOf('altSvc')}/`);
  expect((await first?.allHeaders())?.['alt-svc']).toContain('h3=":');
  expect(counted(running, 'altSvc', since).map(({ facts }) => facts.protocol)).toEqual(['h2']);

  await expect.poll(async () => (await ask(page)).facts.protocol.value).toBe('h3');
  const server = counted(running, 'altSvc', since);
  expect(server.map(({ facts }) => facts.protocol)).toEqual(['h2', 'h3']);
  expect(server.map(({ facts }) => facts.local.port)).toEqual([
    server[0]?.facts.local.port,
    server[0]?.facts.local.port,
  ]);
});

test('the page that first comes by HTTP/3 says why its connection is new', async ({ page, running }) => {
  const said: string[] = [];
  // Each visit is one exchange; the browser decides which is the first to go by QUIC.
  await expect
    .poll(async () => {
      await page.goto(`${running.originOf('altSvc')}/`);
      said.push(await page.locator('#ribbon-change').innerText());
      return page.locator('.ribbon').innerText();
    })
    .toContain('HTTP/3');
  expect(said.at(-1)).toContain('Alt-Svc');
  expect(said.slice(0, -1).join(' ')).not.toContain('Alt-Svc');
});

test('a second visit resumes, its first request comes early, and the page is told so', async ({ page, running }) => {
  // A page without an icon to fetch: fetching it would take the early connection.
  await page.goto(`${running.originOf('h3')}/workshop/gallery`);
  await endConnections(running, 'h3');
  slowHandshakes(running);
  const since = Date.now();
  await page.goto(`${running.originOf('h3')}/`);
  const [connection] = counted(running, 'h3', since);
  expect(connection?.facts.tls).toMatchObject({ resumed: true, earlyData: true, alpnOffered: ['h3'] });
  expect(connection?.facts.tls?.cipher).toMatch(/^TLS_/);
  const { facts } = await ask(page);
  expect(facts.connectionId.value).toBe(connection?.facts.id);
  expect(facts.resumed).toMatchObject({ value: true, source: 'core' });
});

test('what is too early for the application is sent again by Chromium after the handshake (RFC 8470)', async ({
  page,
  running,
}) => {
  // A page without an icon to fetch: fetching it would take the early connection.
  await page.goto(`${running.originOf('h3')}/workshop/gallery`);
  await endConnections(running, 'h3');
  slowHandshakes(running);
  const since = Date.now();
  const response = await page.goto(`${running.originOf('h3')}/workshop/not-early`);
  expect(response?.status()).toBe(200);
  const [connection, ...others] = counted(running, 'h3', since);
  expect(others).toEqual([]);
  const asked = connection?.exchanges.filter(({ target }) => target === '/workshop/not-early');
  expect(asked?.map(({ status }) => status)).toEqual([425, 200]);
});

test('a POST on a resumed connection is answered: Chromium keeps it until the handshake is over', async ({
  page,
  running,
}) => {
  await page.goto(`${running.originOf('h3')}/workshop/gallery`);
  await endConnections(running, 'h3');
  const since = Date.now();
  const status = await page.evaluate(async () => (await fetch('/workshop/picture/1', { method: 'POST' })).status);
  expect(status).toBe(200);
  const [connection] = counted(running, 'h3', since);
  expect(connection?.facts.tls?.resumed).toBe(true);
});

test('a response that breaks off reaches the page as an error, never as a whole body', async ({ page, running }) => {
  await page.goto(`${running.originOf('h3')}/reqinfo`);
  const outcome = await page.evaluate(async () => {
    try {
      return `whole: ${(await (await fetch('/workshop/broken')).arrayBuffer()).byteLength} bytes`;
    } catch (error) {
      return String(error);
    }
  });
  expect(outcome).toMatch(/^TypeError/);
  const { facts } = await ask(page);
  expect(facts.protocol.value, 'and the connection goes on').toBe('h3');
});

test('a page that gives up is heard by the server, on that stream alone', async ({ page, running }) => {
  const since = Date.now();
  await page.goto(`${running.originOf('h3')}/reqinfo`);
  await page.evaluate(async () => {
    const giveUp = new AbortController();
    const reply = await fetch('/workshop/broken', { signal: giveUp.signal });
    await reply.body?.getReader().read();
    giveUp.abort();
  });
  const aborted = (): (string | null)[] =>
    counted(running, 'h3', since).flatMap(({ exchanges }) => exchanges.map((exchange) => exchange.aborted));
  await expect.poll(() => aborted().filter((why) => why !== null)).toHaveLength(1);
  expect((await ask(page)).facts.protocol.value).toBe('h3');
  expect(counted(running, 'h3', since)).toHaveLength(1);
});

test('while responses end their connections a page comes whole, and each request after it needs one of its own', async ({
  page,
  running,
}) => {
  listenerOf(running, 'h3').closing = true;
  await page.goto(`${running.originOf('h3')}/workshop/gallery`);
  expect((await pictures(page)).whole).toBe(PICTURES);
  const ids = new Set<string | null>();
  for (let nth = 0; nth < 3; nth++) ids.add((await ask(page)).facts.connectionId.value);
  expect(ids.size).toBe(3);
});

test('with 2 % of the datagrams lost, 100 pictures arrive whole', async ({ page, running }) => {
  const listener = listenerOf(running, 'h3');
  const rules = { ...PERFECT, drop: 0.02 };
  listener.disturb({ seed: 20, inbound: rules, outbound: rules });
  await page.goto(`${running.originOf('h3')}/workshop/gallery`);
  expect(await pictures(page)).toEqual({ whole: PICTURES, protocols: ['h3'] });
  const dropped = listener.links.reduce((sum, { outbound }) => sum + outbound.counts.dropped, 0);
  expect(dropped, 'datagrams were lost').toBeGreaterThan(5);
});
