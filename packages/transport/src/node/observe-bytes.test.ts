import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { serveExchanges } from './server.ts';

it('whoever looks on sees the very bytes of a connection, those that are read before they are parsed', async () => {
  const seen = new Map<string, { received: string; sent: string }>();
  const order: string[] = [];
  const server = await serveExchanges(
    {
      host: '127.0.0.1',
      observeWire: () => (unit) => order.push(`${unit.direction} ${unit.kind}`),
      observeBytes(id) {
        const bytes = { received: '', sent: '' };
        seen.set(id, bytes);
        return {
          received(chunk, streamId) {
            order.push(`bytes ${streamId}`);
            bytes.received += Buffer.from(chunk).toString('latin1');
          },
          sent(chunk) {
            bytes.sent += Buffer.from(chunk).toString('latin1');
          },
        };
      },
    },
    (exchange) => exchange.reply({ status: 200, fields: [] }, new TextEncoder().encode('hello')),
  );
  const client = connect(server.address.port, '127.0.0.1');
  const request = 'GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n';
  client.write(request);
  let response = '';
  client.on('data', (chunk: Buffer) => {
    response += chunk.toString('latin1');
  });
  await once(client, 'close');
  await server.close();
  expect([...seen.values()]).toEqual([{ received: request, sent: response }]);
  expect(response).toContain('hello');
  expect(order.slice(0, 2)).toEqual(['bytes null', 'received request']);
});
