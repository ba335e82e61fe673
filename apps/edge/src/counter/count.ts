import type { Bindings, CounterStub } from '../env.ts';
import type { ConnectionLog, Noted } from './log.ts';

/** What counting gave, or why it gave nothing. */
export type Counted =
  | { readonly log: ConnectionLog; readonly why: null }
  | { readonly log: null; readonly why: string };

/** A page does not wait longer than this for a number, in milliseconds. */
const PATIENCE = 1_000;

export const SWITCHED_OFF = 'counting is switched off on this deployment (COUNT_EXCHANGES)';
const NOT_BOUND = 'this deployment has no Durable Object to count with (CONNECTION_COUNTER)';

/** Why this deployment does not count, or null when it does. */
export function whyNotCounting(env: Bindings): string | null {
  if (env.COUNT_EXCHANGES !== 'on') return SWITCHED_OFF;
  return env.CONNECTION_COUNTER === undefined ? NOT_BOUND : null;
}

/** Counts one exchange on its connection. Never throws: a counter that is away or over its plan costs a number, not a page. */
export function countExchange(env: Bindings, exchange: Noted): Promise<Counted> {
  return ask(env, exchange.id, (counter) => counter.note(exchange));
}

/** What was counted on a connection; `log` and `why` are both null when it is not known. */
export async function readCount(
  env: Bindings,
  id: string,
): Promise<Counted | { readonly log: null; readonly why: null }> {
  return ask(env, id, (counter) => counter.read());
}

async function ask<T>(
  env: Bindings,
  id: string,
  question: (counter: CounterStub) => Promise<T>,
): Promise<{ readonly log: T; readonly why: null } | { readonly log: null; readonly why: string }> {
  const why = whyNotCounting(env);
  const counters = env.CONNECTION_COUNTER;
  if (why !== null || counters === undefined) return { log: null, why: why ?? NOT_BOUND };
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not answer within ${PATIENCE} ms`)), PATIENCE);
  });
  try {
    return { log: await Promise.race([question(counters.getByName(id)), late]), why: null };
  } catch (error) {
    console.error(error);
    return { log: null, why: 'the Durable Object that counts did not answer' };
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
}
