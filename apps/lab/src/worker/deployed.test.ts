import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RequestRecord } from '@interleave/trace';
import { convertV4MiniflareOptions, Miniflare, type V4WorkerOptions } from 'miniflare';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectRoot } from '../project.ts';
import { RawWebSocket } from '../testing/raw-web-socket.ts';
import { appBuild } from './app.ts';
import { buildWorker } from './build.ts';

/** Stands where Cloudflare's edge stands: gives the app exactly the `cf` and the header fields of the case. */
const EDGE = `
export default {
  async fetch(request, env) {
    // A WebSocket reaches the app as it came.
    if (!request.headers.has('x-case')) return env.APP.fetch(request);
    const { cf, headers } = await request.json();
    return env.APP.fetch(new Request(request.url, { headers: new Headers(headers), cf }));
  },
};
`;

const RANDOM = 'c2VjcmV0IGNsaWVudCByYW5kb20gb2YgMzIgYnl0ZXM=';
const MARKUP = '<img src=x onerror=alert(1)>"\'\u001b[2J\u202e';
const CLOUDFLARE = {
  httpProtocol: 'HTTP/2',
  tlsVersion: 'TLSv1.3',
  tlsCipher: 'AEAD-AES128-GCM-SHA256',
  tlsClientRandom: RANDOM,
  tlsClientHelloLength: '1755',
  tlsExportedAuthenticator: {
    clientFinished: '00',
    clientHandshake: '11',
    serverFinished: '22',
    serverHandshake: '33',
  },
  clientTcpRtt: 14,
  clientAcceptEncoding: 'gzip, br',
  requestPriority: 'weight=256;exclusive=1',
  edgeRequestKeepAliveStatus: 1,
  colo: 'FRA',
  asn: 3320,
};
const FROM_CLOUDFLARE: readonly (readonly [string, string])[] = [
  ['cf-ray', '8f1c2d3e4f5a6b7c-FRA'],
  ['cf-connecting-ip', '203.0.113.7'],
];
/** Every page that the story and the instruments have: whatever the facts are, each of them is shown. */
const STORY = ['/', '/story', '/boundaries', '/keep-alive', '/tiles', '/pipelining', '/multiplexing', '/head-of-line'];
const MORE = [
  '/resume',
  '/websocket',
  '/any-pipe',
  '/instruments',
  '/live',
  '/why',
  '/frames',
  '/capabilities',
  '/analyse',
];
const PAGES = [...STORY, ...MORE];

let miniflare: Miniflare;
let port: number;

beforeAll(async () => {
  const bundle = await buildWorker(appBuild(join(projectRoot, '.interleave', 'e2e-lab')));
  const options = bundle.options as unknown as V4WorkerOptions;
  miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      workers: [
        { name: 'edge', modules: true, script: EDGE, compatibilityDate: '2026-11-17', serviceBindings: { APP: 'app' } },
        { ...options, name: 'app', modules: true, modulesRoot: bundle.folder, scriptPath: bundle.script },
      ],
    }),
  );
  port = Number((await miniflare.ready).port);
}, 120_000);

afterAll(() => miniflare?.dispose());

interface Case {
  readonly cf?: unknown;
  readonly headers?: readonly (readonly [string, string])[];
}

async function ask(path: string, { cf, headers = [] }: Case): Promise<{ status: number; text: string; all: string }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'x-case': 'GET' },
    body: JSON.stringify({ ...(cf === undefined ? {} : { cf }), headers }),
  });
  const text = await response.text();
  return { status: response.status, text, all: `${JSON.stringify([...response.headers])}\n${text}` };
}

async function record(request: Case, path = '/api/v1/request'): Promise<RequestRecord> {
  return JSON.parse((await ask(path, request)).text) as RequestRecord;
}

const HTML: readonly (readonly [string, string])[] = [['accept', 'text/html']];

describe('the deployed bundle, told by Cloudflare', () => {
  const own = { cf: CLOUDFLARE, headers: FROM_CLOUDFLARE };

  test('shows what Cloudflare tells, counts, and says what neither can know', async () => {
    const first = await record(own);
    expect(first).toMatchObject({ host: 'cloudflare', facts: { nth: { value: 1, source: 'counter' } } });
    expect(first.facts.rttMs).toMatchObject({ value: 14, source: 'cf' });
    expect(first.facts.streamId).toMatchObject({ value: null, why: expect.any(String) });
    expect((await record(own)).facts.nth.value).toBe(2);
    const { status, text } = await ask(`/api/v1/connection/${first.facts.connectionId.value}`, own);
    expect([status, JSON.parse(text).exchangeCount]).toEqual([200, 3]);
  });

  test('lets no client random out, on no page, in no header, in no error', async () => {
    const secrets = [RANDOM, Buffer.from(RANDOM, 'base64').toString('hex'), Buffer.from(RANDOM, 'base64').toString()];
    const id = (await record(own)).facts.connectionId.value;
    const api = ['request', 'capabilities', 'openapi.json', `connection/${id}`, `connection/${id}.qlog`, 'nothing'];
    for (const path of [...PAGES, ...api.map((name) => `/api/v1/${name}`), '/reqinfo', '/nothing-here', '/pipe']) {
      for (const accept of ['text/html', 'application/json', '*/*']) {
        const { all } = await ask(path, { cf: CLOUDFLARE, headers: [...FROM_CLOUDFLARE, ['accept', accept]] });
        for (const secret of secrets) expect(all.includes(secret), `${path} as ${accept}`).toBe(false);
      }
    }
  });

  test('believes no blob that a client has sent along: in production it is a header like any other', async () => {
    const forged = JSON.stringify({ lab: { v: 1, connection: 'forged', nth: 99 } });
    const read = await record({ ...own, headers: [...FROM_CLOUDFLARE, ['mf-cf-blob', forged]] });
    expect(read.host).toBe('cloudflare');
    expect(read.facts.connectionId.value).not.toBe('forged');
    const { all } = await ask('/reqinfo', { ...own, headers: [...FROM_CLOUDFLARE, ['mf-cf-blob', forged]] });
    expect(all).not.toContain('forged');
  });

  test.each([
    ['cleartext', { httpProtocol: 'HTTP/1.1', tlsVersion: '', tlsCipher: '', tlsClientRandom: '' }],
    ['a round trip of 0, which means not measured', { clientTcpRtt: 0 }],
    ['HTTP/3', { httpProtocol: 'HTTP/3', clientQuicRtt: 9 }],
  ])('answers with %s', async (_, more) => {
    const { status, text } = await ask('/', { cf: { ...CLOUDFLARE, ...more }, headers: [...FROM_CLOUDFLARE, ...HTML] });
    expect(status).toBe(200);
    expect(text).toContain('</html>');
  });
});

describe('the deployed bundle, told nothing or made-up things', () => {
  test('has every page without cf, and says that nobody told it', async () => {
    for (const path of PAGES) expect((await ask(path, { headers: HTML })).status, path).toBe(200);
    const read = await record({});
    expect(read).toMatchObject({ host: 'none', verdict: { state: 'unknown' } });
    expect(Object.values(read.facts).every(({ value, why }) => value === null && why !== '')).toBe(true);
  });

  test('calls the local mock a mock, on the page, in the text and in the API', async () => {
    const mock = await miniflareMock();
    expect(await record({ cf: mock })).toMatchObject({ host: 'mock', verdict: { mock: true, state: 'unknown' } });
    for (const accept of ['text/html', '*/*']) {
      const { all } = await ask('/', { cf: mock, headers: [['accept', accept]] });
      expect(all).toContain('local simulator');
      expect(all, 'no connection is claimed').not.toMatch(/[?&;]c=|st=(?:new|reused)/);
    }
  });

  test('shows hostile facts and header values as text', async () => {
    const cf = Object.fromEntries(Object.keys(CLOUDFLARE).map((name) => [name, MARKUP]));
    const values = ['User-Agent', 'Referer', 'Priority', 'X-Anything', 'Accept-Language', 'Early-Data'];
    // What a header can carry of it.
    const headers = values.map((name) => [name, '<img src=x onerror=alert(1)>"\''] as const);
    for (const hostile of [cf, { lab: { ...cf, v: 1, connection: MARKUP, nth: '1', tls: cf, remote: cf } }]) {
      for (const path of [
        ...PAGES,
        `/${encodeURIComponent(MARKUP)}`,
        `/boundaries?say=${encodeURIComponent(MARKUP)}`,
      ]) {
        const { all } = await ask(path, { cf: hostile, headers: [...headers, ...FROM_CLOUDFLARE, ...HTML] });
        // As yes and no: a page is too long to be printed when one of them fails.
        expect(all.includes('<img src=x'), `markup on ${path}`).toBe(false);
        expect(all.includes('\u001b'), `a control character on ${path}: ${all.split('\u001b')[0]?.slice(-200)}`).toBe(
          false,
        );
      }
      const { text } = await ask('/reqinfo', { cf: hostile, headers: [...headers, ...FROM_CLOUDFLARE] });
      for (const command of ['\u001b', '\u202e']) expect(text, 'nothing commands a terminal').not.toContain(command);
    }
  });

  test.each([
    ['numbers', 7],
    ['lists', [[1, 2], { a: 1 }]],
    ['true', true],
    ['null', null],
    ['long text', 'x'.repeat(40_000)],
    ['a bag in a bag', { a: { b: { toString: 'x', __proto__: null } } }],
  ])('survives facts that are %s', async (_, value) => {
    const cf = Object.fromEntries([...Object.keys(CLOUDFLARE), 'lab'].map((name) => [name, value]));
    for (const given of [cf, { lab: { ...cf, v: 1 } }, { ...cf, lab: value }]) {
      const { status, all } = await ask('/', { cf: given, headers: [...FROM_CLOUDFLARE, ...HTML] });
      expect(status).toBe(200);
      expect(all.length, 'and shows no more than a page of it').toBeLessThan(150_000);
    }
  });

  test('takes no forged id into a header', async () => {
    for (const id of ['a"b', 'a,b', 'a\\b', '%0d%0aset-cookie:x=1', 'x'.repeat(999), '<b>', '']) {
      const read = await record(
        { cf: CLOUDFLARE, headers: FROM_CLOUDFLARE },
        `/api/v1/request?r=${encodeURIComponent(id)}`,
      );
      expect(read.request.id).toMatch(/^[A-Za-z0-9_-]{8}$/);
    }
  });
});

describe('the deployed bundle and a WebSocket peer without manners', () => {
  test('refuses a flood on /pipe by name, and goes on answering others', async () => {
    const peer = await RawWebSocket.open(port, '/pipe');
    const filler = new Uint8Array(65_536).fill(120);
    peer.send(new TextEncoder().encode('POST /a HTTP/1.1\r\nHost: pipe\r\nContent-Length: 99000000\r\n\r\n'));
    for (let sent = 0; sent < 40; sent++) peer.send(filler);
    expect(await peer.closed).toEqual({ code: 1009, reason: 'A pipe takes 1048576 bytes.' });
    peer.socket.destroy();
    expect((await ask('/reqinfo', {})).status).toBe(200);
  });

  test('refuses by name one that asks for much and reads nothing', async () => {
    const peer = await RawWebSocket.open(port, '/pipe');
    peer.socket.pause();
    for (let asked = 0; asked < 400; asked++) {
      peer.send(new TextEncoder().encode('GET /c?size=65536 HTTP/1.1\r\nHost: pipe\r\n\r\n'));
    }
    expect((await ask('/reqinfo', {})).status, 'others are answered meanwhile').toBe(200);
    peer.socket.resume();
    expect(await peer.closed).toEqual({ code: 1009, reason: 'A pipe gives 4194304 bytes.' });
    peer.socket.destroy();
  });

  test('refuses a flood on /echo by name: too many, too long, not text', async () => {
    const refusals: [string, (peer: RawWebSocket) => void, string][] = [
      [
        'too many',
        (peer) => Array.from({ length: 300 }, () => peer.send('again')),
        'At most 200 messages are said back.',
      ],
      ['too long', (peer) => peer.send('x'.repeat(9_000)), 'Text of at most 4096 characters is said back.'],
      ['not text', (peer) => peer.send(new Uint8Array(9)), 'Text of at most 4096 characters is said back.'],
    ];
    for (const [name, flood, reason] of refusals) {
      const peer = await RawWebSocket.open(port, '/echo');
      flood(peer);
      expect(await peer.closed, name).toMatchObject({ reason });
      peer.socket.destroy();
    }
  });

  test('stops, when the peer is gone in the middle of a message', async () => {
    const peer = await RawWebSocket.open(port, '/pipe');
    peer.send(new TextEncoder().encode('GET /a?after=3000 HTTP/1.1\r\nHost: pipe\r\n'));
    peer.socket.resetAndDestroy();
    expect((await ask('/reqinfo', {})).status).toBe(200);
  });
});

/** The constant of the simulator that is installed here, and not a copy of it that grows old. */
async function miniflareMock(): Promise<Record<string, unknown>> {
  const source = await readFile(new URL(import.meta.resolve('miniflare')), 'utf8');
  const literal = /fallbackCf = (\{[\s\S]*?\n\})/.exec(source)?.[1];
  if (literal === undefined)
    throw new Error('Miniflare keeps its constant cf elsewhere now: find it and name it here.');
  // A literal of the package that is installed: names without quotes are all that JSON lacks.
  const json = literal
    .replace(/^\s*\/\/.*$/gm, '')
    .replace(/^.*: void 0,?$/gm, '')
    .replace(/(\w+):(?=\s)/g, '"$1":')
    .replace(/,(\s*\})/g, '$1');
  return JSON.parse(json);
}
