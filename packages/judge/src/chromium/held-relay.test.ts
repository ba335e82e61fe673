import { X509Certificate } from 'node:crypto';
import { createServer, connect as dial, type Socket } from 'node:net';
import { connect as dialTls } from 'node:tls';
import { afterEach, expect, it } from 'vitest';
import { certificate } from './certificate.ts';
import { HeldRelay } from './held-relay.ts';

const open: (() => unknown)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** A server that says this to whoever comes, and again to each word, and a relay in front of it. */
async function relay(
  says: Uint8Array,
  tls: ReturnType<typeof certificate> | null = null,
): Promise<[HeldRelay, number]> {
  const server = createServer((socket) => {
    socket.on('error', () => {}).on('data', () => socket.write(says));
    socket.write(says);
  });
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  const made = new HeldRelay(port, tls);
  open.push(
    () => made.close(),
    () => server.close(),
  );
  return [made, await made.listen()];
}

/** Bytes as they come, and a promise for so many. */
function reading(socket: Socket): (size: number) => Promise<Buffer> {
  let have = Buffer.alloc(0);
  let look = (): void => {};
  socket.on('data', (chunk: Buffer) => {
    have = Buffer.concat([have, chunk]);
    look();
  });
  open.push(() => socket.destroy());
  return (size) =>
    new Promise((resolve) => {
      look = () => void (have.length >= size && resolve(have));
      look();
    });
}

const frame = (type: number, flags: number, streamId: number, size: number): Buffer =>
  Buffer.concat([Buffer.from([0, 0, size, type, flags, 0, 0, 0, streamId]), Buffer.alloc(size, streamId)]);

it('passes on to the byte, holds what follows, and lets it go when told', async () => {
  const says = Buffer.from(Array.from({ length: 200 }, (_, i) => i));
  const [made, port] = await relay(says);
  const socket = dial(port, '127.0.0.1');
  const read = reading(socket);
  await read(200);
  const [connection] = made.connections;
  connection?.holdFrom(320);
  socket.write('more');
  await made.until(() => connection?.received === 400);
  const twice = Buffer.concat([says, says]);
  expect((await read(320)).equals(twice.subarray(0, 320))).toBe(true);
  connection?.release();
  expect((await read(400)).equals(twice)).toBe(true);
  expect(connection?.bytes.equals(twice)).toBe(true);
});

it('reads the frames that have come whole, with their nine bytes, and which one is the last of its stream', async () => {
  const says = Buffer.concat([frame(4, 0, 0, 6), frame(1, 4, 1, 20), frame(0, 0, 1, 30), frame(0, 1, 1, 5)]);
  const [made, port] = await relay(says.subarray(0, -1));
  const read = reading(dial(port, '127.0.0.1'));
  await read(says.length - 1);
  expect(made.connections[0]?.frames()).toEqual([
    { from: 0, to: 15, streamId: 0, last: false, type: 4 },
    { from: 15, to: 44, streamId: 1, last: false, type: 1 },
    { from: 44, to: 83, streamId: 1, last: false, type: 0 },
  ]);
});

it('ends TLS with a certificate that says localhost and is signed by its own key, and speaks h2 only', async () => {
  const mine = certificate();
  const read = new X509Certificate(mine.cert);
  expect(read.verify(read.publicKey)).toBe(true);
  expect(read.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(read.checkHost('localhost')).toBe('localhost');
  expect(certificate()).toBe(mine);
  const [, port] = await relay(Buffer.from('hello'), mine);
  const socket = dialTls({
    host: '127.0.0.1',
    port,
    ca: mine.cert,
    servername: 'localhost',
    ALPNProtocols: ['h2', 'http/1.1'],
  });
  const said = await reading(socket)(5);
  expect(said.toString()).toBe('hello');
  expect([socket.authorized, socket.alpnProtocol]).toEqual([true, 'h2']);
});
