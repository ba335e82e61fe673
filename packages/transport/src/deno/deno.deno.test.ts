import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import type { RequestHandler } from '../adapter.ts';
import { RequestFailed } from '../client/fetch.ts';
import { makeCertificate } from '../testing/certificate.ts';
import { connectQuic, serve, serveQuic } from './mod.ts';

const run = promisify(execFile);
const certificate = makeCertificate();
const needsOpenssl = test.skipIf(certificate === null);
const tls = certificate as NonNullable<typeof certificate>;
const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

const handler: RequestHandler = async (request, { connection, exchange }) => {
  const { pathname } = new URL(request.url);
  if (request.method === 'POST') return new Response(`got ${(await request.bytes()).length}`);
  if (pathname === '/big') return new Response(new Uint8Array(3_000_000));
  if (pathname === '/half') return new Response(failing());
  return new Response(`${connection.protocol} ${exchange.nth} ${exchange.streamId}\n`);
};

/** Content that breaks off. */
function failing(): ReadableStream<Uint8Array> {
  let pieces = 0;
  return new ReadableStream({
    async pull(controller) {
      if (pieces++ < 2) return controller.enqueue(new Uint8Array(1_000));
      await new Promise((resolve) => setTimeout(resolve, 20));
      controller.error(new Error('The source has failed.'));
    },
  });
}

describe('TCP and TLS', () => {
  needsOpenssl('curl gets HTTP/2 and HTTP/1.1 by ALPN, and keeps its connection', async () => {
    const server = serve({ hostname: '127.0.0.1', tls, protocols: ['h2', 'http/1.1'] }, handler);
    open.push(() => server.close({ grace: 0 }));
    const base = `https://127.0.0.1:${server.address.port}`;
    const h2 = await run('curl', ['-sk', '--http2', `${base}/a`, `${base}/b`]).catch(noCurl);
    if (h2 === null) return;
    expect(h2.stdout).toBe('h2 1 1\nh2 2 3\n');
    const h1 = await run('curl', ['-sk', '--http1.1', `${base}/a`, `${base}/b`]);
    expect(h1.stdout).toBe('http/1.1 1 null\nhttp/1.1 2 null\n');
  });

  test('cleartext serves Deno’s own client, and what Deno does not tell is null', async () => {
    const facts: unknown[] = [];
    const server = serve({ hostname: '127.0.0.1', observer: { connection: (known) => facts.push(known) } }, handler);
    open.push(() => server.close({ grace: 0 }));
    const response = await fetch(`http://127.0.0.1:${server.address.port}/`);
    expect(await response.text()).toBe('http/1.1 1 null\n');
    expect(facts).toMatchObject([{ transport: 'tcp', tls: null, local: { port: server.address.port } }]);
  });
});

/** Where there is no curl, Deno's own client is all there is. */
function noCurl(error: { code?: unknown }): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

describe('QUIC', () => {
  needsOpenssl(
    'exchanges share a connection, each with a stream of its own; facts that Deno does not tell are null',
    async () => {
      const server = serveQuic({ tls }, handler);
      open.push(() => server.close({ grace: 0 }));
      const connection = await connectQuic({ port: server.address.port, caCerts: [tls.cert] });
      open.push(() => connection.destroy());
      const get = async (path: string): Promise<string> => (await connection.fetch(`https://localhost${path}`)).text();
      expect(await get('/a')).toBe('h3 1 0\n');
      expect(await get('/b')).toBe('h3 2 4\n');
      const many = await Promise.all(Array.from({ length: 100 }, (_, n) => get(`/${n}`)));
      expect(new Set(many).size).toBe(100);
      expect(connection.facts).toMatchObject({
        protocol: 'h3',
        transport: 'quic',
        quic: { version: null, rttMs: null },
      });
      expect(connection.facts.tls).toMatchObject({ alpn: 'h3', resumed: null });
    },
  );

  needsOpenssl('content goes and comes whole, larger than every window', async () => {
    const server = serveQuic({ tls }, handler);
    open.push(() => server.close({ grace: 0 }));
    const connection = await connectQuic({ port: server.address.port, caCerts: [tls.cert] });
    open.push(() => connection.destroy());
    expect((await (await connection.fetch('https://localhost/big')).arrayBuffer()).byteLength).toBe(3_000_000);
    const sent = await connection.fetch('https://localhost/', { method: 'POST', body: new Uint8Array(2_000_000) });
    expect(await sent.text()).toBe('got 2000000');
  });

  needsOpenssl(
    'a response that breaks off ends the connection: Deno cannot reset a stream, and half must not look whole',
    async () => {
      const server = serveQuic({ tls }, handler);
      open.push(() => server.close({ grace: 0 }));
      const connection = await connectQuic({ port: server.address.port, caCerts: [tls.cert] });
      const response = await connection.fetch('https://localhost/half');
      await expect(response.arrayBuffer()).rejects.toThrow(RequestFailed);
      expect((await connection.closed).message).toContain('H3_INTERNAL_ERROR');
    },
  );
});
