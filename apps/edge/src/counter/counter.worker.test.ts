/// <reference types="@cloudflare/vitest-plugin/types" />
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import type { RequestRecord } from '@interleave/trace';
import { beforeAll, describe, expect, it } from 'vitest';
import { CLOUDFLARE, CLOUDFLARE_HEADERS, MOCK } from '../cf-examples.ts';
import type { Bindings } from '../env.ts';
import app from '../index.tsx';
import { FORGET_AFTER } from './log.ts';
import type { ConnectionCounter } from './object.ts';

const worker = (exports as unknown as { default: Fetcher }).default;
const bindings = env as unknown as Bindings;
const counters = (env as unknown as { CONNECTION_COUNTER: DurableObjectNamespace<ConnectionCounter> })
  .CONNECTION_COUNTER;

let handshakes = 0;
/** `cf` of a handshake that no other test has made. */
function handshake(): Record<string, unknown> {
  handshakes += 1;
  return { ...CLOUDFLARE, tlsClientRandom: btoa(`client random number ${handshakes}`) };
}

async function ask(cf: unknown, path = '/api/v1/request', headers = CLOUDFLARE_HEADERS): Promise<RequestRecord> {
  const response = await worker.fetch(`https://app.example${path}`, { headers, cf } as RequestInit);
  return response.json();
}

// The first request starts the Worker.
beforeAll(() => worker.fetch('https://app.example/reqinfo').then((r) => r.text()), 60_000);

describe('exchanges on one connection of the edge', () => {
  it('are counted one by one, and the count says who counted', async () => {
    const cf = handshake();
    const [first, second] = [await ask(cf), await ask(cf)];
    expect(first).toMatchObject({
      verdict: { state: 'new' },
      facts: { nth: { value: 1, source: 'counter', sure: 'measured' }, ageMs: { value: null } },
      capabilities: { nth: true, streamId: false },
    });
    expect(second).toMatchObject({
      verdict: { state: 'reused', sentence: 'This response came as exchange 2 on a connection that was already open.' },
      facts: { nth: { value: 2 }, ageMs: { sure: 'lower-bound' }, openedAt: { sure: 'inferred' } },
    });
  });

  it('each have a number of their own, however many come at once', async () => {
    const cf = handshake();
    const records = await Promise.all(Array.from({ length: 12 }, () => ask(cf)));
    const numbers = records.map(({ facts }) => facts.nth.value).sort((a, b) => (a ?? 0) - (b ?? 0));
    expect(numbers).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
  });

  it('are not those of another handshake, nor of a client elsewhere that copied the random', async () => {
    const cf = handshake();
    await ask(cf);
    expect((await ask(handshake())).facts.nth.value).toBe(1);
    const elsewhere = { ...CLOUDFLARE_HEADERS, 'cf-connecting-ip': '198.51.100.9' };
    expect((await ask(cf, '/api/v1/request', elsewhere)).facts.nth.value).toBe(1);
  });

  it('are not counted for a simulator, or where nothing names the connection', async () => {
    expect((await ask(MOCK, '/api/v1/request', {} as typeof CLOUDFLARE_HEADERS)).facts.nth.value).toBeNull();
    const { tlsClientRandom: _, ...unnamed } = CLOUDFLARE;
    const { facts } = await ask(unnamed);
    expect(facts.nth).toMatchObject({ value: null, why: expect.stringContaining('nothing can be counted') });
  });
});

describe('what the counter keeps', () => {
  it('has neither the client random nor the address nor a query in it, and is named by the hash', async () => {
    const cf = handshake();
    const { facts } = await ask(cf, '/api/v1/request?token=secret');
    const stub = counters.getByName(facts.connectionId.value ?? '');
    const kept = await runInDurableObject(stub, (_, state) => JSON.stringify([...state.storage.kv.list()]));
    expect(kept).toContain('/api/v1/request');
    expect(kept).not.toContain(String(cf.tlsClientRandom));
    expect(kept).not.toContain(CLOUDFLARE_HEADERS['cf-connecting-ip']);
    expect(kept).not.toContain('secret');
  });

  it('stays while the connection may live, and is gone after', async () => {
    const { facts } = await ask(handshake());
    const stub = counters.getByName(facts.connectionId.value ?? '');
    const alarmAt = (): Promise<number | null> => runInDurableObject(stub, (_, state) => state.storage.getAlarm());
    expect(await alarmAt()).toBeGreaterThan(Date.now());
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await stub.read(), 'it rang early').toMatchObject({ count: 1 });
    expect(await alarmAt()).toBeGreaterThan(Date.now());

    await runInDurableObject(stub, (_, state) => {
      const log = state.storage.kv.get<{ lastAt: number }>('connection');
      state.storage.kv.put('connection', { ...log, lastAt: Date.now() - FORGET_AFTER });
    });
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await stub.read()).toBeNull();
    expect(await alarmAt()).toBeNull();
  });
});

describe('a deployment that does not count', () => {
  async function nth(more: Partial<Bindings>): Promise<RequestRecord['facts']['nth']> {
    const request = new Request('https://app.example/api/v1/request', {
      headers: CLOUDFLARE_HEADERS,
      cf: handshake(),
    } as RequestInit);
    const read: RequestRecord = await (await app.fetch(request, { ...bindings, ...more })).json();
    expect(read.host).toBe('cloudflare');
    return read.facts.nth;
  }

  it('says that it is switched off', async () => {
    const why = expect.stringContaining('COUNT_EXCHANGES');
    expect(await nth({ COUNT_EXCHANGES: 'off' })).toMatchObject({ value: null, why });
  });

  it('says so where nothing is bound, where the counter fails, and where it does not answer', async () => {
    const { CONNECTION_COUNTER: _, ...unbound } = bindings;
    const request = new Request('https://app.example/reqinfo', {
      headers: CLOUDFLARE_HEADERS,
      cf: handshake(),
    } as RequestInit);
    expect(await (await app.fetch(request, unbound)).text()).toContain('CONNECTION_COUNTER');
    const stub = (note: () => Promise<never>): Partial<Bindings> => ({
      CONNECTION_COUNTER: { getByName: () => ({ note, read: note, fetch: note }) },
    });
    const fails = stub(() => Promise.reject(new Error('over the daily limit')));
    const stalls = stub(() => new Promise(() => {}));
    for (const each of [fails, stalls]) {
      expect(await nth(each)).toMatchObject({ value: null, why: expect.stringContaining('did not answer') });
    }
  });
});
