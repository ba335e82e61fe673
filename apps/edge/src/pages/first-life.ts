import type { RequestRecord } from '@interleave/trace';
import type { Timeline } from '@interleave/trace/timeline';
import { lifeOf } from '../tab/life.ts';
import { EMPTY, remember, remembered } from '../tab/memory.ts';

/**
 * The connection's life as the server alone can draw it, for the first paint and for browsers without scripts: when it
 * was opened, its handshake, how many exchanges came before, and this one, whose response is being written.
 */
export function firstLife(record: RequestRecord, now: number): Timeline {
  const { openedAt, ageMs, handshakeMs } = record.facts;
  const at = openedAt.value !== null && ageMs.value !== null ? openedAt.value + ageMs.value : now;
  const handshake =
    openedAt.value !== null && handshakeMs.value !== null
      ? { from: openedAt.value, to: Math.min(openedAt.value + handshakeMs.value, at) }
      : null;
  const phases = [{ phase: 'server' as const, from: at, to: Math.max(now, at + 0.5) }];
  const exchange = remembered(
    record,
    record.verdict,
    { phases, handshake },
    `${record.request.method} ${record.request.path}`,
  );
  return lifeOf(exchange ? remember(EMPTY, exchange) : EMPTY, record.request.id);
}
