import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LabFacts } from '@interleave/trace';
import { connectQuic, loadQuiche } from '@interleave/transport/quic';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { LabState } from './api.ts';
import { type LabCertificate, labCertificate } from './certificates.ts';
import { type Lab, startLab } from './lab.ts';
import type { LinkState } from './link-api.ts';
import type { Listener } from './listeners.ts';
import { buildWorker } from './worker/build.ts';
import { type RunningWorker, startWorker } from './worker/worker.ts';

const WORKER = join(import.meta.dirname, 'testing/echo-worker');
const PORTS = { plain: 0, h1: 0, h2: 0, altSvc: 0, h3: 0 };
const { quiche } = await loadQuiche();

let folder: string;
let certificate: LabCertificate;
let ca: string;
let worker: RunningWorker;
let lab: Lab;
const open: (() => void)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lab-http3-'));
  certificate = await labCertificate(folder);
  ca = await readFile(certificate.authorityFile, 'utf8');
  const bundle = await buildWorker({ config: join(WORKER, 'wrangler.jsonc'), inputs: [WORKER], stateDir: folder });
  worker = await startWorker(bundle, () => {});
  lab = await startLab({ certificate, upstream: worker, ports: PORTS });
}, 60_000);

afterEach(() => {
  for (const close of open.splice(0)) close();
});

afterAll(async () => {
  await lab?.close(0);
  await worker?.stop();
  await rm(folder, { recursive: true, force: true });
});

function listener(id: string, of: Lab = lab): Listener {
  const found = of.listeners.find((one) => one.plan.id === id);
  if (found === undefined) throw new Error(`There is no listener ${id}.`);
  return found;
}

/** Asks by HTTP/3, on one connection for all paths. */
async function http3(id: string): Promise<(path: string, init?: RequestInit) => Promise<Response>> {
  const { origin, port } = listener(id);
  const connection = await connectQuic({ port, tls: { ca } });
  open.push(() => connection.destroy());
  return (path, init) => connection.fetch(`${origin}${path}`, init);
}

/** The response's fields over HTTP/2. */
async function overHttp2(origin: string): Promise<Record<string, unknown>> {
  const session = connectHttp2(origin, { ca });
  open.push(() => session.destroy());
  const [fields] = await once(session.request({ ':path': '/' }), 'response');
  return fields;
}

describe.skipIf(quiche === null)('HTTP/3 in the lab', () => {
  test('the Worker answers, and is told the truth about the connection', async () => {
    const ask = await http3('h3');
    await (await ask('/first')).text();
    const told = (await (await ask('/second?x=1')).json()) as {
      url: string;
      cf: { httpProtocol: string; lab: LabFacts };
    };
    expect(told.url).toBe(`${listener('h3').origin}/second?x=1`);
    expect(told.cf.httpProtocol).toBe('HTTP/3');
    expect(told.cf.lab).toMatchObject({
      nth: 2,
      streamId: 4,
      transport: 'quic',
      protocol: 'h3',
      tls: { alpn: 'h3', sni: 'localhost', version: 'TLSv1.3' },
      quic: { version: 1 },
      origins: { altSvc: listener('altSvc').origin, h3: listener('h3').origin },
    });
    expect(told.cf.lab.quic?.localId).toMatch(/^[0-9a-f]{32}$/);
  });

  test('4113 names HTTP/3 on the port of its own number, over TCP alone', async () => {
    const { origin, port } = listener('altSvc');
    expect((await overHttp2(origin))['alt-svc']).toBe(`h3=":${port}"; ma=3600`);
    expect((await overHttp2(listener('h2').origin))['alt-svc']).toBeUndefined();
    const ask = await http3('altSvc');
    expect((await ask('/')).headers.get('alt-svc')).toBeNull();
  });

  test('both addresses of this machine are served', () => {
    expect(listener('h3').addresses).toEqual(listener('plain').addresses);
  });

  test('content goes up and comes back whole', async () => {
    const ask = await http3('h3');
    const content = 'over QUIC '.repeat(100_000);
    expect(await (await ask('/echo', { method: 'POST', body: content })).text()).toBe(content);
  });

  test('datagrams are lost by a seed that the API takes, and everything comes all the same', async () => {
    const ask = await http3('h3');
    const json = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const set = await ask('/.lab/link', { ...json, body: '{"seed":7,"outbound":{"drop":0.1}}' });
    expect([set.status, ((await set.json()) as LinkState).settings.outbound.drop]).toEqual([200, 0.1]);
    const replies = await Promise.all(Array.from({ length: 60 }, (_, nth) => ask(`/${nth}`)));
    await Promise.all(replies.map((reply) => reply.text()));
    const state = (await (await ask('/.lab/link')).json()) as LinkState;
    expect(state.counts.outbound.dropped).toBeGreaterThan(0);
    const whole = (await (await ask('/.lab/link', { ...json, body: '{}' })).json()) as LinkState;
    expect(whole.settings.outbound.drop).toBe(0);
  });

  test.each([
    ['{"outbound":{"drop":1}}', 'outbound.drop is a number from 0 to 0.5'],
    ['{"outbound":{"lose":1}}', 'outbound has no member lose'],
    ['{"seed":"a"}', 'seed is a whole number'],
    ['{"inbound":{"dropOnce":{"after":-1}}}', 'inbound.dropOnce takes after and minBytes'],
    ['[]', 'The body is an object'],
  ])('%s is refused with what it may be', async (body, message) => {
    const ask = await http3('h3');
    const reply = await ask('/.lab/link', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    expect([reply.status, ((await reply.json()) as { error: string }).error]).toEqual([
      400,
      expect.stringContaining(message),
    ]);
  });

  test('a listener without HTTP/3 has no datagrams to lose, and says so', async () => {
    const reply = await fetch(`http://127.0.0.1:${listener('plain').port}/.lab/link`);
    expect([reply.status, ((await reply.json()) as { error: string }).error]).toEqual([
      409,
      expect.stringContaining('plain has no HTTP/3'),
    ]);
  });

  test('while responses end their connection, each request needs one of its own', async () => {
    listener('h3').closing = true;
    try {
      const seen: string[] = [];
      for (let nth = 0; nth < 2; nth++) {
        const told = (await (await (await http3('h3'))('/')).json()) as { cf: { lab: LabFacts } };
        seen.push(told.cf.lab.connection);
      }
      expect(new Set(seen).size).toBe(2);
    } finally {
      listener('h3').closing = false;
    }
  });
});

describe('without a QUIC binding', () => {
  test('HTTP/3 is off with the reason, and everything else runs', async () => {
    vi.stubEnv('INTERLEAVE_NO_QUIC', 'a test');
    const bare = await startLab({ certificate, upstream: worker, ports: PORTS });
    try {
      expect(bare.failed.map(({ plan, reason }) => [plan.id, reason])).toEqual([
        ['h3', expect.stringContaining('HTTP/3 is off. The QUIC binding is hidden')],
      ]);
      expect(bare.quicOnly).toEqual([]);
      expect(listener('altSvc', bare).quic).toEqual({ on: false, reason: expect.stringContaining('hidden') });
      expect((await overHttp2(listener('altSvc', bare).origin))['alt-svc']).toBeUndefined();
      const reply = await fetch(`http://127.0.0.1:${listener('plain', bare).port}/.lab/state`);
      const state = (await reply.json()) as LabState;
      expect(state.off).toEqual([{ id: 'h3', reason: expect.stringContaining('INTERLEAVE_NO_QUIC') }]);
      expect(state.listeners.find(({ id }) => id === 'altSvc')).toMatchObject({ protocols: ['h2', 'http/1.1'] });
    } finally {
      vi.unstubAllEnvs();
      await bare.close(0);
    }
  });
});
