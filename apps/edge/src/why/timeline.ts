import type { Beginning } from '@interleave/trace/look';
import type { Exchange, Lane, Mark, Timeline } from '@interleave/trace/timeline';
import type { Asked, Standing, Standings } from './finding.ts';
import type { Letter } from './words.ts';

/** The requests of one experiment, a lane for each connection. */
export function whyTimeline(all: readonly Asked[], standings: Standings, letter: Letter, title: string): Timeline {
  const ids = [
    ...new Set(all.flatMap(({ connection, arrivals }) => [...arrivals, ...(connection === null ? [] : [connection])])),
  ];
  const lanes = ids
    .map((id) => laneOf(id, all, standings.get(id), letter(id)))
    .sort((a, b) => a.label.length - b.label.length || a.label.localeCompare(b.label));
  return { title, lanes };
}

function laneOf(id: string, all: readonly Asked[], standing: Standing, label: string): Lane {
  const own = all.filter(({ connection }) => connection === id);
  const died = all.find(({ arrivals }) => arrivals.length > 1 && arrivals[0] === id);
  const handshake = own.find((one) => one.handshake !== null)?.handshake;
  const [first] = own;
  const socket = own.find(({ webSocket }) => webSocket);
  const ending = endOf(own, standing, died);
  return {
    id,
    label,
    kind: 'connection',
    protocol: socket !== undefined && own.length === 1 ? 'ws' : (first?.protocol ?? died?.protocol ?? null),
    openedAt: handshake?.from ?? null,
    closedAt: ending?.at ?? null,
    beginning: beginningOf(own, handshake !== undefined),
    ...(handshake && { handshake }),
    ...(first?.nth != null && first.nth > 1 && { earlier: first.nth - 1 }),
    exchanges: own.map(bar),
    marks: ending === null ? [] : [ending],
  };
}

/** Who carried a first exchange and asked for no handshake stood ready: the browser had opened it ahead of the request. */
function beginningOf(own: readonly Asked[], paid: boolean): Beginning {
  if (own.some(({ resumed }) => resumed)) return 'resumed';
  if (paid) return 'new';
  const first = own.find(({ nth }) => nth === 1);
  if (first === undefined) return own.some(({ nth }) => nth !== null) ? 'reused' : 'unknown';
  // Of a WebSocket's handshake no page is told.
  return first.webSocket ? 'new' : 'preconnected';
}

function bar(asked: Asked): Exchange {
  return { id: asked.id, label: asked.label, nth: asked.nth, phases: asked.phases, outcome: 'complete' };
}

/** Where the lane ends, on the browser's clock: after its last exchange, and after as much silence as the server counted. */
function endOf(own: readonly Asked[], standing: Standing, died: Asked | undefined): Mark | null {
  const last = own.at(-1)?.phases.at(-1)?.to;
  if (died !== undefined) {
    const at = died.phases[0]?.from ?? last;
    return at === undefined ? null : { at, kind: 'rst', label: 'ended without a reply', by: 'server' };
  }
  if (standing === null || standing === undefined || last === undefined) return null;
  if (standing.cause === 'idle')
    return { at: last + (standing.idleMs ?? 0), kind: 'timeout', label: 'idle for too long', by: 'server' };
  if (standing.cause === 'upgraded') return null;
  const by = standing.cause === 'local' ? 'server' : 'client';
  return { at: last, kind: 'close', label: by === 'server' ? 'ended' : 'given up', by };
}
