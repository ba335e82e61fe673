import type { Host } from '@interleave/trace';
import type { Bindings } from '../env.ts';
import { readCount, whyNotCounting } from './count.ts';
import type { ConnectionLog } from './log.ts';
import { type Problem, problemOf } from './problem.ts';

/** Ids of the edge: nine bytes of a keyed hash. What has another shape was never given out, and asks no object. */
const EDGE_ID = /^[A-Za-z0-9_-]{12}$/;
const OWN = 'Ask GET /api/v1/request: facts.connectionId has the id of the connection that carries it.';
const LAB = 'Run the lab at home (npm start): there each connection is measured at its socket.';

/** Why a connection cannot be looked up here at all, or null when it can. */
export function refusal(env: Bindings, host: Host, id: string): Problem | null {
  if (host !== 'cloudflare')
    return problemOf(404, 'Nothing in front of this app names connections, so none can be looked up.', LAB, id);
  if (!EDGE_ID.test(id)) return problemOf(400, 'An id here is 12 characters of A–Z a–z 0–9 - _.', OWN, id);
  const why = whyNotCounting(env);
  return why === null ? null : problemOf(501, `Nothing is known of connections: ${why}.`, LAB, id);
}

/** The log of a connection, or why there is none. */
export async function findLog(env: Bindings, host: Host, id: string): Promise<ConnectionLog | Problem> {
  const refused = refusal(env, host, id);
  if (refused !== null) return refused;
  const { log, why } = await readCount(env, id);
  if (why !== null) return problemOf(503, `The log of this connection cannot be had now: ${why}.`, 'Ask again.', id);
  return log ?? notKnown(id);
}

export function notKnown(id: string): Problem {
  return problemOf(404, 'It has carried nothing for this app within the last hour.', OWN, id);
}

export function isProblem(found: ConnectionLog | Problem): found is Problem {
  return 'type' in found;
}
