import { nameCovers } from '../certificate.ts';
import { type Facts, handshakeOf, isMultiplexed, useOf } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { intersection, length, measure } from '../intervals.ts';
import type { Connection, Interval, Recording } from '../model.ts';
import { count, duration, finding, groupBy, list, name } from './say.ts';

const THRESHOLDS = {
  hosts: 2,
  /** A cheaper handshake is not worth a change of names. */
  handshakeMs: 30,
} as const;

/** Host names that are one server, so that one connection could have carried them (RFC 9113 §9.1.1, RFC 9114 §3.3). */
export const manyHostsOneServer: Rule = {
  id: 'many-hosts-one-server',
  title: 'Host names that could share a connection',
  thresholds: THRESHOLDS,
  disproof:
    'The certificates do not cover each other’s names, or a load balancer sends the names to different servers.',
  remedy: 'Use one host name, or one certificate that covers all of them, so that the browser may use one connection.',
  exception: 'Hosts that differ in cookies on purpose, or that will be served from different places, stay apart.',
  cannotTell: (recording) =>
    recording.connections.some(({ address }) => address !== null) ? null : 'This file holds no server addresses.',
  find: (recording, facts) =>
    [
      ...groupBy(
        lanesOf(recording, facts),
        ({ connection: { address, port } }) => `${address} ${port ?? 443}`,
      ).values(),
    ].flatMap((lanes) => shared(lanes, recording, facts)),
};

interface Lane {
  readonly index: number;
  readonly connection: Connection;
  readonly use: Interval;
}

function lanesOf(recording: Recording, facts: Facts): Lane[] {
  return recording.connections.flatMap((connection, index) => {
    if (connection.address === null || connection.address === '' || connection.host === '') return [];
    const use = isMultiplexed(connection.protocol) ? useOf(connection, recording, facts) : null;
    return use === null ? [] : [{ index, connection, use }];
  });
}

function shared(lanes: readonly Lane[], recording: Recording, facts: Facts): Finding[] {
  // The first connection of each host, in order of use: what came after on the same host is another rule's matter.
  const firsts = [...groupBy(lanes, ({ connection }) => connection.host).values()]
    .map((own) => own.reduce((a, b) => (b.use.from < a.use.from ? b : a)))
    .sort((a, b) => a.use.from - b.use.from);
  const later = firsts.slice(1).flatMap((lane) => {
    const handshake = handshakeOf(lane.connection, recording, facts);
    if (handshake === null || length(handshake) < THRESHOLDS.handshakeMs) return [];
    // The one it could have shared was in use, and its certificate, where shown, covers the name.
    const host = firsts.find(
      (other) =>
        other.use.from < lane.use.from &&
        intersection(other.use, lane.use) !== null &&
        covers(other.connection, lane.connection.host) !== false,
    );
    return host === undefined ? [] : [{ lane, host, handshake }];
  });
  if (later.length + 1 < THRESHOLDS.hosts) return [];
  const all = firsts.filter((lane) => later.some((each) => each.lane === lane || each.host === lane));
  const isMeasured = later.every(({ lane, host }) => covers(host.connection, lane.connection.host) === true);
  const hosts = all.map(({ connection }) => connection.host);
  const took = measure(later.map(({ handshake }) => handshake));
  return [
    finding(facts, {
      rule: 'many-hosts-one-server',
      subject: hosts.toSorted().join(' '),
      sentence: `${list(hosts.map((host) => name(host)))} are one address: ${count(later.length, 'more handshake')}, ${duration(took)}, and ${all.length} separate orders of priority.`,
      certainty: isMeasured ? 'measured' : 'inferred',
      whySure: isMeasured
        ? 'One address, and the certificate of the first covers the others.'
        : 'One address; whether one certificate covers them all is not in the file.',
      evidence: {
        exchanges: later.flatMap(({ lane }) => lane.connection.exchanges[0] ?? []),
        connections: all.map(({ index }) => index),
      },
      waits: later.map(({ lane, handshake }) => ({
        during: handshake,
        exchange: lane.connection.exchanges[0] ?? null,
      })),
      avoidable: later.map(({ lane }) => lane.index),
    }),
  ];
}

/** Whether the certificate of a connection is good for a host; null where the file does not show it. */
function covers({ tls }: Connection, host: string): boolean | null {
  return tls?.certificateNames?.some((pattern) => nameCovers(pattern, host)) ?? null;
}
