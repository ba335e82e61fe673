import type { Origins } from '../origins.ts';

/** What can be fetched, in the order of the buttons. */
export const KIND_IDS = [
  'twelve',
  'one',
  'slow',
  'content',
  'head',
  'omit',
  'other',
  'cache',
  'socket',
  'abort',
] as const;

export type KindId = (typeof KIND_IDS)[number];

export interface Kind {
  readonly id: KindId;
  readonly button: string;
  /** What to look at, in one sentence. */
  readonly look: string;
}

export const KINDS: readonly Kind[] = [
  { id: 'twelve', button: 'Several at once', look: 'six connections and a queue, or one connection and none' },
  { id: 'one', button: 'One', look: 'the next number on a connection that is open' },
  { id: 'slow', button: 'A slow one', look: 'its head comes at once, its content for two seconds' },
  { id: 'content', button: 'One with content', look: 'a POST: the request carries something too' },
  { id: 'head', button: 'Only the head', look: 'HEAD: a reply with a length and no content' },
  { id: 'omit', button: 'Without cookies', look: 'the same host, and another connection' },
  { id: 'other', button: 'From another listener', look: 'the same machine, and another connection' },
  { id: 'cache', button: 'The same twice', look: 'the second comes out of your browser’s cache' },
  { id: 'socket', button: 'A WebSocket', look: 'a connection of its own, or a stream of yours' },
  { id: 'abort', button: 'One, and give it up', look: 'what it costs to change one’s mind' },
];

/** What the address of the page asks for. */
export interface LivePlan {
  readonly kind: KindId;
  readonly n: number;
  readonly hold: number;
}

export const MOST_AT_ONCE = 24;
export const LONGEST_HOLD = 2_000;

/** Reads `?do=twelve&n=12&hold=300`; what is not as it should be is as if it was not there. */
export function livePlan(params: URLSearchParams): LivePlan {
  const whole = (name: string, least: number, most: number, otherwise: number): number => {
    const text = params.get(name) ?? '';
    const value = Number(text);
    return /^\d{1,5}$/.test(text) && value >= least && value <= most ? value : otherwise;
  };
  return {
    kind: KIND_IDS.find((id) => id === params.get('do')) ?? 'twelve',
    n: whole('n', 1, MOST_AT_ONCE, 12),
    hold: whole('hold', 0, LONGEST_HOLD, 300),
  };
}

/** The listener that "another" means; null where there is none. A page that came over TLS asks nothing in the clear. */
export function anotherListener(origins: Origins, here: string): string | null {
  return [origins.h2, origins.h1, origins.altSvc].find((origin) => origin !== undefined && origin !== here) ?? null;
}
