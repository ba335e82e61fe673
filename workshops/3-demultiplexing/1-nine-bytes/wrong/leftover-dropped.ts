// kills: MX1-2 MX1-C
// What stands behind a frame in the same chunk is dropped when the next frame begins.
import type { Frame } from 'contract';

/** Cuts a stream where its frames end. Rejects when a frame is larger than `maxFrameSize`, or breaks off. */
export async function* frames(readable: ReadableStream<Uint8Array>, maxFrameSize = 16_384): AsyncGenerator<Frame> {
  const source = readable.getReader();
  for (;;) {
    let kept: Uint8Array = new Uint8Array();
    const need = async (n: number): Promise<boolean> => {
      while (kept.length < n) {
        const { done, value } = await source.read();
        if (done && kept.length === 0) return false;
        if (done) throw new Error('The stream ended inside a frame');
        kept = join(kept, value);
      }
      return true;
    };
    if (!(await need(9))) return;
    const head = new DataView(kept.buffer, kept.byteOffset, 9);
    const length = head.getUint32(0) >>> 8;
    if (length > maxFrameSize) throw new Error(`FRAME_SIZE_ERROR: ${length} bytes in a frame`);
    await need(9 + length);
    const payload = kept.slice(9, 9 + length);
    const view = new DataView(kept.buffer, kept.byteOffset, 9);
    yield { type: view.getUint8(3), flags: view.getUint8(4), streamId: view.getUint32(5) & 0x7fff_ffff, payload };
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
