import type { Facts } from '../facts.ts';
import type { Rule } from '../finding.ts';
import type { Incident, Recording } from '../model.ts';
import { count, duration, finding, groupBy, request } from './say.ts';

/** Errors after which Chromium had written the request, and writes it again. Others fail before a byte of it went out. */
const ENDS: Readonly<Record<number, string>> = {
  [-100]: 'closed',
  [-101]: 'was reset',
  [-103]: 'was aborted',
  [-324]: 'ended without a response',
  [-352]: 'answered no PING',
};

/** RFC 9110 §9.2.2: doing it twice is doing it once. */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']);

/** A request that the browser wrote a second time, on another connection, without telling the page. */
export const sentTwice: Rule = {
  id: 'sent-twice',
  title: 'The browser repeated a request in silence',
  thresholds: { occurrences: 1 },
  disproof: 'The server’s log has the request once: the first one never reached it.',
  remedy:
    'Keep idle connections open for longer than whatever stands before the server does; give requests that change something an idempotency key.',
  exception: 'Now and then, for a GET, it is how HTTP is meant to work (RFC 9112 §9.3.1).',
  cannotTell: ({ kind }) => (kind === 'har' ? 'A HAR has one entry for a request, however often it was sent.' : null),
  find(recording, facts) {
    const restarts = recording.incidents.flatMap((incident, index) =>
      incident.kind === 'restart' && ENDS[incident.netError] !== undefined ? [{ incident, index }] : [],
    );
    return [
      ...groupBy(restarts, ({ incident }) => `${incident.method} ${incident.url.replace(/[?#].*$/s, '')}`),
    ].flatMap(([subject, group]) => {
      const [first] = group;
      if (first === undefined) return [];
      const isGrave = !IDEMPOTENT.has(first.incident.method);
      const idle = idleBefore(first.incident, recording, facts);
      const times = group.length === 1 ? 'twice' : `again ${count(group.length, 'time')}`;
      return [
        finding(facts, {
          rule: 'sent-twice',
          subject,
          sentence: `${request(first.incident)} was sent ${times}: the first connection${
            idle === null ? '' : `, idle for ${duration(idle)},`
          } ${ENDS[first.incident.netError]} before an answer came.${
            isGrave ? ' The server may have acted on both.' : ' The method is idempotent: twice does what once does.'
          }`,
          certainty: 'measured',
          whySure: `The log has the restart, after error ${first.incident.netError}.`,
          evidence: {
            exchanges: group.flatMap(({ incident }) => incident.exchange ?? []),
            connections: group.flatMap(({ incident }) => incident.connection ?? []),
            incidents: group.map(({ index }) => index),
          },
          waits: group.map(({ incident }) => {
            const start = recording.exchanges[incident.exchange ?? -1]?.start ?? null;
            const during = start === null || start > incident.at ? null : { from: start, to: incident.at };
            return { during, exchange: incident.exchange };
          }),
          isGrave,
        }),
      ];
    });
  },
};

/** How long the connection had been idle when this was written on it; null where the log does not show it. */
function idleBefore(incident: Incident, recording: Recording, facts: Facts): number | null {
  const start = recording.exchanges[incident.exchange ?? -1]?.start ?? null;
  const connection = recording.connections[incident.connection ?? -1];
  if (start === null || connection === undefined) return null;
  let last: number | null = null;
  for (const index of connection.exchanges) {
    const earlier = recording.exchanges[index];
    const end = earlier && index !== incident.exchange ? (facts.phases(earlier).held?.to ?? null) : null;
    if (end !== null && end <= start) last = Math.max(last ?? end, end);
  }
  return last === null ? null : start - last;
}
