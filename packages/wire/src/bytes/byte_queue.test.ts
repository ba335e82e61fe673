import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../testing/fuzz.ts';
import { ByteQueue } from './byte_queue.ts';

describe('a byte queue', () => {
  it('hands out views where it can, and joins only what spans chunks', () => {
    const queue = new ByteQueue();
    const chunk = Uint8Array.of(1, 2, 3, 4);
    queue.push(chunk);
    queue.push(Uint8Array.of(5));
    expect(queue.take(3)?.buffer).toBe(chunk.buffer);
    expect(queue.peek(2)).toEqual(Uint8Array.of(4, 5));
    expect(queue.take(3)).toBeNull();
    expect(queue.takeSome(10)).toEqual(Uint8Array.of(4));
    expect(queue.head()).toEqual(Uint8Array.of(5));
    queue.drop(1);
    expect(queue.length).toBe(0);
    expect(queue.head().length).toBe(0);
    expect(queue.take(0)).toEqual(new Uint8Array(0));
  });

  it('gives back what was put in, in order, however it is taken', () => {
    const step = fc.oneof(
      fc.record({ push: fc.uint8Array({ maxLength: 40 }) }),
      fc.record({ take: fc.nat(60) }),
      fc.record({ some: fc.nat(60) }),
      fc.record({ drop: fc.nat(60) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const queue = new ByteQueue();
        let expected: number[] = [];
        for (const action of steps) {
          if ('push' in action) {
            queue.push(action.push);
            expected.push(...action.push);
          } else if ('take' in action) {
            const taken = queue.take(action.take);
            if (action.take > expected.length) expect(taken).toBeNull();
            else expect([...(taken ?? [])]).toEqual(expected.splice(0, action.take));
          } else if ('some' in action) {
            const taken = queue.takeSome(action.some);
            expect(taken.length > 0 || action.some === 0 || expected.length === 0).toBe(true);
            expect([...taken]).toEqual(expected.splice(0, taken.length));
          } else {
            queue.drop(action.drop);
            expected = expected.slice(action.drop);
          }
          expect(queue.length).toBe(expected.length);
        }
      }),
      runs(100),
    );
  });
});
