import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Http1Client } from './h1-client.ts';
import { DATA, FrameWalk, frame, HEADERS } from './h2-bytes.ts';
import { Http2Client } from './h2-client.ts';
import { readH2load } from './h2load.ts';

const REPORT = `finished in 2.50s, 103356.00 req/s, 11.34MB/s
requests: 206712 total, 206712 started, 206712 done, 206712 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 206712 2xx, 0 3xx, 0 4xx, 0 5xx
`;

test('h2load: the rate is read, and a run with any failure or refusal is none', () => {
  expect(readH2load(REPORT)).toBe(103_356);
  expect(() => readH2load(REPORT.replace('0 failed', '1 failed'))).toThrow(/not right under load/);
  expect(() => readH2load(REPORT.replace('0 4xx', '7 4xx'))).toThrow(/not right under load/);
  expect(() => readH2load(REPORT.replace('206712 done', '0 done'))).toThrow(/not right under load/);
  expect(() => readH2load('connection refused')).toThrow(/no report/);
});

test('the frame walk sees the same frames however the bytes are cut', () => {
  const frames = fc.array(fc.tuple(fc.constantFrom(DATA, HEADERS), fc.nat(255), fc.nat(2 ** 31 - 1), fc.nat(40)));
  fc.assert(
    fc.property(frames, fc.array(fc.nat(30), { maxLength: 20 }), (expected, cuts) => {
      const bytes = Buffer.concat(
        expected.map(([type, flags, streamId, length]) => frame(type, flags, streamId, new Uint8Array(length))),
      );
      const seen: number[][] = [];
      const walk = new FrameWalk({ frame: (...facts) => seen.push(facts) });
      let at = 0;
      for (const cut of cuts) {
        walk.push(bytes.subarray(at, at + cut));
        at += cut;
      }
      walk.push(bytes.subarray(at));
      expect(seen).toEqual(expected);
    }),
  );
});

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test.each(['http/1.1', 'h2'] as const)(
  'the built-in client counts what a server has answered (%s)',
  async (protocol) => {
    let handed = 0;
    const server: Server =
      protocol === 'h2'
        ? createHttp2Server().on('stream', (stream) => {
            handed += 1;
            stream.respond({ ':status': 200 });
            stream.end('Hello');
          })
        : createServer((_request, response) => {
            handed += 1;
            response.setHeader('content-length', 5);
            response.end('Hello');
          });
    const failures: Error[] = [];
    const Client = protocol === 'h2' ? Http2Client : Http1Client;
    const client = new Client(await listening(server), 4, (error) => failures.push(error));
    await client.start();
    await expect.poll(() => client.answered, { timeout: 5_000 }).toBeGreaterThan(50);
    client.close();
    expect(failures).toEqual([]);
    expect(handed).toBeGreaterThanOrEqual(client.answered);
    // What is under way when it stops is at most what it keeps under way.
    expect(handed - client.answered).toBeLessThanOrEqual(4);
    await new Promise((resolve) => server.close(resolve));
  },
);
