import type { Bench } from '../bench.ts';
import { atLeast } from '../results.ts';
import { compareServers, startServers } from './servers.ts';

const OURS = 'interleave, event handler';
const ADAPTER = 'interleave, Request → Response';
const NODE = 'node:http';
const RAW = 'socket that does not parse';

/** HTTP/1.1 over sockets: keep-alive and pipelined. */
export async function h1(bench: Bench): Promise<void> {
  const servers = await startServers(bench, 'HTTP/1.1 server', [
    { name: OURS, module: 'server-interleave.ts' },
    { name: ADAPTER, module: 'server-interleave.ts', args: ['--adapter'] },
    { name: NODE, module: 'server-node-http.ts' },
    { name: RAW, module: 'server-raw-socket.ts' },
  ]);
  try {
    for (const pipelined of [false, true]) {
      const id = pipelined ? 'h1-pipelined' : 'h1-keep-alive';
      const claim = pipelined ? 'HTTP/1.1 server, 16 pipelined' : 'HTTP/1.1 server, keep-alive';
      await compareServers(
        bench,
        { id, title: claim },
        { protocol: 'http/1.1', connections: 32, inFlight: pipelined ? 16 : 1 },
        servers,
        [
          { id: `${id}-node`, claim, ours: OURS, peer: NODE, better: 'higher', target: atLeast(pipelined ? 8 : 1.3) },
          {
            id: `${id}-raw`,
            claim,
            ours: OURS,
            peer: RAW,
            better: 'higher',
            ...(pipelined ? {} : { target: atLeast(0.9) }),
          },
          { id: `${id}-adapter-node`, claim, ours: ADAPTER, peer: NODE, better: 'higher' },
        ],
      );
    }
  } finally {
    for (const server of servers) await server.stop();
  }
}
