import type { ConnectionEvents, ConnectionReport, TraceEvent, WatchMessage } from '@interleave/trace/events';
import type { ConnectionLog, LoggedExchange } from './log.ts';

const UNTOLD = 'Cloudflare does not tell it to a Worker';
const BEGINS = 'the edge notes an exchange when it begins, and does not hear of its end';

/** Why the edge leaves these out, by their names in the report. */
const UNKNOWN: Readonly<Record<string, string>> = {
  openedAt: 'the edge hears of a connection with its first exchange; it was opened before that',
  closedAt: UNTOLD,
  closed: UNTOLD,
  'tls.group': UNTOLD,
  'tls.alpnOffered': UNTOLD,
  'tls.resumed': UNTOLD,
  'tls.earlyData': UNTOLD,
  'tls.handshakeMs': UNTOLD,
  quic: 'a Worker sees requests, not packets',
  openExchanges: BEGINS,
  'exchanges.streamId': UNTOLD,
  'exchanges.status': BEGINS,
  'exchanges.endedAt': BEGINS,
  'exchanges.aborted': BEGINS,
  bytes: 'a Worker sees requests, not the bytes of their connection',
  frames: 'a Worker sees requests, not the frames that carried them',
};

/** What the edge knows of a connection, in the words of the API; what it cannot know is null, and said by name. */
export function reportOf(log: ConnectionLog): ConnectionReport {
  const protocol = log.protocol === 'http/1.0' ? 'http/1.1' : log.protocol === 'ws' ? null : log.protocol;
  const isPlain = log.tlsVersion === null;
  return {
    v: 1,
    id: log.id,
    host: 'cloudflare',
    origin: log.origin,
    protocol,
    transport: protocol === null ? null : protocol === 'h3' ? 'quic' : 'tcp',
    openedAt: null,
    closedAt: null,
    closed: null,
    tls: isPlain
      ? null
      : {
          version: log.tlsVersion,
          cipher: log.cipher,
          group: null,
          alpnOffered: null,
          alpn: protocol,
          resumed: null,
          earlyData: null,
          handshakeMs: null,
        },
    quic: null,
    exchangeCount: log.count,
    openExchanges: null,
    exchanges: log.exchanges.map(({ nth, at, method, path }) => ({
      nth,
      streamId: null,
      method,
      path,
      at,
      status: null,
      endedAt: null,
      aborted: null,
    })),
    bytes: null,
    frames: null,
    log: { kept: log.exchanges.length, dropped: log.count - log.exchanges.length, why: dropWords(log) },
    unknown: isPlain ? { ...UNKNOWN, tls: 'it is not encrypted, or Cloudflare does not say how' } : UNKNOWN,
  };
}

/** The exchanges as events of a qlog; time 0 is the first exchange of this app. */
export function eventsOf(log: ConnectionLog): ConnectionEvents {
  return {
    connectionId: log.id,
    vantagePoint: 'server',
    startedAt: log.firstAt,
    events: log.exchanges.map((exchange) => eventOf(exchange, log.firstAt)),
    dropped: log.count - log.exchanges.length,
  };
}

/** What a watcher is sent first. */
export function openingOf(log: ConnectionLog): readonly WatchMessage[] {
  const { startedAt, dropped, events } = eventsOf(log);
  return [
    { type: 'connection', report: reportOf(log), startedAt, dropped },
    { type: 'events', connection: log.id, events },
  ];
}

/** What a watcher is sent when an exchange was counted. */
export function stepOf(log: ConnectionLog): WatchMessage {
  const last = log.exchanges.at(-1);
  return {
    type: 'events',
    connection: log.id,
    events: last === undefined ? [] : [eventOf(last, log.firstAt)],
  };
}

function eventOf({ nth, at, method, path }: LoggedExchange, startedAt: number): TraceEvent {
  return { time: at - startedAt, name: 'conn:request', data: { nth, method, path } };
}

function dropWords({ count, exchanges }: ConnectionLog): string | null {
  return count > exchanges.length ? `the edge keeps the latest ${exchanges.length} exchanges of a connection` : null;
}
