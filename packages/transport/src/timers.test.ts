import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DeadlineWheel, type Timed } from './timers.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

class Item implements Timed {
  filedAt: number = Number.POSITIVE_INFINITY;
  due: number | null;
  expired: number[] = [];
  constructor(due: number | null) {
    this.due = due;
  }
  deadline(): number | null {
    return this.due;
  }
  expire(now: number): void {
    this.expired.push(now);
    this.due = null;
  }
}

test('nothing expires before its deadline, and everything at most one step after it', () => {
  const wheel = new DeadlineWheel(50);
  const start = performance.now();
  const items = [5, 49, 50, 51, 120, 1000].map((delay) => new Item(start + delay));
  const deadlines = items.map((item) => item.due as number);
  for (const item of items) wheel.file(item, item.due);
  vi.advanceTimersByTime(1100);
  for (const [index, item] of items.entries()) {
    const late = (item.expired[0] as number) - (deadlines[index] as number);
    expect(item.expired).toHaveLength(1);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThanOrEqual(52);
  }
});

test('a deadline that moved later is asked again, not kept', () => {
  const wheel = new DeadlineWheel(50);
  const item = new Item(performance.now() + 100);
  wheel.file(item, item.due);
  item.due = performance.now() + 400;
  wheel.file(item, item.due);
  vi.advanceTimersByTime(300);
  expect(item.expired).toEqual([]);
  vi.advanceTimersByTime(200);
  expect(item.expired).toHaveLength(1);
});

test('a deadline that moved earlier is met', () => {
  const wheel = new DeadlineWheel(50);
  const item = new Item(performance.now() + 1000);
  wheel.file(item, item.due);
  item.due = performance.now() + 100;
  wheel.file(item, item.due);
  vi.advanceTimersByTime(160);
  expect(item.expired).toHaveLength(1);
  vi.advanceTimersByTime(1000);
  expect(item.expired).toHaveLength(1);
});

test('what has no deadline any more is forgotten', () => {
  const wheel = new DeadlineWheel(50);
  const item = new Item(performance.now() + 100);
  wheel.file(item, item.due);
  item.due = null;
  vi.advanceTimersByTime(500);
  expect(item.expired).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test('ten thousand deadlines share one timer', () => {
  const wheel = new DeadlineWheel(50);
  for (let index = 0; index < 10_000; index++) {
    const item = new Item(performance.now() + 60_000 + index);
    wheel.file(item, item.due);
  }
  expect(vi.getTimerCount()).toBe(1);
});
