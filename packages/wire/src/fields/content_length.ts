import { allOf, DIGIT } from './characters.ts';

/** 15 digits stay below 2^53 whatever they are, so the length is always an exact number. */
const MAX_DIGITS = 15;

/**
 * The value of Content-Length in bytes, or -1 when it is not `1*DIGIT` of at most 15 digits (RFC 9110 §8.6). No sign, no
 * hexadecimal, no list: two readers that disagree on those disagree on where the next message starts.
 */
export function parseContentLength(value: string): number {
  if (value.length === 0 || value.length > MAX_DIGITS || !allOf(value, DIGIT)) return -1;
  return Number(value);
}
