// kills: HL3-5
// Compares an end with the frame in which it is told, not with the farthest byte that has come.
import type { Packet, Segment } from 'contract';
import { inOrder } from './tcp.ts';

/** The streams that come in packets, each in its own order: what is missing of one holds no other. */
export async function* streams(
  packets: ReadableStream<Packet>,
  limit: number,
): AsyncGenerator<{ streamId: number; body: ReadableStream<Uint8Array> }> {
  const source = packets.getReader();
  const known = new Map<number, ReturnType<typeof incoming>>();
  try {
    for (;;) {
      const { done, value } = await source.read();
      if (done) return;
      for (const { streamId, ...segment } of value.frames) {
        const before = known.get(streamId);
        const stream = before ?? incoming(limit);
        known.set(streamId, stream);
        stream.take(segment);
        if (before === undefined) yield { streamId, body: stream.body };
      }
    }
  } catch (error) {
    // Two ends of one stream are an error of the connection (RFC 9000 §4.5): nobody can trust the other streams either.
    for (const stream of known.values()) stream.fail(error);
    throw error;
  }
}

/** One stream: its segments in the order of its own offsets. */
function incoming(limit: number) {
  let controller: ReadableStreamDefaultController<Segment> | null = null;
  /** How long the stream is, once that was told; and how far bytes of it have come. */
  let size: number | null = null;
  let farthest = 0;

  const segments = new ReadableStream<Segment>(
    {
      start: (its) => {
        controller = its;
      },
      // Everything was passed on, or nobody reads any more: what still comes is a repeat.
      cancel: () => {
        controller = null;
      },
    },
    // An empty one takes a place, too: a queue of size 0 counts as empty in some hosts.
    { highWaterMark: limit, size: ({ bytes }) => Math.max(1, bytes.length) },
  );

  return {
    body: inOrder(segments, limit),

    take(segment: Segment): void {
      const to = segment.offset + segment.bytes.length;
      farthest = to;
      if (segment.last && size !== null && size !== to)
        throw new Error(`FINAL_SIZE_ERROR: ends at ${size} and at ${to}`);
      if (segment.last) size = to;
      if (size !== null && farthest > size)
        throw new Error(`FINAL_SIZE_ERROR: byte ${farthest - 1}, and the end at ${size}`);
      // What a reader who is away leaves no room for may be dropped. It comes again.
      if (controller !== null && segment.bytes.length <= (controller.desiredSize ?? 0)) controller.enqueue(segment);
    },

    fail(error: unknown): void {
      controller?.error(error);
    },
  };
}
