import { type Facts, hostName, isMultiplexed, type Wait } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { coverage, length, levels, measure, union } from '../intervals.ts';
import type { Connection, Incident, Recording } from '../model.ts';
import { atMost, count, duration, finding, groupBy, name } from './say.ts';

const THRESHOLDS = {
  /** All stalls of a connection together. */
  stalledMs: 50,
  /** HAR: how long a request was blocked, to count. */
  blockedMs: 50,
  /** HAR: how many requests waited at the same number in flight. */
  requests: 3,
  /** HAR: how much of each wait that number stood. */
  fullShare: 0.8,
  /** HAR: one in flight is a handshake that others wait for, or a priority. */
  inFlight: 2,
} as const;

/** A limit inside HTTP/2 held requests or bodies back: streams at a time (RFC 9113 §5.1.2), or windows (§5.2). */
export const oneConnectionFull: Rule = {
  id: 'one-connection-full',
  title: 'Held by a limit inside HTTP/2',
  thresholds: THRESHOLDS,
  disproof: 'The limit in the server’s SETTINGS is higher than the number in flight, or its windows were never empty.',
  remedy:
    'Raise the limit: SETTINGS_MAX_CONCURRENT_STREAMS of 100 is usual, and windows should hold what a round trip carries.',
  exception: 'A low limit that protects something scarce behind the server should stay, with fewer requests instead.',
  cannotTell: (recording, facts) => {
    if (recording.kind !== 'har') return null;
    if (!recording.connections.some(({ sure }) => sure === 'measured')) {
      return 'This file does not name its connections, so what stood on one at a time cannot be counted.';
    }
    return facts.network.some(({ timings }) => timings.blocked !== null)
      ? null
      : 'No entry of this file says how long it was blocked.';
  },
  find: (recording, facts) =>
    recording.kind === 'har'
      ? recording.connections.flatMap((connection, index) => fromTimings(connection, index, recording, facts))
      : [...fromStalls('stream-limit', recording, facts), ...fromStalls('send-window-stall', recording, facts)],
};

type Stall = Extract<Incident, { kind: 'stream-limit' | 'send-window-stall' }>;

function fromStalls(kind: Stall['kind'], recording: Recording, facts: Facts): Finding[] {
  const stalls = recording.incidents.flatMap((incident, index) =>
    incident.kind === kind ? [{ incident: incident as Stall, index }] : [],
  );
  const place = ({ incident }: (typeof stalls)[number]): string =>
    incident.connection === null ? (incident.group ?? '') : `#${incident.connection}`;
  return [...groupBy(stalls, place).values()].flatMap((group) => {
    const during = group.flatMap(({ incident: { at, until } }) => (until === null ? [] : [{ from: at, to: until }]));
    const stood = measure(during);
    if (stood < THRESHOLDS.stalledMs) return [];
    const connection = recording.connections[group[0]?.incident.connection ?? -1];
    const host = connection === undefined ? (group[0]?.incident.group ?? 'a server') : nameOf(connection);
    const requests = new Set(group.flatMap(({ incident }) => incident.exchange ?? []));
    const waits = group.map(
      ({ incident }): Wait => ({
        during: incident.until === null ? null : { from: incident.at, to: incident.until },
        exchange: incident.exchange,
      }),
    );
    const limits = group.flatMap(({ incident }) => (incident.kind === 'stream-limit' ? (incident.limit ?? []) : []));
    const limit = limits.length > 0 ? Math.max(...new Set(limits)) : null;
    const waited = count(requests.size || group.length, 'request');
    return [
      finding(facts, {
        rule: 'one-connection-full',
        subject: `${host} ${kind === 'stream-limit' ? 'streams' : 'window'}`,
        sentence: (ms) =>
          kind === 'stream-limit'
            ? `${name(host)} allows ${limit === null ? 'no more streams' : count(limit, 'stream')} at a time; ${waited} waited${atMost(ms, facts)}.`
            : `An upload to ${name(host)} stood still for ${duration(stood)}, waiting for window updates.`,
        certainty: 'measured',
        whySure: 'The session wrote down that it was held by this limit, and when it went on.',
        evidence: {
          exchanges: [...requests],
          connections: group.flatMap(({ incident }) => incident.connection ?? []),
          incidents: group.map(({ index }) => index),
        },
        waits,
      }),
    ];
  });
}

/** HAR: requests were blocked while one number in flight stood on the connection, and it never was higher. */
function fromTimings(connection: Connection, index: number, recording: Recording, facts: Facts): Finding[] {
  if (connection.sure !== 'measured' || !isMultiplexed(connection.protocol)) return [];
  const exchanges = connection.exchanges.flatMap((each) => recording.exchanges[each] ?? []);
  const blocked = exchanges.filter((each) => {
    const wait = facts.phases(each).blocked;
    return wait !== null && length(wait) >= THRESHOLDS.blockedMs;
  });
  if (blocked.length < THRESHOLDS.requests) return [];
  const steps = levels(exchanges.flatMap((each) => facts.phases(each).held ?? []));
  const limit = steps.reduce((most, { count: n }) => Math.max(most, n), 0);
  if (limit < THRESHOLDS.inFlight) return [];
  const full = union(steps.filter(({ count: n }) => n === limit));
  const held = blocked.filter((each) => {
    const wait = facts.phases(each).blocked;
    return wait !== null && coverage(wait, full) >= THRESHOLDS.fullShare;
  });
  if (held.length < THRESHOLDS.requests) return [];
  const host = nameOf(connection);
  return [
    finding(facts, {
      rule: 'one-connection-full',
      subject: `${host} streams`,
      sentence: (ms) =>
        `Never more than ${count(limit, 'exchange')} at a time on one connection to ${name(host)}; ${count(held.length, 'request')} waited meanwhile${atMost(ms, facts)}.`,
      certainty: 'inferred',
      whySure: 'The number in flight stood still while others were blocked; a HAR does not hold the server’s SETTINGS.',
      evidence: { exchanges: held.map((each) => each.index), connections: [index] },
      waits: held.map((each) => ({ during: facts.phases(each).blocked, exchange: each.index })),
    }),
  ];
}

function nameOf({ scheme, host, port }: Connection): string {
  return hostName({ scheme: scheme ?? 'https', host, port });
}
