import { expect, it } from 'vitest';
import { parseContentLength } from './content_length.ts';

it.each([
  ['0', 0],
  ['5', 5],
  ['007', 7],
  ['999999999999999', 999_999_999_999_999],
])('Content-Length %s is %i', (value, expected) => expect(parseContentLength(value)).toBe(expected));

it.each(['', ' 5', '5 ', '+5', '-0', '0x5', '5e0', '5.0', '5,5', '5_0', '\u0665', '1000000000000000'])(
  'Content-Length %j is none',
  (value) => expect(parseContentLength(value)).toBe(-1),
);
