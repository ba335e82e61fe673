import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadQuiche, PERFECT } from '@interleave/transport/quic';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import type { Listener, ListenerId } from '../src/listeners.ts';
import { counted, expect, test as labTest, launchOptions, type RunningLab } from './lab.ts';
import { notOneToOne, readNetLog, type Sighting, sightingsOf, watchByProtocol } from './witnesses.ts';

/**
 * The verdict of the page in every way in which a connection can come to carry it, driven through an unmodified Chromium that logs its
 * own network. In each case the names agree one to one: the server's, that of the debugging protocol, that of the log.
 */
interface Case {
  readonly name: string;
  /** Does it, and says what the page says about itself. */
  readonly drive: (scene: Scene) => Promise<string>;
  readonly says: RegExp;
  readonly needsQuic?: true;
  /** A private window opens nothing ahead: this needs a profile. */
  readonly needsProfile?: true;
}

interface Scene {
  readonly page: Page;
  readonly running: RunningLab;
  readonly fromCache: readonly string[];
}

/** The browser opened the connection before it had the request. */
const AHEAD = /your browser had opened ahead of it/;
/** Chromium may open a socket for a page a moment before it asks for the page. Which it was, its log decides in the last test. */
const FIRST = /as the first exchange on a (?:new connection|connection that your browser had opened ahead of it)\.$/;
const RESUMED = new RegExp(FIRST.source.replace('\\.$', ', (?:and )?which resumed an earlier TLS session\\.'));

const CASES: readonly Case[] = [
  {
    name: 'first visit',
    drive: ({ page, running }) => visit(page, running.originOf('h2')),
    says: FIRST,
  },
  { name: 'preconnected', drive: preconnected, says: AHEAD, needsProfile: true },
  ...(['plain', 'h1', 'h2', 'h3'] as const).map(
    (id): Case => ({
      name: `reused, ${id}`,
      drive: async ({ page, running }) => {
        await visit(page, running.originOf(id));
        return visit(page, running.originOf(id));
      },
      says: /as exchange [23] on a connection that was already open\.$/,
      ...(id === 'h3' ? { needsQuic: true } : {}),
    }),
  ),
  {
    name: 'resumed, after Connection: close',
    drive: (scene) => returning(scene, 'h1'),
    says: RESUMED,
  },
  {
    name: 'resumed, after GOAWAY',
    drive: (scene) => returning(scene, 'h2'),
    says: RESUMED,
  },
  {
    name: '0-RTT',
    drive: early,
    says: /on a new connection, and your request travelled inside its handshake\.$/,
    needsQuic: true,
  },
  {
    name: 'after an idle timeout',
    drive: idle,
    says: new RegExp(`${RESUMED.source}.*ended A after it had been idle`, 's'),
  },
  { name: 'through Alt-Svc', drive: altSvc, says: /HTTP\/3.*Alt-Svc/s, needsQuic: true },
  { name: 'from cache', drive: cached, says: /came out of a cache; no connection carried it\.$/ },
  {
    name: 'credentials omitted',
    drive: async ({ page, running }) => {
      await page.goto(`${running.originOf('h2')}/resume`);
      await page.locator('#run').click();
      await page.locator('#run:not([aria-disabled])').waitFor();
      return page.locator('#paid-body tr').last().innerText();
    },
    says: /arrive\s+\w · 1\s+a new one, from nothing/,
  },
  {
    name: 'cross-origin without timing permission',
    drive: withoutPermission,
    says: /nothing here names their connections/,
  },
];

const { quiche } = await loadQuiche();

interface Seen {
  readonly said: string;
  readonly sightings: readonly Sighting[];
}

interface Logged {
  /** A window of its own for one case. */
  open(needsProfile: boolean): Promise<BrowserContext>;
  readonly seen: Map<string, Seen>;
  /** Ends the browsers; gives the logs that they wrote. */
  end(): Promise<readonly string[]>;
}

const test = labTest.extend<object, { readonly logged: Logged }>({
  logged: [
    async ({ running }, use) => {
      const folder = await mkdtemp(join(tmpdir(), 'interleave-netlog-'));
      const logs: string[] = [];
      const options = (name: string) => {
        const file = join(folder, `${name}.json`);
        logs.push(file);
        return launchOptions(running, [`--log-net-log=${file}`]);
      };
      const browser = await chromium.launch(options('private'));
      await use({
        open: (needsProfile) =>
          needsProfile
            ? chromium.launchPersistentContext(join(folder, 'profile'), options('profile'))
            : browser.newContext(),
        seen: new Map(),
        end: async () => {
          await browser.close();
          return logs;
        },
      });
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
});

// One after another, in one process: the last test reads what the browsers of all others have logged.
test.describe.configure({ mode: 'default' });

for (const { name, drive, says, needsQuic, needsProfile } of CASES) {
  test(`${name}: the page says so`, async ({ running, logged }) => {
    test.skip(needsQuic === true && quiche === null, 'HTTP/3 is off on this machine.');
    const context = await logged.open(needsProfile === true);
    const page = await context.newPage();
    const { sightings, fromCache } = await watchByProtocol(page);
    try {
      const scene = { page, running, fromCache };
      const said = await drive(scene);
      expect(said).toMatch(says);
      expect(sightings.length, 'the debugging protocol saw responses').toBeGreaterThan(0);
      expect(notOneToOne(sightings), 'its connections and the server’s are the same ones').toEqual([]);
      for (const { server, url } of sightings) expect(running.lab.registry.find(server), url).not.toBeNull();
      logged.seen.set(name, { said, sightings });
    } finally {
      await context.close();
      for (const listener of running.lab.listeners) {
        listener.closing = false;
        listener.disturb(null);
        listener.endIdle();
      }
    }
  });
}

test('in each case Chromium’s own log tells of the same connections, one to one', async ({ logged }) => {
  const logs = await Promise.all((await logged.end()).map(readNetLog));
  const all = logs.flatMap((log, index) => sightingsOf(log, `${index} `));
  expect(notOneToOne(all)).toEqual([]);
  expect(logged.seen.size).toBeGreaterThan(0);
  const known = new Map(all.map((sighting) => [keyOf(sighting), sighting]));
  for (const [name, { said, sightings }] of logged.seen) {
    // The lab's own API says no Server-Timing, which is what the log keeps.
    const pages = sightings.filter(({ url }) => !url.includes('/.lab/'));
    const missing = pages.filter((sighting) => !known.has(keyOf(sighting)));
    expect(missing, `${name}: every exchange is in the log`).toEqual([]);
    // A page that says its connection stood ready is right when the handshake was over before the request. The other way round nothing
    // follows: a navigation begins, for the page, some milliseconds before its request does.
    const last = known.get(keyOf(pages.findLast(({ nth, url }) => nth === 1 && url.endsWith('/')) ?? NONE));
    if (AHEAD.test(said)) expect(last?.stoodReady, `${name}: it stood ready`).not.toBe(false);
  }
  const goaways = logs.flatMap(({ incidents }) => incidents.filter(({ kind }) => kind === 'goaway'));
  expect(goaways.length, 'GOAWAY was received').toBeGreaterThan(0);
});

const NONE: Sighting = { theirs: '', server: '', nth: null, url: '', stoodReady: null };

function keyOf({ server, nth }: Sighting): string {
  return `${server} ${nth}`;
}

/** Goes to the first page of an origin, and reads its headline when the browser's own word is in it. */
async function visit(page: Page, origin: string): Promise<string> {
  await page.goto(`${origin}/`);
  return page.locator('#headline').innerText();
}

function listenerOf(running: RunningLab, id: ListenerId): Listener {
  const found = running.lab.listeners.find(({ plan }) => plan.id === id);
  if (found === undefined) throw new Error(`The lab has no listener ${id}.`);
  return found;
}

async function endAll(running: RunningLab, id: ListenerId): Promise<void> {
  const listener = listenerOf(running, id);
  await expect.poll(() => listener.endIdle() + listener.connections).toBe(0);
}

async function preconnected({ page, running }: Scene): Promise<string> {
  await page.goto(`${running.originOf('h2')}/story`);
  const since = Date.now();
  const origin = running.originOf('h1');
  await page.evaluate((href) => {
    document.head.append(Object.assign(document.createElement('link'), { rel: 'preconnect', href }));
  }, origin);
  const ready = (): boolean =>
    running.lab.registry
      .open()
      .some(({ listener, facts, count }) => listener === 'h1' && facts.openedAt >= since && count === 0);
  await expect.poll(ready).toBe(true);
  return visit(page, origin);
}

/** Comes, is sent away by the server, and comes back. */
async function returning({ page, running }: Scene, id: ListenerId): Promise<string> {
  await visit(page, running.originOf(id));
  await page.evaluate(() => fetch('/.lab/end-connections', { method: 'POST' }).then((response) => response.text()));
  await endAll(running, id);
  return visit(page, running.originOf(id));
}

async function early({ page, running }: Scene): Promise<string> {
  const origin = running.originOf('h3');
  await visit(page, origin);
  await endAll(running, 'h3');
  // A way so long that the request is ready before the handshake is over.
  listenerOf(running, 'h3').disturb({ seed: 1, inbound: PERFECT, outbound: { ...PERFECT, delay: 150 } });
  return visit(page, origin);
}

async function idle({ page, running }: Scene): Promise<string> {
  const since = Date.now();
  await visit(page, running.h1);
  await page.evaluate(() =>
    fetch('/.lab/idle', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"ms":150}' }),
  );
  await expect.poll(() => counted(running, 'h1', since).map(({ closed }) => closed?.cause)).toEqual(['idle']);
  const headline = await visit(page, running.h1);
  await expect(page.locator('#ribbon-change')).toContainText('idle');
  return `${headline} ${await page.locator('#ribbon-change').innerText()}`;
}

/** The browser decides which visit is the first to go by QUIC. */
async function altSvc({ page, running }: Scene): Promise<string> {
  const origin = running.originOf('altSvc');
  const ribbon = page.locator('.top');
  await expect
    .poll(async () => {
      await visit(page, origin);
      return ribbon.innerText();
    })
    .toContain('HTTP/3');
  return ribbon.innerText();
}

/** Through a proxy that makes storable what must not be stored: the one thing that no server can rule out. */
async function cached({ page, running, fromCache }: Scene): Promise<string> {
  const proxy = await storingProxy(Number(new URL(running.plain).port));
  try {
    const origin = `http://localhost:${(proxy.address() as AddressInfo).port}`;
    await visit(page, origin);
    await page.goto(`${origin}/story`);
    const headline = await visit(page, origin);
    expect(fromCache, 'the browser took it from its disk').toEqual([`${origin}/`]);
    return headline;
  } finally {
    proxy.close();
  }
}

/** Passes bytes on, and says of every response that it may be stored. */
async function storingProxy(port: number): Promise<Server> {
  const proxy = createServer((client: Socket) => {
    const server = connect({ host: '127.0.0.1', port });
    client.pipe(server);
    server.on('data', (chunk) => {
      const text = chunk.toString('latin1').replace(/(\r\ncache-control: )no-store/i, '$1max-age=60');
      client.write(Buffer.from(text, 'latin1'));
    });
    server.on('end', () => client.end());
    for (const socket of [client, server]) {
      socket.on('error', () => {});
      socket.on('close', () => [client, server].map((each) => each.destroy()));
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return proxy;
}

/** A page of 127.0.0.1 is none of the lab's own: it may show their pictures, and is told nothing of how they came. */
async function withoutPermission({ page, running }: Scene): Promise<string> {
  await page.goto(`${running.plain.replace('localhost', '127.0.0.1')}/tiles`);
  await page.locator('#run').click();
  await page.locator('#run:not([aria-disabled])').waitFor();
  return page.locator('main').innerText();
}
