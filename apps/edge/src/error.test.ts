import { parseConn } from '@interleave/trace';
import { describe, expect, it, vi } from 'vitest';
import { CLOUDFLARE, CLOUDFLARE_HEADERS, labCf } from './cf-examples.ts';
import app from './index.tsx';

app.get('/boom', () => {
  throw new Error('secret detail');
});
app.get('/api/v1/boom', () => {
  throw new Error('secret detail');
});

async function ask(path: string, accept: string, cf: unknown, env = {}): Promise<Response> {
  const request = new Request(`https://localhost:4111${path}`, { headers: { accept, ...CLOUDFLARE_HEADERS } });
  return app.fetch(Object.defineProperty(request, 'cf', { value: cf }), env);
}

describe('when the app breaks', () => {
  it('says so in the form that was asked for, with the connection’s facts, and keeps the detail to its log', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    for (const [path, accept, said] of [
      ['/boom', 'text/html', '<h1>The app broke while it answered you.</h1>'],
      ['/boom', '*/*', 'The app broke while it answered.'],
      ['/api/v1/boom', 'text/html', '"status":500'],
    ] as const) {
      const response = await ask(path, accept, labCf());
      expect(response.status).toBe(500);
      expect(parseConn(response.headers.get('x-conn') ?? '')).toMatchObject({ connection: 'k3J9aQ', nth: 3 });
      expect(response.headers.get('cache-control')).toBe('no-store');
      const text = await response.text();
      expect(text.includes(said)).toBe(true);
      expect(text).not.toContain('secret detail');
    }
    expect(log).toHaveBeenCalledTimes(3);
    log.mockRestore();
  });

  it('still answers when the facts themselves cannot be read', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const env = {
      get CONNECTION_KEY(): string {
        throw new Error('no such binding');
      },
    };
    const response = await ask('/reqinfo', '*/*', CLOUDFLARE, env);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('unknown, because reading them failed');
    log.mockRestore();
  });
});
