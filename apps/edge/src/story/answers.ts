import type { PipeExchange } from '../pipe/client.ts';

/** Whose answer a body claims to be. */
export function saysItAnswers(exchange: PipeExchange): string | null {
  return /^This answers (\S+)\.\n/.exec(new TextDecoder().decode(exchange.body))?.[1] ?? null;
}
