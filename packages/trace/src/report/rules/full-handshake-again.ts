import { type Facts, hostName } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import type { Connection, Interval } from '../model.ts';
import { finding, groupBy, name } from './say.ts';

const THRESHOLDS = { connections: 2 } as const;

/** TLS connections that began from nothing although an earlier one could have been resumed (RFC 9846 §2.2). */
export const fullHandshakeAgain: Rule = {
  id: 'full-handshake-again',
  title: 'A visitor who is known pays as a stranger',
  thresholds: THRESHOLDS,
  disproof: 'The server gave no ticket on purpose, or the browser had dropped its tickets between the two.',
  remedy: 'Issue session tickets, and share their key between all servers behind the name.',
  exception: 'A server whose rules forbid tickets pays this price knowingly.',
  cannotTell: (recording) => {
    if (recording.kind === 'har')
      return 'A HAR does not say whether TLS was resumed, and ssl being short or long proves nothing.';
    return recording.connections.some(({ tls }) => typeof tls?.resumed === 'boolean')
      ? null
      : 'This file does not say whether TLS was resumed.';
  },
  find: (recording, facts) => {
    if (recording.kind === 'har') return [];
    const shaken = recording.connections.flatMap((connection, index): Shaken[] => {
      const { tls, transport, handshake, group } = connection;
      if (transport === 'quic' || group === null || typeof tls?.resumed !== 'boolean' || handshake.tls === null)
        return [];
      return [{ index, connection, group, tls: handshake.tls, resumed: tls.resumed }];
    });
    return [...groupBy(shaken, ({ group }) => group).values()].flatMap((group) => again(group, facts));
  },
};

interface Shaken {
  readonly index: number;
  readonly connection: Connection;
  readonly group: string;
  readonly tls: Interval;
  readonly resumed: boolean;
}

/**
 * Those that could have been resumed. A ticket of TLS 1.3 is used once, and a server owes no more than one: a handshake
 * that began together with another after the last completed one may have found none left, and is not counted.
 */
function again(group: readonly Shaken[], facts: Facts): Finding[] {
  const inOrder = group.toSorted((a, b) => a.tls.from - b.tls.from);
  const taken = new Set<Shaken>();
  const could = inOrder.filter((each) => {
    const giver = inOrder.find((other) => other.tls.to <= each.tls.from && !taken.has(other));
    if (giver !== undefined) taken.add(giver);
    return giver !== undefined;
  });
  const full = could.filter(({ resumed }) => !resumed);
  if (full.length < THRESHOLDS.connections) return [];
  const [first] = full;
  const { scheme, host, port } = first?.connection ?? { scheme: null, host: '', port: null };
  return [
    finding(facts, {
      rule: 'full-handshake-again',
      subject: first?.group ?? host,
      sentence: `${full.length} of ${could.length} later TLS connections to ${name(hostName({ scheme: scheme ?? 'https', host, port }))} started from nothing. Tickets may not be given, or not be shared between its servers.`,
      certainty: 'measured',
      whySure:
        'The log says of each handshake whether it was resumed, and an earlier one in the same group had completed.',
      evidence: {
        exchanges: full.flatMap(({ connection }) => connection.exchanges[0] ?? []),
        connections: full.map(({ index }) => index),
      },
      waits: full.map(({ tls, connection }) => ({ during: tls, exchange: connection.exchanges[0] ?? null })),
    }),
  ];
}
