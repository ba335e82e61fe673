import { readdir } from 'node:fs/promises';
import { Agent, get, type IncomingMessage } from 'node:http';
import { type ConnTiming, parseConn } from '@interleave/trace';
import type { ApiProblem, ConnectionReport } from '@interleave/trace/events';
import { expect, test } from './lab.ts';

const MANY = 1_000;
/** Characters that are kept of an answer: all of a report, the end of a page. */
const KEPT = 20_000;

interface Answer {
  readonly status: number;
  readonly conn: ConnTiming | null;
  readonly body: string;
}

function ask(agent: Agent, url: string, accept = 'text/html'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers: { accept } }, (response: IncomingMessage) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        body = (body + text).slice(-KEPT);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, conn: parseConn(String(response.headers['x-conn'] ?? '')), body }),
      );
      response.on('error', reject);
    }).on('error', reject);
  });
}

/** Open descriptors of this process, which is the lab's and its clients'; null where the system does not tell. */
async function descriptors(): Promise<number | null> {
  return readdir('/proc/self/fd').then(
    (all) => all.length,
    () => null,
  );
}

const MB = 1_048_576;

test('a thousand connections at once open pages: each is answered whole, and the lab stays within its bounds', async ({
  running,
}) => {
  // A thousand pages are work for the Worker, and all of it for one core.
  test.setTimeout(180_000);
  const { registry } = running.lab;
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY, maxFreeSockets: MANY });
  let most = 0;
  const stop = registry.watch(() => {
    most = Math.max(most, registry.open().length);
  });
  try {
    // What is made once only is made before.
    await ask(agent, `${running.plain}/`);
    agent.destroy();
    const before = { memory: process.memoryUsage().rss, descriptors: await descriptors() };

    const visits = await Promise.all(
      Array.from({ length: MANY }, async () => {
        const page = await ask(agent, `${running.plain}/`);
        return { page, again: await ask(agent, `${running.plain}/reqinfo`, '*/*') };
      }),
    );
    const pages = visits.map(({ page }) => page);
    expect(
      pages.every(({ status, body }) => status === 200 && body.endsWith('</html>')),
      'all came whole',
    ).toBe(true);
    const ids = new Set(pages.map(({ conn }) => conn?.connection));
    expect(ids.size, 'each on a connection of its own').toBe(MANY);
    expect(most, 'all of them at once').toBeGreaterThanOrEqual(MANY);
    expect(visits.every(({ again }) => again.status === 200)).toBe(true);
    const reused = visits.filter(({ again }) => ids.has(again.conn?.connection));
    expect(reused.length, 'nobody needed another connection').toBe(MANY);

    // Both ends of all of them are in this process.
    const grown = (process.memoryUsage().rss - before.memory) / MB;
    test.info().annotations.push({ type: 'memory', description: `${Math.round(grown)} MB for ${MANY} connections` });
    expect(grown, 'megabytes of memory').toBeLessThan(500);

    agent.destroy();
    await expect.poll(() => registry.open().filter(({ facts }) => ids.has(facts.id)).length).toBe(0);
    expect(registry.closed().length, 'of closed ones the latest are kept').toBeLessThanOrEqual(200);
    if (before.descriptors !== null) {
      await expect.poll(async () => (await descriptors()) ?? 0).toBeLessThan((before.descriptors ?? 0) + 100);
    }
    // Who asks for one that was let go is told so.
    const gone = [...ids].find((id) => id != null && registry.find(id) === null);
    const { status, body } = await ask(agent, `${running.plain}/api/v1/connection/${gone}`, 'application/json');
    expect(status).toBe(404);
    expect((JSON.parse(body) as ApiProblem).detail).not.toBe('');
  } finally {
    stop();
    agent.destroy();
  }
});

test('who looks at a connection with more events than are kept is told how many were dropped', async ({ running }) => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    let last: Answer | null = null;
    const read = async (): Promise<ConnectionReport> =>
      JSON.parse((await ask(agent, `${running.plain}/api/v1/connection/${last?.conn?.connection}`)).body);
    // The lab answers its own API without the Worker.
    for (let asked = 0; asked < 1_500; asked++)
      last = await ask(agent, `${running.plain}/${asked === 0 ? 'hello' : '.lab/state'}`);
    const { log, exchangeCount, exchanges } = await read();
    expect(exchangeCount).toBe(1_501);
    expect(exchanges.length).toBeLessThan(100);
    expect(log?.dropped).toBeGreaterThan(0);
    expect(log?.why).toBeTruthy();
  } finally {
    agent.destroy();
  }
});
