import { afterEach, describe, expect, test } from 'vitest';
import { closeAll, connect, eventually, noQuic, serve, text, url } from '../testing/quic.ts';
import { PERFECT } from './link.ts';

afterEach(closeAll);

describe.skipIf(noQuic !== null)('early data', () => {
  async function resumed(
    methods: readonly string[],
  ): Promise<{ seen: [string, string, boolean][]; statuses: number[] }> {
    const seen: [string, string, boolean][] = [];
    const server = await serve((exchange) => {
      const early = exchange.head.fields.find(([name]) => name === 'early-data')?.[1] ?? 'none';
      seen.push([exchange.head.method, early, exchange.connection.tls?.resumed ?? false]);
      exchange.reply({ status: 200 }, text('seen'));
    });
    const tickets = new Map<string, Uint8Array>();
    const first = await connect(server, { tickets });
    await first.fetch(url('/'));
    await eventually(() => tickets.size === 1);
    first.shutdown();
    await first.closed;
    // The handshake takes a while, so that the request is there before it is complete.
    server.link.set({ seed: 1, inbound: PERFECT, outbound: { ...PERFECT, delay: 40 } });
    const second = await connect(server, { tickets, earlyData: true });
    const replies = await Promise.all(methods.map((method) => second.fetch(url('/'), { method })));
    return { seen, statuses: replies.map(({ status }) => status) };
  }

  test('safe requests come early, and say so', async () => {
    const { seen, statuses } = await resumed(['GET']);
    expect(statuses).toEqual([200]);
    expect(seen).toEqual([
      ['GET', 'none', false],
      ['GET', '1', true],
    ]);
  });

  test('others are told to come again after the handshake (RFC 8470)', async () => {
    const { seen, statuses } = await resumed(['POST']);
    expect(statuses).toEqual([425]);
    expect(seen).toHaveLength(1);
  });
});
