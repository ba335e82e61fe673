import type { Frame } from 'contract';
import { reader } from '../http1/bytes.ts';

class FrameSizeError extends Error {
  readonly code = 'FRAME_SIZE_ERROR';
}

/** Nine bytes, then as many as they say. An end is clean when not one of the nine has come: `until` of nothing would not know. */
export async function* frames(readable: ReadableStream<Uint8Array>, maxFrameSize = 16_384): AsyncGenerator<Frame> {
  let taken = 0;
  const counted = readable.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        taken += chunk.length;
        controller.enqueue(chunk);
      },
    }),
  );
  const input = reader(counted);
  for (let used = 0; ; ) {
    let head: Uint8Array;
    try {
      head = await input.exactly(9);
    } catch (error) {
      if (taken === used) return;
      throw error;
    }
    const byte = (i: number): number => head[i] ?? 0;
    const length = byte(0) * 65_536 + byte(1) * 256 + byte(2);
    if (length > maxFrameSize) throw new FrameSizeError(`a frame of ${length} bytes`);
    const payload = await input.exactly(length);
    used += 9 + length;
    const streamId = (byte(5) % 128) * 2 ** 24 + byte(6) * 65_536 + byte(7) * 256 + byte(8);
    yield { type: byte(3), flags: byte(4), streamId, payload };
  }
}
