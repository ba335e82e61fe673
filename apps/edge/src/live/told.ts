import type { ConnectionReport, TraceEvent, WatchMessage } from '@interleave/trace/events';
import type { Mark } from '@interleave/trace/timeline';
import { connectionKnown, type Live, type LiveConnection, type ServerSide, seenByServer } from './model.ts';

/** Marks of one connection that are kept. */
const MOST_MARKS = 20;

/** What the server says becomes part of what is known. Text and numbers come from outside: what is not as it should be is left out. */
export function told(live: Live, message: WatchMessage): Live {
  switch (message.type) {
    case 'connection':
      return opening(live, message);
    case 'events':
      return message.events.reduce((next, event) => one(next, message.connection, event), live);
    case 'dropped':
      return { ...live, dropped: { ...live.dropped, events: live.dropped.events + Math.max(0, message.events) } };
    case 'ended':
    case 'problem':
      return live;
  }
}

function opening(live: Live, { report, startedAt, dropped }: Extract<WatchMessage, { type: 'connection' }>): Live {
  const { id, protocol, openedAt, closedAt, closed, tls, origin, exchangeCount } = report;
  const withConnection = connectionKnown(live, id, {
    protocol,
    openedAt,
    closedAt,
    closed,
    origin,
    startedAt,
    report,
    count: exchangeCount,
    resumed: tls?.resumed ?? null,
    earlyData: tls?.earlyData ?? null,
    handshakeMs: tls?.handshakeMs ?? null,
  });
  const isFirst = live.connections.find((one) => one.id === id)?.startedAt == null;
  const counted = {
    ...withConnection,
    dropped: {
      ...withConnection.dropped,
      events: withConnection.dropped.events + (isFirst ? Math.max(0, dropped) : 0),
    },
  };
  return report.exchanges.reduce((next, exchange) => fromReport(next, report, exchange), counted);
}

/** The edge notes when an exchange begins, and names the end among what it does not know. */
function ends(report: ConnectionReport | null): Pick<ServerSide, 'tellsEnd'> {
  return report?.unknown['exchanges.endedAt'] === undefined ? {} : { tellsEnd: false };
}

function fromReport(live: Live, report: ConnectionReport, exchange: ConnectionReport['exchanges'][number]): Live {
  const { nth, streamId, method, path, at, endedAt, status, aborted } = exchange;
  const seen = { at, endedAt, status, aborted, ...ends(report) };
  return seenByServer(live, report.id, { nth, streamId, method, path }, seen);
}

function one(live: Live, id: string, { time, name, data }: TraceEvent): Live {
  const connection = live.connections.find((known) => known.id === id);
  if (connection === undefined || connection.startedAt === null) return live;
  const at = connection.startedAt + time;
  switch (name) {
    case 'conn:request': {
      const nth = count(data.nth);
      if (nth === null) return live;
      const more = connectionKnown(live, id, { count: Math.max(connection.count ?? 0, nth) });
      const own = live.exchanges.find((exchange) => exchange.connection === id && exchange.nth === nth)?.server;
      const seen = { nth, streamId: count(data.stream_id), method: text(data.method) ?? 'GET', path: text(data.path) };
      const begun = { at, endedAt: null, status: null, aborted: null, ...ends(connection.report) };
      return seenByServer(more, id, seen, own ?? begun);
    }
    case 'conn:exchange_ended': {
      const nth = count(data.nth);
      const exchange = live.exchanges.find((one) => one.connection === id && one.nth === nth);
      if (nth === null || exchange?.server == null) return live;
      const seen = { nth, streamId: exchange.streamId, method: '', path: exchange.path };
      return seenByServer(live, id, seen, {
        ...exchange.server,
        endedAt: at,
        status: count(data.status),
        aborted: text(data.aborted),
      });
    }
    case 'tls:handshake_done':
      return connectionKnown(live, id, { resumed: flag(data.resumed), earlyData: flag(data.early_data) });
    case 'conn:closed': {
      const cause = text(data.cause) ?? text(data.reason) ?? 'unknown';
      const closed = { cause, message: text(data.message) ?? '' };
      return connectionKnown(live, id, { closed, closedAt: at });
    }
    default: {
      const sign = signOf(name, data);
      return sign === null ? live : connectionKnown(live, id, { marks: withMark(connection, { at, ...sign }) });
    }
  }
}

/** Events that deserve a sign on the lane. */
function signOf(name: TraceEvent['name'], data: TraceEvent['data']): Omit<Mark, 'at'> | null {
  const frame = typeof data.frame === 'object' && data.frame !== null ? (data.frame as Record<string, unknown>) : {};
  const by = name.endsWith('_created') ? 'server' : 'client';
  if (frame.frame_type === 'goaway') return { kind: 'goaway', label: 'GOAWAY', by };
  if (frame.frame_type === 'rst_stream')
    return { kind: 'rst', label: `RST_STREAM ${count(data.stream_id) ?? ''}`.trim(), by };
  return null;
}

function withMark({ marks }: LiveConnection, mark: Mark): readonly Mark[] {
  return marks.some(({ at, kind, label }) => at === mark.at && kind === mark.kind && label === mark.label)
    ? marks
    : [...marks, mark].slice(-MOST_MARKS);
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, 300) : null;
}

function flag(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null;
}
