/** Receivers that no author of the exercise had in mind, judged by HL1's own checks. */
import { describe, expect, it } from 'vitest';
import { judgedBy } from '../../testing/head-of-line.ts';
import type { Segment } from './segments.ts';

type InOrder = (segments: ReadableStream<Segment>, limit: number) => unknown;

const judged = (inOrder: InOrder): Promise<string> => judgedBy('HL1', { inOrder });

/** Byte by byte: slow and right. `change` spoils it. */
class Bytes {
  readonly here = new Map<number, number>();
  next = 0;
  end = Number.POSITIVE_INFINITY;
  readonly limit: number;
  constructor(limit: number) {
    this.limit = limit;
  }
  take({ offset, bytes, last }: Segment): Uint8Array | null {
    if (last === true) this.end = offset + bytes.length;
    for (const [i, byte] of bytes.entries()) {
      const at = offset + i;
      const isFree = this.here.size < this.limit || at === this.next;
      if (at < this.next || !isFree) continue;
      this.here.set(at, byte);
      while (this.here.has(this.next) && at === this.next) this.#ready.push(this.#leave());
    }
    while (this.here.has(this.next)) this.#ready.push(this.#leave());
    const ready = this.#ready.splice(0);
    return ready.length === 0 ? null : Uint8Array.from(ready);
  }
  get isOver(): boolean {
    return this.next >= this.end;
  }
  #ready: number[] = [];
  #leave(): number {
    const byte = this.here.get(this.next) as number;
    this.here.delete(this.next++);
    return byte;
  }
}

describe('a right receiver passes', () => {
  it('with a TransformStream', async () => {
    const piped: InOrder = (segments, limit) => {
      const bytes = new Bytes(limit);
      return segments.pipeThrough(
        new TransformStream<Segment, Uint8Array>({
          transform(segment, controller) {
            if (bytes.isOver) return;
            const ready = bytes.take(segment);
            if (ready !== null) controller.enqueue(ready);
            if (bytes.isOver) controller.terminate();
          },
        }),
      );
    };
    expect(await judged(piped)).toBe('passes');
  });

  it('with a loop in the background and a byte stream', async () => {
    const pumped: InOrder = (segments, limit) => {
      const bytes = new Bytes(limit);
      return new ReadableStream({
        type: 'bytes',
        start(controller) {
          void (async () => {
            for await (const segment of segments) {
              const ready = bytes.take(segment);
              if (ready !== null) controller.enqueue(ready as Uint8Array<ArrayBuffer>);
              if (bytes.isOver) break;
            }
            controller.close();
          })();
        },
      });
    };
    expect(await judged(pumped)).toBe('passes');
  });

  it('that goes on reading behind the end, gives empty chunks, one byte each, and over a tee', async () => {
    const odd: InOrder = (segments, limit) => {
      const bytes = new Bytes(limit);
      let isClosed = false;
      const [left, right] = segments.tee();
      void right.pipeTo(new WritableStream());
      return new ReadableStream<Uint8Array>({
        async start(controller) {
          for await (const segment of left) {
            if (isClosed) continue;
            controller.enqueue(new Uint8Array(0));
            for (const byte of bytes.take(segment) ?? []) controller.enqueue(Uint8Array.of(byte));
            isClosed = bytes.isOver;
            if (isClosed) controller.close();
          }
        },
      });
    };
    expect(await judged(odd)).toBe('passes');
  });
});

describe('a wrong receiver is named by its cause', () => {
  const spoilt =
    (change: (bytes: Bytes, segment: Segment) => Segment | null): InOrder =>
    (segments, limit) => {
      const bytes = new Bytes(limit);
      return segments.pipeThrough(
        new TransformStream<Segment, Uint8Array>({
          transform(segment, controller) {
            const changed = bytes.isOver ? null : change(bytes, segment);
            const ready = changed === null ? null : bytes.take(changed);
            if (ready !== null) controller.enqueue(ready);
            if (bytes.isOver) controller.terminate();
          },
        }),
      );
    };

  it.each<[string, InOrder, string]>([
    [
      'gives a Promise',
      async () => new ReadableStream(),
      'HL1-1 HL1-2 HL1-3 HL1-4 HL1-5: inOrder gave a Promise, not a ReadableStream.',
    ],
    [
      'gives text',
      (segments) =>
        segments.pipeThrough(
          new TransformStream<Segment, string>({ transform: ({ bytes }, c) => c.enqueue(String(bytes)) }),
        ),
      'HL1-1 HL1-2 HL1-3 HL1-4 HL1-5: The stream gave a string, not a Uint8Array.',
    ],
    [
      'throws at the first hole',
      spoilt((bytes, segment) => {
        if (segment.offset > bytes.next) throw new Error('a hole');
        return segment;
      }),
      'HL1-2 HL1-3 HL1-4 HL1-5: The stream of inOrder broke off: Error: a hole',
    ],
    [
      'drops segments that begin before the place it has reached',
      spoilt((bytes, segment) => (segment.offset < bytes.next ? null : segment)),
      'HL1-3 HL1-4: Bytes 20–34 are there, with no hole before them, and were not passed on.',
    ],
    [
      'forgets what is last when it brings nothing new',
      spoilt((bytes, segment) => (segment.offset + segment.bytes.length <= bytes.next ? null : segment)),
      'HL1-4: All 60 bytes were passed on, and the stream does not end.',
    ],
    [
      'writes the next bytes into the chunk that it passed on before',
      (segments, limit) => {
        const bytes = new Bytes(limit);
        const chunk = new Uint8Array(4096);
        return segments.pipeThrough(
          new TransformStream<Segment, Uint8Array>({
            transform(segment, controller) {
              const ready = bytes.isOver ? null : bytes.take(segment);
              if (ready !== null) {
                chunk.set(ready);
                controller.enqueue(chunk.subarray(0, ready.length));
              }
              if (bytes.isOver) controller.terminate();
            },
          }),
        );
      },
      'HL1-1 HL1-2 HL1-3 HL1-4 HL1-5: Bytes 0–19 changed after they had been passed on.',
    ],
    [
      'passes a byte on too many',
      (segments) =>
        segments.pipeThrough(
          new TransformStream<Segment, Uint8Array>({
            transform: ({ bytes }, c) => c.enqueue(Uint8Array.from([...bytes, 33])),
          }),
        ),
      'HL1-1 HL1-2 HL1-3 HL1-4 HL1-5: Byte 20 of what was passed on is not byte 20 of the stream.',
    ],
  ])('when it %s', async (_, inOrder, verdict) => {
    expect(await judged(inOrder)).toBe(verdict);
  });
});
