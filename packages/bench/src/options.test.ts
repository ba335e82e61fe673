import { expect, test } from 'vitest';
import { parseOptions, SUITES } from './options.ts';

test('without options, everything runs in five rounds; --quick takes three', () => {
  expect(parseOptions([])).toEqual({
    quick: false,
    only: SUITES,
    rounds: 5,
    json: false,
    reference: false,
    help: false,
  });
  expect(parseOptions(['--quick']).rounds).toBe(3);
  expect(parseOptions(['--quick', '--rounds', '7']).rounds).toBe(7);
});

test('--only takes names of parts', () => {
  expect(parseOptions(['--only', 'h2, hpack']).only).toEqual(['h2', 'hpack']);
  expect(() => parseOptions(['--only', 'h3'])).toThrow(/does not know "h3": take from head, hpack/);
});

test('what cannot be meant is refused with the reason', () => {
  for (const rounds of ['0', '1.5', 'many', '100']) {
    expect(() => parseOptions(['--rounds', rounds])).toThrow(`not "${rounds}"`);
  }
  expect(() => parseOptions(['--reference', '--quick'])).toThrow(/full run/);
  expect(() => parseOptions(['--reference', '--only', 'h1'])).toThrow(/full run/);
  expect(() => parseOptions(['--faster'])).toThrow(/faster/);
});
