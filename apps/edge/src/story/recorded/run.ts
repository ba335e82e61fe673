import type { Beginning, Protocol } from '@interleave/trace/look';
import type { Exchange, Lane, Timeline } from '@interleave/trace/timeline';

/** A connection of a run that was recorded. Times: whole milliseconds from the first request. */
export interface RecordedLane {
  readonly beginning: string;
  readonly protocol: string;
  readonly handshake: readonly number[] | null;
  /** Label, number on the connection, then when it was asked, sent, begun and ended. */
  readonly exchanges: readonly (readonly (string | number)[])[];
}

/** The timeline of a recorded run. Letters begin with A again: they are not those of the visitor's tab. */
export function recordedTimeline(title: string, lanes: readonly RecordedLane[]): Timeline {
  return { title, lanes: lanes.map(laneOf) };
}

function laneOf({ beginning, protocol, handshake, exchanges }: RecordedLane, index: number): Lane {
  const [from, to] = handshake ?? [];
  const first = Number(exchanges[0]?.[1] ?? 1);
  return {
    id: `recorded-${index}`,
    label: String.fromCharCode(65 + index),
    kind: 'connection',
    protocol: protocol as Protocol,
    openedAt: from ?? null,
    closedAt: null,
    beginning: beginning as Beginning,
    ...(from === undefined || to === undefined ? {} : { handshake: { from, to } }),
    ...(first > 1 ? { earlier: first - 1 } : {}),
    exchanges: exchanges.map((exchange, nth) => barOf(exchange, to ?? 0, `recorded-${index}-${nth}`)),
  };
}

function barOf(exchange: RecordedLane['exchanges'][number], ready: number, id: string): Exchange {
  const [label, nth, ...times] = exchange;
  const [asked = 0, sent = 0, first = 0, end = 0] = times.map(Number);
  // What stands under the handshake is no queue.
  const queued = sent - Math.max(asked, asked < ready ? ready : asked);
  return {
    id,
    label: String(label),
    nth: Number(nth),
    phases: [
      ...(queued >= 1 ? [{ phase: 'waiting' as const, from: sent - queued, to: sent }] : []),
      { phase: 'server', from: sent, to: first },
      { phase: 'response', from: first, to: end },
    ],
    outcome: 'complete',
  };
}
