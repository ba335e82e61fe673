/** From a stack trace to the learner's line. V8's format, which all four hosts share. */
import type { CodePlace } from '../result.ts';

/** The learner's files as they run: path below `work/` → the text the learner wrote, and how far the prelude moves line 1. */
export type Sources = ReadonlyMap<string, { readonly lines: readonly string[]; readonly prelude: number }>;

// Learner modules are loaded under `/learner~<check>/<file>`, so that a frame can be told from the engine's own.
// workerd writes the tilde as %7E.
const FRAME = /\/learner(?:~|%7E)[^/]*\/([^?:)\s]+)(?:\?[^:)\s]*)?:(\d+):(\d+)/i;

/**
 * The topmost frame of `stack` that lies in the learner's files, or null. With `main`, the topmost one in that file if there
 * is any: who waits for bytes through a reader of their own learns where the server waits, not that a reader reads.
 */
export function placeIn(
  stack: string | undefined,
  sources: Sources,
  did: string,
  main: string | null = null,
): CodePlace | null {
  if (stack === undefined) return null;
  let topmost: CodePlace | null = null;
  for (const line of stack.split('\n')) {
    const hit = FRAME.exec(line);
    const file = hit?.[1];
    if (hit === null || file === undefined) continue;
    const place = placeAt(file, Number(hit[2]), Number(hit[3]), sources, did);
    if (place === null) continue;
    if (main === null || place.file === main) return place;
    topmost ??= place;
  }
  return topmost;
}

/** A stack as the learner should see it: the message, and the frames in their own files by their own names. */
export function ownFrames(stack: string): string {
  const lines = stack.split('\n');
  const message = lines.filter((line) => !/^\s+at /.test(line));
  const own = lines.flatMap((line) => {
    const hit = /^\s+at /.test(line) ? FRAME.exec(line) : null;
    if (hit === null) return [];
    const name = /^\s+at (?:async )?(?:[\w$]+\.)*([\w$]+) \(/.exec(line)?.[1];
    const place = `${decodeURIComponent(hit[1] ?? '')}:${hit[2]}:${hit[3]}`;
    return [`    at ${name === undefined ? place : `${name} (${place})`}`];
  });
  return [...message, ...own].join('\n');
}

/** A place from a file, a line and a column (both from 1) as the engine counts them. Null when it is no learner file. */
export function placeAt(path: string, line: number, column: number, sources: Sources, did: string): CodePlace | null {
  const file = decodeURIComponent(path).replace(/\.js$/, '.ts');
  const source = sources.get(file);
  const text = source?.lines[line - 1];
  if (source === undefined || text === undefined) return null;
  return { file, line, column: line === 1 ? Math.max(1, column - source.prelude) : column, text, did };
}
