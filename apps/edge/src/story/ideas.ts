import { anyPipe } from './any-pipe.ts';
import { boundaries } from './boundaries.ts';
import { headOfLine } from './head-of-line.ts';
import type { Idea } from './idea.ts';
import { keepAlive } from './keep-alive.ts';
import { multiplexing } from './multiplexing.ts';
import { pipelining } from './pipelining.ts';
import { resume } from './resume.ts';
import { tiles } from './tiles.ts';
import { websocket } from './websocket.ts';

/** The story, in the order of reading. A page that does not exist is not in it. */
export const IDEAS: readonly Idea[] = [
  boundaries,
  keepAlive,
  tiles,
  pipelining,
  multiplexing,
  headOfLine,
  resume,
  websocket,
  anyPipe,
];

/** Its number in the story, from 1, and its neighbours. */
export function placeOf(path: string): { number: number; before: Idea | null; after: Idea | null } | null {
  const index = IDEAS.findIndex((idea) => idea.path === path);
  if (index === -1) return null;
  return { number: index + 1, before: IDEAS[index - 1] ?? null, after: IDEAS[index + 1] ?? null };
}
