// kills: HL3-5
// Says "not told yet" with an end at 0, so that a stream of no bytes never ends.
import type { Packet } from 'contract';

type Piece = { offset: number; bytes: Uint8Array };

/** The streams that come in packets, each in its own order. */
export async function* streams(
  packets: ReadableStream<Packet>,
  limit: number,
): AsyncGenerator<{ streamId: number; body: ReadableStream<Uint8Array> }> {
  const known = new Map<number, Stream>();
  const source = packets.getReader();
  for (;;) {
    const { done, value } = await source.read();
    if (done) return;
    for (const frame of value.frames) {
      const isNew = !known.has(frame.streamId);
      const stream = known.get(frame.streamId) ?? new Stream(limit);
      known.set(frame.streamId, stream);
      if (isNew) yield { streamId: frame.streamId, body: stream.body };
      try {
        stream.take(frame, frame.last === true);
      } catch (error) {
        for (const other of known.values()) other.fail(error);
        throw error;
      }
    }
  }
}

class Stream {
  readonly body: ReadableStream<Uint8Array>;
  #out!: ReadableStreamDefaultController<Uint8Array>;
  #kept: Piece[] = [];
  #next = 0;
  #size = 0;
  #farthest = 0;
  #isOver = false;
  #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
    const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
      this.#out = controller;
    };
    this.body = new ReadableStream({ start }, new ByteLengthQueuingStrategy({ highWaterMark: limit }));
  }

  take({ offset, bytes }: Piece, isLast: boolean): void {
    const to = offset + bytes.length;
    this.#farthest = Math.max(this.#farthest, to);
    if (isLast && this.#size > 0 && this.#size !== to) throw new Error('FINAL_SIZE_ERROR');
    if (isLast) this.#size = to;
    if (this.#size > 0 && this.#farthest > this.#size) throw new Error('FINAL_SIZE_ERROR');
    if (this.#isOver) return;
    const room = (this.#out.desiredSize ?? 0) - this.#kept.reduce((sum, piece) => sum + piece.bytes.length, 0);
    if (to > this.#next && bytes.length <= Math.min(room, this.#limit)) this.#kept.push({ offset, bytes });
    this.#kept.sort((a, b) => a.offset - b.offset);
    this.#passOn();
  }

  fail(error: unknown): void {
    if (!this.#isOver) this.#out.error(error);
  }

  #passOn(): void {
    for (let piece = this.#kept[0]; piece !== undefined && piece.offset <= this.#next; piece = this.#kept[0]) {
      this.#kept.shift();
      const rest = piece.bytes.subarray(this.#next - piece.offset);
      if (rest.length === 0) continue;
      this.#next += rest.length;
      this.#out.enqueue(rest);
    }
    if (this.#size === 0 || this.#next < this.#size) return;
    this.#isOver = true;
    this.#out.close();
  }
}
