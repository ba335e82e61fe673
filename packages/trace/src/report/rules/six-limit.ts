import { type Facts, isHttp1, isMultiplexed, type Origin, originKey, type Wait } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { coverage, intersection, length, levels, union } from '../intervals.ts';
import type { Exchange, Interval, Recording } from '../model.ts';
import { atMost, count, duration, finding, groupBy, name, path } from './say.ts';

const THRESHOLDS = {
  /** What browsers keep open to one host by HTTP/1.1. */
  limit: 6,
  /** Shorter waits have too many other causes. */
  blockedMs: 50,
  /** How much of its waiting six others must have been in flight. */
  fullShare: 0.8,
  /** This many requests waited … */
  requests: 3,
  /** … or this long, each instant counted once. */
  togetherMs: 100,
} as const;

/** Requests that stood in line because the browser had six connections to the host in use. */
export const sixLimit: Rule = {
  id: 'six-limit',
  title: 'The queue behind six connections',
  thresholds: THRESHOLDS,
  disproof: 'One of the six was free while a request waited, or the requests were held back by their priority.',
  remedy: 'Serve this host over HTTP/2: one connection carries them all at once.',
  exception: 'Spreading the files over more host names only moves the queue, and each name costs a handshake.',
  cannotTell: (recording, facts) =>
    recording.kind !== 'har' || facts.network.some(({ timings }) => timings.blocked !== null)
      ? null
      : 'No entry of this file says how long it was blocked.',
  find: (recording, facts) => (recording.kind === 'har' ? fromTimings(facts) : fromStalls(recording, facts)),
};

/** HAR: waited long, and all the while six others were in flight. `blocked` alone proves nothing. */
function fromTimings(facts: Facts): Finding[] {
  return [...facts.origins.values()].flatMap((origin) => {
    const waiting = origin.exchanges.filter((each) => isHttp1(each.protocol) && isLong(facts.phases(each).blocked));
    if (waiting.length === 0) return [];
    const full = fullTimes(origin, facts);
    const queued = waiting.filter((each) => {
      const { blocked } = facts.phases(each);
      return blocked !== null && coverage(blocked, full) >= THRESHOLDS.fullShare;
    });
    const waits = queued.map((each) => ({ during: facts.phases(each).blocked, exchange: each.index }));
    const holders = origin.exchanges.filter((each) => isHttp1(each.protocol));
    return report(facts, {
      origin,
      waits,
      holders,
      certainty: 'inferred',
      whySure: `A HAR says that a request was blocked, not by what. Here ${THRESHOLDS.limit} others to the same host were in flight for at least ${THRESHOLDS.fullShare * 100} % of each wait.`,
      incidents: [],
    });
  });
}

/** NetLog: the pool says that it is full, and when it is not. */
function fromStalls(recording: Recording, facts: Facts): Finding[] {
  const stalls = recording.incidents
    .map((incident, index) => ({ incident, index }))
    .filter(({ incident }) => incident.kind === 'pool-stall' && incident.limit === 'group')
    .filter(({ incident }) => !isMultiplexed(recording.exchanges[incident.exchange ?? -1]?.protocol ?? null));
  const originOf = (index: number | null, group: string | null): string | null => {
    const exchange = recording.exchanges[index ?? -1];
    if (exchange) return originKey(exchange);
    return group === null ? null : originOfGroup(group, facts);
  };
  const byOrigin = groupBy(stalls, ({ incident }) => originOf(incident.exchange, incident.group));
  return [...byOrigin].flatMap(([key, group]) => {
    const origin = facts.origins.get(key);
    if (origin === undefined) return [];
    const waits = group.map(({ incident }): Wait => {
      const until = incident.kind === 'pool-stall' ? incident.until : null;
      return { during: until === null ? null : { from: incident.at, to: until }, exchange: incident.exchange };
    });
    return report(facts, {
      origin,
      waits,
      holders: origin.exchanges,
      certainty: 'measured',
      whySure: 'The browser’s pool wrote down that its group was full, and when the request got its connection.',
      incidents: group.map(({ index }) => index),
    });
  });
}

/** `https://a.example:443`, whatever isolation key and privacy mode stand around it. */
function originOfGroup(group: string, facts: Facts): string | null {
  const url = /(?:https?):\/\/[^\s<>/]+/.exec(group)?.[0];
  if (url === undefined || !URL.canParse(url)) return null;
  const { protocol, port } = new URL(url);
  const key = `${url.replace(/:\d+$/, '')}:${port === '' ? (protocol === 'https:' ? 443 : 80) : port}`;
  return facts.origins.has(key) ? key : null;
}

interface Queue {
  readonly origin: Origin;
  readonly waits: readonly Wait[];
  readonly holders: readonly Exchange[];
  readonly certainty: Finding['certainty'];
  readonly whySure: string;
  readonly incidents: readonly number[];
}

function report(facts: Facts, { origin, waits, holders, certainty, whySure, incidents }: Queue): Finding[] {
  const timed = facts.atStake(waits);
  const together = timed.reduce((sum, each) => sum + length(each), 0);
  if (waits.length === 0 || (waits.length < THRESHOLDS.requests && together < THRESHOLDS.togetherMs)) return [];
  const during = union(waits.flatMap((wait) => (wait.during === null ? [] : [wait.during])));
  const waited = new Set(waits.map(({ exchange }) => exchange));
  // What they waited for: the exchanges on a connection meanwhile.
  const ahead = holders
    .map((exchange) => ({ exchange, held: facts.phases(exchange).held }))
    .filter(({ exchange, held }) => !waited.has(exchange.index) && held !== null && meets(held, during))
    .sort((a, b) => (b.held ? length(b.held) : 0) - (a.held ? length(a.held) : 0));
  const longest = ahead[0];
  const because =
    longest?.held && length(longest.held) > 0
      ? ` The six were held longest by ${path(longest.exchange.url)} (${duration(length(longest.held))}).`
      : '';
  return [
    finding(facts, {
      rule: 'six-limit',
      subject: origin.key,
      sentence: (ms) =>
        `${count(waits.length, 'request')} to ${name(origin.name)} waited for one of six connections${atMost(ms, facts)}.${because}`,
      certainty,
      whySure,
      evidence: {
        exchanges: [...waited].filter((index) => index !== null),
        connections: ahead.slice(0, THRESHOLDS.limit).flatMap(({ exchange }) => exchange.connection ?? []),
        incidents,
      },
      waits,
    }),
  ];
}

function isLong(blocked: Interval | null): boolean {
  return blocked !== null && length(blocked) >= THRESHOLDS.blockedMs;
}

function meets(held: Interval, during: readonly Interval[]): boolean {
  return during.some((each) => intersection(held, each) !== null);
}

/** When six or more exchanges of HTTP/1.1 to this origin each held a connection. */
function fullTimes(origin: Origin, facts: Facts): Interval[] {
  const held = origin.exchanges.filter((each) => isHttp1(each.protocol)).map((each) => facts.phases(each).held);
  return union(levels(held.filter((each) => each !== null)).filter(({ count }) => count >= THRESHOLDS.limit));
}
