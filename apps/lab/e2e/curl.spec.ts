import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { counted, expect, type RunningLab, test } from './lab.ts';

const run = promisify(execFile);

function has(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** `curl -v` and what it wrote: what was said to it, and what it says itself. */
async function curl(running: RunningLab, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return run('curl', ['-sS', '-v', '--cacert', running.certificate.authorityFile, ...args]);
}

/** The value of a fact in the text, without its source. */
function factIn(text: string, name: string): string | undefined {
  return new RegExp(`^${name} {2,}(.*?) {2,}`, 'm').exec(text)?.[1];
}

test.describe('curl', () => {
  test.skip(!has('curl'), 'curl is not installed');

  test('asked for two in one command, shows in the text that they shared a connection', async ({ running }) => {
    const since = Date.now();
    const url = `${running.h1}/reqinfo`;
    const { stdout, stderr } = await curl(running, url, url);

    const [connection, ...others] = counted(running, 'h1', since);
    expect(others).toEqual([]);
    expect(connection?.count).toBe(2);
    expect(stderr, "curl's own word").toMatch(/Re-?using existing/i);
    expect(stdout.split(connection?.facts.id ?? 'no id').length - 1, 'both texts name it').toBeGreaterThan(1);
    expect(stdout).toMatch(
      /as the first exchange on a new connection[\s\S]*as exchange 2 on a connection that was already open/,
    );
  });

  for (const [flag, name, alpn] of [
    ['--http1.1', 'HTTP/1.1', 'http/1.1'],
    ['--http2', 'HTTP/2', 'h2'],
  ] as const) {
    test(`with ${flag}, agrees with /reqinfo on protocol, ALPN, TLS and its own port`, async ({ running }) => {
      const url = `${running.originOf('h2')}/reqinfo`;
      const form = '\n%{http_version} %{local_port} %{num_connects}\n';
      const { stdout, stderr } = await curl(running, flag, '-w', form, url, url);
      const [first = '', second = ''] = stdout.split(/(?<=\n[\d.]+ \d+ \d\n)/);
      expect(stderr).toContain(`server accepted ${alpn}`);
      const tls = /SSL connection using (TLSv[\d.]+) \/ (\S+)/.exec(stderr);
      for (const text of [first, second]) {
        const [, version, port, connects] = /\n([\d.]+) (\d+) (\d)\n$/.exec(text) ?? [];
        expect(factIn(text, 'Protocol')).toBe(name);
        expect(name).toBe(`HTTP/${version}`);
        expect(factIn(text, 'ALPN')).toMatch(new RegExp(`^${alpn} chosen`));
        expect(factIn(text, 'TLS version')?.replace(' ', 'v')).toBe(tls?.[1]);
        expect(factIn(text, 'Cipher suite')).toBe(tls?.[2]);
        expect(factIn(text, 'Your end')).toMatch(new RegExp(`port ${port}$`));
        expect(factIn(text, 'Exchange on it'), 'a connection that was made has none before').toBe(
          connects === '1' ? '1' : '2',
        );
      }
    });
  }

  test('with Connection: close ends the connection by itself', async ({ running }) => {
    const since = Date.now();
    const url = `${running.h1}/reqinfo`;
    await curl(running, '-H', 'Connection: close', url, url);
    expect(counted(running, 'h1', since).map(({ count }) => count)).toEqual([1, 1]);
  });

  test('gets from the lab what the OpenAPI description of the Worker says', async ({ running }) => {
    const ask = async (path: string): Promise<string> =>
      (await curl(running, `${running.originOf('h2')}${path}`)).stdout;
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: 'api', ...JSON.parse(await ask('/api/v1/openapi.json')) });
    const faults = (name: string, value: unknown): unknown => {
      const check = ajv.getSchema(`api#/components/schemas/${name}`);
      return check?.(value) === true ? [] : (check?.errors ?? `no schema ${name}`);
    };
    const record = JSON.parse(await ask('/api/v1/request'));
    expect(faults('RequestRecord', record)).toEqual([]);
    const id = record.facts.connectionId.value;
    expect(faults('ConnectionReport', JSON.parse(await ask(`/api/v1/connection/${id}`)))).toEqual([]);
    expect(faults('ApiProblem', JSON.parse(await ask('/api/v1/connection/nobody')))).toEqual([]);
    // Events come as they happen: whoever watches decides when it was enough.
    const stream = await curl(
      running,
      '--max-time',
      '1',
      `${running.originOf('h2')}/api/v1/connection/${id}/events`,
    ).catch((stopped: { stdout: string }) => stopped);
    const events = stream.stdout.split('\n').filter((line) => line.startsWith('data:'));
    expect(events.length).toBeGreaterThan(0);
    for (const event of events) expect(faults('WatchMessage', JSON.parse(event.slice(5)))).toEqual([]);
  });
});

test.describe('nghttp', () => {
  test.skip(!has('nghttp'), 'nghttp is not installed');

  test('-v sends two requests as streams of one connection, and /reqinfo names the streams that it sent', async ({
    running,
  }) => {
    const since = Date.now();
    const origin = running.originOf('h2');
    const { stdout } = await run('nghttp', ['-v', '--no-dep', `${origin}/reqinfo?a`, `${origin}/reqinfo?b`]);
    const sent = [...stdout.matchAll(/send HEADERS frame <[^>]*stream_id=(\d+)>/g)].map(([, id]) => Number(id));
    expect(sent).toHaveLength(2);
    const told = [...stdout.matchAll(/^Stream {2,}(\d+) /gm)].map(([, id]) => Number(id));
    expect(told.sort((a, b) => a - b)).toEqual(sent);
    expect([...stdout.matchAll(/^Exchange on it {2,}(\d+) /gm)].map(([, nth]) => nth).sort()).toEqual(['1', '2']);
    expect([...stdout.matchAll(/^Protocol {2,}(\S+) /gm)].map(([, name]) => name)).toEqual(['HTTP/2', 'HTTP/2']);
    const [connection, ...others] = counted(running, 'h2', since);
    expect(others).toEqual([]);
    expect(connection?.exchanges.map(({ streamId }) => streamId)).toEqual(sent);
  });
});
