/** Cuts out of a connection's bytes what a failure shows. */
import type { Excerpt } from '../result.ts';
import { latin1 } from './bytes.ts';
import type { Pipe, Stretch } from './pipe.ts';

/** More than this is never shown; the renderer trims further. */
const WINDOW = 1200;

/** The bytes the judge sent, from the delivery that `since` lies in; around the caret when there is one. */
export function sentExcerpt(pipe: Pipe, since: number, caret?: { at: number; text: string }): Excerpt {
  return cut(pipe.id, pipe.sent, Math.min(since, caret?.at ?? since), pipe.deliveries, caret);
}

/** The bytes the learner wrote, from `since` (the reply that is looked at) or shortly before the caret. */
export function receivedExcerpt(pipe: Pipe, since: number, caret?: { at: number; text: string }): Excerpt {
  return cut(pipe.id, pipe.received, since, pipe.writes, caret);
}

function cut(
  connection: string,
  bytes: Uint8Array,
  since: number,
  stretches: readonly Stretch[],
  caret?: { at: number; text: string },
): Excerpt {
  let from = Math.max(0, Math.min(since, bytes.length));
  if (caret !== undefined && caret.at - from > WINDOW / 2) from = caret.at - WINDOW / 2;
  const shown = bytes.subarray(from, from + WINDOW);
  const borders = stretches.map((s) => s.from).filter((at) => at > from && at < from + shown.length);
  const excerpt = { connection, bytes: latin1(shown), from, total: bytes.length, borders };
  return caret === undefined ? excerpt : { ...excerpt, caret };
}

/** The write that holds the byte at `at`; the last one when `at` is the end. */
export function writeAt(pipe: Pipe, at: number): Stretch | null {
  return (
    pipe.writes.find((w) => at >= w.from && at < w.to) ?? (at >= pipe.written ? (pipe.writes.at(-1) ?? null) : null)
  );
}
