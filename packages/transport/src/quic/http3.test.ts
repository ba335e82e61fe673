import { H3ErrorCode } from '@interleave/wire/http3';
import { afterEach, describe, expect, test } from 'vitest';
import type { Exchange } from '../exchange.ts';
import type { AbortReason } from '../host.ts';
import { closeAll, connect, echo, eventually, noQuic, serve, text, url } from '../testing/quic.ts';
import { PERFECT } from './link.ts';
import { loadQuiche } from './quiche.ts';

afterEach(closeAll);

describe.skipIf(noQuic !== null)('HTTP/3 over QUIC', () => {
  test('exchanges share a connection, each with its place and its stream', async () => {
    const server = await serve((exchange) => {
      const { connection, nth, streamId } = exchange;
      exchange.reply({ status: 200 }, text(`${connection.protocol} ${nth} ${streamId}`));
    });
    const client = await connect(server);
    const replies = await Promise.all(['/a', '/b', '/c'].map((path) => client.fetch(url(path))));
    const said = (await Promise.all(replies.map((reply) => reply.text()))).map((line) => line.split(' '));
    expect(said.map(([protocol, , streamId]) => `${protocol} ${streamId}`)).toEqual(['h3 0', 'h3 4', 'h3 8']);
    // QUIC may bring the second stream before the first: each is counted when its head is there.
    expect(said.map(([, nth]) => nth).sort()).toEqual(['1', '2', '3']);
    expect(server.connections.size).toBe(1);
  });

  test('facts say what the connection is', async () => {
    const facts: Exchange['connection'][] = [];
    const server = await serve((exchange) => {
      facts.push(exchange.connection);
      exchange.reply({ status: 204 });
    });
    const client = await connect(server);
    await client.fetch(url('/'));
    expect(facts[0]).toMatchObject({
      transport: 'quic',
      protocol: 'h3',
      local: { address: '127.0.0.1', port: server.address.port, family: 'IPv4' },
      tls: { version: 'TLSv1.3', alpn: 'h3', sni: 'localhost', alpnOffered: ['h3'], resumed: false, earlyData: false },
      quic: { version: 1 },
    });
    expect(facts[0]?.quic?.localId).toMatch(/^[0-9a-f]{32}$/);
    expect(facts[0]?.quic?.originalDestinationId).toMatch(/^[0-9a-f]{16,40}$/);
    expect(facts[0]?.tls?.cipher).toMatch(/^TLS_/);
    expect(facts[0]?.tls?.group).toBe('X25519');
    expect(facts[0]?.tls?.clientRandomHash).toMatch(/^[0-9a-f]{64}$/);
    // Both ends name the same ids, from their own side.
    expect(client.facts.quic?.remoteId).toBe(facts[0]?.quic?.localId);
    expect(client.facts.quic?.localId).toBe(facts[0]?.quic?.remoteId);
    // Facts travel as JSON.
    expect(JSON.parse(JSON.stringify(facts[0])).quic.packets.received).toBeGreaterThan(0);
  });

  test('content comes whole both ways, larger than every window', async () => {
    const client = await connect(await serve(echo));
    const sent = new Uint8Array(3_000_000).map((_, at) => at % 251);
    const reply = await client.fetch(url('/'), { method: 'POST', body: sent });
    expect(Buffer.compare(new Uint8Array(await reply.arrayBuffer()), sent)).toBe(0);
  });

  test('a request that nobody reads holds its client back, and only that one', async () => {
    const held: Exchange[] = [];
    const server = await serve((exchange) => {
      if (exchange.hasBody) held.push(exchange);
      else exchange.reply({ status: 200 }, text('free'));
    });
    const client = await connect(server);
    const upload = client.request({ method: 'POST', scheme: 'https', authority: 'localhost', target: '/' }, false);
    let taken = 0;
    while (taken < 10_000_000 && upload.write(new Uint8Array(50_000))) taken += 50_000;
    await eventually(() => held.length === 1);
    expect(await (await client.fetch(url('/'))).text()).toBe('free');
    expect(taken).toBeLessThan(1_000_000);
    upload.abort('enough');
    await eventually(() => held[0]?.aborted !== null);
    expect(held[0]?.aborted).toMatchObject({ initiator: 'peer', code: H3ErrorCode.H3_REQUEST_CANCELLED });
  });

  test('a response that nobody reads holds its handler back', async () => {
    let written = 0;
    const server = await serve((exchange) => {
      exchange.respond({ status: 200 });
      while (written < 10_000_000 && exchange.write(new Uint8Array(50_000))) written += 50_000;
    });
    const client = await connect(server);
    const exchange = client.request({ method: 'GET', scheme: 'https', authority: 'localhost', target: '/' });
    await new Promise<void>((resolve) => {
      exchange.onResponse = () => resolve();
    });
    expect(written).toBeLessThan(1_000_000);
  });

  test('a response that is cut off reaches the client as a reset, never as an end', async () => {
    const server = await serve((exchange) => {
      exchange.respond({ status: 200 });
      exchange.write(text('half'));
      setTimeout(() => exchange.fail(), 20);
    });
    const client = await connect(server);
    const exchange = client.request({ method: 'GET', scheme: 'https', authority: 'localhost', target: '/' });
    const reason = await new Promise<AbortReason>((resolve, reject) => {
      exchange.onAbort = resolve;
      exchange.read({ data: () => exchange.pull(), end: () => reject(new Error('It looked whole.')), abort: () => {} });
      exchange.pull();
    });
    expect(reason).toMatchObject({ initiator: 'peer', code: H3ErrorCode.H3_INTERNAL_ERROR });
  });

  test('a client that gives up is told to the handler, and the connection goes on', async () => {
    const aborted: AbortReason[] = [];
    const server = await serve((exchange) => {
      if (exchange.head.target === '/next') return exchange.reply({ status: 200 }, text('next'));
      exchange.respond({ status: 200 });
      exchange.onAbort = (reason) => aborted.push(reason);
      exchange.write(text('begun'));
    });
    const client = await connect(server);
    const exchange = client.request({ method: 'GET', scheme: 'https', authority: 'localhost', target: '/' });
    await new Promise<void>((resolve) => {
      exchange.onResponse = () => resolve();
    });
    exchange.abort('not needed');
    expect(exchange.aborted).toMatchObject({ initiator: 'local', code: H3ErrorCode.H3_REQUEST_CANCELLED });
    await eventually(() => aborted.length === 1);
    expect(aborted[0]).toMatchObject({ initiator: 'peer', code: H3ErrorCode.H3_REQUEST_CANCELLED });
    expect(await (await client.fetch(url('/next'))).text()).toBe('next');
  });

  test('one stream leaves HTTP by extended CONNECT, and the others stay (RFC 9220)', async () => {
    const server = await serve((exchange) => {
      if (exchange.head.protocol !== 'chat') return exchange.reply({ status: 200 }, text('HTTP'));
      exchange.upgrade({ status: 200 }, () => {
        exchange.read({
          data: (piece) => {
            exchange.write(piece);
            exchange.pull();
          },
          end: () => exchange.end(),
          abort() {},
        });
        exchange.pull();
      });
    });
    const client = await connect(server);
    // The first answer comes behind the server's settings, which allow it.
    await (await client.fetch(url('/'))).text();
    const head = { method: 'CONNECT', protocol: 'chat', scheme: 'https', authority: 'localhost', target: '/' };
    const tunnel = client.request(head, false);
    const said: string[] = [];
    const over = new Promise<void>((resolve, reject) => {
      tunnel.read({
        data: (piece) => {
          said.push(Buffer.from(piece).toString());
          tunnel.pull();
        },
        end: () => resolve(),
        abort: (reason) => reject(new Error(reason.message)),
      });
    });
    tunnel.pull();
    tunnel.write(text('hello'));
    await eventually(() => said.join('') === 'hello');
    expect(await (await client.fetch(url('/'))).text()).toBe('HTTP');
    tunnel.end();
    await over;
  });

  test('an answer before the end of the request stands, and the rest of the request is stopped', async () => {
    const server = await serve((exchange) => {
      exchange.reply({ status: 413 }, text('too much'));
      exchange.cancel();
    });
    const client = await connect(server);
    const reply = await client.fetch(url('/'), { method: 'POST', body: new Uint8Array(2_000_000) });
    expect([reply.status, await reply.text()]).toEqual([413, 'too much']);
  });
});

describe.skipIf(noQuic !== null)('a link that loses datagrams', () => {
  test('loses time and no bytes: dropped, late and out of order, everything comes whole', async () => {
    const server = await serve((exchange) =>
      exchange.reply({ status: 200 }, new Uint8Array(20_000).fill(exchange.nth)),
    );
    const client = await connect(server);
    const rules = { ...PERFECT, drop: 0.05, reorder: 0.05, jitter: 2 };
    server.link.set({ seed: 11, inbound: rules, outbound: rules });
    const replies = await Promise.all(Array.from({ length: 40 }, (_, nth) => client.fetch(url(`/${nth}`))));
    const sizes = await Promise.all(replies.map(async (reply) => (await reply.arrayBuffer()).byteLength));
    expect(sizes).toEqual(new Array(40).fill(20_000));
    expect(server.link.outbound.counts.dropped).toBeGreaterThan(0);
    expect(server.link.outbound.counts.reordered).toBeGreaterThan(0);
  });
});

test('without a binding, the reason is told', async () => {
  const { quiche, reason } = await loadQuiche({ INTERLEAVE_NO_QUIC: 'a test' });
  expect(quiche).toBeNull();
  expect(reason).toContain('INTERLEAVE_NO_QUIC');
});
