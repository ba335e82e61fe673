/** A rehearsal in a process that waits: one exchange over TCP with a server of ours, so that the learner's first is as fast as the rest. */
import { connect } from 'node:net';
import type { RawCheck } from '../exercise.ts';
import type { RawHost } from '../raw/host.ts';
import { type Serve, TcpScene } from './tcp-scene.ts';

const CHECK: RawCheck = {
  id: 'R0-1',
  title: '',
  judge: 'raw',
  spec: { text: '', url: '' },
  idea: '',
  scene: { kind: 'server', file: '', export: '', handler: [{ on: 'GET /r', reply: { body: 'rehearsed' } }] },
  steps: [],
};

const encoder = new TextEncoder();

type Call = (request: object) => Promise<Response>;

const serve: Serve = async ({ readable, writable }, handler) => {
  const reader = readable.getReader();
  const writer = writable.getWriter();
  await reader.read();
  const body = new ReadableStream({ start: (controller) => controller.close() });
  const response = await (handler as Call)({
    method: 'GET',
    target: '/r',
    version: '1.1',
    headers: new Headers(),
    body,
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  await writer.write(encoder.encode(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n\r\n`));
  await writer.write(bytes);
  await writer.close();
};

/** Resolves when the exchange is over, or could not be had; the learner's own run would tell of the same trouble. */
export async function rehearse(host: RawHost): Promise<void> {
  const scene = new TcpScene(CHECK, serve, new Map(), host);
  const port = await scene.listen();
  await new Promise<void>((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET /r HTTP/1.1\r\nHost: rehearsal\r\n\r\n'));
    socket.on('data', () => {});
    socket.once('close', () => resolve());
    socket.once('error', () => resolve());
  });
  scene.report();
  scene.close();
}
