/** A check's run as a timeline: connections are lanes, exchanges are bars, ends are marks. */
import type { Exchange, Lane, Mark, Stretch, Timeline } from '@interleave/trace/timeline';
import type { CheckResult, ConnectionRecord, Entry, ExchangeRecord } from '../result.ts';

/** In memory only the order counts, since the judge's clock stands still; in front of Chromium the time is real. */
export function timelineOf(test: Pick<CheckResult, 'oracle' | 'connections' | 'transcript'>, title?: string): Timeline {
  const isTimed = test.oracle !== 'raw';
  const times = new Map(test.transcript.map((entry) => [entry.tick, isTimed ? entry.at : entry.tick]));
  const at = (tick: number): number => times.get(tick) ?? tick;
  const last = Math.max(0, ...times.values());
  const lanes = test.connections.map((connection) => lane(connection, test.transcript, at, isTimed));
  return {
    title: title ?? titleOf(test.connections),
    scale: isTimed ? 'time' : 'order',
    lanes,
    ...(isTimed ? { from: 0, to: last } : {}),
  };
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
): Lane {
  const own = transcript.filter((entry) => entry.connection === connection.id);
  const marks: Mark[] = [];
  for (const entry of own) {
    const by = entry.by === 'judge' ? 'client' : 'server';
    if (entry.what === 'ended') marks.push({ at: at(entry.tick), kind: 'fin', by });
    if (entry.what === 'reset') marks.push({ at: at(entry.tick), kind: 'rst', by });
  }
  const carriedNone = isTimed && connection.exchanges.length === 0;
  return {
    id: connection.id,
    label: connection.id,
    kind: 'connection',
    protocol: 'http/1.1',
    openedAt: at(connection.opened),
    closedAt: connection.ended === null ? null : at(connection.ended.tick),
    beginning: carriedNone ? 'preconnected' : 'new',
    exchanges: connection.exchanges.map((exchange, i) =>
      bar(exchange, connection, connection.exchanges[i - 1], at, isTimed),
    ),
    marks,
  };
}

function bar(
  exchange: ExchangeRecord,
  connection: ConnectionRecord,
  before: ExchangeRecord | undefined,
  at: (tick: number) => number,
  isTimed: boolean,
): Exchange {
  const { asked, handled, first, last } = exchange;
  const phases: Stretch[] = [];
  const add = (phase: Stretch['phase'], from: number | null, to: number | null): void => {
    if (from !== null && to !== null && at(to) >= at(from)) phases.push({ phase, from: at(from), to: at(to) });
  };
  // Asked while the exchange before it was still under way: it had to wait for its turn.
  const free = before?.last ?? null;
  const blocked = asked !== null && free !== null && handled !== null && free > asked ? Math.min(free, handled) : asked;
  if (blocked !== asked) add('blocked', asked, blocked);
  add('request', blocked, handled ?? first);
  add('server', handled ?? first, first);
  const end = last ?? (first === null ? null : (connection.ended?.tick ?? first));
  add('response', first, end);
  // One step wide where everything came in one write.
  const tail = phases.at(-1);
  if (!isTimed && tail !== undefined && tail.to === tail.from)
    phases[phases.length - 1] = { ...tail, to: tail.to + 0.6 };
  if (phases.length === 0 && asked !== null)
    phases.push({ phase: 'server', from: at(asked), to: at(asked) + (isTimed ? 1 : 0.6) });
  return {
    id: `${connection.id}.${exchange.n}`,
    label: exchange.request,
    nth: exchange.n,
    phases,
    outcome: last !== null ? 'complete' : first !== null ? 'failed' : 'open',
  };
}
