import { hostName } from '../facts.ts';
import type { Rule } from '../finding.ts';
import type { Recording } from '../model.ts';
import { count, duration, finding, list, name } from './say.ts';

const THRESHOLDS = {
  /** Ready for so long and not spoken on. */
  idleMs: 10_000,
  /** Without TLS, one is no matter. */
  connections: 2,
  /** A spare opened this close to one of the same group is the browser's habit, not the page's wish. */
  spareMs: 1000,
} as const;

/** Connections that were opened and carried nothing. */
export const neverUsed: Rule = {
  id: 'never-used',
  title: 'Opened and never spoken on',
  thresholds: THRESHOLDS,
  disproof: 'The log ends, or the page was left, before their turn came.',
  remedy: 'Remove the preconnect, or correct its host and its crossorigin.',
  exception: 'A preconnect for what most visitors do next may pay, though this one did not need it.',
  cannotTell: ({ kind }) => (kind === 'har' ? 'A HAR lists exchanges; a connection without one is not in it.' : null),
  find(recording, facts) {
    const unused = recording.incidents.flatMap((incident, index) => {
      const connection = recording.connections[incident.connection ?? -1];
      if (incident.kind !== 'never-used' || incident.connection === null || connection === undefined) return [];
      const isUnused = incident.idleMs >= THRESHOLDS.idleMs && connection.exchanges.length === 0;
      return isUnused ? [{ index, incident, connection, at: incident.connection }] : [];
    });
    const spare = spares(
      unused.map(({ at }) => at),
      recording,
    );
    const left = unused.filter(({ at }) => !spare.has(at));
    const withTls = left.filter(({ connection }) => connection.tls !== null || connection.handshake.tls !== null);
    if (left.length < THRESHOLDS.connections && withTls.length === 0) return [];
    const hosts = [...new Set(left.map(({ connection }) => hostOf(connection)))];
    const longest = left.reduce(
      (most, { incident }) => Math.max(most, incident.kind === 'never-used' ? incident.idleMs : 0),
      0,
    );
    const were = left.length === 1 ? 'was' : 'were';
    return [
      finding(facts, {
        rule: 'never-used',
        subject: hosts.toSorted().join(' '),
        sentence: `${count(left.length, 'connection')} to ${list(hosts.map((host) => name(host)))} ${were} opened and carried nothing for ${duration(longest)} (${count(withTls.length, 'TLS handshake')}).`,
        certainty: 'measured',
        whySure: 'The log has them open, and no request that took them.',
        evidence: { connections: left.map(({ at }) => at), incidents: left.map(({ index }) => index) },
        waits: [],
        avoidable: left.map(({ at }) => at),
      }),
    ];
  },
};

/** One spare connection of each group that has a used one of about the same time. */
function spares(unused: readonly number[], recording: Recording): Set<number> {
  const groups = new Map<string, number>();
  for (const index of unused) {
    const spare = recording.connections[index];
    if (spare === undefined || spare.opened === null) continue;
    const opened = spare.opened;
    const group = spare.group ?? hostOf(spare);
    const hasUsed = recording.connections.some(
      (each) =>
        each.exchanges.length > 0 &&
        (each.group ?? hostOf(each)) === group &&
        Math.abs((each.opened ?? Number.POSITIVE_INFINITY) - opened) <= THRESHOLDS.spareMs,
    );
    if (hasUsed && !groups.has(group)) groups.set(group, index);
  }
  return new Set(groups.values());
}

function hostOf({ scheme, host, port }: Recording['connections'][number]): string {
  return hostName({ scheme: scheme ?? 'https', host, port });
}
