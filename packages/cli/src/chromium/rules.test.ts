import { constants } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { analyse, type Finding, type Recording, type RuleId } from '@interleave/trace/report';
import type { Page } from '@playwright/test';
import { afterEach, describe, expect, it } from 'vitest';
import { testCertificate } from '../testing/certificate.ts';
import { recorded } from '../testing/chromium.ts';
import { http2Server, httpServer, rawServer, type TestServer } from '../testing/server.ts';

const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

function keep(server: TestServer): TestServer {
  servers.push(server);
  return server;
}

/** An empty page with no icon to fetch; everything else after `hold` milliseconds. */
function page(hold = 0, fields: Record<string, string> = {}): RequestListener {
  return (request, response) => {
    if (request.url === '/') {
      response
        .setHeader('content-type', 'text/html')
        .end('<!doctype html><link rel="icon" href="data:,"><title>Test</title>');
    } else setTimeout(() => response.writeHead(200, fields).end('ok'), hold);
  };
}

/** Fetches these paths in the page, all at once or one after the other with a pause between. */
async function fetches(page: Page, paths: readonly string[], pauseMs: number | null): Promise<void> {
  await page.evaluate(
    async ([all, ms]) => {
      const get = (path: string): Promise<unknown> =>
        fetch(path, { cache: 'no-store' }).then(
          (r) => r.text(),
          () => null,
        );
      if (ms === null) await Promise.all(all.map(get));
      else {
        for (const path of all) {
          await get(path);
          await new Promise((resolve) => setTimeout(resolve, ms));
        }
      }
    },
    [paths, pauseMs] as const,
  );
}

const paths = (n: number): string[] => Array.from({ length: n }, (_, i) => `/item/${i}`);

function found(recording: Recording, rule: RuleId): Finding[] {
  return analyse(recording).findings.filter((each) => each.rule === rule);
}

/** The report's connections to this server are the server's: as many, and with as many exchanges each. */
function expectSameConnections(recording: Recording, server: TestServer): void {
  const counts = recording.connections
    .filter(({ port, exchanges }) => port === server.port && exchanges.length > 0)
    .map(({ exchanges }) => exchanges.length);
  expect(counts.sort((a, b) => b - a)).toEqual(server.counts());
}

/** A HAR of Playwright names no connection: what is inferred from it may be fewer, never more. */
function expectLowerBound(recording: Recording, server: TestServer): void {
  const inferred = recording.connections.filter(({ port }) => port === server.port).length;
  expect(inferred).toBeGreaterThan(0);
  expect(inferred).toBeLessThanOrEqual(server.counts().length);
}

describe('six-limit', () => {
  it('is seen when ten requests want six connections, and the connections are the server’s', async () => {
    const server = keep(await httpServer(page(400)));
    const { netlog } = await recorded(async (tab) => {
      await tab.goto(`http://localhost:${server.port}/`);
      await fetches(tab, paths(10), null);
    });
    expect(found(netlog, 'six-limit')).toMatchObject([{ certainty: 'measured' }]);
    expectSameConnections(netlog, server);
  });

  it('is not seen when six are enough', async () => {
    const server = keep(await httpServer(page(400)));
    const { netlog } = await recorded(async (tab) => {
      await tab.goto(`http://localhost:${server.port}/`);
      await fetches(tab, paths(5), null);
    });
    expect(found(netlog, 'six-limit')).toEqual([]);
    expectSameConnections(netlog, server);
  });
});

describe('short-connections', () => {
  it('is seen when the server closes after each exchange', async () => {
    const server = keep(await httpServer(page(0, { connection: 'close' })));
    const { netlog, har } = await recorded(async (tab) => {
      await tab.goto(`http://localhost:${server.port}/`);
      await fetches(tab, paths(5), 20);
    });
    expect(found(netlog, 'short-connections')).toMatchObject([{ certainty: 'measured' }]);
    expect(found(netlog, 'short-connections')[0]?.sentence).toContain('The server sent Connection: close');
    expectSameConnections(netlog, server);
    expectLowerBound(har, server);
  });

  it('is not seen when it keeps them', async () => {
    const server = keep(await httpServer(page()));
    const { netlog, har } = await recorded(async (tab) => {
      await tab.goto(`http://localhost:${server.port}/`);
      await fetches(tab, paths(5), 20);
    });
    for (const each of [netlog, har]) expect(found(each, 'short-connections')).toEqual([]);
    expectSameConnections(netlog, server);
  });
});

describe('idle-too-short', () => {
  const polled = async (idleMs: number): Promise<{ netlog: Recording; server: TestServer }> => {
    const server = keep(await httpServer(page(), { idleMs }));
    const { netlog } = await recorded(async (tab) => {
      await tab.goto(`http://localhost:${server.port}/`);
      await fetches(tab, paths(3), 2500);
    });
    return { netlog, server };
  };

  it('is seen when the server ends connections between two requests', async () => {
    const { netlog, server } = await polled(1500);
    expect(found(netlog, 'idle-too-short')).toHaveLength(1);
    expectSameConnections(netlog, server);
  });

  it('is not seen when it waits', async () => {
    const { netlog, server } = await polled(60_000);
    expect(found(netlog, 'idle-too-short')).toEqual([]);
    expectSameConnections(netlog, server);
  });
});

describe('left-over-bytes', () => {
  const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  const answered = async (after: (write: (text: string) => void, end: () => void) => void) => {
    const server = keep(
      await rawServer((head, _, socket) => {
        if (!head.startsWith('GET /item/0 ')) socket.write(head.startsWith('GET / ') ? HTML : OK);
        else {
          socket.write(OK);
          setTimeout(
            after,
            150,
            (text: string) => socket.write(text),
            () => socket.end(),
          );
        }
      }),
    );
    const { netlog } = await recorded(async (tab) => {
      await tab.goto(`http://localhost:${server.port}/`);
      await fetches(tab, paths(3), 400);
    });
    return { netlog, server };
  };
  const HTML =
    'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 32\r\n\r\n<link rel="icon" href="data:,"> ';

  it('is seen when the server says more than it announced', async () => {
    const { netlog, server } = await answered((write) => write('more'));
    expect(found(netlog, 'left-over-bytes')).toMatchObject([{ certainty: 'measured' }]);
    expectSameConnections(netlog, server);
  });

  it('is not seen when it only ends the connection', async () => {
    const { netlog, server } = await answered((_, end) => end());
    expect(found(netlog, 'left-over-bytes')).toEqual([]);
    expectSameConnections(netlog, server);
  });
});

describe('never-used', () => {
  it('is seen when the page asks for connections and never uses them', async () => {
    const certificate = await testCertificate();
    const server = keep(await httpServer(page()));
    const other = keep(await httpServer(page(), { tls: certificate }));
    const { netlog } = await recorded(async (tab) => {
      await tab.goto(`http://localhost:${server.port}/`);
      await tab.evaluate((href) => {
        const link = Object.assign(document.createElement('link'), { rel: 'preconnect', href });
        document.head.append(link);
      }, `https://localhost:${other.port}`);
      await pause(13_000);
    }, certificate.spkiHash);
    expect(found(netlog, 'never-used')).toHaveLength(1);
    expect(other.unused()).toBeGreaterThan(0);
    expectSameConnections(netlog, server);
  });

  it('is not seen when they are used at last', async () => {
    const certificate = await testCertificate();
    const server = keep(await httpServer(page(), { tls: certificate }));
    const { netlog } = await recorded(async (tab) => {
      await tab.goto(`https://localhost:${server.port}/`);
      await fetches(tab, paths(2), null);
      await pause(12_000);
    }, certificate.spkiHash);
    expect(found(netlog, 'never-used')).toEqual([]);
    expectSameConnections(netlog, server);
  });
});

describe('full-handshake-again', () => {
  const visited = async (more: object): Promise<{ netlog: Recording; server: TestServer }> => {
    const certificate = await testCertificate();
    const tls = { key: certificate.key, cert: certificate.cert, ...more };
    const server = keep(await httpServer(page(0, { connection: 'close' }), { tls }));
    const { netlog } = await recorded(async (tab) => {
      await tab.goto(`https://localhost:${server.port}/`);
      await fetches(tab, paths(5), 100);
    }, certificate.spkiHash);
    return { netlog, server };
  };

  it('is seen when the server gives no tickets', async () => {
    const { netlog, server } = await visited({ maxVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_TICKET });
    expect(found(netlog, 'full-handshake-again')).toMatchObject([{ certainty: 'measured' }]);
    expectSameConnections(netlog, server);
  });

  it('is not seen when it does', async () => {
    const { netlog, server } = await visited({});
    expect(found(netlog, 'full-handshake-again')).toEqual([]);
    expectSameConnections(netlog, server);
  });
});

describe('sent-twice', () => {
  const HTML =
    'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 32\r\n\r\n<link rel="icon" href="data:,"> ';
  const ordered = async (dropsWhen: (nth: number) => boolean) => {
    const orders: number[] = [];
    const server = keep(
      await rawServer((head, nth, socket) => {
        if (!head.startsWith('POST /order '))
          socket.write(head.startsWith('GET / ') ? HTML : 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        else {
          orders.push(nth);
          if (dropsWhen(nth)) socket.destroy();
          else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
        }
      }),
    );
    const { netlog } = await recorded(async (tab) => {
      await tab.goto(`http://localhost:${server.port}/`);
      await tab.evaluate(() => fetch('/order', { method: 'POST', body: 'one' }).catch(() => null));
    });
    return { netlog, server, orders };
  };

  it('is seen, and grave, when a POST is written on a connection that just ended', async () => {
    const { netlog, server, orders } = await ordered((nth) => nth > 1);
    expect(orders.length).toBe(2);
    expect(found(netlog, 'sent-twice')).toMatchObject([{ isGrave: true, certainty: 'measured' }]);
    expect(analyse(netlog).findings[0]?.sentence).toMatch(/^POST \/order was sent twice/);
    expect(server.counts().length).toBe(2);
  });

  it('is not seen when the order is taken the first time', async () => {
    const { netlog, server, orders } = await ordered(() => false);
    expect(orders.length).toBe(1);
    expect(found(netlog, 'sent-twice')).toEqual([]);
    expectSameConnections(netlog, server);
  });
});

/** The empty page, and everything else after `hold` milliseconds, by HTTP/2. */
const page2 =
  (hold: number): Parameters<typeof http2Server>[0] =>
  (request, response) => {
    if (request.url === '/') {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><link rel="icon" href="data:,"><title>Test</title>');
    } else setTimeout(() => response.end('ok'), hold);
  };

describe('one-connection-full', () => {
  const limited = async (maxConcurrentStreams: number): Promise<{ netlog: Recording; server: TestServer }> => {
    const { key, cert, spkiHash } = await testCertificate();
    const server = keep(await http2Server(page2(200), { key, cert, settings: { maxConcurrentStreams } }));
    const { netlog } = await recorded(async (tab) => {
      await tab.goto(`https://localhost:${server.port}/`);
      await fetches(tab, paths(12), null);
    }, spkiHash);
    return { netlog, server };
  };

  it('is seen when twelve requests want four streams', async () => {
    const { netlog, server } = await limited(4);
    const [full] = found(netlog, 'one-connection-full');
    expect(full).toMatchObject({ certainty: 'measured' });
    expect(full?.sentence).toContain('allows 4 streams at a time');
    expectSameConnections(netlog, server);
  });

  it('is not seen when a hundred are allowed', async () => {
    const { netlog, server } = await limited(100);
    expect(found(netlog, 'one-connection-full')).toEqual([]);
    expectSameConnections(netlog, server);
  });
});

describe('credentials-split', () => {
  const fetched = async (credentials: 'omit' | 'include'): Promise<{ netlog: Recording; server: TestServer }> => {
    const { key, cert, spkiHash } = await testCertificate();
    const server = keep(await http2Server(page2(0), { key, cert }));
    const { netlog } = await recorded(async (tab) => {
      await tab.goto(`https://localhost:${server.port}/`, { waitUntil: 'commit' });
      await tab.evaluate((mode) => fetch('/font', { credentials: mode }).then((r) => r.text()), credentials);
    }, spkiHash);
    return { netlog, server };
  };

  it('has two groups of the pool in the log when one request goes without credentials', async () => {
    const { netlog, server } = await fetched('omit');
    const used = netlog.connections.filter(({ port, exchanges }) => port === server.port && exchanges.length > 0);
    expect(used.map(({ credentials }) => credentials).sort()).toEqual([false, true]);
    // On loopback the second handshake costs next to nothing: whether it is worth a finding is the thresholds' word.
    const [handshake] = used.filter(({ credentials }) => credentials === false).map((each) => each.handshake.tls);
    const costs = handshake === null || handshake === undefined ? 0 : handshake.to - handshake.from;
    expect(found(netlog, 'credentials-split').length).toBe(costs >= 30 ? 1 : 0);
    expectSameConnections(netlog, server);
  });

  it('has one when both go with them', async () => {
    const { netlog, server } = await fetched('include');
    expect(found(netlog, 'credentials-split')).toEqual([]);
    expectSameConnections(netlog, server);
  });
});
