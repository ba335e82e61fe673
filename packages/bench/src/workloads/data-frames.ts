import { DATA, frame } from '../load/h2-bytes.ts';

/** Bytes of content in each frame. */
export const CONTENT = 1024;

/** DATA frames of {@link CONTENT} bytes, on the given streams one after the other, as one piece of bytes. */
export function dataFrames(streamIds: readonly number[], count: number): Uint8Array {
  const content = new Uint8Array(CONTENT).fill(0x61);
  return Buffer.concat(
    Array.from({ length: count }, (_, index) => frame(DATA, 0, streamIds[index % streamIds.length] as number, content)),
  );
}
