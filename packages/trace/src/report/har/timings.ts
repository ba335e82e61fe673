import type { Exchange } from '../model.ts';
import { durationOf, type Json } from '../values.ts';

/** Longer than any request, and shorter than a time that was taken for a length. */
const LONGEST = 24 * 3_600_000;

/**
 * The phases of an entry. `connect` includes `ssl`, as the format has it; writers that count them apart are found out by their
 * own sum. `total` is what the phases make together.
 */
export function timingsOf(timings: Json, time: number | null): { phases: Exchange['timings']; total: number } {
  const phase = (name: string): number | null => {
    const ms = durationOf(timings[name]);
    return ms === null || ms > LONGEST ? null : ms;
  };
  const ssl = phase('ssl');
  const said = phase('connect');
  const others = ['blocked', 'dns', 'send', 'wait', 'receive'].reduce((sum, name) => sum + (phase(name) ?? 0), 0);
  let connect = said;
  if (ssl !== null && ssl > 0) {
    const apart = (said ?? 0) + ssl;
    const without = Math.abs(others + (said ?? 0) - (time ?? 0));
    const within = Math.abs(others + apart - (time ?? 0));
    const isApart = said === null || said < ssl || (time !== null && time > 0 && within + 0.5 < without);
    if (isApart) connect = apart;
  }
  const blocked = phase('blocked');
  const queued = phase('_blocked_queueing') ?? phase('_queued');
  return {
    phases: {
      blocked,
      queueing: queued === null || blocked === null ? null : Math.min(queued, blocked),
      dns: phase('dns'),
      connect,
      ssl,
      send: phase('send'),
      wait: phase('wait'),
      receive: phase('receive'),
    },
    total: others + (connect ?? 0),
  };
}
