import { count } from '@interleave/trace/look';
import type { Exchange, Lane, Mark, Timeline } from '@interleave/trace/timeline';
import { beginningOf, letterOf, type Remembered, type Tab } from './memory.ts';

/** The most connections drawn at a time; the latest are kept. */
export const MOST_LANES = 6;

/** The life of this tab's connections so far, as a timeline: a lane for each connection, a bar for each exchange. */
export function lifeOf(tab: Tab, current: string | null): Timeline {
  const byConnection = new Map<string, Remembered[]>();
  for (const exchange of tab.exchanges) {
    const list = byConnection.get(exchange.connection) ?? [];
    list.push(exchange);
    byConnection.set(exchange.connection, list);
  }
  const lanes = [...byConnection].slice(-MOST_LANES).map(([id, exchanges]) => laneOf(tab, id, exchanges, current));
  return { title: titleOf(lanes, byConnection.size - lanes.length), lanes };
}

function laneOf(tab: Tab, id: string, exchanges: readonly Remembered[], current: string | null): Lane {
  const inOrder = [...exchanges].sort((a, b) => startOf(a) - startOf(b));
  const [first] = inOrder;
  const last = inOrder.at(-1);
  const opened = inOrder.map((e) => e.openedAt).filter((t) => t !== null);
  const ending = endOf(tab, id, last);
  const handshake = inOrder.find((e) => e.handshake !== null)?.handshake;
  return {
    id,
    label: letterOf(tab, id) ?? '?',
    kind: 'connection',
    protocol: first?.protocol ?? null,
    openedAt: opened.length > 0 ? Math.min(...opened) : null,
    closedAt: ending?.at ?? null,
    beginning: beginningOf(inOrder),
    ...(handshake && { handshake }),
    ...(first?.nth != null && first.nth > 1 && { earlier: first.nth - 1 }),
    exchanges: inOrder.map((e) => exchangeOf(e, current)),
    marks: ending ? [ending] : [],
  };
}

function exchangeOf(e: Remembered, current: string | null): Exchange {
  const isOpen = e.phases.at(-1)?.phase === 'server';
  return {
    id: e.id,
    label: e.label,
    nth: e.nth,
    phases: e.phases,
    outcome: isOpen ? 'open' : 'complete',
    ...(e.id === current && { current: true }),
  };
}

/** When and why a connection ended: asked for by the visitor, or announced by the server with its last response. */
function endOf(tab: Tab, id: string, last: Remembered | undefined): Mark | null {
  const asked = tab.ended[id];
  if (typeof asked === 'number') return { at: asked, kind: 'close', label: 'ended, as you asked', by: 'server' };
  const end = last?.phases.at(-1);
  if (last?.closing && end) return { at: end.to, kind: 'close', label: 'closed after the response', by: 'server' };
  return null;
}

function startOf(e: Remembered): number {
  return e.phases[0]?.from ?? 0;
}

function titleOf(lanes: readonly Lane[], hidden: number): string {
  if (lanes.length === 0) return 'No connection can be named here, so none can be drawn.';
  const earlier = lanes.reduce((n, lane) => n + (lane.earlier ?? 0), 0);
  const total = lanes.reduce((n, lane) => n + lane.exchanges.length, earlier);
  const connections = lanes.length === 1 ? 'one connection' : count(lanes.length, 'connection');
  const unseen = earlier > 0 ? `, ${earlier} of them before this tab looked` : '';
  const older = hidden > 0 ? `; ${count(hidden, 'older connection')} not drawn` : '';
  return `${count(total, 'exchange')} on ${connections}${unseen}${older}.`;
}
