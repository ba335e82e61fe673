import { describe, expect, it } from 'vitest';
import app from '../index.tsx';
import { pipesOf } from '../pages/any-pipe.tsx';
import { PipeServer } from '../pipe/server.ts';
import { pipeService } from '../pipe/service.ts';
import { readAsServer } from './framing.ts';
import { ANSWER, differingBytes, pipeClient, TARGET, TYPED, typedBytes } from './pipes-run.ts';

it('the same exchange over a whole pipe and over one that delivers byte by byte differs in nothing', () => {
  const talk = (
    deliver: (bytes: Uint8Array, to: (piece: Uint8Array) => void) => void,
  ): ReturnType<typeof pipeClient> => {
    const server: PipeServer = new PipeServer({
      service: pipeService(null),
      now: () => 0,
      outlet: { send: (bytes) => deliver(bytes, (piece) => client.receive(piece)), close: () => {} },
    });
    const client = pipeClient(
      (bytes) => deliver(bytes, (piece) => server.receive(piece)),
      () => 0,
    );
    client.ask([{ method: 'GET', target: TARGET, authority: 'pipe' }]);
    return client;
  };
  const whole = talk((bytes, to) => to(bytes));
  const single = talk((bytes, to) => {
    for (const byte of bytes) to(Uint8Array.of(byte));
  });
  expect(new TextDecoder().decode(whole.exchanges[0]?.body)).toBe(ANSWER);
  expect(single.exchanges[0]?.body).toEqual(whole.exchanges[0]?.body);
  expect(differingBytes(whole.sent, single.sent) + differingBytes(whole.received, single.received)).toBe(0);
});

it('the app answers browsers as the core does in a pipe', async () => {
  expect(await (await app.request(TARGET)).text()).toBe(ANSWER);
});

it('differing bytes are counted, the Date aside', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  expect(differingBytes(bytes('a\r\nDate: 1\r\nb'), bytes('a\r\nDate: 22\r\nb'))).toBe(0);
  expect(differingBytes(bytes('abc'), bytes('abd'))).toBe(1);
  expect(differingBytes(bytes('abc'), bytes('abcde'))).toBe(2);
});

it('what is typed ends its lines as HTTP does, and is answered', () => {
  expect(new TextDecoder().decode(typedBytes('a\nb\r\n'))).toBe('a\r\nb\r\n');
  expect(readAsServer(typedBytes(TYPED))).toMatchObject({ statuses: [200], ended: false });
  expect(readAsServer(typedBytes('GET / HTTP/1.1\nHost: pipe\n')).statuses).toEqual([]);
});

describe('pipes', () => {
  const reach = (origins: object, url: string): Record<string, string> =>
    Object.fromEntries(
      pipesOf({ origins, url: new URL(url) }).map(({ id, why, origin }) => [
        id,
        why === null ? (origin ?? 'own') : 'no',
      ]),
    );

  it('say which are in reach, at home and on the edge', () => {
    const origins = { plain: 'http://localhost:1', h1: 'https://localhost:2', h3: 'https://localhost:4' };
    expect(reach(origins, 'http://localhost:1/any-pipe')).toEqual({
      tcp: 'http://localhost:1',
      tls: 'https://localhost:2',
      quic: 'https://localhost:4',
      socket: 'own',
      channel: 'own',
    });
    expect(reach(origins, 'https://localhost:2/any-pipe')).toMatchObject({ tcp: 'no', tls: 'https://localhost:2' });
    expect(reach({}, 'https://app.example/any-pipe')).toEqual({
      tcp: 'no',
      tls: 'https://app.example',
      quic: 'no',
      socket: 'own',
      channel: 'own',
    });
  });
});
