import type { Frame } from 'contract';

/** A machine that takes chunks in and gives frames out; what is left of a chunk waits inside it. */
export async function* frames(readable: ReadableStream<Uint8Array>, maxFrameSize = 16_384): AsyncGenerator<Frame> {
  const source = readable.pipeThrough(cutter(maxFrameSize)).getReader();
  for (;;) {
    const { done, value } = await source.read();
    if (done) return;
    yield value;
  }
}

function cutter(maxFrameSize: number): TransformStream<Uint8Array, Frame> {
  const head = new Uint8Array(9);
  let have = 0;
  let payload: Uint8Array | null = null;
  let filled = 0;
  return new TransformStream({
    transform(chunk, controller) {
      for (let at = 0; at < chunk.length || payload?.length === filled; ) {
        if (payload === null) {
          head[have++] = chunk[at++] as number;
          if (have < head.length) continue;
          const [a = 0, b = 0, c = 0] = head;
          const length = (a << 16) | (b << 8) | c;
          if (length > maxFrameSize) throw new RangeError(`FRAME_SIZE_ERROR (${length} > ${maxFrameSize})`);
          payload = new Uint8Array(length);
          filled = 0;
        }
        const part = chunk.subarray(at, at + payload.length - filled);
        payload.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled < payload.length) continue;
        const [, , , type = 0, flags = 0, ...id] = head;
        controller.enqueue({
          type,
          flags,
          streamId: id.reduce((all, byte, i) => all * 256 + (i === 0 ? byte & 127 : byte), 0),
          payload,
        });
        payload = null;
        have = 0;
      }
    },
    flush() {
      if (have > 0) throw new Error('The stream ended inside a frame');
    },
  });
}
