import type { FrameView } from '@interleave/trace/frames';

/** How long the heads of requests were, the first and the latest: what compression, or its absence, comes to. */
export function headLengths(frames: readonly FrameView[]): { readonly sentence: string; readonly counted: string } {
  const heads = frames.filter(({ fromClient, headers }) => fromClient && headers !== null && headers.length > 0);
  const [first] = heads;
  const last = heads.at(-1);
  if (first === undefined || last === undefined || first === last)
    return { sentence: '', counted: 'not to be seen here' };
  const counted = `${last.length} bytes, where the first head had ${first.length}`;
  return { sentence: `The latest head of a request took ${counted}.`, counted };
}
