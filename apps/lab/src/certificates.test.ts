import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { labCertificate } from './certificates.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lab-certificates-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a second run reads what the first one made', async () => {
  const first = await labCertificate(folder);
  const second = await labCertificate(folder);
  expect(second).toEqual(first);
});

test('the leaf is no authority and names localhost and both loopback addresses', async () => {
  const { chain } = await labCertificate(folder);
  const leaf = new X509Certificate(chain);
  expect(leaf.ca).toBe(false);
  expect(leaf.checkHost('localhost')).toBe('localhost');
  expect(leaf.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(leaf.checkIP('::1')).toBeDefined();
});

test('the key is readable by its owner only, and the authority has no key on disk', async () => {
  const { authorityFile } = await labCertificate(folder);
  if (process.platform !== 'win32') {
    expect((await stat(join(folder, 'certificates/localhost.pem'))).mode & 0o777).toBe(0o600);
  }
  expect(await readFile(authorityFile, 'utf8')).not.toContain('PRIVATE');
});

test('it is made anew before it expires', async () => {
  const first = await labCertificate(folder);
  const soon = await labCertificate(folder, new Date(first.validTo.getTime() - 31 * 86_400_000));
  expect(soon.spkiHash).toBe(first.spkiHash);
  const late = await labCertificate(folder, new Date(first.validTo.getTime() - 29 * 86_400_000));
  expect(late.spkiHash).not.toBe(first.spkiHash);
});

test('a file that was cut short is replaced', async () => {
  const first = await labCertificate(folder);
  const file = join(folder, 'certificates/localhost.pem');
  await writeFile(file, (await readFile(file, 'utf8')).slice(0, 700));
  const second = await labCertificate(folder);
  expect(second.spkiHash).not.toBe(first.spkiHash);
});

test('a client that trusts the authority accepts the server as localhost', async () => {
  const certificate = await labCertificate(folder);
  const server = createServer({ key: certificate.key, cert: certificate.chain }, (socket) => socket.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: await readFile(certificate.authorityFile, 'utf8'),
  });
  const authorized = await new Promise<boolean>((resolve, reject) => {
    socket.once('secureConnect', () => resolve(socket.authorized));
    socket.once('error', reject);
  });
  socket.destroy();
  server.close();
  expect(authorized).toBe(true);
});
