/** A check's run as a timeline: connections are lanes, exchanges are bars, ends are marks. */
import type { Exchange, Lane, Mark, Stretch, Timeline } from '@interleave/trace/timeline';
import type { CheckResult, ConnectionRecord, Entry, ExchangeRecord } from '../result.ts';
import { withBeside } from './beside.ts';

/** Width of what has no length of its own, in steps. */
const STEP = 0.5;
/** Milliseconds without a byte that show as a wait inside a reply. */
const APART = 2;

/** In memory only the order counts, since the judge's clock stands still; in front of Chromium the time is real. */
export function timelineOf(
  test: Pick<CheckResult, 'oracle' | 'connections' | 'transcript' | 'beside'>,
  title?: string,
): Timeline {
  const isTimed = test.oracle !== 'raw';
  const times = new Map(test.transcript.map((entry) => [entry.tick, isTimed ? entry.at : entry.tick]));
  const last = Math.max(0, ...times.values());
  // Behind the end of a record that was cut short no time is known: a tick is none.
  const at = (tick: number): number => times.get(tick) ?? (isTimed ? last : tick);
  const lanes = test.connections.map((connection) => lane(connection, test.transcript, at, isTimed, last));
  const own: Timeline = {
    title: title ?? titleOf(test.connections),
    scale: isTimed ? 'time' : 'order',
    lanes,
    ...(isTimed ? { to: last } : {}),
  };
  return withBeside(own, test);
}

/** `One connection carried 3 exchanges`. */
export function titleOf(connections: readonly ConnectionRecord[]): string {
  const exchanges = connections.reduce((sum, c) => sum + c.exchanges.filter((e) => e.last !== null).length, 0);
  const lanes = connections.length === 1 ? 'One connection' : `${connections.length} connections`;
  return `${lanes} carried ${exchanges} whole ${exchanges === 1 ? 'exchange' : 'exchanges'}`;
}

function lane(
  connection: ConnectionRecord,
  transcript: readonly Entry[],
  at: (tick: number) => number,
  isTimed: boolean,
  latest: number,
): Lane {
  const own = transcript.filter((entry) => entry.connection === connection.id);
  const marks: Mark[] = [];
  const isHttp2 = connection.protocol === 'h2';
  // The first bytes of HTTP/1.1 are the client's, whichever side the learner is. In HTTP/2 they are whoever's, but for the preface.
  const client =
    own.find((entry) => entry.what === 'bytes' && (!isHttp2 || entry.bytes.startsWith('PRI * ')))?.by ?? 'judge';
  for (const entry of own) {
    const by = entry.by === client ? 'client' : 'server';
    if (entry.what === 'ended') marks.push({ at: at(entry.tick), kind: 'fin', by });
    if (entry.what === 'reset') marks.push({ at: at(entry.tick), kind: 'rst', by });
  }
  const carriedNone = isTimed && connection.exchanges.length === 0;
  return {
    id: connection.id,
    label: connection.id,
    kind: 'connection',
    protocol: connection.protocol ?? 'http/1.1',
    openedAt: at(connection.opened),
    closedAt: connection.ended === null ? null : at(connection.ended.tick),
    beginning: carriedNone ? 'preconnected' : 'new',
    exchanges: connection.exchanges.map((exchange, i) =>
      // Where streams are told apart by their ids, nobody waits for the exchange before.
      bar(exchange, connection, isHttp2 ? undefined : connection.exchanges[i - 1], own, at, isTimed, latest),
    ),
    marks,
  };
}

function bar(
  exchange: ExchangeRecord,
  connection: ConnectionRecord,
  before: ExchangeRecord | undefined,
  own: readonly Entry[],
  at: (tick: number) => number,
  isTimed: boolean,
  latest: number,
): Exchange {
  const { asked, handled, first, last } = exchange;
  const phases: Stretch[] = [];
  const add = (phase: Stretch['phase'], from: number, to: number): void => {
    if (to > from || phase !== 'server') phases.push({ phase, from, to });
  };
  if (asked !== null) {
    // Asked while the exchange before it was still under way: it had to wait for its turn.
    const free = before?.last ?? null;
    const begun = free !== null && handled !== null && free > asked ? Math.min(free, handled) : asked;
    if (begun !== asked) add('blocked', at(asked), at(begun));
    // `asked` is the request's last byte. Where only the order counts, its arrival is a step of its own.
    const sent = at(begun) + (isTimed ? 0 : STEP);
    if (!isTimed) add('request', at(begun), sent);
    const still = first ?? connection.ended?.tick ?? null;
    add('server', sent, still === null ? Math.max(sent, latest) : Math.max(sent, at(still)));
    const end = last ?? (first === null ? null : (connection.ended?.tick ?? first));
    if (first !== null && end !== null) {
      const [whole, ...more] = stretches(ticksOfWrites(own, first, end), at, isTimed).reverse();
      for (const each of more.reverse()) {
        add('response', Math.max(sent, each.from), Math.max(sent, each.to));
        add('server', Math.max(sent, each.to), Math.max(sent, each.next));
      }
      const begun = whole?.from ?? at(first);
      add('response', Math.max(sent, begun), Math.max(sent, at(end)) + (isTimed ? 0 : STEP));
    }
  }
  return {
    id: `${connection.id}.${exchange.n}`,
    label: exchange.request,
    nth: exchange.n,
    phases,
    outcome: last !== null ? 'complete' : first !== null ? 'failed' : 'open',
  };
}

function ticksOfWrites(own: readonly Entry[], first: number, last: number): number[] {
  const by = own.find(({ tick }) => tick === first)?.by;
  return own
    .filter((entry) => entry.what === 'bytes' && entry.by === by && entry.tick >= first && entry.tick <= last)
    .map(({ tick }) => tick);
}

/** Writes without a wait between them are one stretch; `next` is where the one behind it begins. */
function stretches(
  ticks: readonly number[],
  at: (tick: number) => number,
  isTimed: boolean,
): { from: number; to: number; next: number }[] {
  const all: { from: number; to: number; next: number }[] = [];
  for (const tick of ticks) {
    const open = all.at(-1);
    const here = at(tick);
    if (open !== undefined && here - open.to <= (isTimed ? APART : 1)) open.to = here;
    else {
      if (open !== undefined) open.next = here;
      all.push({ from: here, to: here, next: here });
    }
  }
  return all;
}
