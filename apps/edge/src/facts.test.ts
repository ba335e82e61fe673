import { requestRecord } from '@interleave/trace';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLIENT_RANDOM, CLOUDFLARE, CLOUDFLARE_HEADERS, HOSTILE, labCf, MOCK } from './cf-examples.ts';
import { type ReadFacts, readFacts } from './facts.ts';

function read(cf: unknown, headers: Record<string, string> = {}, env = {}): Promise<ReadFacts> {
  const request = new Request('https://app.example/', { headers });
  return readFacts(cf === undefined ? request : Object.defineProperty(request, 'cf', { value: cf }), env);
}

describe('facts from the lab', () => {
  it('are measured at the socket', async () => {
    const { host, facts, origins } = await read(labCf());
    expect(host).toBe('lab');
    expect(facts.protocol).toEqual({ value: 'http/1.1', source: 'core', sure: 'measured' });
    expect(facts.nth.value).toBe(3);
    expect(facts.connectionId.value).toBe('k3J9aQ');
    expect(facts.ageMs.value).toBe(3210);
    expect(facts.alpn.value).toEqual({ offered: ['h2', 'http/1.1'], chosen: 'http/1.1' });
    expect(facts.resumed).toMatchObject({ value: false, source: 'core' });
    expect(facts.remote.value).toEqual({ address: '127.0.0.1', port: 51_234, family: 'IPv4' });
    expect(origins).toEqual({ plain: 'http://localhost:4100', h1: 'https://localhost:4111' });
  });

  it('tell HTTP/1.0 from HTTP/1.1', async () => {
    expect((await read({ ...labCf(), httpProtocol: 'HTTP/1.0' })).facts.protocol.value).toBe('http/1.0');
  });

  it('say that cleartext has no TLS, and HTTP/1.1 no streams: known, not unknown', async () => {
    const { facts } = await read(labCf({ tls: null }));
    for (const f of [facts.cipher, facts.resumed, facts.streamId])
      expect(f).toMatchObject({ value: null, sure: 'measured' });
  });

  it('never hold the hash of the client random', async () => {
    expect(JSON.stringify(await read(labCf()))).not.toContain('not for pages');
  });
});

describe('facts from Cloudflare', () => {
  it('are what it tells, and no more', async () => {
    const { host, facts } = await read(CLOUDFLARE, CLOUDFLARE_HEADERS);
    expect(host).toBe('cloudflare');
    expect(facts.protocol).toEqual({ value: 'h2', source: 'cf', sure: 'measured' });
    expect(facts.rttMs).toEqual({ value: 14, source: 'cf', sure: 'measured' });
    expect(facts.remote.value).toEqual({ address: '203.0.113.7', port: null, family: 'IPv4' });
    for (const name of ['nth', 'streamId', 'resumed', 'earlyData'] as const) {
      expect(facts[name], name).toMatchObject({ value: null, sure: 'unknown' });
      expect(facts[name].why).toMatch(/Cloudflare/);
    }
  });

  it('name a connection by a keyed hash: the same for the same handshake, another for another key', async () => {
    const id = async (cf: unknown, key?: string): Promise<string | null> =>
      (await read(cf, CLOUDFLARE_HEADERS, key === undefined ? {} : { CONNECTION_KEY: key })).facts.connectionId.value;
    const own = await id(CLOUDFLARE, 'one');
    expect(own).toMatch(/^[\w-]{12}$/);
    expect(await id(CLOUDFLARE, 'one')).toBe(own);
    expect(await id(CLOUDFLARE, 'two')).not.toBe(own);
    expect(await id({ ...CLOUDFLARE, tlsClientRandom: 'other' }, 'one')).not.toBe(own);
    expect(await id(CLOUDFLARE)).toBe(await id(CLOUDFLARE));
  });

  it('never hold the client random itself', async () => {
    expect(JSON.stringify(await read(CLOUDFLARE, CLOUDFLARE_HEADERS))).not.toContain(CLIENT_RANDOM.slice(0, 12));
  });

  it('take a round trip of 0 for not measured', async () => {
    const { facts } = await read({ ...CLOUDFLARE, clientTcpRtt: 0 }, CLOUDFLARE_HEADERS);
    expect(facts.rttMs).toMatchObject({ value: null, sure: 'unknown' });
    expect(facts.rttMs.why).toContain('0');
  });

  it('take the round trip of QUIC for HTTP/3', async () => {
    const h3 = { ...CLOUDFLARE, httpProtocol: 'HTTP/3', clientTcpRtt: 0, clientQuicRtt: 22 };
    const { facts } = await read(h3, CLOUDFLARE_HEADERS);
    expect(facts.rttMs.value).toBe(22);
    expect(facts.transport).toMatchObject({ value: 'quic', sure: 'inferred' });
  });

  it('know that cleartext has no TLS, and then name no connection', async () => {
    const plain = { ...CLOUDFLARE, httpProtocol: 'HTTP/1.1', tlsVersion: '', tlsCipher: '', tlsClientRandom: '' };
    const { facts } = await read(plain, CLOUDFLARE_HEADERS);
    expect(facts.cipher).toMatchObject({ value: null, sure: 'measured' });
    expect(facts.connectionId).toMatchObject({ value: null, sure: 'unknown' });
    expect(facts.streamId).toMatchObject({ value: null, sure: 'measured' });
  });

  it('take Early-Data: 1 for a hint, not for a measurement', async () => {
    const { facts } = await read(CLOUDFLARE, { ...CLOUDFLARE_HEADERS, 'early-data': '1' });
    expect(facts.earlyData).toMatchObject({ value: true, source: 'header', sure: 'inferred' });
  });
});

describe('facts from elsewhere', () => {
  it('of a simulator are called a mock, and name no connection', async () => {
    const fetched = { ...CLOUDFLARE, tlsClientRandom: 'the same for everyone' };
    for (const cf of [MOCK, fetched]) {
      const { host, facts } = await read(cf, { 'cf-connecting-ip': '127.0.0.1' });
      expect(host).toBe('mock');
      expect(facts.protocol).toMatchObject({ source: 'mock', sure: 'mock' });
      expect(facts.connectionId.value).toBeNull();
      expect(requestRecord(host, 0, { method: 'GET', path: '/', id: 'a' }, facts).verdict.state).toBe('unknown');
    }
    // Its own constant is known even behind a proxy that adds the field.
    expect((await read(MOCK, CLOUDFLARE_HEADERS)).host).toBe('mock');
  });

  it('are all unknown, with a reason, when nobody passes them along', async () => {
    const { host, facts } = await read(undefined);
    expect(host).toBe('none');
    for (const f of Object.values(facts)) {
      expect(f).toMatchObject({ value: null, sure: 'unknown' });
      expect(f.why).not.toBe('');
    }
  });
});

describe('hostile facts', () => {
  it('are not believed where they are not of the right kind', async () => {
    const { facts, origins } = await read(HOSTILE);
    for (const name of [
      'connectionId',
      'nth',
      'protocol',
      'transport',
      'ageMs',
      'resumed',
      'remote',
      'local',
      'closing',
    ] as const) {
      expect(facts[name].value, name).toBeNull();
      expect(facts[name].sure).toBe('unknown');
    }
    // What is left of an origin is its host, which no header field or link can be broken with.
    expect(Object.values(origins)).toEqual(['https://evil.example']);
  });

  it('never make the reader throw, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), fc.anything(), async (cf, lab) => {
        for (const value of [
          cf,
          { lab },
          { ...labCf(), lab: { ...(labCf().lab as object), tls: lab, remote: cf, openedAt: lab } },
        ]) {
          const { host, facts } = await read(value);
          JSON.stringify(requestRecord(host, 0, { method: 'GET', path: '/', id: 'a' }, facts));
        }
      }),
    );
  });
});
