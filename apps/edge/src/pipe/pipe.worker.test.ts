import { exports } from 'cloudflare:workers';
import { beforeAll, describe, expect, it } from 'vitest';

const worker = (exports as unknown as { default: Fetcher }).default;
const utf8 = new TextEncoder();

async function open(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return worker.fetch(`https://app.example${path}`, { headers: { Upgrade: 'websocket', ...headers } });
}

/** Sends messages into a pipe; what comes back until it says `until`, or its end. */
async function talk(
  path: string,
  messages: readonly (string | Uint8Array)[],
  until: (text: string) => boolean,
): Promise<{ text: string; close: { code: number; reason: string } | null }> {
  const { webSocket } = await open(path);
  if (!webSocket) throw new Error('no WebSocket');
  webSocket.binaryType = 'arraybuffer';
  webSocket.accept();
  let text = '';
  const result = new Promise<{ text: string; close: { code: number; reason: string } | null }>((resolve) => {
    webSocket.addEventListener('message', ({ data }) => {
      text += new TextDecoder('latin1').decode(data as ArrayBuffer);
      if (until(text)) resolve({ text, close: null });
    });
    webSocket.addEventListener('close', ({ code, reason }) => resolve({ text, close: { code, reason } }));
  });
  for (const message of messages) webSocket.send(message);
  const said = await result;
  webSocket.close(1000);
  return said;
}

/** Waits for the end. */
const never = (): boolean => false;
const GET = (path: string, more = ''): Uint8Array => utf8.encode(`GET ${path} HTTP/1.1\r\nHost: pipe\r\n${more}\r\n`);

// The first request starts the Worker.
beforeAll(() => worker.fetch('https://app.example/reqinfo').then((r) => r.text()), 60_000);

describe('a pipe in workerd, with cf absent', () => {
  it('answers HTTP/1.1 inside, in the order asked, whatever finishes first', async () => {
    const requests = [GET('/a?after=60'), GET('/b?after=30'), GET('/c')];
    const { text } = await talk('/pipe', requests, (said) => said.includes('This answers /c.'));
    expect([...text.matchAll(/This answers \/(\w)/g)].map(([, path]) => path).join('')).toBe('abc');
    expect([...text.matchAll(/x-finished: (\d)/g)].map(([, n]) => n).join('')).toBe('321');
    expect(text).toMatch(/\r\ndate: \w{3}, /i);
  });

  it('ends when the HTTP connection inside ends, and says so', async () => {
    const { text, close } = await talk('/pipe', [GET('/a', 'Connection: close\r\n')], never);
    expect(text).toContain('This answers /a.');
    expect(close).toMatchObject({ code: 1000, reason: 'The HTTP connection inside has ended.' });
  });

  it('ends a pipe that says nonsense with a 400 and its reason', async () => {
    const { text, close } = await talk('/pipe', [utf8.encode('nonsense\r\n\r\n')], never);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(close?.code).toBe(1000);
  });

  it('speaks HTTP/2 inside', async () => {
    const preface = utf8.encode('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    const settings = Uint8Array.of(0, 0, 0, 4, 0, 0, 0, 0, 0);
    const { text } = await talk('/pipe?protocol=h2', [preface, settings], (said) =>
      said.includes('\0\0\0\x04\x01\0\0\0\0'),
    );
    expect(text.charCodeAt(3), 'SETTINGS first').toBe(4);
  });

  it('refuses by name: text, a flood, another protocol, no upgrade, a page of somebody else', async () => {
    expect((await talk('/pipe', ['text'], never)).close).toEqual({
      code: 1003,
      reason: 'A pipe carries bytes, not text.',
    });
    const post = utf8.encode('POST /a HTTP/1.1\r\nHost: pipe\r\nContent-Length: 9000000\r\n\r\n');
    const flood = Array.from({ length: 18 }, () => utf8.encode('x'.repeat(65_536)));
    expect((await talk('/pipe', [post, ...flood], never)).close).toEqual({
      code: 1009,
      reason: 'A pipe takes 1048576 bytes.',
    });
    const greedy = Array.from({ length: 80 }, () => GET('/c?size=65536'));
    expect((await talk('/pipe', greedy, never)).close).toEqual({ code: 1009, reason: 'A pipe gives 4194304 bytes.' });
    expect((await open('/pipe?protocol=h9')).status).toBe(400);
    expect((await worker.fetch('https://app.example/pipe')).status).toBe(426);
    expect((await open('/pipe', { Origin: 'https://evil.example' })).status).toBe(403);
    expect((await open('/pipe', { Origin: 'https://app.example' })).status).toBe(101);
  });
});

describe('the echo in workerd, with cf absent', () => {
  it('tells the size of the head that opened it, says each message back, and refuses by name', async () => {
    const { webSocket } = await open('/echo');
    if (!webSocket) throw new Error('no WebSocket');
    webSocket.accept();
    const heard: string[] = [];
    const over = new Promise<{ code: number; reason: string }>((resolve) => {
      webSocket.addEventListener('message', ({ data }) => {
        heard.push(String(data));
        if (heard.length === 3) webSocket.send('x'.repeat(5_000));
      });
      webSocket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }));
    });
    webSocket.send('one');
    webSocket.send('two');
    expect(await over).toEqual({ code: 1009, reason: 'Text of at most 4096 characters is said back.' });
    expect(JSON.parse(heard[0] ?? '')).toMatchObject({
      v: 1,
      head: { bytes: expect.any(Number) },
      record: { host: 'none' },
    });
    expect(heard.slice(1)).toEqual(['one', 'two']);
    expect((await open('/echo', { Origin: 'https://evil.example' })).status).toBe(403);
    expect((await worker.fetch('https://app.example/echo')).status).toBe(426);
  });
});
