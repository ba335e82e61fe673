import { FACT_NAMES, type RequestFacts } from '@interleave/trace';

/** A JSON Schema (2020-12), as OpenAPI 3.1 takes it. */
export type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
const count: Schema = { type: 'integer', minimum: 0 };
const flag: Schema = { type: 'boolean' };
const epoch: Schema = { type: 'number', description: 'Milliseconds since the epoch.' };
const ms: Schema = { type: 'number', minimum: 0, description: 'Milliseconds.' };
const protocol: Schema = { enum: ['http/1.0', 'http/1.1', 'h2', 'h3', 'ws'] };
const transport: Schema = { enum: ['tcp', 'quic'] };
const host: Schema = { enum: ['lab', 'cloudflare', 'mock', 'none'], description: 'Who told the facts.' };

const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const list = (items: Schema): Schema => ({ type: 'array', items });
const map = (additionalProperties: Schema): Schema => ({ type: 'object', additionalProperties });
/** The same, or null. */
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
/** An object with exactly these; a name with `?` may be missing. */
function object(properties: Readonly<Record<string, Schema>>, more: Schema = {}): Schema {
  const entries = Object.entries(properties).map(([name, schema]) => [name.replace('?', ''), schema] as const);
  const required = Object.keys(properties).filter((name) => !name.endsWith('?'));
  return { type: 'object', properties: Object.fromEntries(entries), required, additionalProperties: false, ...more };
}

const source: Schema = { enum: ['core', 'cf', 'cf-l4', 'counter', 'header', 'browser', 'mock', 'none'] };
const sure: Schema = { enum: ['measured', 'inferred', 'lower-bound', 'mock', 'unknown'] };

/** A fact with its source: an unknown value is null, and `why` says why. */
const factOf = (value: Schema): Schema =>
  object({
    value: orNull(value),
    source,
    sure,
    'why?': text,
  });

const endpoint = object({
  address: text,
  port: orNull({ type: 'integer', minimum: 0, maximum: 65_535 }),
  family: { enum: ['IPv4', 'IPv6'] },
});

/** The value of each fact: a fact without a line here does not compile. */
const FACT_VALUES: { readonly [K in keyof RequestFacts]: Schema } = {
  protocol,
  connectionId: text,
  nth: { type: 'integer', minimum: 1 },
  streamId: count,
  transport,
  openedAt: epoch,
  ageMs: ms,
  tlsVersion: text,
  cipher: text,
  group: text,
  alpn: object({ offered: orNull(list(text)), chosen: orNull(text) }),
  sni: text,
  resumed: flag,
  earlyData: flag,
  handshakeMs: ms,
  rttMs: ms,
  priority: text,
  remote: endpoint,
  local: endpoint,
  colo: text,
  closing: flag,
};

const capabilities = object({ nth: flag, streamId: flag, resumed: flag, alpnOffer: flag, endConnection: flag });

const facts = Object.entries(FACT_VALUES).map(([name, value]) => [
  name,
  { ...factOf(value), description: FACT_NAMES[name as keyof RequestFacts] },
]);

export const SCHEMAS: Readonly<Record<string, Schema>> = {
  RequestRecord: object({
    v: { const: 1 },
    host,
    at: { type: 'string', format: 'date-time' },
    request: object({ method: text, path: text, id: text }),
    verdict: object({
      state: { enum: ['new', 'preconnected', 'reused', 'cache', 'unknown'] },
      resumed: orNull(flag),
      earlyData: orNull(flag),
      sentence: text,
      because: text,
      contradictions: list(text),
      mock: flag,
    }),
    facts: object(Object.fromEntries(facts)),
    capabilities,
  }),
  CapabilityReport: object({
    v: { const: 1 },
    host,
    at: { type: 'string', format: 'date-time' },
    facts: object(
      Object.fromEntries(
        Object.entries(FACT_VALUES).map(([name, value]) => [
          name,
          object({ name: text, here: factOf(value), lab: ref('Knowledge'), cloudflare: ref('Knowledge') }),
        ]),
      ),
    ),
    can: object({ here: capabilities, lab: capabilities, cloudflare: capabilities }),
    deeds: list(object({ what: text, lab: flag, cloudflare: flag, why: text })),
    nobody: list(object({ what: text, why: text, who: text })),
  }),
  Knowledge: object(
    { known: { enum: ['yes', 'some', 'no'] }, over: list(protocol), source, sure, words: text },
    { description: 'How a kind of host knows a fact. To know that there is none is to know it.' },
  ),
  ExchangeReport: object({
    nth: { type: 'integer', minimum: 1 },
    streamId: orNull(count),
    method: text,
    path: orNull(text),
    at: epoch,
    status: orNull({ type: 'integer' }),
    endedAt: orNull(epoch),
    aborted: orNull(text),
  }),
  ConnectionReport: object({
    v: { const: 1 },
    id: text,
    host,
    origin: orNull(text),
    protocol: orNull({ enum: ['http/1.1', 'h2', 'h3'] }),
    transport: orNull(transport),
    openedAt: orNull(epoch),
    closedAt: orNull(epoch),
    closed: orNull(object({ cause: text, message: text })),
    tls: orNull(
      object({
        version: orNull(text),
        cipher: orNull(text),
        group: orNull(text),
        alpnOffered: orNull(list(text)),
        alpn: orNull(text),
        resumed: orNull(flag),
        earlyData: orNull(flag),
        handshakeMs: orNull(ms),
      }),
    ),
    quic: orNull(
      object({
        version: orNull({ type: 'integer' }),
        rttMs: orNull(ms),
        packets: orNull(object({ sent: count, received: count, lost: count })),
      }),
    ),
    exchangeCount: orNull(count),
    openExchanges: orNull(count),
    exchanges: list(ref('ExchangeReport')),
    bytes: orNull(object({ received: count, sent: count })),
    frames: orNull(object({ received: map(count), created: map(count) })),
    log: orNull(object({ kept: count, dropped: count, why: orNull(text) })),
    unknown: { ...map(text), description: 'Why something here is null, by its name.' },
  }),
  TraceEvent: object({ time: ms, name: text, data: { type: 'object' } }, { description: 'An event of a qlog.' }),
  WatchMessage: {
    oneOf: [
      object({ type: { const: 'connection' }, report: ref('ConnectionReport'), startedAt: epoch, dropped: count }),
      object({ type: { const: 'events' }, connection: text, events: list(ref('TraceEvent')) }),
      object({ type: { const: 'dropped' }, connection: text, events: count, why: text }),
      object({ type: { const: 'ended' }, connection: text }),
      object({ type: { const: 'problem' }, problem: ref('ApiProblem') }),
    ],
  },
  WatchRequest: object({ watch: list(text) }, { description: 'Further connections to watch on the same WebSocket.' }),
  ApiProblem: object(
    {
      type: { const: 'about:blank' },
      status: { type: 'integer' },
      title: text,
      detail: text,
      remedy: text,
      id: orNull(text),
    },
    { description: 'An error (RFC 9457).' },
  ),
};
