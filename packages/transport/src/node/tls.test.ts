import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import type { ConnectionFacts } from '../facts.ts';
import { get, RawClient } from '../testing/raw-client.ts';
import { type Server, serveExchanges } from './server.ts';

/** A key pair for tests that lives as long as this process. Null where there is no openssl. */
const pair = ((): { key: Buffer; cert: Buffer } | null => {
  const folder = mkdtempSync(join(tmpdir(), 'transport-tls-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const words = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -keyout';
    execFileSync('openssl', [...words.split(' '), key, '-out', cert], { stdio: 'ignore' });
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } catch {
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
})();

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function start(): Promise<{ server: Server; facts: ConnectionFacts[]; errors: Error[] }> {
  const facts: ConnectionFacts[] = [];
  const errors: Error[] = [];
  const server = await serveExchanges(
    { host: '127.0.0.1', tls: pair, onError: (error) => void errors.push(error) },
    (exchange) => {
      facts.push(exchange.connection);
      exchange.reply({ status: 200 }, new TextEncoder().encode(String(exchange.nth)));
    },
  );
  open.push({ close: () => server.close({ grace: 0 }) });
  return { server, facts, errors };
}

async function secure(server: Server, options: ConnectionOptions = {}): Promise<{ raw: RawClient; socket: TLSSocket }> {
  const socket = connect({
    port: server.address.port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    servername: 'localhost',
    ...options,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  const raw = new RawClient(socket);
  open.push(raw);
  return { raw, socket };
}

describe.skipIf(pair === null)('TLS', () => {
  test('the facts of a handshake are what the client saw', async () => {
    const { server, facts } = await start();
    const { raw, socket } = await secure(server, { ALPNProtocols: ['h2', 'http/1.1'] });
    raw.send(get('/'));
    await raw.response();
    expect(socket.alpnProtocol).toBe('http/1.1');
    expect(facts[0]?.tls).toMatchObject({
      version: socket.getProtocol(),
      cipher: socket.getCipher().standardName,
      alpnOffered: ['h2', 'http/1.1'],
      alpn: 'http/1.1',
      sni: 'localhost',
      resumed: false,
      earlyData: false,
    });
    expect(facts[0]?.tls?.clientRandomHash).toMatch(/^[0-9a-f]{64}$/);
    expect(facts[0]?.tls?.handshakeMs).toBeGreaterThan(0);
  });

  test('the hash of the client random is one for each connection, and not a plain hash of it', async () => {
    const { server, facts } = await start();
    let random = '';
    for (let index = 0; index < 2; index++) {
      const { raw, socket } = await secure(server);
      socket.once('keylog', (line: Buffer) => {
        random = line.toString().split(' ')[1] ?? '';
      });
      raw.send(get('/') + get('/'));
      await raw.response();
      await raw.response();
    }
    const [a, b, c, d] = facts.map((one) => one.tls?.clientRandomHash);
    expect(a).toBe(b);
    expect(c).toBe(d);
    expect(a).not.toBe(c);
    const { createHash } = await import('node:crypto');
    expect([a, c]).not.toContain(createHash('sha256').update(random, 'hex').digest('hex'));
  });

  test.each(['TLSv1.2', 'TLSv1.3'] as const)('a session is resumed over %s, and both sides say so', async (version) => {
    const { server, facts } = await start();
    const limits = { minVersion: version, maxVersion: version };
    const first = await secure(server, limits);
    const session = new Promise<Buffer>((resolve) => {
      first.socket.once('session', resolve);
      const early = first.socket.getSession();
      if (version === 'TLSv1.2' && early !== undefined) resolve(early);
    });
    first.raw.send(get('/'));
    await first.raw.response();
    const second = await secure(server, { ...limits, session: await session });
    second.raw.send(get('/'));
    await second.raw.response();
    expect(second.socket.isSessionReused()).toBe(true);
    expect(facts.map((one) => one.tls?.resumed)).toEqual([false, true]);
    expect(facts[0]?.tls?.clientRandomHash).not.toBe(facts[1]?.tls?.clientRandomHash);
  });

  test('a client without ALPN is spoken to in HTTP/1.1, and the facts say that it offered nothing', async () => {
    const { server, facts } = await start();
    const { raw } = await secure(server);
    raw.send(get('/'));
    expect((await raw.response()).body).toBe('1');
    expect(facts[0]?.tls).toMatchObject({ alpnOffered: null, alpn: null });
  });

  test('a client that offers only what is not served is refused in the handshake', async () => {
    const { server, errors } = await start();
    await expect(secure(server, { ALPNProtocols: ['h2'] })).rejects.toThrow(/no application protocol/i);
    while (errors.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(server.connections.size).toBe(0);
  });

  test('plain text, silence and a reset on a TLS port hurt nobody', async () => {
    const { server } = await start();
    const plain = await RawClient.open(server.address.port);
    plain.send(get('/'));
    await plain.until(() => plain.ended);
    const gone = connectTcp(server.address.port, '127.0.0.1');
    await new Promise<void>((resolve) => gone.once('connect', resolve));
    gone.write(Buffer.from([22, 3, 1, 2, 0, 1]));
    gone.resetAndDestroy();
    const { raw } = await secure(server);
    raw.send(get('/'));
    expect((await raw.response()).body).toBe('1');
  });

  test('a stop does not wait for a handshake that never ends', async () => {
    const { server } = await start();
    const silent = await RawClient.open(server.address.port);
    await server.close({ grace: 20 });
    await silent.until(() => silent.ended);
    expect(silent.ended || silent.closed).toBe(true);
  });
});
