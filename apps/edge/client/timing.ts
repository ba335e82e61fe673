import type { BrowserEvidence } from '@interleave/trace';
import type { Span, Stretch } from '@interleave/trace/timeline';

/** What the browser measured of one exchange, on the clock of `Date.now()`. */
export interface Measured {
  readonly phases: readonly Stretch[];
  readonly handshake: Span | null;
}

/** An absolute time for a high-resolution one. */
export function epoch(highResolution: number): number {
  return performance.timeOrigin + highResolution;
}

/**
 * Reads phases from an entry of Resource or Navigation Timing. How long the request took to leave is not told by any
 * browser: it is part of the wait for the first byte. A response that still arrives ends now.
 */
export function measure(entry: PerformanceResourceTiming): Measured {
  const { fetchStart, connectStart, connectEnd, requestStart, responseStart } = entry;
  const paid = connectEnd > connectStart && connectStart >= fetchStart;
  const now = performance.now();
  if (requestStart === 0) return { phases: [], handshake: null };
  const first = responseStart || now;
  const end = entry.responseEnd || now;
  const ready = paid ? connectStart : requestStart;
  const stretch = (phase: Stretch['phase'], from: number, to: number): Stretch => ({
    phase,
    from: epoch(from),
    to: epoch(to),
  });
  // Below a millisecond it is the browser's own bookkeeping, not a queue.
  const waiting = ready - fetchStart >= 1 ? [stretch('waiting', fetchStart, ready)] : [];
  return {
    phases: [...waiting, stretch('server', requestStart, first), stretch('response', first, Math.max(first, end))],
    handshake: paid ? { from: epoch(connectStart), to: epoch(connectEnd) } : null,
  };
}

/** What the browser says about one exchange, for the verdict. */
export function evidenceOf(
  entry: PerformanceResourceTiming | null,
  more: Pick<BrowserEvidence, 'sameRequest' | 'seen'>,
): BrowserEvidence {
  if (entry === null || entry.requestStart === 0) return { handshake: null, fromCache: null, protocol: null, ...more };
  const hasBody = entry.decodedBodySize > 0;
  return {
    handshake: entry.connectEnd > entry.connectStart,
    fromCache: entry.transferSize === 0 && hasBody,
    protocol: entry.nextHopProtocol || null,
    ...more,
  };
}

/** The entry of a finished fetch; browsers write it a moment after the body ends. Null when none comes. */
export async function entryOf(url: string): Promise<PerformanceResourceTiming | null> {
  for (let tries = 0; tries < 20; tries++) {
    const entry = performance.getEntriesByName(url, 'resource').at(-1);
    if (entry instanceof PerformanceResourceTiming && entry.responseEnd > 0) return entry;
    await new Promise((done) => setTimeout(done, 10));
  }
  return null;
}
