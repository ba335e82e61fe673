/** Receivers of packets that no author of the exercise had in mind, judged by HL3's own checks. */
import { describe, expect, it } from 'vitest';
import { judgedBy } from '../../testing/head-of-line.ts';
import type { Packet } from './packets.ts';

type Given = { streamId: number; body: ReadableStream<Uint8Array> };
type Streams = (packets: ReadableStream<Packet>, limit: number) => unknown;
type Frame = Packet['frames'][number];

// `inOrder` only has to be there: none of these uses it.
const judged = (streams: Streams): Promise<string> => judgedBy('HL3', { streams, inOrder: () => null });

/** One stream, byte by byte; bodies are pulled. */
class Stream {
  readonly body: ReadableStream<Uint8Array>;
  here = new Map<number, number>();
  /** Passed on: how far bytes have gone to the body. */
  next = 0;
  farthest = 0;
  size: number | null = null;
  #ready: number[] = [];
  #wake: () => void = () => {};
  #error: unknown = null;

  constructor() {
    this.body = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          while (this.#ready.length === 0 && this.next !== this.size && this.#error === null)
            await new Promise<void>((resolve) => {
              this.#wake = resolve;
            });
          if (this.#error !== null) return controller.error(this.#error);
          const ready = this.#ready.splice(0);
          if (ready.length > 0) controller.enqueue(Uint8Array.from(ready));
          if (this.next === this.size) controller.close();
        },
      },
      { highWaterMark: 0 },
    );
  }

  take({ offset, bytes, last }: Frame): void {
    const to = offset + bytes.length;
    const size = last === true ? to : this.size;
    this.farthest = Math.max(this.farthest, to);
    if ((this.size !== null && size !== this.size) || (size !== null && this.farthest > size))
      throw Object.assign(new Error('Two ends'), { code: 'FINAL_SIZE_ERROR' });
    this.size = size;
    for (const [i, byte] of bytes.entries()) if (offset + i >= this.next) this.here.set(offset + i, byte);
    for (let byte = this.here.get(this.next); byte !== undefined; byte = this.here.get(this.next)) {
      this.here.delete(this.next++);
      this.#ready.push(byte);
    }
    this.#wake();
  }

  fail(error: unknown): void {
    this.#error = error;
    this.#wake();
  }
}

/** The generator over streams of that kind; `before` may drop or change a frame. */
function generator(before: (frame: Frame, streams: Map<number, Stream>, packet: Packet) => Frame | null): Streams {
  return async function* (packets): AsyncGenerator<Given> {
    const all = new Map<number, Stream>();
    for await (const packet of packets) {
      for (const frame of packet.frames) {
        const changed = before(frame, all, packet);
        if (changed === null) continue;
        const known = all.get(frame.streamId);
        const stream = known ?? new Stream();
        all.set(frame.streamId, stream);
        stream.take(changed);
        if (known === undefined) yield { streamId: frame.streamId, body: stream.body };
      }
    }
  };
}

describe('a right receiver passes', () => {
  it('when only the generator throws, with the name as a code, and bodies are pulled', async () => {
    expect(await judged(generator((frame) => frame))).toBe('passes');
  });

  it('when a stream is given with its first byte that can be passed on, not with its first frame', async () => {
    const late: Streams = async function* (packets): AsyncGenerator<Given> {
      const all = new Map<number, Stream>();
      const given = new Set<number>();
      for await (const { frames } of packets) {
        for (const frame of frames) {
          const stream = all.get(frame.streamId) ?? new Stream();
          all.set(frame.streamId, stream);
          stream.take(frame);
          if (given.has(frame.streamId) || (stream.next === 0 && stream.size !== 0)) continue;
          given.add(frame.streamId);
          yield { streamId: frame.streamId, body: stream.body };
        }
      }
    };
    expect(await judged(late)).toBe('passes');
  });

  it('as an object with a method of its own in place of a generator, in which only bodies fail', async () => {
    const odd: Streams = (packets) => {
      const all = new Map<number, Stream>();
      const queue: Given[] = [];
      let wake = (): void => {};
      void (async () => {
        for await (const { frames } of packets)
          for (const frame of frames) {
            const known = all.get(frame.streamId);
            const stream = known ?? new Stream();
            all.set(frame.streamId, stream);
            if (known === undefined) queue.push({ streamId: frame.streamId, body: stream.body });
            try {
              stream.take(frame);
            } catch (error) {
              for (const other of all.values()) other.fail(Object.assign(error as Error, { name: 'FINAL_SIZE_ERROR' }));
            }
            wake();
          }
      })();
      const next = async (): Promise<IteratorResult<Given>> => {
        for (;;) {
          const value = queue.shift();
          if (value !== undefined) return { done: false, value };
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      };
      return { [Symbol.asyncIterator]: () => ({ next }) };
    };
    expect(await judged(odd)).toBe('passes');
  });
});

describe('a wrong receiver is named by its cause', () => {
  it.each<[string, Streams, string]>([
    [
      'gives a Promise',
      async () => null,
      'HL3-1 HL3-2 HL3-3 HL3-4 HL3-5 HL3-6: streams gave a Promise, not an async generator.',
    ],
    [
      'drops what begins beyond a hole',
      generator((frame, all) => (frame.offset > (all.get(frame.streamId)?.next ?? 0) ? null : frame)),
      'HL3-2 HL3-3 HL3-4 HL3-5 HL3-6: Stream 1: bytes 10–19 are there, with no hole before them, and were not passed on.',
    ],
    [
      'takes a packet only once by the offsets of its first frame',
      (() => {
        const seen = new Set<string>();
        return generator((frame, all, packet) => {
          if (all.size === 0 && frame === packet.frames[0]) seen.clear();
          const key = `${frame.streamId} ${frame.offset}`;
          if (seen.has(key)) return null;
          seen.add(key);
          return frame;
        });
      })(),
      'HL3-4 HL3-5: Stream 5: bytes',
    ],
    [
      'calls its error otherwise',
      (packets, limit) => {
        const right = generator((frame) => frame)(packets, limit) as AsyncIterable<Given>;
        return (async function* (): AsyncGenerator<Given> {
          try {
            yield* right;
          } catch {
            throw new Error('PROTOCOL_ERROR');
          }
        })();
      },
      'HL3-5: Stream 1 has two ends (it ends at 20, and then at 15); the error says "Error: PROTOCOL_ERROR".',
    ],
    [
      'puts all bytes into one stream',
      generator((frame) => {
        frame.streamId = 1;
        return frame;
      }),
      'HL3-1 HL3-2 HL3-3 HL3-4 HL3-5 HL3-6: Stream ',
    ],
    [
      'ends when it has given a stream',
      (packets, limit) =>
        (async function* (): AsyncGenerator<Given> {
          let left = 1;
          for await (const given of generator((frame) => frame)(packets, limit) as AsyncIterable<Given>) {
            yield given;
            if (--left === 0) return;
          }
        })(),
      'HL3-1 HL3-2 HL3-3 HL3-4 HL3-5 HL3-6: streams is over, and packets go on coming.',
    ],
  ])('when it %s', async (_, streams, verdict) => {
    expect((await judged(streams)).slice(0, verdict.length)).toBe(verdict);
  });
});
