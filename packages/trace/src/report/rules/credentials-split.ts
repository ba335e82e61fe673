import { type Facts, handshakeOf, isMultiplexed, type Origin, useOf } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { intersection, length } from '../intervals.ts';
import type { Connection, Exchange, Interval, Recording } from '../model.ts';
import { count, duration, finding, name } from './say.ts';

const THRESHOLDS = {
  /** A second handshake that cost less and came after the content was there is nothing to speak of. */
  handshakeMs: 30,
} as const;

/** Two connections to a host that could have carried everything on one, had both asked in the same credentials mode. */
export const credentialsSplit: Rule = {
  id: 'credentials-split',
  title: 'Two connections to one host for two credentials modes',
  thresholds: THRESHOLDS,
  disproof: 'Both connections carried requests of the same credentials mode.',
  remedy: 'Put crossorigin on the preconnect, or fetch in the mode of the rest, so that both use one connection.',
  exception: 'Where both carry much, two are fine.',
  cannotTell: (recording, facts) =>
    recording.connections.some(({ sure }) => sure === 'measured') &&
    (recording.kind !== 'har' ||
      facts.network.some(({ credentials, resourceType }) => (credentials ?? resourceType) !== null))
      ? null
      : 'This file does not show which connection a request used, or in which credentials mode it went.',
  find: (recording, facts) => [...facts.origins.values()].flatMap((origin) => split(origin, recording, facts)),
};

interface Lane {
  readonly index: number;
  readonly connection: Connection;
  readonly use: Interval;
  readonly exchanges: readonly Exchange[];
}

function split(origin: Origin, recording: Recording, facts: Facts): Finding[] {
  const lanes = origin.connections.flatMap((index): Lane[] => {
    const connection = recording.connections[index];
    const use = connection ? useOf(connection, recording, facts) : null;
    if (!connection || use === null || connection.sure !== 'measured' || !isMultiplexed(connection.protocol)) return [];
    const exchanges = connection.exchanges.flatMap((each) => recording.exchanges[each] ?? []);
    return [{ index, connection, use, exchanges }];
  });
  const withThem = lanes.filter((lane) => modeOf(lane, recording) === 'with');
  const without = lanes.filter((lane) => modeOf(lane, recording) === 'without');
  const pair = withThem
    .flatMap((a) => without.map((b) => [a, b] as const))
    .find(([a, b]) => recording.kind !== 'har' || intersection(a.use, b.use) !== null);
  if (pair === undefined) return [];
  const later = pair[0].use.from <= pair[1].use.from ? pair[1] : pair[0];
  const handshake = handshakeOf(later.connection, recording, facts);
  if (!matters(handshake, later, recording)) return [];

  const [a, b] = pair;
  const isMeasured = a.connection.group !== null && b.connection.group !== null;
  const isFonts = b.exchanges.every(({ resourceType }) => resourceType === 'font');
  const cost = handshake === null ? '' : ` The second handshake took ${duration(length(handshake))}.`;
  return [
    finding(facts, {
      rule: 'credentials-split',
      subject: origin.key,
      sentence: `${name(origin.name)} was connected twice: once with credentials (${count(a.exchanges.length, 'request')}), once without (${count(b.exchanges.length, isFonts ? 'font' : 'request')}).${cost}`,
      certainty: isMeasured ? 'measured' : 'inferred',
      whySure: isMeasured
        ? 'The browser keeps the two in two groups of its pool, and the log names the groups.'
        : 'One of two connections to this host at a time carried only requests that go without cookies.',
      evidence: {
        exchanges: [...a.exchanges, ...b.exchanges].map(({ index }) => index),
        connections: [a.index, b.index],
      },
      waits: [{ during: handshake, exchange: later.exchanges[0]?.index ?? null }],
      avoidable: [later.index],
    }),
  ];
}

function modeOf({ connection, exchanges }: Lane, recording: Recording): 'with' | 'without' | null {
  if (recording.kind !== 'har') {
    if (connection.group === null || connection.credentials === null) return null;
    return connection.credentials ? 'with' : 'without';
  }
  // Whoever sent cookies had them; whoever never does may be on either.
  return exchanges.every(goesWithout) ? 'without' : 'with';
}

/** Fonts are always fetched without credentials from other origins; `cors` without cookies looks the same. */
function goesWithout({ resourceType, requestFields, credentials, host }: Exchange): boolean {
  if (credentials === true) return false;
  if (resourceType === 'font') return true;
  const isCors = requestFields['sec-fetch-mode'] === 'cors' || requestFields.origin !== undefined;
  const isOther = requestFields.origin === undefined || !requestFields.origin.endsWith(`//${host}`);
  return isCors && isOther && credentials === false;
}

function matters(handshake: Interval | null, later: Lane, recording: Recording): boolean {
  if (handshake === null) return false;
  if (length(handshake) >= THRESHOLDS.handshakeMs) return true;
  const pageId = later.exchanges[0]?.page;
  const page =
    recording.pages.find(({ id }) => id === pageId) ?? (recording.pages.length === 1 ? recording.pages[0] : undefined);
  if (page === undefined || page.onContentLoad === null) return false;
  return handshake.to < (page.start ?? 0) + page.onContentLoad;
}
