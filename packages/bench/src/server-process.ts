import { once } from 'node:events';
import type { Server } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { takePart } from './contestant.ts';

/** Bytes that a server's process holds, after garbage collection. */
export interface Held {
  /** What the system counts: JavaScript, native and all. */
  readonly resident: number;
  /** What V8 counts: heap in use, and what is allocated outside it on its behalf. */
  readonly heap: number;
}

/** Runs a server as a contestant: it says its port, what memory it holds, and how many requests it has been handed. */
export async function serveContestant(
  start: (count: () => void) => Server | Promise<{ readonly port: number }>,
): Promise<void> {
  await takePart(async () => {
    let requests = 0;
    const count = (): void => {
      requests += 1;
    };
    const started = await start(count);
    const port = 'port' in started ? started.port : await portOf(started);
    return { port: () => port, requests: () => requests, held };
  }, alone);
}

/** Leaves by `exit`, so that a profile is written. */
function alone({ port }: Readonly<Record<string, (about: never) => unknown>>): void {
  process.stdout.write(`port ${port?.(null as never)}\n`);
  process.on('SIGINT', () => process.exit(0));
}

async function portOf(server: Server): Promise<number> {
  if (!server.address()) await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error(`Listening on ${address}, not on a TCP port.`);
  return address.port;
}

/** Needs `--expose-gc`. Collects until the heap stays as it is, so that only what is held counts. */
async function held(): Promise<Held> {
  const gc = globalThis.gc;
  if (!gc) throw new Error('Memory is measured after garbage collection: start this contestant with --expose-gc.');
  for (let pass = 0; pass < 4; pass += 1) {
    gc();
    await setTimeout(20);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { resident: rss, heap: heapUsed + external };
}
