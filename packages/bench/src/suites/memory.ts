import { setTimeout } from 'node:timers/promises';
import { type Bench, type Entrant, enter, race, settleAll, skip } from '../bench.ts';
import { Child, ContestantError } from '../child.ts';
import type { Hold } from '../load/built-in.ts';
import type { Held } from '../server-process.ts';
import { CORES } from '../tools.ts';

/** What is held open while memory is counted, and how it is told apart from what a server needs anyway. */
interface Case {
  readonly id: string;
  readonly title: string;
  readonly protocol: Hold['protocol'];
  /** Connections and streams on each before the first count, and what is added before the second. */
  readonly before: { readonly connections: number; readonly streams: number };
  readonly added: { readonly connections: number; readonly streams: number };
  readonly ours: Entrant;
  readonly peer: Entrant;
}

const OURS = 'interleave';
const H2 = {
  ours: { name: OURS, module: 'server-interleave.ts', args: ['--h2', '--idle'] },
  peer: { name: 'node:http2', module: 'server-node-http2.ts' },
} as const;

const CASES: readonly Case[] = [
  {
    id: 'memory-h1',
    title: 'An idle keep-alive connection, HTTP/1.1',
    protocol: 'http/1.1',
    before: { connections: 500, streams: 0 },
    added: { connections: 2000, streams: 0 },
    ours: { name: OURS, module: 'server-interleave.ts', args: ['--idle'] },
    peer: { name: 'node:http', module: 'server-node-http.ts', args: ['--idle'] },
  },
  {
    id: 'memory-h2',
    title: 'An idle connection, HTTP/2',
    protocol: 'h2',
    before: { connections: 500, streams: 0 },
    added: { connections: 2000, streams: 0 },
    ...H2,
  },
  {
    id: 'memory-stream',
    title: 'An open stream, HTTP/2',
    protocol: 'h2',
    before: { connections: 20, streams: 50 },
    added: { connections: 0, streams: 450 },
    ours: { ...H2.ours, args: ['--h2', '--hold'] },
    peer: { ...H2.peer, args: ['--hold'] },
  },
];

/** Bytes per idle connection and per open stream, each server in a new process every round. */
export async function memory(bench: Bench): Promise<void> {
  for (const each of CASES) {
    const able: Entrant[] = [];
    for (const entrant of [each.ours, each.peer]) {
      // Start once to learn who can take part at all.
      const [child] = await enter(bench, each.title, [entrant], ['--expose-gc']);
      if (child) able.push(entrant);
      await child?.stop();
    }
    try {
      const rounds = await race(
        { ...bench, options: { ...bench.options, rounds: Math.min(3, bench.options.rounds) } },
        each.title,
        able.map((entrant) => ({
          name: entrant.name,
          measure: async () => ({ figure: await bytesEach(each, entrant) }),
        })),
      );
      settleAll(
        bench,
        {
          id: each.id,
          title: each.title,
          unit: 'bytes each, resident',
          notes: [
            `Growth of the resident set after garbage collection, over ${each.added.connections || each.before.connections * each.added.streams} more ${each.added.streams ? 'streams' : 'connections'}; the kernel's socket buffers are not in it.`,
          ],
        },
        rounds,
        [{ id: each.id, claim: each.title, ours: OURS, peer: each.peer.name, better: 'lower' }],
      );
    } catch (error) {
      if (!(error instanceof ContestantError)) throw error;
      skip(bench, each.id, `${each.title}: ${error.message}`);
    }
  }
}

async function bytesEach(each: Case, entrant: Entrant): Promise<number> {
  const server = await Child.start(entrant.name, new URL(`../contestants/${entrant.module}`, import.meta.url), {
    core: CORES.contestant,
    args: entrant.args ?? [],
    flags: ['--expose-gc'],
  });
  const holder = await Child.start('holder', new URL('../load/built-in.ts', import.meta.url), { core: CORES.load });
  try {
    const hold = { protocol: each.protocol, port: await server.ask<number>('port') };
    await holder.ask('hold', { ...hold, ...each.before } satisfies Hold);
    let expected = each.before.connections * Math.max(1, each.before.streams);
    await handed(server, expected);
    const before = await server.ask<Held>('held');
    if (each.added.connections > 0) {
      await holder.ask('hold', { ...hold, ...each.added } satisfies Hold);
      expected += each.added.connections;
    } else {
      await holder.ask('open', each.added.streams);
      expected += each.before.connections * each.added.streams;
    }
    await handed(server, expected);
    const after = await server.ask<Held>('held');
    await holder.ask('check');
    const added = each.added.connections || each.before.connections * each.added.streams;
    return (after.resident - before.resident) / added;
  } finally {
    await holder.stop();
    await server.stop();
  }
}

/** Waits until the server has been handed so many requests. */
async function handed(server: Child, expected: number): Promise<void> {
  let requests = 0;
  for (let waited = 0; waited < 200; waited += 1) {
    requests = await server.ask<number>('requests');
    if (requests >= expected) return;
    await setTimeout(50);
  }
  throw new ContestantError(`${server.name} was handed ${requests} of ${expected} requests within ten seconds.`);
}
