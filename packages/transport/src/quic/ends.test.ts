import { H3ErrorCode } from '@interleave/wire/http3';
import { afterEach, describe, expect, test } from 'vitest';
import type { Exchange } from '../exchange.ts';
import type { AbortReason, CloseReason } from '../host.ts';
import { closeAll, connect, echo, eventually, noQuic, serve, text, url } from '../testing/quic.ts';
import { connectQuic } from './connect.ts';
import { PERFECT } from './link.ts';

afterEach(closeAll);

describe.skipIf(noQuic !== null)('an HTTP/3 connection ends', () => {
  test('shutting down lets exchanges finish, refuses new ones and ends without an error', async () => {
    const slow: Exchange[] = [];
    const ends: CloseReason[] = [];
    const server = await serve((exchange) => void slow.push(exchange), {
      observer: { closed: (_, reason) => void ends.push(reason) },
    });
    const client = await connect(server);
    const reply = client.fetch(url('/slow'));
    await eventually(() => slow.length === 1);
    const closed = server.close({ grace: 5_000 });
    await eventually(() => !client.usable || client.capacity === 0);
    slow[0]?.reply({ status: 200 }, text('done'));
    expect(await (await reply).text()).toBe('done');
    await closed;
    // Whoever comes first: both know that nothing more is wanted.
    const causes = [ends[0]?.cause, (await client.closed).cause];
    expect(causes.sort()).toEqual(['local', 'peer']);
    expect(ends[0]?.exchanges).toBe(1);
  });

  test('a server that may not keep connections sends each away with its first response', async () => {
    const server = await serve((exchange) => exchange.reply({ status: 200 }, text(exchange.connection.id)), {
      persistent: false,
    });
    const ids = new Set<string>();
    for (let nth = 0; nth < 2; nth++) {
      const client = await connect(server);
      ids.add(await (await client.fetch(url('/'))).text());
      await client.closed;
    }
    expect(ids.size).toBe(2);
  });

  test('a peer that breaks a rule of HTTP/3 ends its connection with the code of that rule', async () => {
    const ends: CloseReason[] = [];
    const server = await serve((exchange) => exchange.reply({ status: 204 }), {
      limits: { maxFieldBlockBytes: 2_000 },
      observer: { closed: (_, reason) => void ends.push(reason) },
    });
    const client = await connect(server);
    const failed = client.fetch(url('/'), { headers: { long: 'x'.repeat(9_000) } });
    await expect(failed).rejects.toThrow('H3_EXCESSIVE_LOAD');
    await eventually(() => ends.length === 1);
    expect(ends[0]).toMatchObject({ cause: 'protocol-error' });
    expect(ends[0]?.message).toContain('maxFieldBlockBytes');
  });

  test('a flood of resets ends the connection by name (Rapid Reset)', async () => {
    const ends: CloseReason[] = [];
    const server = await serve((exchange) => void exchange.respond({ status: 200 }), {
      limits: { resetBurst: 20, resetRate: 0 },
      observer: { closed: (_, reason) => void ends.push(reason) },
    });
    const client = await connect(server);
    while (ends.length === 0 && client.usable) {
      const exchange = client.request({ method: 'GET', scheme: 'https', authority: 'localhost', target: '/' });
      await new Promise<void>((resolve) => {
        exchange.onResponse = () => resolve();
        exchange.onAbort = () => resolve();
      });
      exchange.abort('again');
    }
    await eventually(() => ends.length === 1);
    expect(ends[0]?.message).toContain('limit resetBurst');
    expect((await client.closed).message).toContain('H3_EXCESSIVE_LOAD');
  });

  test('a request that stands still is given up by name, and the others go on', async () => {
    const aborted: AbortReason[] = [];
    const server = await serve(
      (exchange) => {
        if (!exchange.hasBody) return exchange.reply({ status: 200 }, text('on'));
        exchange.onAbort = (reason) => aborted.push(reason);
        exchange.read({ data: () => exchange.pull(), end() {}, abort() {} });
        exchange.pull();
      },
      { limits: { bodyTimeout: 100 } },
    );
    const client = await connect(server);
    const slow = client.request({ method: 'POST', scheme: 'https', authority: 'localhost', target: '/' }, false);
    slow.write(text('begun'));
    await eventually(() => aborted.length === 1);
    expect(aborted[0]).toMatchObject({ initiator: 'local', message: expect.stringContaining('limit bodyTimeout') });
    await eventually(() => slow.aborted !== null);
    expect(slow.aborted).toMatchObject({ initiator: 'peer', code: H3ErrorCode.H3_REQUEST_INCOMPLETE });
    expect(await (await client.fetch(url('/'))).text()).toBe('on');
  });

  test('a client is not given up for content that our own side does not take', async () => {
    const held: Exchange[] = [];
    const server = await serve((exchange) => void held.push(exchange), {
      limits: { bodyTimeout: 60, streamWindow: 20_000 },
    });
    const client = await connect(server);
    const sent = new Uint8Array(100_000).fill(7);
    const reply = client.fetch(url('/'), { method: 'POST', body: sent });
    await eventually(() => held.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const [exchange] = held;
    expect(exchange?.aborted).toBeNull();
    if (exchange !== undefined) echo(exchange);
    expect((await (await reply).arrayBuffer()).byteLength).toBe(100_000);
  });

  test('an idle connection ends by itself, on both sides', async () => {
    const ends: CloseReason[] = [];
    const server = await serve((exchange) => exchange.reply({ status: 204 }), {
      limits: { idleTimeout: 200 },
      observer: { closed: (_, reason) => void ends.push(reason) },
    });
    const client = await connect(server);
    await client.fetch(url('/'));
    expect((await client.closed).cause).toBe('idle');
    await eventually(() => ends.length === 1);
    expect(ends[0]).toMatchObject({ cause: 'idle', exchanges: 1 });
  });

  test('a handshake that stands still is given up', async () => {
    const errors: Error[] = [];
    const server = await serve((exchange) => exchange.reply({ status: 204 }), {
      handshakeTimeout: 50,
      onError: (error) => void errors.push(error),
    });
    // What the server says is lost: the client never gets on.
    server.link.set({ seed: 1, inbound: PERFECT, outbound: { ...PERFECT, drop: 1 } });
    await expect(connect(server, { timeout: 100 })).rejects.toThrow('within 100 ms');
    await eventually(() => errors.length > 0);
    expect(errors[0]?.message).toContain('too long');
  });

  test('a certificate that is not trusted stops the client, and both sides hear why', async () => {
    const errors: Error[] = [];
    const server = await serve((exchange) => exchange.reply({ status: 204 }), {
      onError: (error) => void errors.push(error),
    });
    await expect(connectQuic({ host: '127.0.0.1', port: server.address.port })).rejects.toThrow('Cannot connect');
    await eventually(() => errors.length > 0);
    expect(errors[0]?.message).toContain('handshake');
  });
});
