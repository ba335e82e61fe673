import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { closeAll, connect, noQuic, serve, text, url } from '../testing/quic.ts';

afterEach(closeAll);

/** A first packet of a version, as long as it has to be, whose content means nothing. */
function firstPacket(version: number, length = 1_200): Buffer {
  const packet = Buffer.alloc(length);
  packet[0] = 0xc0;
  packet.writeUInt32BE(version, 1);
  Buffer.from([8, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 9, 9, 9, 9, 9, 9, 9]).copy(packet, 5);
  return packet;
}

describe.skipIf(noQuic !== null)('a UDP socket of ours', () => {
  test('tells a client of an unknown version which ones it speaks (RFC 9000 §6)', async () => {
    const server = await serve((exchange) => exchange.reply({ status: 204 }));
    const socket = createSocket('udp4');
    try {
      socket.send(firstPacket(0x1a2a3a4a), server.address.port, '127.0.0.1');
      const [answer] = (await once(socket, 'message')) as [Buffer];
      expect((answer[0] as number) & 0x80).toBe(0x80);
      expect(answer.readUInt32BE(1), 'version negotiation').toBe(0);
      // The ids come back the other way round, then the versions.
      expect([...answer.subarray(5, 23)]).toEqual([8, 9, 9, 9, 9, 9, 9, 9, 9, 8, 1, 2, 3, 4, 5, 6, 7, 8]);
      const versions = Array.from({ length: (answer.length - 23) / 4 }, (_, at) => answer.readUInt32BE(23 + 4 * at));
      expect(versions).toContain(1);
    } finally {
      socket.close();
    }
  });

  test('passes over what is no packet, and serves on', async () => {
    const server = await serve((exchange) => exchange.reply({ status: 200 }, text('here')));
    const socket = createSocket('udp4');
    try {
      const send = (bytes: Uint8Array): Promise<unknown> =>
        new Promise((resolve) => socket.send(bytes, server.address.port, '127.0.0.1', resolve));
      for (let length = 0; length < 60; length += 3) await send(randomBytes(length));
      for (const [version, length] of [
        [0x1a2a3a4a, 100],
        [1, 100],
        [1, 1_200],
        [0, 1_200],
      ] as const) {
        await send(firstPacket(version, length));
      }
      const client = await connect(server);
      expect(await (await client.fetch(url('/'))).text()).toBe('here');
      expect(server.connections.size, 'only the one that shook hands').toBe(1);
    } finally {
      socket.close();
    }
  });

  test('takes as many connections as it is told to, and drops the first packets of others', async () => {
    const server = await serve((exchange) => exchange.reply({ status: 200 }, text('here')), { maxConnections: 1 });
    const client = await connect(server);
    await expect(connect(server, { timeout: 200 })).rejects.toThrow('within 200 ms');
    expect(await (await client.fetch(url('/'))).text()).toBe('here');
  });
});
