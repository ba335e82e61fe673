import { expect, test } from 'vitest';
import { FIELDS, HEAD, pipelinedHeads, TARGET } from './heads.ts';
import { synthetic } from './stories.ts';

test('a head is as long as the one that the baselines were measured with: 556 bytes, 14 field lines', () => {
  expect(HEAD).toHaveLength(556);
  expect(FIELDS).toHaveLength(14);
  expect(HEAD.startsWith(`GET ${TARGET} HTTP/1.1\r\nHost: `)).toBe(true);
  expect(pipelinedHeads(3).toString('latin1')).toBe(HEAD.repeat(3));
});

test('the made-up stories are the same in every run, and hold both what repeats and what changes', () => {
  const [a, b] = [synthetic(), synthetic()];
  expect(a).toEqual(b);
  expect(a.lines).toBe(16 * 24 * 11);
  expect(a.encoded).toBeNull();
  const paths = new Set(a.stories.flatMap(({ lists }) => lists.map((list) => list[3]?.[1])));
  expect(paths.size).toBeGreaterThan(300);
});
