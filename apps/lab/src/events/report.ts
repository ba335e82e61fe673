import type { ConnectionLog, ConnectionReport } from '@interleave/trace/events';
import type { ConnectionRecord } from '../connections.ts';
import { pathOnly } from './logs.ts';

/** What the lab says of one connection. Addresses of peers stay out, and everything that belongs to keys. */
export function reportOf(record: ConnectionRecord, origin: string | null, log: ConnectionLog | null): ConnectionReport {
  const { facts, closed } = record;
  const { tls, quic } = facts;
  const counts = log?.counts ?? null;
  const unknown: Record<string, string> = {};
  if (tls === null) unknown['tls'] = 'this connection is not encrypted';
  if (facts.transport === 'tcp') unknown['quic'] = 'this connection runs over TCP';
  if (tls !== null && tls.group === null) unknown['tls.group'] = 'Node tells the group to clients only';
  return {
    v: 1,
    id: facts.id,
    host: 'lab',
    origin,
    protocol: facts.protocol,
    transport: facts.transport,
    openedAt: facts.openedAt,
    closedAt: record.closedAt,
    closed: closed === null ? null : { cause: closed.cause, message: closed.message },
    tls:
      tls === null
        ? null
        : {
            version: tls.version,
            cipher: tls.cipher,
            group: tls.group,
            alpnOffered: tls.alpnOffered,
            alpn: tls.alpn,
            resumed: tls.resumed,
            earlyData: tls.earlyData,
            handshakeMs: tls.handshakeMs,
          },
    quic:
      quic === null || quic === undefined
        ? null
        : { version: quic.version, rttMs: quic.rttMs, packets: quic.packets === null ? null : { ...quic.packets } },
    exchangeCount: record.count,
    openExchanges: record.open,
    exchanges: record.exchanges.map(({ nth, streamId, method, target, at, status, endedAt, aborted }) => {
      return { nth, streamId, method, path: pathOnly(target), at, status, endedAt, aborted };
    }),
    bytes: counts?.bytes ?? null,
    frames: counts === null ? null : { received: counts.received, created: counts.created },
    log:
      counts === null
        ? null
        : {
            kept: counts.kept,
            dropped: counts.dropped,
            why:
              counts.dropped === 0
                ? null
                : 'The log of a connection is bounded (LOG_LIMITS), and so are all logs together (LogBudget); the oldest made room.',
          },
    unknown,
  };
}
