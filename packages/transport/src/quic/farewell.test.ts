import { expect, test } from 'vitest';
import { Farewell } from './farewell.ts';

test('a young connection waits, is announced, and refuses requests once those on their way must have come', () => {
  const farewell = new Farewell(1_000);
  expect(farewell.deadline()).toBe(1_300);
  expect(farewell.step(1_000, 3)).toBe('wait');
  expect(farewell.step(1_300, 3)).toBe('announce');
  expect(farewell.deadline()).toBe(1_400);
  expect(farewell.step(1_399, 3)).toBe('none');
  expect(farewell.step(1_400, 3)).toBe('refuse');
  expect(farewell.step(1_401, 3)).toBe('none');
});

test('an old one is announced at once, and a long way takes longer', () => {
  const farewell = new Farewell(0);
  expect(farewell.step(10_000, 400)).toBe('announce');
  expect(farewell.step(10_799, 400)).toBe('none');
  expect(farewell.step(10_800, 400)).toBe('refuse');
});

test('a client has nothing to announce or to refuse', () => {
  const farewell = new Farewell(null);
  expect(farewell.deadline()).toBeNull();
  expect(farewell.step(0, 3)).toBe('none');
  expect(farewell.ends(10, false)).toBe(false);
  expect(farewell.deadline()).toBe(60);
});

test('the end waits until everything has arrived, and not for ever', () => {
  const farewell = new Farewell(0);
  farewell.step(1_000, 0);
  farewell.step(1_100, 0);
  expect(farewell.ends(1_100, false)).toBe(false);
  expect(farewell.deadline()).toBe(1_150);
  expect(farewell.ends(1_150, false)).toBe(false);
  expect(farewell.ends(6_099, false)).toBe(false);
  expect(farewell.ends(6_100, false)).toBe(true);
});

test('a server leaves it to the client to close for a while, and a client waits for nobody', () => {
  const server = new Farewell(0);
  expect(server.ends(1_000, true)).toBe(false);
  expect(server.deadline()).toBe(300);
  server.step(1_000, 0);
  server.step(1_100, 0);
  expect(server.ends(1_999, true)).toBe(false);
  expect(server.ends(2_000, true)).toBe(true);
  expect(new Farewell(null).ends(0, true)).toBe(true);
});
