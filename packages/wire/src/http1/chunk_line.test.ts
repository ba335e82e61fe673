import { describe, expect, it } from 'vitest';
import { CHUNK_LINE_TABLE, COMPLETE, NO_STATE, START } from './chunk_line.ts';

/** True when the text is exactly one chunk-size line. */
function accepts(text: string): boolean {
  let state = START;
  for (let index = 0; index < text.length; index++) {
    state = CHUNK_LINE_TABLE[256 * state + text.charCodeAt(index)] as number;
    if (state === NO_STATE) return false;
    if (state === COMPLETE) return index === text.length - 1;
  }
  return false;
}

describe('a chunk-size line', () => {
  it.each([
    '0\r\n',
    'DeadBeef\r\n',
    '00a\r\n',
    '5;a\r\n',
    '5;a=b\r\n',
    '5;a=b;c\r\n',
    '5 ; a = b\r\n',
    '5\t;\ta\r\n',
    '5;a="b"\r\n',
    '5;a="";b\r\n',
    '5;a="b;\\"\\\\\t\x80"\r\n',
    '5;a="b" ;c=d\r\n',
    '5;!#$%=~\r\n',
  ])('may be %j', (line) => expect(accepts(line)).toBe(true));

  it.each([
    '\r\n',
    ' 5\r\n',
    '5 \r\n',
    '+5\r\n',
    '-5\r\n',
    '0x5\r\n',
    '5_0\r\n',
    '5\n',
    '5\r',
    '5\r\r\n',
    '5;\r\n',
    '5;;a\r\n',
    '5;a=\r\n',
    '5;a =\r\n',
    '5;a \r\n',
    '5;a=b \r\n',
    '5 a\r\n',
    '5;a b\r\n',
    '5;a="b\r\n',
    '5;a="b\\\r\n',
    '5;a="b"c\r\n',
    '5;a=b"c"\r\n',
    '5;a\0\r\n',
    '5;a="\x7f"\r\n',
    '5;a\n',
    '5,a\r\n',
  ])('may not be %j', (line) => expect(accepts(line)).toBe(false));
});
