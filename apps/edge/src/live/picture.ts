import { BEGINNINGS, type Beginning, count } from '@interleave/trace/look';
import type { Exchange, Lane, Mark, Span, Stretch, Timeline } from '@interleave/trace/timeline';
import type { Live, LiveConnection, LiveExchange } from './model.ts';

/** Lanes drawn at most: the latest. */
export const MOST_LANES = 16;

/** The waterfall: a lane for each connection in the order of their letters, and one for what nobody has placed yet. */
export function liveTimeline(all: Live, letter: (id: string) => string, now: number): Timeline {
  const live = { ...all, exchanges: all.exchanges.filter((one) => !isWatch(one)) };
  const watching = all.exchanges.filter((one) => isWatch(one) && one.outcome === 'open').length;
  const used = live.connections.filter(({ id }) => live.exchanges.some(({ connection }) => connection === id));
  const drawn = used.slice(-MOST_LANES);
  const lanes = drawn.map((connection) => laneOf(live, connection, letter(connection.id), now)).sort(byLabel);
  const unplaced = live.exchanges.filter(({ connection, outcome }) => connection === null && outcome !== 'cache');
  const fromCache = live.exchanges.filter(({ outcome }) => outcome === 'cache');
  return {
    title: title(live, used, { unplaced: unplaced.length, drawn: drawn.length, watching }),
    lanes: [
      ...lanes,
      ...others('pending', 'asked', unplaced, live, now),
      ...others('cache', 'cache', fromCache, live, now),
    ],
  };
}

function byLabel(a: Lane, b: Lane): number {
  return a.label.length - b.label.length || a.label.localeCompare(b.label);
}

/** A page that watches: its exchange goes on for as long as the page stands, and would keep idle time from being folded. */
function isWatch({ label }: LiveExchange): boolean {
  return /^\w+ \/api\/v1\/connection\/[^/]+\/events$/.test(label);
}

function title(
  live: Live,
  used: readonly LiveConnection[],
  { unplaced, drawn, watching }: Readonly<Record<'unplaced' | 'drawn' | 'watching', number>>,
): string {
  const open = used.filter(({ closed }) => closed === null).length;
  const placed = live.exchanges.filter(({ connection }) => connection !== null).length;
  const parts = [`${count(placed, 'exchange')} on ${count(used.length, 'connection')}, ${open} of them open`];
  if (unplaced > 0) parts.push(`${count(unplaced, 'request')} that nobody has placed yet`);
  const hidden = used.length - drawn;
  if (watching > 0)
    parts.push(`not drawn: ${count(watching, 'stream')} on which ${watching === 1 ? 'a page watches' : 'pages watch'}`);
  if (hidden > 0) parts.push(`${count(hidden, 'older connection')} not drawn`);
  return `${parts.join('; ')}.`;
}

function others(id: string, label: string, exchanges: readonly LiveExchange[], live: Live, now: number): Lane[] {
  if (exchanges.length === 0) return [];
  const bars = exchanges.map((one) => barOf(one, live.offset, now));
  return [
    {
      id,
      label,
      kind: 'stream',
      protocol: null,
      openedAt: null,
      closedAt: null,
      beginning: 'unknown',
      exchanges: bars,
    },
  ];
}

function laneOf(live: Live, connection: LiveConnection, label: string, now: number): Lane {
  const own = live.exchanges.filter((one) => one.connection === connection.id);
  const first = own.map(({ nth }) => nth).filter((nth) => nth !== null);
  const least = first.length > 0 ? Math.min(...first) : null;
  const handshake =
    own.find(({ browser }) => browser?.handshake != null)?.browser?.handshake ??
    serverHandshake(connection, live.offset);
  const bars = own.map((one) => barOf(one, live.offset, now));
  const begun = bars.flatMap(({ phases }) => phases[0]?.from ?? []);
  const at = (time: number | null): number | null =>
    time === null || live.offset === null ? null : time + live.offset;
  const opened = handshake?.from ?? at(connection.openedAt);
  const closedAt = at(connection.closedAt);
  const marks: Mark[] = connection.marks.flatMap((mark) =>
    live.offset === null ? [] : [{ ...mark, at: mark.at + live.offset }],
  );
  if (closedAt !== null && connection.closed !== null)
    marks.push({ at: closedAt, ...endSign(connection.closed.cause) });
  const socket = own.length === 1 && own[0]?.label.startsWith('WebSocket');
  return {
    id: connection.id,
    label,
    kind: 'connection',
    protocol: socket ? 'ws' : connection.protocol,
    openedAt: opened === null ? null : Math.min(opened, ...begun.filter(() => least === 1)),
    closedAt,
    beginning: beginningOf(connection, least, handshake !== null),
    ...(handshake && { handshake }),
    ...(least !== null && least > 1 && { earlier: least - 1 }),
    exchanges: bars,
    marks,
  };
}

/** The server timed the TLS handshake; where the browser did not tell, this is drawn. */
function serverHandshake({ openedAt, handshakeMs }: LiveConnection, offset: number | null): Span | null {
  if (openedAt === null || handshakeMs === null || offset === null) return null;
  return { from: openedAt + offset - handshakeMs, to: openedAt + offset };
}

function beginningOf({ resumed, earlyData }: LiveConnection, least: number | null, paid: boolean): Beginning {
  if (earlyData) return 'early-data';
  if (resumed) return 'resumed';
  if (least === 1) return 'new';
  return paid || resumed === false ? 'new' : 'unknown';
}

function endSign(cause: string): Pick<Mark, 'kind' | 'label' | 'by'> {
  switch (cause) {
    case 'idle':
      return { kind: 'timeout', label: 'idle for too long', by: 'server' };
    case 'local':
      return { kind: 'close', label: 'ended', by: 'server' };
    case 'peer':
      return { kind: 'close', label: 'ended', by: 'client' };
    case 'upgraded':
      return { kind: 'close', label: 'left HTTP for a WebSocket' };
    default:
      return { kind: 'rst', label: cause };
  }
}

/** A bar on the browser's clock: as the browser measured it, else as long as the page waited, else as the server saw it. */
function barOf(one: LiveExchange, offset: number | null, now: number): Exchange {
  const { key, label, nth, streamId, outcome } = one;
  return {
    id: key,
    label: streamId === null ? label : `${label}, stream ${streamId}`,
    nth,
    phases: phasesOf(one, offset, now),
    outcome: outcome === 'cache' ? 'complete' : outcome,
    href: `#${encodeURIComponent(key)}`,
  };
}

function phasesOf(
  { browser, server, askedAt, endedAt, outcome }: LiveExchange,
  offset: number | null,
  now: number,
): readonly Stretch[] {
  if (browser !== null && browser.phases.length > 0) return browser.phases;
  const over =
    endedAt ?? (server?.endedAt != null && offset !== null ? server.endedAt + offset : outcome === 'open' ? now : null);
  if (server !== null && offset !== null) {
    const arrived = server.at + offset;
    const from = askedAt === null ? arrived : Math.max(askedAt, arrived);
    const waiting: Stretch[] =
      askedAt !== null && from - askedAt >= 1 ? [{ phase: 'waiting', from: askedAt, to: from }] : [];
    return [...waiting, { phase: 'server', from, to: Math.max(from, over ?? from) }];
  }
  if (askedAt === null) return [];
  const phase = outcome === 'cache' ? 'response' : 'waiting';
  return [{ phase, from: askedAt, to: Math.max(askedAt, over ?? now) }];
}

/** `resumed`, in the words that the page uses everywhere. */
export function beginningWord(connection: LiveConnection, least: number | null): string {
  return BEGINNINGS[beginningOf(connection, least, false)].word;
}
