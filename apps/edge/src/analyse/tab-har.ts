import type { Remembered, Tab } from '../tab/memory.ts';

/**
 * What this tab remembers of its exchanges as a HAR 1.2 file: a recording of one's own to begin with. The connection ids are
 * the server's own word, so the report's connections are measured.
 */
export function tabHar(tab: Tab, origin: string): object {
  const used = tab.exchanges.filter(({ phases }) => phases.length > 0);
  const firstOn = new Map<string, string>();
  for (const { connection, id } of used) if (!firstOn.has(connection)) firstOn.set(connection, id);
  return {
    log: {
      version: '1.2',
      creator: { name: 'Interleave, this tab', version: '1' },
      pages: [],
      entries: used.map((exchange) => entry(exchange, firstOn.get(exchange.connection) === exchange.id, origin)),
    },
  };
}

function entry(exchange: Remembered, isFirst: boolean, origin: string): object {
  const { phases, handshake, label, connection, protocol } = exchange;
  const from = phases[0]?.from ?? 0;
  const to = phases.at(-1)?.to ?? from;
  const of = (name: string): number =>
    phases.filter(({ phase }) => phase === name).reduce((sum, span) => sum + span.to - span.from, 0);
  const [method = 'GET', path = '/'] = label.split(' ');
  // The browser counts the handshake into the waiting before the request; HAR has a place of its own for it.
  const connect = isFirst && handshake !== null ? handshake.to - handshake.from : -1;
  const blocked = Math.max(0, of('waiting') - Math.max(0, connect));
  return {
    startedDateTime: new Date(from).toISOString(),
    time: to - from,
    connection,
    request: {
      method,
      url: origin + path,
      httpVersion: HTTP_VERSIONS[protocol ?? ''] ?? 'unknown',
      headers: [],
      queryString: [],
      cookies: [],
      headersSize: -1,
      bodySize: -1,
    },
    response: {
      status: 200,
      statusText: '',
      httpVersion: HTTP_VERSIONS[protocol ?? ''] ?? 'unknown',
      headers: exchange.closing ? [{ name: 'connection', value: 'close' }] : [],
      cookies: [],
      content: { size: -1, mimeType: '' },
      redirectURL: '',
      headersSize: -1,
      bodySize: -1,
    },
    cache: {},
    timings: { blocked, dns: -1, connect, ssl: -1, send: of('request'), wait: of('server'), receive: of('response') },
  };
}

const HTTP_VERSIONS: Readonly<Record<string, string>> = {
  h1: 'HTTP/1.1',
  h2: 'h2',
  h3: 'h3',
  'http/1.1': 'HTTP/1.1',
};
