import { afterEach, expect, test } from 'vitest';
import type { AlpnProtocol } from '../protocols.ts';
import { connect, connectPool } from './connect.ts';
import { Hold } from './hold.ts';
import { type Server, serve } from './server.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

async function server(protocol: AlpnProtocol): Promise<Server> {
  const made = await serve({ host: '127.0.0.1', protocols: [protocol] }, () => new Response(new Uint8Array(30_000)));
  open.push(() => made.close({ grace: 0 }));
  return made;
}

/** How many of twelve responses of 30 KB are whole while one connection is held back. */
async function wholeWhileHeld(protocol: AlpnProtocol): Promise<number> {
  const served = await server(protocol);
  const pool = connectPool({ protocols: [protocol] });
  open.push(() => pool.close());
  const url = `http://127.0.0.1:${served.address.port}/`;
  // Warm: what is held is content, not a greeting.
  await Promise.all(Array.from({ length: 6 }, async () => (await pool.fetch(url)).arrayBuffer()));
  served.hold = new Hold({ after: 20_000, ms: 600 });
  let whole = 0;
  const all = Array.from({ length: 12 }, async () => {
    const { byteLength } = await (await pool.fetch(url)).arrayBuffer();
    whole++;
    return byteLength;
  });
  const held = await served.hold.taken;
  expect(held?.ms).toBe(600);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const meanwhile = whole;
  expect(await Promise.all(all)).toEqual(new Array(12).fill(30_000));
  return meanwhile;
}

test('over HTTP/1.1, one held range delays its own connection: eleven of twelve are whole', async () => {
  expect(await wholeWhileHeld('http/1.1')).toBe(11);
});

test('over HTTP/2, it delays all that share the connection', async () => {
  expect(await wholeWhileHeld('h2')).toBe(0);
});

test('what stands before the range leaves at once, to the byte', async () => {
  const served = await server('http/1.1');
  served.hold = new Hold({ after: 5_000, ms: 300 });
  const connection = await connect({ host: '127.0.0.1', port: served.address.port });
  open.push(() => connection.destroy());
  const response = await connection.fetch('http://a.test/');
  const held = await served.hold.taken;
  expect(held?.offset).toBe(5_000);
  expect((await response.arrayBuffer()).byteLength).toBe(30_000);
  expect((await (await connection.fetch('http://a.test/')).arrayBuffer()).byteLength).toBe(30_000);
});

test('a hold that is taken away holds nobody', async () => {
  const served = await server('h2');
  const hold = new Hold({ after: 0, ms: 60_000 });
  served.hold = hold;
  hold.cancel();
  const connection = await connect({ host: '127.0.0.1', port: served.address.port, protocols: ['h2'] });
  open.push(() => connection.destroy());
  expect((await connection.fetch('http://a.test/')).status).toBe(200);
  expect(await hold.taken).toBeNull();
});
