import { expect, test } from 'vitest';
import { StreamClock } from './stream-clock.ts';

const LIMITS = { headTimeout: 100, bodyTimeout: 300 };

test('a head counts from its first byte, however many come after', () => {
  const clock = new StreamClock(LIMITS);
  clock.received(0, 1_000);
  clock.received(0, 1_090);
  expect(clock.deadline()).toBe(1_100);
  expect(clock.stalled(1_099)).toEqual([]);
  expect(clock.stalled(1_100)).toEqual([{ streamId: 0, limit: 'headTimeout' }]);
  expect(clock.deadline()).toBeNull();
});

test('content counts from its latest byte', () => {
  const clock = new StreamClock(LIMITS);
  clock.received(0, 0);
  clock.headed(0, 50);
  expect(clock.deadline()).toBe(350);
  clock.received(0, 200);
  expect(clock.deadline()).toBe(500);
  expect(clock.stalled(500)).toEqual([{ streamId: 0, limit: 'bodyTimeout' }]);
});

test('what has left HTTP is not timed, whatever comes on it', () => {
  const clock = new StreamClock(LIMITS);
  clock.received(0, 0);
  clock.left(0);
  clock.received(0, 10);
  expect(clock.deadline()).toBeNull();
  expect(clock.stalled(1_000_000)).toEqual([]);
});

test('what is done is not timed, and the next deadline is that of the one that is next', () => {
  const clock = new StreamClock(LIMITS);
  clock.received(0, 0);
  clock.received(4, 40);
  clock.done(0);
  expect(clock.deadline()).toBe(140);
  clock.headed(8, 40);
  expect(clock.stalled(1_000)).toEqual([{ streamId: 4, limit: 'headTimeout' }]);
});
