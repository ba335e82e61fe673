import { parseConn } from '@interleave/trace';
import { NAMES } from '../../src/story/names.ts';
import type { Piece } from './summary.ts';

let runs = 0;

/** Fetches so many pieces at once from an origin, and notes when each part of each came. @throws when one does not come. */
export function fetchPieces(origin: string, n: number, size: number): Promise<Piece[]> {
  const run = `${Date.now().toString(36)}${runs++}`;
  return Promise.all(
    NAMES.slice(0, n).map((name, i) => fetchPiece(`${origin}/piece/${i}?size=${size}&run=${run}`, name)),
  );
}

async function fetchPiece(url: string, name: string): Promise<Piece> {
  const sentAt = Date.now();
  // With credentials, or a page would use other connections for its own origin than for the rest.
  const response = await fetch(url, { cache: 'no-store', credentials: 'include' });
  if (!response.ok || response.body === null) throw new Error(`the server answered ${response.status}`);
  const arrivals: number[] = [];
  const reader = response.body.getReader();
  while (!(await reader.read()).done) arrivals.push(Date.now());
  return {
    name,
    connection: parseConn(response.headers.get('x-conn') ?? '')?.connection ?? null,
    sentAt,
    arrivals,
    endedAt: arrivals.at(-1) ?? Date.now(),
  };
}

/** True when a piece comes from there: a browser may not trust the lab’s certificate, or not speak HTTP/3 with it. */
export async function isReachable(origin: string): Promise<boolean> {
  return fetchPieces(origin, 1, 100).then(
    () => true,
    () => false,
  );
}
