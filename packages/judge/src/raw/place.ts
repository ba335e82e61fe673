/** From a stack trace to the learner's line. V8's format, which all four hosts share. */
import type { CodePlace } from '../result.ts';

/** The learner's files as they run: path below `work/` → the text the learner wrote, and how far the prelude moves line 1. */
export type Sources = ReadonlyMap<string, { readonly lines: readonly string[]; readonly prelude: number }>;

/** Learner modules are loaded under a URL with this segment, so that a frame can be told from the engine's own. */
export const LEARNER_SEGMENT = '/learner~';

const FRAME = /\/learner~[^/]*\/([^?:)\s]+)(?:\?[^:)\s]*)?:(\d+):(\d+)/;

/** The topmost frame of `stack` that lies in the learner's files, or null. */
export function placeIn(stack: string | undefined, sources: Sources, did: string): CodePlace | null {
  if (stack === undefined) return null;
  for (const line of stack.split('\n')) {
    const hit = FRAME.exec(line);
    const file = hit?.[1];
    if (hit === null || file === undefined) continue;
    const place = placeAt(file, Number(hit[2]), Number(hit[3]), sources, did);
    if (place !== null) return place;
  }
  return null;
}

/** A place from a file, a line and a column (both from 1) as the engine counts them. Null when it is no learner file. */
export function placeAt(path: string, line: number, column: number, sources: Sources, did: string): CodePlace | null {
  const file = decodeURIComponent(path).replace(/\.js$/, '.ts');
  const source = sources.get(file);
  const text = source?.lines[line - 1];
  if (source === undefined || text === undefined) return null;
  return { file, line, column: line === 1 ? Math.max(1, column - source.prelude) : column, text, did };
}
