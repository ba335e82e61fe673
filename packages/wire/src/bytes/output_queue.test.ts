import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../testing/fuzz.ts';
import { unwire, wire } from '../testing/text.ts';
import { OutputQueue } from './output_queue.ts';

describe('an output queue', () => {
  it('joins small writes into one view and keeps payloads by reference', () => {
    const queue = new OutputQueue();
    const payload = new Uint8Array(1_000);
    queue.text('ab');
    queue.copy(wire('cd'));
    queue.append(payload);
    queue.text('ef');
    const views = queue.take();
    expect(views.map((view) => view.length)).toEqual([4, 1_000, 2]);
    expect(views[1]).toBe(payload);
    expect(unwire([views[0] as Uint8Array, views[2] as Uint8Array])).toBe('abcdef');
    expect(queue.take()).toEqual([]);
  });

  it('never writes again into what it handed out', () => {
    const queue = new OutputQueue();
    queue.text('one');
    const first = queue.take();
    queue.text('two');
    queue.take();
    expect(unwire(first)).toBe('one');
  });

  it('lets a writer reserve more than it commits, also beyond a block', () => {
    const queue = new OutputQueue();
    for (const size of [10, 16_380, 40_000]) {
      const at = queue.reserve(size);
      queue.block.fill(size % 251, at, at + size - 5);
      queue.commit(size - 5);
    }
    expect(queue.length).toBe(5 + 16_375 + 39_995);
    expect(queue.take().reduce((sum, view) => sum + view.length, 0)).toBe(5 + 16_375 + 39_995);
  });

  it('copies a few bytes and refers to many', () => {
    const queue = new OutputQueue();
    const few = new Uint8Array(10);
    const many = new Uint8Array(1_000);
    queue.add(few);
    queue.add(many);
    expect(queue.take().map((view) => view === few || view === many)).toEqual([false, true]);
  });

  it('forgets what waits', () => {
    const queue = new OutputQueue();
    queue.text('gone');
    queue.append(new Uint8Array(3));
    queue.clear();
    queue.text('kept');
    expect(queue.length).toBe(4);
    expect(unwire(queue.take())).toBe('kept');
  });

  it('keeps apart what several queues write in turn, though they share a block', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2), fc.string({ unit: 'grapheme-ascii', maxLength: 900 }), fc.boolean()), {
          maxLength: 80,
        }),
        (writes) => {
          const queues = [new OutputQueue(), new OutputQueue(), new OutputQueue()];
          const views: Uint8Array[][] = [[], [], []];
          const expected = ['', '', ''];
          for (const [which, text, take] of writes) {
            queues[which]?.text(text);
            expected[which] += text;
            if (take) views[which]?.push(...(queues[which]?.take() ?? []));
          }
          for (const [which, queue] of queues.entries()) {
            expect(unwire([...(views[which] ?? []), ...queue.take()])).toBe(expected[which]);
          }
        },
      ),
      runs(50),
    );
  });

  it('gives out what was put in, in order, in pieces of any size', () => {
    const step = fc.oneof(
      fc.record({
        text: fc
          .string({ maxLength: 30 })
          .map((text) => Array.from(text, (char) => (char > '\xff' ? '?' : char)).join('')),
      }),
      fc.record({ append: fc.uint8Array({ maxLength: 300 }) }),
      fc.record({ queue: fc.uint8Array({ maxLength: 30 }) }),
      fc.record({ take: fc.nat(200) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new OutputQueue();
        let expected = '';
        let taken = '';
        for (const action of steps) {
          if ('text' in action) {
            queue.text(action.text);
            expected += action.text;
          } else if ('append' in action) {
            queue.add(action.append);
            expected += unwire([action.append]);
          } else if ('queue' in action) {
            const other = new OutputQueue();
            other.copy(action.queue);
            queue.appendQueue(other);
            expected += unwire([action.queue]);
          } else {
            const before = queue.length;
            const part = unwire(queue.take(action.take));
            expect(part.length).toBe(Math.min(before, action.take));
            taken += part;
          }
          expect(queue.length).toBe(expected.length - taken.length);
        }
        expect(taken + unwire(queue.take())).toBe(expected);
      }),
      runs(100),
    );
  });
});
