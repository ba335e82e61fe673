import { hostName, isMultiplexed } from '../facts.ts';
import type { Rule } from '../finding.ts';
import type { Exchange } from '../model.ts';
import { closedBy } from './closed-by.ts';
import { finding, groupBy, list, name, request } from './say.ts';

function sentenceEnd({ isMeasured, isUnexpected }: { isMeasured: boolean; isUnexpected: boolean }): string {
  if (isMeasured) {
    return 'the server sent bytes that belong to no response; the browser gave the connection up. The page looks right.';
  }
  return isUnexpected
    ? 'the browser found bytes that belong to no response, and gave the connection up. The page looks right.'
    : 'the browser gave the connection up as soon as the response was read, though nobody had said close. Bytes that came together with the response look like this.';
}

/** True for responses that have no body, whatever their fields say (RFC 9110 §6.4.1). */
function isBodiless({ method, status }: Exchange): boolean {
  return method === 'HEAD' || status === 204 || status === 304;
}

/** Bytes that belong to no response: the browser cannot know where the next one starts, and gives the connection up. */
export const leftOverBytes: Rule = {
  id: 'left-over-bytes',
  title: 'The server says more than it announced',
  thresholds: { occurrences: 1 },
  disproof: 'A capture of the connection shows that the last response ends where its length says.',
  remedy:
    'Compare Content-Length with the bytes sent. A response to HEAD, a 204 and a 304 have no body, whatever their fields say.',
  exception: 'A server that begins to speak another protocol after 101 or CONNECT is not meant.',
  cannotTell: ({ kind }) => (kind === 'har' ? 'A HAR holds no reason for the end of a connection.' : null),
  find(recording, facts) {
    const seen = recording.incidents.flatMap((incident, index) => {
      if (incident.kind !== 'socket-closed-by-pool') return [];
      const connection = recording.connections[incident.connection ?? -1];
      const last = recording.exchanges[incident.exchange ?? connection?.exchanges.at(-1) ?? -1];
      // HTTP/2 and HTTP/3 frame everything: what is left over there is an error, and said as one.
      if (connection !== undefined && isMultiplexed(connection.protocol)) return [];
      const isUnexpected = /data received unexpectedly/i.test(incident.reason);
      const isTls = connection?.tls != null;
      // Over TLS the goodbye of a server that closes (close_notify) is data that nobody expects, too. Only where a body has no
      // place is it likelier that there was one.
      if (isUnexpected && isTls && !(last !== undefined && isBodiless(last))) return [];
      const isMeasured = isUnexpected && !isTls;
      if (!isUnexpected) {
        if (!/closed when it was returned to the pool/i.test(incident.reason)) return [];
        // Closing after `close` is what was agreed, and without a response there is nothing to be left over from.
        if (last === undefined || last.status === 0 || closedBy(last) !== null) return [];
      }
      return [{ index, incident, connection, last, isMeasured, isUnexpected }];
    });
    const key = ({ connection, incident, isMeasured, isUnexpected }: (typeof seen)[number]): string =>
      `${connection?.host ?? incident.group ?? '?'} ${isMeasured} ${isUnexpected}`;
    return [...groupBy(seen, key).values()].flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const { connection, isMeasured } = first;
      const requests = [...new Set(group.flatMap(({ last }) => (last ? [request(last)] : [])))];
      const host = connection && hostName({ ...connection, scheme: connection.scheme ?? 'https' });
      const after = `After ${requests.length === 0 ? 'a response' : list(requests)}${host ? ` at ${name(host)}` : ''}`;
      return [
        finding(facts, {
          rule: 'left-over-bytes',
          subject: `${host ?? first.incident.group ?? ''} ${requests.join(', ')}`.trim(),
          sentence: `${after} ${sentenceEnd(first)}`,
          certainty: isMeasured ? 'measured' : 'inferred',
          whySure: isMeasured
            ? 'The browser wrote down: data received unexpectedly.'
            : first.isUnexpected
              ? 'The browser wrote down: data received unexpectedly. Over TLS the goodbye of a server that closes looks the same.'
              : 'The log says that the connection could not go back to the pool, not why; a server that closes in silence looks the same.',
          evidence: {
            exchanges: group.flatMap(({ last }) => last?.index ?? []),
            connections: group.flatMap(({ incident }) => incident.connection ?? []),
            incidents: group.map(({ index }) => index),
          },
          waits: [],
        }),
      ];
    });
  },
};
