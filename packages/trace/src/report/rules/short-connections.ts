import { type Facts, isHttp1, type Origin, opensConnection } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { length } from '../intervals.ts';
import type { Exchange, Recording } from '../model.ts';
import { closedBy } from './closed-by.ts';
import { duration, finding, median, name } from './say.ts';

const THRESHOLDS = {
  exchanges: 3,
  /** Of the exchanges after the first: this share paid a new connection although an earlier one was free. */
  paidShare: 0.5,
  /** Idle for longer, without a word of closing, is another matter: `idle-too-short`. */
  idleMs: 1000,
} as const;

/** A host whose connections end after one exchange. */
export const shortConnections: Rule = {
  id: 'short-connections',
  title: 'Closed after each exchange',
  thresholds: THRESHOLDS,
  disproof: 'The earlier connections were still in use, or belonged to another credentials mode or another tab.',
  remedy: 'Let the server keep connections open: no Connection: close, HTTP/1.1, and a Content-Length or chunks.',
  exception: 'A server that is being drained, or that answers each client once in its life, is right to close.',
  cannotTell: (_, facts) =>
    facts.network.some(({ timings, connection }) => timings.connect !== null || connection !== null)
      ? null
      : 'No entry of this file says what its connection cost, or which it was.',
  find: (recording, facts) => [...facts.origins.values()].flatMap((origin) => short(origin, recording, facts)),
};

function short(origin: Origin, recording: Recording, facts: Facts): Finding[] {
  const all = origin.exchanges.filter((each) => isHttp1(each.protocol) && each.from === 'network');
  if (all.length < THRESHOLDS.exchanges) return [];
  const again = reopened(all, recording, facts);
  if (again.length < (all.length - 1) * THRESHOLDS.paidShare || again.length < 2) return [];

  const paid = all.filter((each) => opensConnection(each, recording));
  const costs = paid.flatMap((each) => costOf(each, facts) ?? []);
  const each = median(costs);
  const who = all.map((exchange) => closedBy(exchange));
  return [
    finding(facts, {
      rule: 'short-connections',
      subject: origin.key,
      sentence: `${paid.length} of ${all.length} requests to ${name(origin.name)} paid a new connection${
        each === null ? '' : ` (${duration(each)} each)`
      }. ${whoClosed(who)}`,
      certainty: who.some((by) => by !== null) ? 'measured' : 'inferred',
      whySure: 'The file shows a handshake for a request while a connection to the same host had just become free.',
      evidence: { exchanges: paid.map(({ index }) => index), connections: connectionsOf(paid) },
      waits: again.map((exchange) => ({ during: facts.phases(exchange).connect, exchange: exchange.index })),
      avoidable: connectionsOf(again),
    }),
  ];
}

/** Those that paid while a connection of an earlier one, just done, could have carried them. */
function reopened(all: readonly Exchange[], recording: Recording, facts: Facts): Exchange[] {
  // One slot for each connection: when its last exchange ended, and whether that one said it would close.
  const slots = new Map<number | string, { end: number; said: boolean }>();
  const found: Exchange[] = [];
  for (const exchange of all) {
    const held = facts.phases(exchange).held;
    if (held === null) continue;
    const free = [...slots].filter(([, slot]) => slot.end <= held.from);
    const opens = opensConnection(exchange, recording);
    const wasFree = free.some(([, { end, said }]) => said || held.from - end < THRESHOLDS.idleMs);
    if (opens && wasFree) found.push(exchange);
    // A connection that was given up takes part no longer: it cannot be free for a second one.
    if (opens) for (const [id] of free) slots.delete(id);
    slots.set(exchange.connection ?? `entry ${exchange.index}`, { end: held.to, said: closedBy(exchange) !== null });
  }
  return found;
}

function costOf(exchange: Exchange, facts: Facts): number | null {
  const { connect } = facts.phases(exchange);
  return connect === null ? null : length(connect);
}

function connectionsOf(exchanges: readonly Exchange[]): number[] {
  return exchanges.flatMap(({ connection }) => connection ?? []);
}

function whoClosed(who: readonly ReturnType<typeof closedBy>[]): string {
  const times = (by: string): number => who.filter((each) => each === by).length;
  const on = (n: number): string => (n === who.length ? `all ${n}` : `${n}`);
  if (times('server') > 0) return `The server sent Connection: close on ${on(times('server'))}.`;
  if (times('client') > 0) return `The client sent Connection: close on ${on(times('client'))}.`;
  if (times('HTTP/1.0') > 0) return `${on(times('HTTP/1.0'))} were answered in HTTP/1.0 without keep-alive.`;
  return 'The file does not say who closed.';
}
