import { count, type Protocol } from '@interleave/trace/look';
import type { Exchange, Lane, Timeline } from '@interleave/trace/timeline';
import type { Tile } from '../tiles.ts';

/** What is counted of one picture. */
export interface TileSummary {
  readonly tiles: number;
  /** 0 where nobody names them. */
  readonly connections: number;
  readonly protocol: Protocol | null;
  /** Exchanges under way at the same time on one connection. */
  readonly most: number;
  /** The longest time in the browser's queue, in milliseconds. */
  readonly longest: number;
}

/** Counts connections, exchanges at a time, and the longest wait. */
export function summary(tiles: readonly Tile[]): TileSummary {
  const byConnection = groups(tiles);
  const waits = tiles.map(({ timing }) => timing.phases.find(({ phase }) => phase === 'waiting'));
  return {
    tiles: tiles.length,
    connections: byConnection.size,
    protocol: tiles[0]?.protocol ?? null,
    most: Math.max(0, ...[...byConnection.values()].map(atATime)),
    longest: Math.max(0, ...waits.map((wait) => (wait ? wait.to - wait.from : 0))),
  };
}

function groups(tiles: readonly Tile[]): Map<string, Tile[]> {
  const byConnection = new Map<string, Tile[]>();
  for (const tile of tiles) {
    const id = tile.conn?.connection;
    if (id) byConnection.set(id, [...(byConnection.get(id) ?? []), tile]);
  }
  return byConnection;
}

/** Resource Timing rounds: what overlaps by less than this may be one after the other. */
const ROUNDING = 1;

/** The most exchanges that were between request and end of response at one instant. */
export function atATime(tiles: readonly Tile[]): number {
  const spans = tiles.flatMap(({ timing }) => {
    const sent = timing.phases.find(({ phase }) => phase === 'server');
    const end = timing.phases.at(-1);
    return sent && end ? [{ from: sent.from, to: end.to }] : [];
  });
  return Math.max(
    0,
    ...spans.map(({ from }) => spans.filter((other) => other.from <= from && other.to - ROUNDING > from).length),
  );
}

/** A lane for each connection, in the order of their letters; the queue is part of each bar. */
export function tilesTimeline(tiles: readonly Tile[], letter: (id: string) => string): Timeline {
  const lanes = [...groups(tiles)].map(([id, own]): Lane => {
    const inOrder = [...own].sort((a, b) => (a.conn?.nth ?? a.arrived) - (b.conn?.nth ?? b.arrived));
    const handshake = inOrder.find(({ timing }) => timing.handshake !== null)?.timing.handshake;
    const first = inOrder[0]?.conn;
    return {
      id,
      label: letter(id),
      kind: 'connection',
      protocol: first?.protocol ?? null,
      openedAt: handshake?.from ?? null,
      closedAt: null,
      beginning: handshake ? (first?.resumed ? 'resumed' : 'new') : 'reused',
      ...(handshake && { handshake }),
      exchanges: inOrder.map(exchange),
    };
  });
  lanes.sort((a, b) => a.label.length - b.label.length || a.label.localeCompare(b.label));
  const title =
    lanes.length === 0
      ? `${count(tiles.length, 'picture')}; nothing here names their connections.`
      : `${count(tiles.length, 'picture')} on ${count(lanes.length, 'connection')}: ${lanes.map((l) => l.label).join(', ')}.`;
  return { title, lanes };
}

function exchange({ n, conn, timing }: Tile): Exchange {
  return {
    id: `tile-${n}-${conn?.requestId ?? ''}`,
    label: `GET /tile/${n}`,
    nth: conn?.nth ?? null,
    phases: timing.phases,
    outcome: 'complete',
  };
}
