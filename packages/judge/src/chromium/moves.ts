/**
 * How long to wait for a browser and a server on a machine that may be busy: as long as bytes come and go it is the machine that
 * is slow. Only time in which nothing moves is somebody's.
 */
import type { LearnerServer } from './server.ts';
import type { TcpReport } from './tcp-scene.ts';

/** How often the server is asked what it has seen. */
const LOOK_MS = 20;
/** Who moves and moves and never gets there is not waited for longer than so many times the time of a step. */
export const MOST_ROUNDS = 10;

/** Grows with all that happens on the wire, and with each call of the handler. */
export function movesOf({ connections, calls, transcript }: TcpReport): number {
  const bytes = connections.map((it) => it.bytes.toLearner + it.bytes.taken + it.bytes.fromLearner);
  return bytes.reduce((all, one) => all + one, connections.length + calls.length + transcript.length);
}

/**
 * Asks again and again until it holds, or nothing has moved for the time of a step. The last report, whether it holds or not.
 *
 * @param rounds - how many times that time is granted, by what the report says: what is not the server's may be a slow machine
 */
export async function until(
  { server, stepMs }: { readonly server: LearnerServer; readonly stepMs: number },
  holds: (report: TcpReport) => boolean,
  rounds: (report: TcpReport) => number = () => 1,
): Promise<TcpReport> {
  const began = performance.now();
  for (let moves = -1, since = began; ; ) {
    const report = await server.report();
    const now = performance.now();
    if (holds(report) || now - began >= MOST_ROUNDS * stepMs) return report;
    if (movesOf(report) !== moves) since = now;
    moves = movesOf(report);
    if (now - since >= rounds(report) * stepMs) return report;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
