import { join } from 'node:path';
import { type Lab, startLab } from '../src/lab.ts';
import { projectRoot } from '../src/project.ts';
import { buildWorker } from '../src/worker/build.ts';
import { type RunningWorker, startWorker } from '../src/worker/worker.ts';
import { expect, test } from './lab.ts';

/** A Worker that echoes on /ws: the pages themselves have no WebSocket that says back what it is told. */
const ECHO = join(projectRoot, 'apps/lab/src/testing/echo-worker');
let lab: Lab;
let worker: RunningWorker;

test.beforeAll(async ({ running }) => {
  const stateDir = join(projectRoot, '.interleave', 'e2e-echo');
  const bundle = await buildWorker({ config: join(ECHO, 'wrangler.jsonc'), inputs: [ECHO], stateDir });
  worker = await startWorker(bundle);
  lab = await startLab({
    certificate: running.certificate,
    upstream: worker,
    ports: { plain: 0, h1: 0, h2: 0, altSvc: 0, h3: 0 },
  });
});

test.afterAll(async () => {
  await lab?.close(0);
  await worker?.stop();
});

for (const [id, connections] of [
  ['h1', 2],
  ['h2', 1],
] as const) {
  const how = id === 'h2' ? 'is a stream of the page’s own connection (RFC 8441)' : 'takes a connection of its own';
  test(`a WebSocket over ${id} ${how}`, async ({ page }) => {
    const listener = lab.listeners.find(({ plan }) => plan.id === id);
    await page.goto(`${listener?.origin}/page`);
    const said = await page.evaluate(async () => {
      const socket = new WebSocket(`wss://${location.host}/ws`);
      const answers: string[] = [];
      await new Promise((resolve, reject) => {
        socket.onerror = () => reject(new Error('The WebSocket has failed.'));
        socket.onopen = () => socket.send('one');
        socket.onmessage = ({ data }) => {
          answers.push(data);
          if (answers.length < 3) socket.send(`more ${'.'.repeat(40_000)}`);
          else resolve(null);
        };
      });
      const beside = (await fetch('/beside')).status;
      socket.close();
      return { answers: answers.map((answer) => answer.length), beside };
    });
    expect(said).toEqual({ answers: [8, 40_010, 40_010], beside: 200 });
    const used = [...lab.registry.closed(), ...lab.registry.open()].filter(
      (one) => one.listener === id && one.count > 0,
    );
    expect(used.length).toBe(connections);
    const tunnel = used.flatMap(({ exchanges }) => exchanges).find(({ target }) => target === '/ws');
    expect(tunnel?.method).toBe(id === 'h2' ? 'CONNECT' : 'GET');
  });
}
