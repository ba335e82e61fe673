/** A reader's run as two rows of spans over one stream: the chunks that came, and what each call used up. They seldom line up. */
import type { CheckResult } from '../result.ts';

/** Bytes `[from, to)` of the stream. */
export type Span = { readonly from: number; readonly to: number; readonly label: string };

export type Cuts = {
  readonly connection: string;
  /** Bytes that came. */
  readonly total: number;
  readonly chunks: readonly Span[];
  /** Calls that used up at least one byte, in order. */
  readonly calls: readonly Span[];
};

/** One entry for each stream that a learner's reader has read; none where no reader was called. */
export function cutsOf({ transcript }: Pick<CheckResult, 'transcript'>): Cuts[] {
  const connections = new Set(transcript.flatMap((entry) => (entry.what === 'gave' ? [entry.connection] : [])));
  return [...connections].map((connection) => {
    const chunks: Span[] = [];
    const calls: Span[] = [];
    for (const entry of transcript) {
      if (entry.connection !== connection) continue;
      if (entry.what === 'bytes' && entry.by === 'judge') {
        const to = entry.from + entry.bytes.length;
        chunks.push({ from: entry.from, to, label: `chunk ${chunks.length + 1}` });
      }
      const from = calls.at(-1)?.to ?? 0;
      if (entry.what === 'gave' && entry.used > from) calls.push({ from, to: entry.used, label: entry.call });
    }
    return { connection, total: chunks.at(-1)?.to ?? 0, chunks, calls };
  });
}

/** `3 of 8 cuts fall where a chunk ends`: the sentence under the picture. The end of the stream counts for neither. */
export function cutsTitle({ chunks, calls, total }: Cuts): string {
  const borders = new Set(chunks.map((chunk) => chunk.to).filter((at) => at < total));
  const cuts = calls.map((call) => call.to).filter((at) => at < total);
  const both = cuts.filter((at) => borders.has(at)).length;
  return `${chunks.length} ${chunks.length === 1 ? 'chunk' : 'chunks'}, ${calls.length} ${calls.length === 1 ? 'call' : 'calls'} that used bytes; ${both} of ${cuts.length} ${cuts.length === 1 ? 'cut' : 'cuts'} inside the stream ${both === 1 ? 'falls' : 'fall'} where a chunk ends`;
}

/**
 * Where each offset is drawn, from 0 to `width`. Pieces of two bytes and of 70,000 stand side by side, so widths grow with the
 * square root of the size, and none is narrower than it needs to be seen.
 */
export function scaleOf({ chunks, calls }: Cuts, width: number): ReadonlyMap<number, number> {
  const offsets = [...new Set([0, ...[...chunks, ...calls].flatMap(({ from, to }) => [from, to])])].sort(
    (a, b) => a - b,
  );
  const sizes = offsets.slice(1).map((to, i) => 6 + Math.sqrt(to - (offsets[i] ?? 0)));
  const all = sizes.reduce((sum, size) => sum + size, 0);
  let at = 0;
  const places = new Map<number, number>([[0, 0]]);
  for (const [i, size] of sizes.entries()) {
    at += (size / all) * width;
    places.set(offsets[i + 1] ?? 0, at);
  }
  return places;
}
