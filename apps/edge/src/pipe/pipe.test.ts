import { withLimits } from '@interleave/wire';
import { Http2Connection } from '@interleave/wire/http2';
import { describe, expect, it } from 'vitest';
import { answerInMemory } from './memory.ts';
import { PipeServer } from './server.ts';
import { bodyOf, pipeService, readTarget } from './service.ts';

const utf8 = new TextEncoder();
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const ask = (...pieces: string[]): { replies: string; ended: boolean } => {
  const { replies, ended } = answerInMemory(...pieces.map((piece) => utf8.encode(piece)));
  return { replies: text(replies), ended };
};
const GET = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nhost: pipe\r\n${more}\r\n`;

describe('the server in a pipe', () => {
  it('answers, and leaves the connection open', () => {
    const { replies, ended } = ask(GET('/a'));
    expect(replies).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nThis answers \/a\.\n$/);
    expect(ended).toBe(false);
  });

  it('answers the same however the bytes are cut', () => {
    const bytes = utf8.encode(
      `${GET('/a')}POST /b HTTP/1.1\r\nhost: pipe\r\ncontent-length: 5\r\n\r\nhello${GET('/c')}`,
    );
    const whole = answerInMemory(bytes);
    for (let cut = 1; cut < bytes.length; cut++) {
      expect(answerInMemory(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(whole);
    }
    expect(answerInMemory(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  it.each([
    ['HTTP/1.1', '', false],
    ['HTTP/1.1', 'Connection: close\r\n', true],
    ['HTTP/1.0', '', true],
    ['HTTP/1.0', 'Connection: keep-alive\r\n', false],
  ])('%s with “%s” ends the connection: %s (RFC 9112 §9.3)', (version, field, ends) => {
    const { replies, ended } = ask(`GET /a ${version}\r\nHost: pipe\r\n${field}\r\n`);
    expect(replies).toContain('This answers /a.');
    expect(ended).toBe(ends);
  });

  it('answers HEAD with the fields of GET and no body, and what comes next is a request of its own', () => {
    const { replies } = ask('HEAD /a HTTP/1.1\r\nhost: pipe\r\n\r\n', GET('/b'));
    expect(replies.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
    expect(replies).not.toContain('This answers /a.');
    expect(replies).toContain('This answers /b.');
  });

  it('names what it does not take: a method, a body that is too large, bytes that are no request', () => {
    expect(ask('DELETE /a HTTP/1.1\r\nhost: pipe\r\n\r\n').replies).toMatch(/^HTTP\/1\.1 405 [\s\S]*allow: GET, HEAD/i);
    const large = 'x'.repeat(70_000);
    const post = `POST /a HTTP/1.1\r\nhost: pipe\r\ncontent-length: ${large.length}\r\n\r\n${large}`;
    expect(ask(post, GET('/b')).replies).toMatch(/^HTTP\/1\.1 413 [\s\S]*HTTP\/1\.1 200/);
    expect(ask('nonsense\r\n\r\n')).toMatchObject({ ended: true, replies: expect.stringMatching(/^HTTP\/1\.1 400 /) });
  });

  it.each([
    ['before it has said anything', ''],
    ['in the middle of a head', 'GET /a HTTP/1.1\r\nhost: pi'],
    ['in the middle of content', 'POST /a HTTP/1.1\r\nhost: pipe\r\ncontent-length: 99\r\n\r\nhalf'],
    ['after an exchange', GET('/a')],
    ['in the preface of HTTP/2', 'PRI * HTTP/2.0\r\n', 'h2'],
    ['after the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'h2'],
  ])('lets a peer go that stalls %s', (_, said, protocol = 'http/1.1') => {
    let now = 0;
    let ended = false;
    const limits = withLimits({ idleTimeout: 30_000 });
    const server = new PipeServer({
      service: pipeService(null),
      outlet: { send: () => {}, close: () => (ended = true) },
      now: () => now,
      ...(protocol === 'h2' ? { connection: new Http2Connection({ role: 'server', now, limits }) } : {}),
    });
    server.receive(utf8.encode(said));
    expect(ended).toBe(false);
    for (let deadline = server.nextDeadline(); deadline !== null && !ended; deadline = server.nextDeadline()) {
      expect(deadline, 'within a minute').toBeLessThanOrEqual(60_000);
      now = deadline;
      server.tick();
    }
    expect(ended).toBe(true);
  });

  it('answers in the order asked when handlers finish in any order', async () => {
    const finish = new Map<number, () => void>();
    const sent: Uint8Array[] = [];
    const server = new PipeServer({
      service: pipeService((ms) => new Promise((done) => finish.set(ms, done))),
      outlet: { send: (bytes) => sent.push(bytes), close: () => {} },
      now: () => 0,
    });
    server.receive(utf8.encode([3, 1, 2].map((ms) => GET(`/r${ms}?after=${ms}`)).join('')));
    for (const ms of [1, 2]) finish.get(ms)?.();
    await Promise.resolve();
    expect(server.working).toBeGreaterThan(0);
    expect(sent).toEqual([]);
    finish.get(3)?.();
    await new Promise((done) => setTimeout(done));
    const all = sent.map(text).join('');
    expect([...all.matchAll(/This answers \/r(\d)/g)].map(([, n]) => n)).toEqual(['3', '1', '2']);
    expect([...all.matchAll(/x-finished: (\d)/gi)].map(([, n]) => n)).toEqual(['3', '1', '2']);
  });

  it('speaks HTTP/2 with the same service, and waits for the peer’s window with a large body', () => {
    const received: Uint8Array[] = [];
    const server = new PipeServer({
      service: pipeService(null),
      connection: new Http2Connection({ role: 'server', now: 0 }),
      outlet: { send: (bytes) => received.push(bytes), close: () => {} },
      now: () => 0,
    });
    const client = new Http2Connection({ role: 'client', now: 0 });
    const id = client.sendRequest(
      { method: 'GET', target: '/a?size=65536', scheme: 'http', authority: 'pipe' },
      { endStream: true },
    );
    let size = 0;
    let ended = false;
    for (let turn = 0; turn < 50 && !ended; turn++) {
      for (const bytes of client.takeOutput()) server.receive(bytes);
      for (const bytes of received.splice(0)) {
        for (const event of client.receive(bytes, 0)) {
          if (event.type !== 'data') continue;
          size += event.data.length;
          ended ||= event.endStream;
          client.consume(id, event.flowControlledLength);
        }
      }
    }
    expect({ size, ended }).toEqual({ size: 65_536, ended: true });
  });
});

describe('what a target asks for', () => {
  it('is kept within bounds', () => {
    expect(readTarget('/a?after=99999&size=99999999999')).toEqual({
      path: '/a',
      after: 3000,
      size: 0,
    });
    expect(readTarget('/a?after=20&size=70000')).toEqual({ path: '/a', after: 20, size: 65_536 });
  });

  it('is named in the body, whatever its size', () => {
    for (const size of [0, 5, 18, 500]) expect(text(bodyOf('/abc', size))).toContain('This answers /abc.');
    expect(bodyOf('/abc', 500)).toHaveLength(500);
  });
});
