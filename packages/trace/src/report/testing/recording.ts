import type { Connection, Exchange, Incident, Page, Recording } from '../model.ts';

/** An exchange as a test writes it: what it leaves out is null, as in a file that does not hold it. */
export type ExchangeParts = Partial<Omit<Exchange, 'timings' | 'index'>> & {
  readonly timings?: Partial<Exchange['timings']>;
};

type Anywhere = Pick<Incident, 'event' | 'connection' | 'exchange' | 'group'>;
type Loose<T> = T extends unknown ? Omit<T, keyof Anywhere> & Partial<Anywhere> : never;
export type IncidentParts = Loose<Incident>;

export interface RecordingParts {
  readonly kind?: Recording['kind'];
  readonly writer?: string;
  readonly pages?: readonly Partial<Page>[];
  readonly connections?: readonly Partial<Connection>[];
  readonly exchanges?: readonly ExchangeParts[];
  readonly incidents?: readonly IncidentParts[];
}

/**
 * A recording for tests. Exchanges take scheme, host and port from their URL, and their end from their timings;
 * connections list the exchanges that name them, and are made where an exchange names one that is not given.
 */
export function recordingOf(parts: RecordingParts): Recording {
  const exchanges = (parts.exchanges ?? []).map((each, index) => exchangeOf(each, index));
  const given = parts.connections ?? [];
  const needed = Math.max(given.length, ...exchanges.map(({ connection }) => (connection ?? -1) + 1));
  const connections = Array.from({ length: needed }, (_, index) => connectionOf(given[index] ?? {}, index, exchanges));
  return {
    kind: parts.kind ?? 'har',
    writer: parts.writer ?? 'Test 1',
    formatVersion: '1.2',
    startedAt: 1_760_000_000_000,
    pages: (parts.pages ?? []).map((page, i) => ({
      id: `page_${i}`,
      title: '',
      start: 0,
      onContentLoad: null,
      onLoad: null,
      ...page,
    })),
    connections,
    exchanges,
    incidents: (parts.incidents ?? []).map(
      (each) => ({ event: 'TEST', connection: null, exchange: null, group: null, ...each }) as Incident,
    ),
    warnings: [],
    complete: true,
  };
}

function exchangeOf({ timings: given, ...parts }: ExchangeParts, index: number): Exchange {
  const url = parts.url ?? 'https://a.example/';
  const { protocol: scheme, hostname, port } = new URL(url);
  const timings: Exchange['timings'] = {
    blocked: null,
    queueing: null,
    dns: null,
    connect: null,
    ssl: null,
    send: null,
    wait: null,
    receive: null,
    ...given,
  };
  const { blocked, dns, connect, send, wait, receive } = timings;
  const start = parts.start ?? null;
  const took = [blocked, dns, connect, send, wait, receive].reduce<number>((sum, ms) => sum + (ms ?? 0), 0);
  return {
    index,
    place: `log.entries[${index}]`,
    page: null,
    method: 'GET',
    url,
    scheme: scheme.slice(0, -1),
    host: hostname,
    port: port === '' ? (scheme === 'https:' ? 443 : 80) : Number(port),
    resourceType: null,
    status: 200,
    protocol: null,
    from: 'network',
    failure: null,
    address: null,
    connection: null,
    streamId: null,
    start,
    end: start === null ? null : start + took,
    timings,
    requestFields: {},
    responseFields: {},
    credentials: null,
    requestBytes: null,
    responseBytes: null,
    redirect: null,
    ...parts,
  };
}

function connectionOf(parts: Partial<Connection>, index: number, exchanges: readonly Exchange[]): Connection {
  const own = exchanges.filter(({ connection }) => connection === index);
  const first = own[0];
  return {
    id: String(index + 1),
    sure: 'measured',
    why: 'the file names it',
    transport: 'tcp',
    scheme: first?.scheme === 'http' ? 'http' : 'https',
    host: first?.host ?? 'a.example',
    port: first?.port ?? 443,
    address: first?.address ?? null,
    protocol: first?.protocol ?? null,
    opened: null,
    closed: null,
    handshake: { dns: null, connect: null, tls: null },
    tls: null,
    group: null,
    credentials: null,
    closeReason: null,
    exchanges: own.map((each) => each.index),
    ...parts,
  };
}

/** The same recording with everything gone that a file may leave out: times, protocols, addresses, ids. */
export function withoutFields(recording: Recording): Recording {
  return {
    ...recording,
    pages: recording.pages.map((page) => ({ ...page, start: null, onContentLoad: null, onLoad: null })),
    connections: [],
    exchanges: recording.exchanges.map((exchange) => ({
      ...exchange,
      connection: null,
      protocol: null,
      address: null,
      resourceType: null,
      credentials: null,
      start: null,
      end: null,
      timings: {
        blocked: null,
        queueing: null,
        dns: null,
        connect: null,
        ssl: null,
        send: null,
        wait: null,
        receive: null,
      },
      requestFields: {},
      responseFields: {},
    })),
    incidents: recording.incidents.map(
      (incident) =>
        ({
          ...incident,
          connection: null,
          exchange: null,
          group: null,
          ...('until' in incident && { until: null }),
        }) as Incident,
    ),
  };
}
