import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../testing/fuzz.ts';
import { formatPriority, parsePriority } from './parse.ts';
import { PriorityPolicy } from './policy.ts';
import { PriorityScheduler, type Scheduled } from './scheduler.ts';

describe('parsePriority (RFC 9218 §4)', () => {
  it.each([
    ['', 3, false],
    ['u=0', 0, false],
    ['u=7, i', 7, true],
    ['i', 3, true],
    ['i=?1,u=5', 5, true],
    ['i=?0', 3, false],
    [' u=2 ,\ti ', 2, true],
    ['u=1, u=4', 4, false],
    ['u=8', 3, false],
    ['u=-1', 3, false],
    ['u=1.0', 3, false],
    ['u', 3, false],
    ['i=1', 3, false],
    ['u=1;a=2, i;b', 1, true],
    ['foo="a,b\\"", bar=(1 2;x "c"), u=6', 6, false],
    ['a=:aGk=:, b=@1659578233, c=%"f%c3%bc", d=tok/en:x, u=1', 1, false],
  ])('%j', (text, urgency, incremental) => {
    expect(parsePriority(text)).toEqual({ urgency, incremental });
  });

  it.each(['u=', 'U=1', 'u=1,', 'u=1 i', '=1', ',u=1', 'u=(1', 'u="', 'u=1;', '\u00e9'])('refuses %j', (text) => {
    expect(parsePriority(text)).toBeNull();
  });

  it('parse undoes format', () => {
    fc.assert(
      fc.property(fc.nat(7), fc.boolean(), (urgency, incremental) => {
        expect(parsePriority(formatPriority({ urgency, incremental }))).toEqual({ urgency, incremental });
      }),
    );
  });

  it('takes any text without throwing, and in a time that its length bounds', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 64 }), (text) => {
        const parsed = parsePriority(text);
        if (parsed !== null) expect(parsed.urgency).toBeLessThanOrEqual(7);
      }),
      runs(1000),
    );
    expect(parsePriority(`a=(${'1 '.repeat(10_000)}`)).toBeNull();
  });
});

describe('PriorityPolicy', () => {
  it('lets a client that never signals take turns', () => {
    expect(new PriorityPolicy().ofRequest([['accept', '*/*']])).toEqual({ urgency: 3, incremental: true });
  });

  it('follows the Priority field, and from then on the defaults of RFC 9218', () => {
    const policy = new PriorityPolicy();
    expect(policy.ofRequest([['priority', 'u=1']])).toEqual({ urgency: 1, incremental: false });
    expect(policy.ofRequest([])).toEqual({ urgency: 3, incremental: false });
    expect(
      policy.ofRequest([
        ['priority', 'u=1'],
        ['priority', 'i'],
      ]),
    ).toEqual({ urgency: 1, incremental: true });
  });

  it.each(['via', 'forwarded', 'x-forwarded-for'])('ignores signals once %s has shown an intermediary', (name) => {
    const policy = new PriorityPolicy();
    expect(
      policy.ofRequest([
        ['priority', 'u=0'],
        [name, 'x'],
      ]),
    ).toEqual({ urgency: 3, incremental: true });
    expect(policy.ofRequest([['priority', 'u=0']])).toEqual({ urgency: 3, incremental: true });
    expect(policy.listens).toBe(false);
  });
});

class Item implements Scheduled<Item> {
  next: Item | null = null;
  previous: Item | null = null;
  readonly id: number;
  urgency: number;
  incremental: boolean;
  left: number;

  constructor(id: number, urgency: number, incremental: boolean, left = 3) {
    this.id = id;
    this.urgency = urgency;
    this.incremental = incremental;
    this.left = left;
  }
}

/** Sends a frame of whichever is next until nobody has any. */
function drain(scheduler: PriorityScheduler<Item>): number[] {
  const order: number[] = [];
  for (let item = scheduler.peek(); item !== null; item = scheduler.peek()) {
    order.push(item.id);
    if (--item.left === 0) scheduler.remove(item);
    scheduler.sent(item);
  }
  return order;
}

function filled(items: Item[]): PriorityScheduler<Item> {
  const scheduler = new PriorityScheduler<Item>();
  for (const item of items) scheduler.add(item);
  return scheduler;
}

describe('PriorityScheduler (RFC 9218 §10)', () => {
  it('sends lower urgency first, whoever came first', () => {
    expect(drain(filled([new Item(1, 7, false), new Item(3, 0, true), new Item(5, 3, false)]))).toEqual([
      3, 3, 3, 5, 5, 5, 1, 1, 1,
    ]);
  });

  it('sends what is not incremental to completion, in the order of the requests', () => {
    expect(drain(filled([new Item(5, 3, false), new Item(1, 3, false), new Item(3, 3, false)]))).toEqual([
      1, 1, 1, 3, 3, 3, 5, 5, 5,
    ]);
  });

  it('lets incremental streams take turns', () => {
    expect(drain(filled([new Item(1, 3, true), new Item(3, 3, true), new Item(5, 3, true)]))).toEqual([
      1, 3, 5, 1, 3, 5, 1, 3, 5,
    ]);
  });

  it('alternates between the two kinds within one urgency', () => {
    expect(drain(filled([new Item(1, 3, true), new Item(3, 3, false), new Item(5, 3, true)]))).toEqual([
      3, 1, 3, 5, 3, 1, 5, 1, 5,
    ]);
  });

  it('lets an older stream that has more again go before younger ones', () => {
    const [first, second, third] = [new Item(1, 3, false), new Item(3, 3, false), new Item(5, 3, false)];
    const scheduler = filled([third, second]);
    scheduler.add(first);
    expect(scheduler.peek()).toBe(first);
    scheduler.remove(second);
    scheduler.add(second);
    expect(drain(scheduler)).toEqual([1, 1, 1, 3, 3, 3, 5, 5, 5]);
  });

  it('moves a stream whose priority changes', () => {
    const late = new Item(3, 7, false);
    const scheduler = filled([new Item(1, 3, false), late]);
    scheduler.update(late, { urgency: 0, incremental: true });
    expect(drain(scheduler)).toEqual([3, 3, 3, 1, 1, 1]);
    scheduler.update(late, { urgency: 5, incremental: false });
    expect(scheduler.size).toBe(0);
  });

  it('always has a stream that is in, and none that is out', () => {
    const step = fc.record({
      pick: fc.nat(9),
      act: fc.constantFrom('add', 'remove', 'sent', 'update'),
      urgency: fc.nat(7),
      incremental: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const items = Array.from({ length: 10 }, (_, index) => new Item(2 * index + 1, index % 8, index % 3 === 0));
        const inside = new Set<Item>();
        const scheduler = new PriorityScheduler<Item>();
        for (const { pick, act, urgency, incremental } of steps) {
          const item = items[pick] as Item;
          if (act === 'add') inside.add(item);
          if (act === 'remove') inside.delete(item);
          if (act === 'update') scheduler.update(item, { urgency, incremental });
          else scheduler[act](item);
          const next = scheduler.peek();
          expect(scheduler.size).toBe(inside.size);
          if (inside.size === 0) expect(next).toBeNull();
          else expect(next?.urgency).toBe(Math.min(...[...inside].map((one) => one.urgency)));
        }
        for (const item of items) item.left = 1;
        expect(new Set(drain(scheduler))).toEqual(new Set([...inside].map((one) => one.id)));
      }),
      runs(300),
    );
  });
});
