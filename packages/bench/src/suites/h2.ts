import { type Bench, skip } from '../bench.ts';
import { atLeast } from '../results.ts';
import { whereIs } from '../tools.ts';
import { compareServers, type Running, startNghttpd, startServers } from './servers.ts';

const OURS = 'interleave, event handler';
const ADAPTER = 'interleave, Request → Response';
const NODE = 'node:http2';
const RAW = 'socket without HPACK';
const SPDY = 'spdy-transport';

/** HTTP/2 over sockets, small responses, 8 connections of 32 streams. */
export async function h2(bench: Bench): Promise<void> {
  const servers: Running[] = await startServers(bench, 'HTTP/2 server', [
    { name: OURS, module: 'server-interleave.ts', args: ['--h2'] },
    { name: ADAPTER, module: 'server-interleave.ts', args: ['--h2', '--adapter'] },
    { name: NODE, module: 'server-node-http2.ts' },
    { name: RAW, module: 'server-raw-h2.ts' },
    { name: SPDY, module: 'server-spdy-transport.ts' },
  ]);
  try {
    const nghttpd = whereIs('nghttpd');
    if (nghttpd) servers.push(await startNghttpd(nghttpd));
    else skip(bench, 'nghttpd', 'HTTP/2 against nghttpd: it is not installed (Debian: nghttp2-server).');
    const claim = 'HTTP/2 server, small responses';
    await compareServers(
      bench,
      { id: 'h2', title: claim, notes: ['Dynamic table, Huffman and validation on; no header block is kept ready.'] },
      { protocol: 'h2', connections: 8, inFlight: 32 },
      servers,
      [
        { id: 'h2-node', claim, ours: OURS, peer: NODE, better: 'higher', target: atLeast(6) },
        { id: 'h2-nghttpd', claim, ours: OURS, peer: 'nghttpd', better: 'higher', target: atLeast(1.1) },
        { id: 'h2-adapter-node', claim, ours: ADAPTER, peer: NODE, better: 'higher' },
        { id: 'h2-raw', claim, ours: OURS, peer: RAW, better: 'higher' },
        { id: 'h2-spdy', claim, ours: OURS, peer: SPDY, better: 'higher' },
      ],
    );
  } finally {
    for (const server of servers) await server.stop();
  }
}
