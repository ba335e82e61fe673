/** 15 digits stay below 2^53 whatever they are, so the length is always an exact number. */
const MAX_DIGITS = 15;

/**
 * The value of Content-Length in bytes, or -1 when it is not `1*DIGIT` of at most 15 digits (RFC 9110 §8.6). No sign, no
 * hexadecimal, no list: two readers that disagree on those disagree on where the next message starts.
 */
export function parseContentLength(value: string): number {
  const size = value.length;
  if (size === 0 || size > MAX_DIGITS) return -1;
  let length = 0;
  for (let index = 0; index < size; index++) {
    const digit = value.charCodeAt(index) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    length = 10 * length + digit;
  }
  return length;
}
