import { type Facts, hostName, type Origin, useOf } from './facts.ts';
import type { Note } from './finding.ts';
import { coverage, length, measure, union } from './intervals.ts';
import type { Connection, Interval, Recording } from './model.ts';
import { count, duration, list, name } from './rules/say.ts';

const THRESHOLDS = {
  /** Requests after h3 was offered, none of which used it. */
  withoutHttp3: 10,
  blockedMs: 50,
  /** How much of its waiting a handshake to the same host was under way. */
  handshakeShare: 0.8,
} as const;

/** What is worth knowing beside the findings; nothing here is called a fault. */
export function notesOf(recording: Recording, facts: Facts): Note[] {
  return [
    ...[...facts.origins.values()].flatMap((origin) => [...waitedForHandshake(origin, facts), ...http3NotUsed(origin)]),
    ...poolLimit(recording),
    ...oldTls(recording),
    ...longestLived(recording, facts),
  ];
}

/** Looks like the queue behind six connections, and is not: the second request waits for the handshake of the first. */
function waitedForHandshake(origin: Origin, facts: Facts): Note[] {
  const handshakes = union(
    origin.exchanges.flatMap((each) => {
      const { dns, connect } = facts.phases(each);
      return [dns, connect].filter((part): part is Interval => part !== null);
    }),
  );
  if (handshakes.length === 0) return [];
  const waiting = origin.exchanges.filter((each) => {
    const { blocked } = facts.phases(each);
    return (
      blocked !== null &&
      length(blocked) >= THRESHOLDS.blockedMs &&
      coverage(blocked, handshakes) >= THRESHOLDS.handshakeShare
    );
  });
  if (waiting.length === 0) return [];
  const ms = measure(waiting.flatMap((each) => facts.phases(each).blocked ?? []));
  return [
    {
      id: 'waited-for-handshake',
      sentence: `${count(waiting.length, 'request')} to ${name(origin.name)} waited while a handshake with the same host was under way (${duration(ms)}).`,
      evidence: { exchanges: waiting.map(({ index }) => index), connections: [], incidents: [] },
    },
  ];
}

function http3NotUsed(origin: Origin): Note[] {
  const offer = origin.exchanges.findIndex(({ responseFields }) =>
    /\bh3(?:-\d+)?=/.test(responseFields['alt-svc'] ?? ''),
  );
  if (offer < 0) return [];
  const after = origin.exchanges.slice(offer + 1).filter(({ protocol }) => protocol !== null);
  if (after.length < THRESHOLDS.withoutHttp3 || after.some(({ protocol }) => protocol === 'h3')) return [];
  return [
    {
      id: 'http3-not-used',
      sentence: `${name(origin.name)} offers HTTP/3 by Alt-Svc, and ${count(after.length, 'later request')} did not use it: a first visit, or UDP is blocked. The file cannot say which.`,
      evidence: { exchanges: [origin.exchanges[offer]?.index ?? 0], connections: [], incidents: [] },
    },
  ];
}

function poolLimit({ incidents }: Recording): Note[] {
  const stalls = incidents.flatMap((each, index) =>
    each.kind === 'pool-stall' && each.limit === 'pool' ? [index] : [],
  );
  if (stalls.length === 0) return [];
  return [
    {
      id: 'pool-limit',
      sentence: `${count(stalls.length, 'request')} waited because the browser’s whole pool was full: too many connections to all hosts together.`,
      evidence: { exchanges: [], connections: [], incidents: stalls },
    },
  ];
}

function oldTls({ connections }: Recording): Note[] {
  const old = connections.flatMap((each, index) =>
    /^(?:SSL|TLS\s?v?1(?:\.[01])?$)/i.test(each.tls?.version ?? '') ? [index] : [],
  );
  if (old.length === 0) return [];
  const hosts = [...new Set(old.map((index) => nameOf(connections[index])))];
  return [
    {
      id: 'old-tls',
      sentence: `${list(hosts.map((host) => name(host)))} still ${hosts.length === 1 ? 'uses' : 'use'} a version of TLS that RFC 8996 retired.`,
      evidence: { exchanges: [], connections: old, incidents: [] },
    },
  ];
}

function longestLived(recording: Recording, facts: Facts): Note[] {
  let longest: { readonly index: number; readonly ms: number } | null = null;
  for (const [index, connection] of recording.connections.entries()) {
    const use = connection.exchanges.length > 1 ? useOf(connection, recording, facts) : null;
    if (use !== null && length(use) > (longest?.ms ?? 0)) longest = { index, ms: length(use) };
  }
  const connection = recording.connections[longest?.index ?? -1];
  if (longest === null || connection === undefined) return [];
  const guess = connection.sure === 'inferred' ? ', as far as can be inferred' : '';
  return [
    {
      id: 'longest-lived',
      sentence: `The connection in use for longest, ${name(connection.id, 20)} to ${name(nameOf(connection))}, carried ${count(connection.exchanges.length, 'exchange')} in ${duration(longest.ms)}${guess}.`,
      evidence: { exchanges: [], connections: [longest.index], incidents: [] },
    },
  ];
}

function nameOf(connection: Connection | undefined): string {
  return connection === undefined ? '' : hostName({ ...connection, scheme: connection.scheme ?? 'https' });
}
