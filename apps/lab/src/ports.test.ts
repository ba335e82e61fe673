import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { describeOwner, portOwner } from './ports.ts';

test.runIf(process.platform === 'linux')('the owner of a listening port is named by pid and command', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const owner = await portOwner(port);
  server.close();
  expect(owner?.pid).toBe(process.pid);
  expect(describeOwner(owner)).toContain(`(pid ${process.pid})`);
});

test('a free port has no owner', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  expect(await portOwner(port)).toBeNull();
  expect(describeOwner(null)).toBe('another process');
});
