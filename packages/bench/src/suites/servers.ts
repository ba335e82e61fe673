import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Bench, type Entrant, enter, race, serverSliceOf, settleAll, skip } from '../bench.ts';
import { processorSeconds, stopProcess } from '../child.ts';
import type { Load } from '../load/generator.ts';
import type { Claim } from '../results.ts';
import type { Competitor } from '../rounds.ts';
import { CORES, onCore } from '../tools.ts';
import { BODY } from '../workloads/answer.ts';

/** A server that is up: where it listens, and the process that pays for it. */
export interface Running {
  readonly name: string;
  readonly port: number;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

/** Starts servers of our own kind, each in its process. */
export async function startServers(bench: Bench, what: string, entrants: readonly Entrant[]): Promise<Running[]> {
  const children = await enter(bench, what, entrants, []);
  return await Promise.all(
    children.map(async (child) => ({
      name: child.name,
      port: await child.ask<number>('port'),
      pid: child.process.pid,
      stop: () => child.stop(),
    })),
  );
}

/** nghttpd with one thread, serving the same body from a file. */
export async function startNghttpd(program: string): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), 'interleave-bench-'));
  writeFileSync(join(folder, 'index.html'), BODY);
  const port = await freePort();
  const [command, args] = onCore(CORES.contestant, program, [
    '--no-tls',
    '-n1',
    '-a127.0.0.1',
    `-d${folder}`,
    String(port),
  ]);
  const child = spawn(command, args, { stdio: 'ignore' });
  const stop = async (): Promise<void> => {
    await stopProcess(child);
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; !(await accepts(port)); tries += 1) {
    if (tries === 100) {
      await stop();
      throw new Error('nghttpd did not listen within five seconds.');
    }
    await setTimeout(50);
  }
  return { name: 'nghttpd', port, pid: child.pid, stop };
}

/** Puts the same load on every server in turn, and settles the claims. A server that fails at it at once is left out. */
export async function compareServers(
  bench: Bench,
  about: { readonly id: string; readonly title: string; readonly notes?: readonly string[] },
  load: Omit<Load, 'port' | 'milliseconds'>,
  servers: readonly Running[],
  claims: readonly Claim[],
): Promise<void> {
  const able: Running[] = [];
  for (const server of servers) {
    try {
      await bench.generator.run({ ...load, port: server.port, milliseconds: 200 });
      able.push(server);
    } catch (error) {
      skip(
        bench,
        about.id,
        `${about.title}: ${server.name}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  const competitors = able.map(
    (server): Competitor => ({
      name: server.name,
      measure: async () => {
        const [before, start] = [processorSeconds(server.pid), performance.now()];
        const figure = await bench.generator.run({ ...load, port: server.port, milliseconds: serverSliceOf(bench) });
        const [after, elapsed] = [processorSeconds(server.pid), (performance.now() - start) / 1000];
        return { figure, busy: before === null || after === null ? null : Math.min(1, (after - before) / elapsed) };
      },
    }),
  );
  const rounds = await race(bench, about.title, competitors);
  const notes = [
    `${load.connections} connections over loopback, ${load.inFlight} ${load.protocol === 'h2' ? 'streams' : 'requests'} under way on each; load: ${bench.generator.name}, one thread.`,
    ...(about.notes ?? []),
  ];
  settleAll(bench, { ...about, unit: 'requests/s', notes }, rounds, claims);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
