import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { counted, expect, test } from './lab.ts';

const hasCurl = ((): boolean => {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

test.skip(!hasCurl, 'curl is not installed');

const curl = promisify(execFile);

test('curl, asked for two in one command, shows in the text that they shared a connection', async ({ running }) => {
  const since = Date.now();
  const url = `${running.h1}/reqinfo`;
  const { stdout, stderr } = await curl('curl', ['-sS', '-v', '--cacert', running.certificate.authorityFile, url, url]);

  const [connection, ...others] = counted(running, 'h1', since);
  expect(others).toEqual([]);
  expect(connection?.count).toBe(2);
  expect(stderr, "curl's own word").toMatch(/Re-?using existing/i);
  expect(stdout.split(connection?.facts.id ?? 'no id').length - 1, 'both texts name the connection').toBeGreaterThan(1);
  expect(stdout).toMatch(
    /as the first exchange on a new connection[\s\S]*as exchange 2 on a connection that was already open/,
  );
});

test('curl with Connection: close ends the connection by itself', async ({ running }) => {
  const since = Date.now();
  const url = `${running.h1}/reqinfo`;
  const args = ['-sS', '-H', 'Connection: close', '--cacert', running.certificate.authorityFile, url, url];
  await curl('curl', args);
  expect(counted(running, 'h1', since).map(({ count }) => count)).toEqual([1, 1]);
});
