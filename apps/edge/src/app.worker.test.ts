import { exports } from 'cloudflare:workers';
import { connFromServerTiming, type RequestRecord } from '@interleave/trace';
import { describe, expect, it } from 'vitest';
import { CLIENT_RANDOM, CLOUDFLARE, CLOUDFLARE_HEADERS, HOSTILE, labCf, MOCK } from './cf-examples.ts';

const worker = (exports as unknown as { default: Fetcher }).default;

function ask(path: string, cf?: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return worker.fetch(`https://app.example${path}`, { headers, ...(cf === undefined ? {} : { cf }) } as RequestInit);
}

async function record(cf?: unknown, headers?: Record<string, string>): Promise<RequestRecord> {
  return (await ask('/api/v1/request?r=w1', cf, headers)).json();
}

describe('in workerd', () => {
  it('reads cf as the lab sends it', async () => {
    const read = await record(labCf());
    expect(read).toMatchObject({
      host: 'lab',
      verdict: { state: 'reused' },
      facts: { nth: { value: 3, sure: 'measured' } },
    });
  });

  it('reads cf as Cloudflare sends it, and keeps the client random', async () => {
    const response = await ask('/api/v1/request', CLOUDFLARE, CLOUDFLARE_HEADERS);
    const text = await response.text();
    const read = JSON.parse(text) as RequestRecord;
    expect(read.host).toBe('cloudflare');
    expect(read.facts.connectionId).toMatchObject({ source: 'cf', sure: 'inferred' });
    expect(text).not.toContain(CLIENT_RANDOM);
    expect(connFromServerTiming(response.headers.get('server-timing') ?? '')?.connection).toBe(
      read.facts.connectionId.value,
    );
  });

  it('names one connection for one handshake, request after request', async () => {
    const [a, b] = [await record(CLOUDFLARE, CLOUDFLARE_HEADERS), await record(CLOUDFLARE, CLOUDFLARE_HEADERS)];
    expect(a.facts.connectionId.value).toBe(b.facts.connectionId.value);
  });

  it('works without cf', async () => {
    expect((await record()).host).toBe('none');
  });

  it('calls the simulator’s constant a mock', async () => {
    const read = await record(MOCK);
    expect(read).toMatchObject({ host: 'mock', verdict: { state: 'unknown', mock: true } });
  });

  it('shows hostile facts as text', async () => {
    const response = await ask('/', HOSTILE, { accept: 'text/html' });
    expect(response.status).toBe(200);
    expect(await response.text()).not.toContain('<script>alert');
  });

  it('puts its script into the page, so that the page is one exchange', async () => {
    const page = await (await ask('/', labCf(), { accept: 'text/html' })).text();
    const scripts = [...page.matchAll(/<script nonce="[^"]+">([\s\S]*?)<\/script>/g)];
    expect(scripts).toHaveLength(1);
    expect(scripts[0]?.[1]?.length).toBeGreaterThan(5_000);
    expect(page.length).toBeLessThan(120_000);
  });

  it('does not serve its scripts on their own', async () => {
    expect((await ask('/home.js')).status).toBe(404);
  });

  it('answers HEAD with the fields of GET and nothing else', async () => {
    const response = await worker.fetch('https://app.example/reqinfo', { method: 'HEAD' });
    expect(response.headers.get('x-conn')).toMatch(/^\?v=1/);
    expect(await response.text()).toBe('');
  });
});
