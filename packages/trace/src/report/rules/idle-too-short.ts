import {
  type Facts,
  handshakeOf,
  hostName,
  isMultiplexed,
  type Origin,
  opensConnection,
  originKey,
  useOf,
} from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { length } from '../intervals.ts';
import type { Connection, Exchange, Interval, Recording } from '../model.ts';
import { closedBy } from './closed-by.ts';
import { count, duration, finding, groupBy, median, name } from './say.ts';

const THRESHOLDS = {
  /** Shorter pauses are no pauses: `short-connections`. */
  idleFromMs: 1000,
  /** After a longer pause nobody expects the connection to be there. */
  idleBelowMs: 60_000,
  /** One time may be chance. */
  reopened: 2,
  /** A new session so soon after GOAWAY was still needed. */
  goawayMs: 30_000,
} as const;

/** A server that gives connections up sooner than the page comes back. */
export const idleTooShort: Rule = {
  id: 'idle-too-short',
  title: 'Reopened after a pause',
  thresholds: THRESHOLDS,
  disproof: 'The client closed them, or something between the two did; the server’s own log knows.',
  remedy: 'Let the server, and whatever stands before it, keep idle connections for longer than the page’s interval.',
  exception: 'A server with very many clients that seldom come back may prefer to have its memory.',
  cannotTell: (recording) =>
    recording.connections.some(({ sure, exchanges }) => sure === 'measured' && exchanges.length > 0)
      ? null
      : 'This file does not name its connections, so a pause on one cannot be seen.',
  find: (recording, facts) => [
    ...[...facts.origins.values()].flatMap((origin) => idle(origin, recording, facts)),
    ...goneAway(recording, facts),
  ],
};

interface Lost {
  readonly before: number;
  readonly after: number;
  readonly idleMs: number;
  readonly incidents: readonly number[];
}

function idle(origin: Origin, recording: Recording, facts: Facts): Finding[] {
  const lanes = origin.connections
    .map((index) => ({ index, connection: recording.connections[index], use: useIn(index, recording, facts) }))
    .filter((lane): lane is Lane => lane.connection !== undefined && lane.use !== null)
    .sort((a, b) => a.use.from - b.use.from);
  if (lanes.some(({ connection }) => connection.sure !== 'measured')) return [];
  if (lanes.length <= THRESHOLDS.reopened) return [];
  const lost = lostOnes(lanes, recording);
  if (lost.length < THRESHOLDS.reopened) return [];

  const gone = lost.reduce((least, each) => Math.min(least, each.idleMs), Number.POSITIVE_INFINITY);
  const survived = longestPause(lanes, recording, facts);
  const costs = lost.flatMap(({ after }) => costOf(after, recording, facts) ?? []);
  const each = median(costs);
  const said = recording.exchanges[lanes[0]?.connection.exchanges[0] ?? -1]?.responseFields['keep-alive'];
  const range =
    survived !== null && survived < gone
      ? `between ${duration(survived)} (survived) and ${duration(gone)} (gone)`
      : `after ${duration(gone)} or less`;
  const isMeasured = lost.every(({ incidents }) => incidents.length > 0);
  return [
    finding(facts, {
      rule: 'idle-too-short',
      subject: origin.key,
      sentence: `${name(origin.name)} ends idle connections ${range}. ${count(lost.length, 'request')} came later and needed another${
        each === null ? '' : ` (${duration(each)} each)`
      }.${said === undefined ? '' : ` The server said Keep-Alive: ${name(said)}.`}`,
      certainty: isMeasured ? 'measured' : 'inferred',
      whySure: isMeasured
        ? 'The log has the other side closing each of them.'
        : 'New connections are in the file; that the old ones had ended follows from nobody using them again.',
      evidence: {
        exchanges: lost.flatMap(({ after }) => recording.connections[after]?.exchanges[0] ?? []),
        connections: lost.flatMap(({ before, after }) => [before, after]),
        incidents: lost.flatMap(({ incidents }) => incidents),
      },
      waits: lost.map(({ after }) => waitFor(after, recording, facts)),
      avoidable: lost.map(({ after }) => after),
    }),
  ];
}

interface Lane {
  readonly index: number;
  readonly connection: Connection;
  readonly use: Interval;
}

/** New connections that came when every earlier one of the same group was idle, and none of those was ever used again. */
function lostOnes(lanes: readonly Lane[], recording: Recording): Lost[] {
  const closes = closesOf(recording);
  // The one used last of each group: when even that one was idle, all were.
  const lastOf = new Map<string | null, Lane>();
  return lanes.flatMap((lane) => {
    const last = lastOf.get(lane.connection.group);
    if (last === undefined || lane.use.to > last.use.to) lastOf.set(lane.connection.group, lane);
    if (last === undefined || last.use.to > lane.use.from) return [];
    const idleMs = lane.use.from - last.use.to;
    if (idleMs < THRESHOLDS.idleFromMs || idleMs >= THRESHOLDS.idleBelowMs) return [];
    const reply = recording.exchanges[last.connection.exchanges.at(-1) ?? -1];
    if (reply === undefined || closedBy(reply) !== null) return [];
    const ends = closes.get(last.index) ?? [];
    // The log may know another reason: the browser's own limit, or bytes that nobody asked for.
    if (ends.some(({ reason }) => !isRemote(reason, last.connection))) return [];
    if (
      ends.length === 0 &&
      last.connection.closeReason !== null &&
      !isRemote(last.connection.closeReason, last.connection)
    )
      return [];
    return [{ before: last.index, after: lane.index, idleMs, incidents: ends.map(({ index }) => index) }];
  });
}

function closesOf({ incidents }: Recording): Map<number, { index: number; reason: string }[]> {
  const closes = new Map<number, { index: number; reason: string }[]>();
  for (const [index, incident] of incidents.entries()) {
    if (incident.kind !== 'socket-closed-by-pool' || incident.connection === null) continue;
    closes.set(incident.connection, [...(closes.get(incident.connection) ?? []), { index, reason: incident.reason }]);
  }
  return closes;
}

/** The other side ended it. Over TLS it says goodbye first (close_notify), which Chromium calls unexpected data. */
function isRemote(reason: string, { tls }: Connection): boolean {
  return REMOTE.test(reason) || (tls !== null && /data received unexpectedly/i.test(reason));
}

const REMOTE = /remote side closed|GOAWAY|closed by (?:the )?(?:peer|server)/i;

/** The longest pause after which one of these connections was used again. */
function longestPause(lanes: readonly Lane[], recording: Recording, facts: Facts): number | null {
  let longest: number | null = null;
  for (const { connection } of lanes) {
    let end: number | null = null;
    for (const index of connection.exchanges) {
      const exchange: Exchange | undefined = recording.exchanges[index];
      const held = exchange && facts.phases(exchange).held;
      if (!held) continue;
      if (end !== null && held.from > end) longest = Math.max(longest ?? 0, held.from - end);
      end = Math.max(end ?? held.to, held.to);
    }
  }
  return longest;
}

/** NetLog: the server said that it ends, and the page still needed it. */
function goneAway(recording: Recording, facts: Facts): Finding[] {
  const gone = recording.incidents.flatMap((incident, index) => {
    const before = recording.connections[incident.connection ?? -1];
    if (incident.kind !== 'goaway' || before === undefined || incident.connection === null) return [];
    const after = recording.connections.findIndex(
      (each) =>
        each.group === before.group &&
        each.exchanges.length > 0 &&
        isMultiplexed(each.protocol) &&
        originOf(each) === originOf(before) &&
        (each.opened ?? Number.NEGATIVE_INFINITY) >= incident.at &&
        (each.opened ?? Number.POSITIVE_INFINITY) < incident.at + THRESHOLDS.goawayMs,
    );
    return after < 0 ? [] : [{ incident, index, before, after }];
  });
  return [...groupBy(gone, ({ before }) => originOf(before))].map(([key, group]) => {
    const [first] = group;
    const { code = null, lastStreamId = null } = first?.incident ?? {};
    const known = [
      ...(code === null ? [] : [`code ${code}`]),
      ...(lastStreamId === null ? [] : [`last stream ${lastStreamId}`]),
    ].join(', ');
    const host = first === undefined ? key : connectionName(first.before);
    return finding(facts, {
      rule: 'idle-too-short',
      subject: `${key} GOAWAY`,
      sentence: `${name(host)} ended ${count(group.length, 'connection')} with GOAWAY${
        known === '' ? '' : ` (${known})`
      }, and each was opened again within ${duration(THRESHOLDS.goawayMs)}.`,
      certainty: 'measured',
      whySure: 'The log has the GOAWAY frame and the session that followed.',
      evidence: {
        exchanges: group.flatMap(({ after }) => recording.connections[after]?.exchanges[0] ?? []),
        connections: group.flatMap(({ incident, after }) => [incident.connection ?? after, after]),
        incidents: group.map(({ index }) => index),
      },
      waits: group.map(({ after }) => waitFor(after, recording, facts)),
      avoidable: group.map(({ after }) => after),
    });
  });
}

function originOf({ scheme, host, port }: Connection): string {
  return originKey({ scheme: scheme ?? 'https', host, port });
}

function connectionName({ scheme, host, port }: Connection): string {
  return hostName({ scheme: scheme ?? 'https', host, port });
}

function useIn(index: number, recording: Recording, facts: Facts): Interval | null {
  const connection = recording.connections[index];
  return connection === undefined ? null : useOf(connection, recording, facts);
}

function costOf(index: number, recording: Recording, facts: Facts): number | null {
  const { during } = waitFor(index, recording, facts);
  return during === null ? null : length(during);
}

function waitFor(
  index: number,
  recording: Recording,
  facts: Facts,
): { during: Interval | null; exchange: number | null } {
  const connection = recording.connections[index];
  if (connection === undefined) return { during: null, exchange: null };
  const first = recording.exchanges[connection.exchanges[0] ?? -1];
  // One that was opened ahead made nobody wait.
  if (first === undefined || !opensConnection(first, recording)) return { during: null, exchange: null };
  return { during: handshakeOf(connection, recording, facts), exchange: first.index };
}
