import type { Beginning } from '../look/marks.ts';
import type { Protocol } from '../look/protocol.ts';
import { count } from '../look/text.ts';
import type { Lane, Mark, Stretch, Timeline, Exchange as TimelineExchange } from '../timeline/model.ts';
import { type Facts, hostName } from './facts.ts';
import type { Connection, Exchange, HttpProtocol, Incident, Page, Recording } from './model.ts';
import { name, request } from './rules/say.ts';

/** The recording as waterfalls by connection: one for each page that has exchanges, or one for the whole file. */
export function timelinesOf(recording: Recording, facts: Facts): Timeline[] {
  const marks = marksOf(recording);
  const whole = (exchanges: readonly Exchange[], page: Page | null): Timeline[] => {
    const lanes = lanesOf(exchanges, page === null, recording, facts, marks);
    if (lanes.length === 0) return [];
    const drawn = lanes.reduce((sum, lane) => sum + lane.exchanges.length, 0);
    const what = `${count(drawn, 'exchange')} on ${count(lanes.length, 'connection')}`;
    const title = page === null || page.title === '' ? what : `${name(page.title)}: ${what}`;
    return [{ title, lanes }];
  };
  const pages = recording.pages.flatMap((page) =>
    whole(
      recording.exchanges.filter((each) => each.page === page.id),
      page,
    ),
  );
  return pages.length > 0 ? pages : whole(recording.exchanges, null);
}

function lanesOf(
  exchanges: readonly Exchange[],
  isWhole: boolean,
  recording: Recording,
  facts: Facts,
  marks: ReadonlyMap<number, Mark[]>,
): Lane[] {
  const byConnection = new Map<number, Exchange[]>();
  for (const exchange of exchanges) {
    if (exchange.connection === null) continue;
    const own = byConnection.get(exchange.connection);
    if (own) own.push(exchange);
    else byConnection.set(exchange.connection, [exchange]);
  }
  return recording.connections.flatMap((connection, index): Lane[] => {
    const own = byConnection.get(index) ?? [];
    const isBare = isWhole && connection.exchanges.length === 0 && connection.opened !== null;
    if (own.length === 0 && !isBare) return [];
    const places = new Map(connection.exchanges.map((each, i) => [each, i + 1]));
    const drawn = own.flatMap((each) => exchangeOf(each, places.get(each.index) ?? null, facts) ?? []);
    if (drawn.length === 0 && !isBare) return [];
    const earlier = (places.get(own[0]?.index ?? -1) ?? 1) - 1;
    const handshake = bareHandshake(connection, recording);
    return [
      {
        id: connection.id,
        label: `${connection.id} ${hostName({ ...connection, scheme: connection.scheme ?? 'https' })}`,
        kind: 'connection',
        protocol: protocolOf(connection.protocol),
        openedAt: connection.opened ?? (earlier > 0 ? null : (drawn[0]?.phases[0]?.from ?? null)),
        closedAt: connection.closed,
        beginning: beginningOf(connection, recording),
        ...(handshake !== null && { handshake }),
        ...(earlier > 0 && { earlier }),
        exchanges: drawn,
        ...(marks.has(index) && { marks: marks.get(index) ?? [] }),
      },
    ];
  });
}

function exchangeOf(exchange: Exchange, nth: number | null, facts: Facts): TimelineExchange | null {
  const at = facts.phases(exchange);
  const phases: Stretch[] = [];
  if (exchange.start !== null && at.blocked !== null && at.blocked.from > exchange.start) {
    phases.push({ phase: 'waiting', from: exchange.start, to: at.blocked.from });
  }
  for (const [phase, stretch] of [
    ['blocked', at.blocked],
    ['handshake', at.dns],
    ['handshake', at.connect],
    ['request', at.send],
    ['server', at.wait],
    ['response', at.receive],
  ] as const) {
    if (stretch !== null) phases.push({ phase, ...stretch });
  }
  // A file that has a start and an end and nothing between.
  if (phases.length === 0 && at.held !== null) phases.push({ phase: 'response', ...at.held });
  if (phases.length === 0) return null;
  const outcome = exchange.from === 'failed' ? 'failed' : exchange.end === null ? 'open' : 'complete';
  return { id: String(exchange.index), label: request(exchange), nth, phases, outcome };
}

/** The handshake of a connection that nobody paid in his timings: opened ahead, or never used. */
function bareHandshake(
  { handshake, exchanges }: Connection,
  recording: Recording,
): { from: number; to: number } | null {
  const first = recording.exchanges[exchanges[0] ?? -1];
  if ((first?.timings.connect ?? 0) > 0) return null;
  const parts = [handshake.connect, handshake.tls].filter((part) => part !== null);
  if (parts.length === 0) return null;
  return { from: Math.min(...parts.map(({ from }) => from)), to: Math.max(...parts.map(({ to }) => to)) };
}

function beginningOf(connection: Connection, recording: Recording): Beginning {
  if (connection.tls?.earlyData === true) return 'early-data';
  if (connection.tls?.resumed === true) return 'resumed';
  const first = recording.exchanges[connection.exchanges[0] ?? -1];
  if ((first?.timings.connect ?? 0) > 0) return 'new';
  if (connection.opened === null) return 'unknown';
  if (first === undefined || (first.start !== null && connection.opened < first.start)) return 'preconnected';
  return 'new';
}

function protocolOf(protocol: HttpProtocol | null): Protocol | null {
  return protocol === 'http/0.9' ? 'http/1.0' : protocol;
}

function marksOf({ incidents }: Recording): Map<number, Mark[]> {
  const marks = new Map<number, Mark[]>();
  for (const incident of incidents) {
    const mark = incident.connection === null ? null : markOf(incident);
    if (mark === null || incident.connection === null) continue;
    const own = marks.get(incident.connection);
    if (own) own.push(mark);
    else marks.set(incident.connection, [mark]);
  }
  return marks;
}

function markOf(incident: Incident): Mark | null {
  switch (incident.kind) {
    case 'goaway':
      return { at: incident.at, kind: 'goaway', by: 'server' };
    case 'socket-closed-by-pool':
      return { at: incident.at, kind: 'close', label: name(incident.reason) };
    case 'restart':
      return { at: incident.at, kind: 'problem', label: 'sent again on another connection' };
    default:
      return null;
  }
}
