/** Has a host collect what nobody can reach any more. */
import type { RawHost } from './host.ts';

/**
 * Resolves with whether it is done: false where the host cannot be asked. (To use memory up until it happens by itself was tried:
 * it takes a second, and then it has not always happened.)
 */
export async function collectGarbage(host: RawHost): Promise<boolean> {
  if (host.collect === undefined) return false;
  const sentinel = new WeakRef({ nobody: 'has this' });
  // What a WeakRef was made of, or asked for, stays until the turn is over.
  await host.turn();
  host.collect();
  // What is let go of by the first round may hold more.
  await host.turn();
  host.collect();
  await host.turn();
  return sentinel.deref() === undefined;
}
