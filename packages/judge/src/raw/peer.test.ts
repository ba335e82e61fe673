import { describe, expect, it } from 'vitest';
import { Pipe } from './pipe.ts';

const never = (): Error => new Error('not here');
const pipe = (took: (bytes: Uint8Array, from: number) => void = () => {}): Pipe =>
  new Pipe('c1', 1_000_000, {
    activity() {},
    wrote() {},
    took,
    ended() {},
    stoppedReading() {},
    wrongType: never,
    flooded: never,
  });
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a peer that reads nothing', () => {
  it('holds the write that is under way, and takes all of it when it reads on', async () => {
    const held = pipe();
    held.peer.stop();
    const writer = held.connection.writable.getWriter();
    let done = 0;
    for (let i = 0; i < 3; i++) writer.write(new Uint8Array(10)).then(() => done++);
    await turn();
    expect([held.written, done]).toEqual([0, 0]);
    held.peer.read();
    await turn();
    expect([held.written, done]).toEqual([30, 3]);
    expect(held.peer.takes).toBe(true);
  });

  it('takes as many bytes as it was let, and the rest of the write that goes over it', async () => {
    const held = pipe();
    held.peer.read(15);
    const writer = held.connection.writable.getWriter();
    for (let i = 0; i < 3; i++) writer.write(new Uint8Array(10)).catch(() => {});
    await turn();
    expect(held.written).toBe(20);
    expect(held.peer.takes).toBe(false);
  });

  it('fails the write when it is gone, and does not hold up an abort', async () => {
    for (const end of ['reset', 'abort'] as const) {
      const held = pipe();
      held.peer.stop();
      const writer = held.connection.writable.getWriter();
      const write = writer.write(new Uint8Array(10));
      const failed = expect(write).rejects.toThrow();
      if (end === 'reset') held.reset();
      else await writer.abort(new Error('enough'));
      await failed;
      expect(held.ended?.how).toBe(end === 'reset' ? undefined : 'reset');
    }
  });
});

describe('an offer', () => {
  it('is handed over piece by piece, and told as it is taken', async () => {
    const taken: [from: number, length: number][] = [];
    const offered = pipe((bytes, from) => taken.push([from, bytes.length]));
    offered.deliver(new Uint8Array(5));
    offered.offer(new Uint8Array(5000));
    await turn();
    expect([offered.offered, offered.taken]).toEqual([5005, 0]);
    const reader = offered.connection.readable.getReader();
    const sizes = [await reader.read(), await reader.read(), await reader.read()].map(({ value }) => value?.length);
    expect(sizes).toEqual([5, 4096, 904]);
    expect(taken).toEqual([
      [5, 4096],
      [4101, 904],
    ]);
    expect(offered.untaken).toBe(0);
  });
});
