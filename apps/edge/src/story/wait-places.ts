import type { Origins } from '../env.ts';

/** A listener of the lab over which a page asks for twelve things, and what the lab can do to it. */
export interface WaitPlace {
  readonly listener: 'plain' | 'h1' | 'h2' | 'h3';
  readonly origin: string;
  readonly what: string;
  readonly protocol: 'h1' | 'h2' | 'h3';
}

/** Six connections, one connection with one order, one with many: this page's own listener where it is one of them. */
export function waitPlaces(origins: Origins, here: string): WaitPlace[] {
  const first = origins.plain === here ? 'plain' : 'h1';
  const all = [
    [first, 'h1', 'HTTP/1.1, six connections'],
    ['h2', 'h2', 'HTTP/2, one order'],
    ['h3', 'h3', 'HTTP/3, an order for each stream'],
  ] as const;
  return all.flatMap(([listener, protocol, what]) => {
    const origin = origins[listener];
    return origin === undefined ? [] : [{ listener, origin, what, protocol }];
  });
}
