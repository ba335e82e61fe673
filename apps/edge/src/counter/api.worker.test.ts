/// <reference types="@cloudflare/vitest-plugin/types" />
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import type { RequestRecord } from '@interleave/trace';
import type { ApiProblem, ConnectionReport, WatchMessage } from '@interleave/trace/events';
import { beforeAll, describe, expect, it } from 'vitest';
import { CLOUDFLARE, CLOUDFLARE_HEADERS, MOCK } from '../cf-examples.ts';
import app from '../index.tsx';
import { FORGET_AFTER } from './log.ts';
import type { ConnectionCounter } from './object.ts';

const worker = (exports as unknown as { default: Fetcher }).default;
const counters = (env as unknown as { CONNECTION_COUNTER: DurableObjectNamespace<ConnectionCounter> })
  .CONNECTION_COUNTER;

let handshakes = 0;
function handshake(): Record<string, unknown> {
  handshakes += 1;
  return { ...CLOUDFLARE, tlsClientRandom: btoa(`client random of the API ${handshakes}`) };
}

function fetchOn(cf: unknown, path: string, headers: Record<string, string> = {}): Promise<Response> {
  const all = { ...CLOUDFLARE_HEADERS, ...headers };
  return worker.fetch(`https://app.example${path}`, { headers: all, cf } as RequestInit);
}

/** Makes one exchange and gives the id of its connection. */
async function idOf(cf: unknown): Promise<string> {
  const record: RequestRecord = await (await fetchOn(cf, '/api/v1/request')).json();
  return record.facts.connectionId.value ?? '';
}

/** A connection of another client, which watches. */
const OTHER = handshake();

/** What a WebSocket said so far, and a wait for more. */
async function watcher(path: string, headers: Record<string, string> = {}) {
  const { webSocket, status } = await fetchOn(OTHER, path, { Upgrade: 'websocket', ...headers });
  if (!webSocket) throw new Error(`no WebSocket: ${status}`);
  const heard: WatchMessage[] = [];
  let wake = (): void => {};
  webSocket.addEventListener('message', ({ data }) => {
    heard.push(JSON.parse(String(data)) as WatchMessage);
    wake();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    webSocket.addEventListener('close', ({ code, reason }) => resolve({ code, reason })),
  );
  webSocket.accept();
  const until = async (isEnough: () => boolean): Promise<void> => {
    while (!isEnough()) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { webSocket, heard, closed, until };
}

function eventsOn(heard: readonly WatchMessage[], id: string): number[] {
  return heard.flatMap((m) =>
    m.type === 'events' && m.connection === id ? m.events.map(({ data }) => Number(data.nth)) : [],
  );
}

// The first request starts the Worker.
beforeAll(() => worker.fetch('https://app.example/reqinfo').then((r) => r.text()), 60_000);

describe('GET /api/v1/connection/:id on the edge', () => {
  it('tells what was counted, and names everything else that a report has as unknown, with the reason', async () => {
    const cf = handshake();
    const id = await idOf(cf);
    await fetchOn(cf, '/tiles?seed=7');
    const report: ConnectionReport = await (await fetchOn(OTHER, `/api/v1/connection/${id}`)).json();
    expect(report).toMatchObject({
      v: 1,
      id,
      host: 'cloudflare',
      origin: 'https://app.example',
      protocol: 'h2',
      transport: 'tcp',
      tls: { version: 'TLSv1.3', alpn: 'h2' },
      exchangeCount: 2,
      log: { kept: 2, dropped: 0 },
    });
    expect(report.exchanges.map(({ nth, method, path }) => `${nth} ${method} ${path}`)).toEqual([
      '1 GET /api/v1/request',
      '2 GET /tiles',
    ]);
    const nulls = (value: object, prefix: string): string[] =>
      Object.entries(value).flatMap(([name, each]) => (each === null ? [`${prefix}${name}`] : []));
    const left = [
      ...nulls(report, ''),
      ...nulls(report.tls ?? {}, 'tls.'),
      ...nulls(report.exchanges[0] ?? {}, 'exchanges.'),
    ];
    expect(left.sort()).toEqual(Object.keys(report.unknown).sort());
  });

  it('takes this for the connection that carries the question', async () => {
    const cf = handshake();
    const id = await idOf(cf);
    const report: ConnectionReport = await (await fetchOn(cf, '/api/v1/connection/this')).json();
    expect([report.id, report.exchangeCount]).toEqual([id, 2]);
    expect(await (await fetchOn(cf, '/api/v1/connection/this.qlog')).text()).toContain(`"group_id":"${id}"`);
  });

  it.each<[string, string, unknown, number]>([
    ['an id that is none', '/api/v1/connection/%3Cscript%3E', OTHER, 400],
    ['an id that nobody was given', '/api/v1/connection/AAAAAAAAAAAA', OTHER, 404],
    ['an id where nothing names connections', '/api/v1/connection/AAAAAAAAAAAA', MOCK, 404],
    ['a log of an id that is none', '/api/v1/connection/x.qlog', OTHER, 400],
    ['events of an id that is none', '/api/v1/connection/x/events', OTHER, 400],
  ])('refuses %s by name, and makes no object of it', async (_, path, cf, status) => {
    const headers = cf === MOCK ? {} : CLOUDFLARE_HEADERS;
    const response = await worker.fetch(`https://app.example${path}`, { headers, cf } as RequestInit);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const problem: ApiProblem = await response.json();
    expect(problem).toMatchObject({ type: 'about:blank', status, detail: expect.any(String) });
    expect(problem.remedy).not.toBe('');
    const kept = await runInDurableObject(counters.getByName('AAAAAAAAAAAA'), (__, state) => [
      ...state.storage.kv.list(),
    ]);
    expect(kept).toEqual([]);
  });

  it('says that a deployment does not count', async () => {
    const request = new Request('https://app.example/api/v1/connection/AAAAAAAAAAAA', {
      headers: CLOUDFLARE_HEADERS,
      cf: handshake(),
    } as RequestInit);
    const response = await app.fetch(request, { ...env, COUNT_EXCHANGES: 'off' });
    expect(response.status).toBe(501);
    expect(await response.text()).toContain('COUNT_EXCHANGES');
  });
});

describe('GET /api/v1/connection/:id.qlog on the edge', () => {
  it('gives the exchanges as events, in the form of today and in the one that qvis reads', async () => {
    const cf = handshake();
    const id = await idOf(cf);
    await idOf(cf);
    const sequence = await fetchOn(OTHER, `/api/v1/connection/${id}.qlog`);
    expect(sequence.headers.get('content-type')).toBe('application/qlog+json-seq');
    const [header, ...events] = (await sequence.text())
      .split('\x1e')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    expect(header.trace.common_fields.group_id).toBe(id);
    expect(events.map(({ name, data }) => `${name} ${data.nth}`)).toEqual(['conn:request 1', 'conn:request 2']);
    const old = await fetchOn(OTHER, `/api/v1/connection/${id}.qlog?format=qvis`);
    expect(await old.json()).toMatchObject({ qlog_version: '0.3', traces: [{ events: [{}, {}] }] });
  });
});

describe('GET /api/v1/connection/:id/events on the edge', () => {
  it('says what there is, then each exchange as it comes, of several connections on one WebSocket', async () => {
    const [one, two] = [handshake(), handshake()];
    const [a, b] = [await idOf(one), await idOf(two)];
    const { webSocket, heard, until } = await watcher(`/api/v1/connection/${a}/events`);
    await until(() => heard.length >= 2);
    expect(heard[0]).toMatchObject({ type: 'connection', report: { id: a, exchangeCount: 1 } });
    webSocket.send(JSON.stringify({ watch: [b, 'forged'] }));
    await until(() => heard.some((m) => m.type === 'connection' && m.report.id === b));
    await until(() => heard.some((m) => m.type === 'problem'));
    expect(heard.find((m) => m.type === 'problem')).toMatchObject({ problem: { status: 400, id: 'forged' } });
    await Promise.all([idOf(one), idOf(two), idOf(one)]);
    await until(() => eventsOn(heard, a).length === 3 && eventsOn(heard, b).length === 2);
    expect(eventsOn(heard, a)).toEqual([1, 2, 3]);
    webSocket.close(1000);
  });

  it('says that it has ended, when the connection is forgotten', async () => {
    const id = await idOf(handshake());
    const { heard, until } = await watcher(`/api/v1/connection/${id}/events`);
    await until(() => heard.length >= 2);
    const stub = counters.getByName(id);
    await runInDurableObject(stub, (_, state) => {
      const log = state.storage.kv.get<{ lastAt: number }>('connection');
      state.storage.kv.put('connection', { ...log, lastAt: Date.now() - FORGET_AFTER });
    });
    await runDurableObjectAlarm(stub);
    await until(() => heard.some((m) => m.type === 'ended'));
  });

  it('says the same to curl as server-sent events', async () => {
    const [a, b] = [await idOf(handshake()), await idOf(handshake())];
    const response = await fetchOn(OTHER, `/api/v1/connection/${a}/events?also=${b}`);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (text.split('\n\n').length < 5) text += (await reader?.read())?.value ?? '';
    await reader?.cancel();
    const messages = text
      .split('\n\n')
      .filter(Boolean)
      .map((event) => JSON.parse(event.replace(/^data: /, '')) as WatchMessage);
    expect(messages.map(({ type }) => type).sort()).toEqual(['connection', 'connection', 'events', 'events']);
  });

  it('refuses by name: a flood, what is no list of ids, a page of somebody else, too many watchers', async () => {
    const id = await idOf(handshake());
    const path = `/api/v1/connection/${id}/events`;
    const flood = await watcher(path);
    for (let n = 0; n < 40; n++) flood.webSocket.send('{"watch":[]}');
    expect(await flood.closed).toMatchObject({ code: 1008, reason: expect.stringContaining('5 a second') });
    for (const wrong of ['{"watch":[7]}', 'text', `{"watch":["${'x'.repeat(5_000)}"]}`]) {
      const { webSocket, closed } = await watcher(path);
      webSocket.send(wrong);
      expect(await closed).toMatchObject({ code: 1008, reason: expect.stringContaining('{"watch"') });
    }
    expect((await fetchOn(OTHER, path, { Upgrade: 'websocket', Origin: 'https://evil.example' })).status).toBe(403);
  });

  it('lets 16 watch one connection, and tells the next', async () => {
    const path = `/api/v1/connection/${await idOf(handshake())}/events`;
    const watchers = await Promise.all(Array.from({ length: 17 }, () => watcher(path)));
    for (const { heard, until } of watchers) await until(() => heard.length > 0);
    const refused = watchers.flatMap(({ heard }) => heard.filter((m) => m.type === 'problem'));
    expect(refused).toMatchObject([{ problem: { status: 503, detail: expect.stringContaining('16 watch') } }]);
    for (const { webSocket } of watchers) webSocket.close(1000);
  });
});
