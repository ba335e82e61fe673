/** Connections of a learner's server, told apart by ALPN and broken off, without a browser. */
import { connect, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import { type BrowserCheck, rfc } from '../exercise.ts';
import { certificate } from './certificate.ts';
import { type Serve, TcpScene } from './tcp-scene.ts';

const host = {
  name: 'node' as const,
  load: async () => ({}),
  turn: () => new Promise<void>((resolve) => setImmediate(resolve)),
  rest: () => new Promise<void>((resolve) => setTimeout(resolve, 0)),
  realNow: () => performance.now(),
};
const check: BrowserCheck = {
  id: 'T1-C',
  title: '',
  judge: 'chromium',
  spec: rfc(9113, '3.2'),
  idea: '',
  scene: { kind: 'http2', file: 'server.ts', export: 'serve', given: [], handler: [{ on: 'GET /lost/1', reply: {} }] },
  steps: [],
};

/** Says its name, asks its handler for one thing, and stays until the input fails. */
const named =
  (name: string, log: string[]): Serve =>
  async ({ readable, writable }, handler) => {
    await writable.getWriter().write(new TextEncoder().encode(name));
    const incoming = { method: 'GET', target: '/lost/1', headers: new Headers(), body: null };
    await (handler as (it: object) => Promise<Response>)(incoming);
    log.push(`${name} called`);
    const input = readable.getReader();
    try {
      while (!(await input.read()).done);
      log.push(`${name} ended`);
    } catch {
      log.push(`${name} lost`);
    }
  };

describe('the scene of a server on a port', () => {
  const open: { close(): void }[] = [];
  afterEach(() => {
    for (const one of open.splice(0)) one.close();
  });

  async function dialled(scene: TcpScene, protocol: string): Promise<{ socket: TLSSocket; said: string }> {
    const port = await ports.get(scene);
    const socket = connect({ port, host: '127.0.0.1', ALPNProtocols: [protocol], rejectUnauthorized: false });
    open.push({ close: () => socket.destroy() });
    socket.on('error', () => {});
    const said = await new Promise<string>((resolve, reject) => {
      socket.once('data', (chunk) => resolve(String(chunk)));
      socket.once('error', reject);
    });
    return { socket, said };
  }
  const ports = new Map<TcpScene, Promise<number>>();
  function listening(log: string[], http1: boolean): TcpScene {
    const other = http1 ? named('http1', log) : null;
    const scene = new TcpScene(check, named('http2', log), new Map(), host, null, certificate(), other);
    open.push(scene);
    ports.set(scene, scene.listen());
    return scene;
  }

  it('gives each connection to the server of the protocol that ALPN chose', async () => {
    const scene = listening([], true);
    expect((await dialled(scene, 'h2')).said).toBe('http2');
    expect((await dialled(scene, 'http/1.1')).said).toBe('http1');
    expect(scene.report().connections.map(({ protocol }) => protocol)).toEqual(['h2', undefined]);
  });

  it('offers HTTP/2 alone where there is no other server', async () => {
    const scene = listening([], false);
    expect((await dialled(scene, 'h2')).said).toBe('http2');
    await expect(dialled(scene, 'http/1.1')).rejects.toThrow(/alert/);
  });

  it('breaks off the connections that carried a target, and no other', async () => {
    const log: string[] = [];
    const scene = listening(log, false);
    const { socket } = await dialled(scene, 'h2');
    scene.cut('/other');
    expect(log).toEqual(['http2 called']);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    scene.cut('/lost');
    await closed;
    await expect.poll(() => log).toEqual(['http2 called', 'http2 lost']);
  });
});
