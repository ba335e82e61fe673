import { expect, it } from 'vitest';
import { givenParts } from '../../given/parts.ts';
import { watchedGiven } from './http2-given.ts';

it('hears who asks a part that is taken away, and what no coder can decode', () => {
  const heard: unknown[] = [];
  const given = watchedGiven(
    givenParts(['fields']),
    ['fields'],
    (part) => heard.push(part),
    (block, error) => heard.push([[...block], String(error)]),
  );
  expect(given.hello).toHaveLength(0);
  const hpack = given.hpack();
  expect(hpack.decode(hpack.encode([[':status', '200']]))).toEqual([[':status', '200']]);
  expect(() => hpack.decode(Uint8Array.of(0xff, 0xff))).toThrow('COMPRESSION_ERROR');
  expect(heard).toEqual(['hello', [[0xff, 0xff], expect.stringContaining('COMPRESSION_ERROR')]]);
});
