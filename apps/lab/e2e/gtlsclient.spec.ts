import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadQuiche } from '@interleave/transport/quic';
import { counted, expect, test } from './lab.ts';

interface Run {
  readonly code: number;
  readonly output: string;
}

function run(command: string, ...words: string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(command, words, { timeout: 20_000, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, output: stdout + stderr });
    });
  });
}

test.beforeEach(async () => {
  const { reason } = await loadQuiche();
  test.skip(reason !== null, reason ?? '');
  test.skip((await run('gtlsclient', '--help')).code !== 0, 'There is no gtlsclient here (Debian: ngtcp2-client).');
});

test('a client of another family gets pages by HTTP/3: ngtcp2 and nghttp3', async ({ running }) => {
  const folder = await mkdtemp(join(tmpdir(), 'gtlsclient-'));
  try {
    const since = Date.now();
    const origin = running.originOf('h3');
    const { port } = new URL(origin);
    const pages = ['/reqinfo', '/api/v1/request', '/'].map((path) => `${origin}${path}`);
    const words = ['--quiet', '--exit-on-all-streams-close', `--download=${folder}`];
    const { code, output } = await run('gtlsclient', ...words, 'localhost', port, ...pages);
    expect(code, output).toBe(0);
    const [connection, ...others] = counted(running, 'h3', since);
    expect(others).toEqual([]);
    expect(connection?.exchanges.map(({ streamId, status, aborted }) => [streamId, status, aborted])).toEqual([
      [0, 200, null],
      [4, 200, null],
      [8, 200, null],
    ]);
    expect(await readFile(join(folder, 'reqinfo'), 'utf8')).toContain(connection?.facts.id ?? 'an id');
    expect(JSON.parse(await readFile(join(folder, 'request'), 'utf8')).facts.protocol.value).toBe('h3');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
