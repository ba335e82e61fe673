// kills: MX1-5
// Reads the length as a number with a sign, so the longest ones are below every maximum.
import type { Frame } from 'contract';
import { reader } from '../http1/bytes.ts';

/** Cuts a stream where its frames end. Rejects when a frame is larger than `maxFrameSize`, or breaks off. */
export async function* frames(readable: ReadableStream<Uint8Array>, maxFrameSize = 16_384): AsyncGenerator<Frame> {
  const input = reader(readable);
  for (;;) {
    // Only in front of the first of the nine bytes is an end an end.
    const first = await input.some(1);
    if (first === null) return;
    const head = new DataView(new ArrayBuffer(9));
    const bytes = new Uint8Array(head.buffer);
    bytes.set(first);
    bytes.set(await input.exactly(8), 1);
    // The length has 24 bits, and DataView has no 24: it is the first 32 without the last 8.
    const length = head.getInt32(0) >> 8;
    if (length > maxFrameSize)
      throw new Error(`FRAME_SIZE_ERROR: ${length} bytes in a frame, and no more than ${maxFrameSize} may be`);
    const payload = await input.exactly(length);
    // The first bit is reserved: it belongs to nobody.
    yield { type: head.getUint8(3), flags: head.getUint8(4), streamId: head.getUint32(5) & 0x7fff_ffff, payload };
  }
}
